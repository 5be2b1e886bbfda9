"""Statements that engines write differently, for `SqlClientBase.execute_sql`; and names and texts
where DuckDB is asked without dlt."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlt.destinations.sql_client import SqlClientBase

_AWAITED = "SETTINGS mutations_sync = 2"
_FROM_JSON = {"bigquery": "TO_JSON_STRING", "redshift": "JSON_SERIALIZE", "snowflake": "TO_JSON"}
"""Functions that give JSON as a text, where it is a type that cannot be cast to one."""
_NESTED = {"array", "json", "object", "struct", "super", "variant"}
_TO_JSON = {"bigquery": "PARSE_JSON", "redshift": "JSON_PARSE", "snowflake": "PARSE_JSON"}


def as_text(client: "SqlClientBase[Any]", column: str, kind: str | None = None) -> str:
    """A column, escaped already, as a text; null stays null.

    Args:
        client: of the destination.
        column: its name as a query writes it.
        kind: dlt's name of its type, or the destination's.
    """
    dialect = client.capabilities.sqlglot_dialect or ""
    if (kind or "").lower().partition("<")[0] in _NESTED and dialect in _FROM_JSON:
        return f"{_FROM_JSON[dialect]}({column})"
    if dialect == "clickhouse":  # a cast to its String fails on a null
        return f"toString({column})"
    return f"CAST({column} AS {'string' if dialect == 'bigquery' else 'varchar'})"


def placeholder(client: "SqlClientBase[Any]", kind: str) -> str:
    """The `%s` by which a statement writes a text into a column; `kind` is dlt's name of its
    type."""
    parse = _TO_JSON.get(client.capabilities.sqlglot_dialect or "") if kind == "json" else None
    return f"{parse}(%s)" if parse else "%s"


def update(client: "SqlClientBase[Any]", table: str, assignments: str, condition: str) -> str:
    """An update that is done when the statement ends."""
    if _is_clickhouse(client):  # it would go on in the background
        return f"ALTER TABLE {table} UPDATE {assignments} WHERE {condition} {_AWAITED}"
    return f"UPDATE {table} SET {assignments} WHERE {condition}"


def delete(client: "SqlClientBase[Any]", table: str, condition: str) -> str:
    """A deletion that is done when the statement ends, also in the files."""
    if _is_clickhouse(client):  # its DELETE marks rows alone, for a merge to drop one day
        return f"ALTER TABLE {table} DELETE WHERE {condition} {_AWAITED}"
    return f"DELETE FROM {table} WHERE {condition}"


def value(client: "SqlClientBase[Any]", given: object) -> str:
    """A text, a number or a moment in the destination's SQL."""
    from dlt.common.data_writers.escape import escape_snowflake_literal

    # Of Snowflake dlt has what writes values, and does not say so among its capabilities.
    escape: Any = client.capabilities.escape_literal
    return str((escape or escape_snowflake_literal)(given))


def quoted(*names: str) -> str:
    """A name in DuckDB's SQL; of several, each within the one before."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(text: str) -> str:
    """A text in DuckDB's SQL."""
    return "'" + text.replace("'", "''") + "'"


def _is_clickhouse(client: "SqlClientBase[Any]") -> bool:
    return client.capabilities.sqlglot_dialect == "clickhouse"
