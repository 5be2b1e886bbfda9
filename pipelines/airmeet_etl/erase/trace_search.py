"""Looks for what is left of a person: in every table beside the raw ones, and in every file known.

It reads what is there, whoever made it, and does not rest on what erasing has done.
"""

import gzip
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import dlt
from airmeet.privacy.erasure import TABLE as ERASED
from airmeet.schemas import TABLES

from ..exit_codes import to_command_error
from ..reports.build import reports_dataset
from ..reports.destination import dataset_name, open_client
from .person import Person
from .person_search import MAY_HOLD_ADDRESS

if TYPE_CHECKING:
    from dlt.destinations.job_client_impl import SqlJobClientBase

_NO_TEXT = re.compile(
    r"(?i)(big|small|tiny|huge|u|medium)*int|double|real|float|numeric|decimal|number|bool|time|date"
    r"|uuid|interval|bit|bytea"
)
_GZIP = b"\x1f\x8b"
_ROWS_AT_ONCE = 10_000
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def traces_in_destination(pipeline: dlt.Pipeline, person: Person) -> Iterator[str]:
    """What the destination's tables still hold of a person: `table.column (what, in N values)`.

    Of a DuckDB file all tables are read; elsewhere those of the datasets that a load or the
    reports have made.
    """
    try:
        with open_client(pipeline, str(pipeline.dataset_name)) as client:
            columns = [*_text_columns(client, _datasets(pipeline, client))]
            for schema, table, column in columns:
                values = _values(client, schema, table, column, person)
                yield from _named(f"{schema}.{table}.{column}", values, person, schema, column)
    except Exception as error:
        yield f"the tables of the destination could not be searched: {to_command_error(error)}"


def traces_in_files(files: Iterable[Path], person: Person) -> Iterator[str]:
    """Which files still hold something of a person, and what."""
    for file in files:
        try:
            whats = traces_in_file(file, person)
        except Exception as error:
            yield f"{file} could not be searched ({type(error).__name__})"
            continue
        if whats:
            yield f"{file} ({' and '.join(sorted(whats))})"


def traces_in_file(file: Path, person: Person) -> set[str]:
    """What of a person is in a file.

    Raises:
        Exception: whatever reading it raises.
    """
    return {what for text in _texts_of(file, person) if (what := person.traces_in(text))}


def _datasets(pipeline: dlt.Pipeline, client: "SqlJobClientBase") -> list[str]:
    names = [dataset_name(client), client.sql_client.staging_dataset_name]
    for name in (reports_dataset(pipeline), f"{reports_dataset(pipeline)}_next"):
        with open_client(pipeline, name) as other:
            names.append(dataset_name(other))
    return names


def _text_columns(
    client: "SqlJobClientBase", datasets: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    marks = ", ".join(["%s"] * len(datasets))
    where, values = f"t.table_schema IN ({marks})", list(datasets)
    if (client.capabilities.sqlglot_dialect or "") == "duckdb":
        where, values = "t.table_catalog = current_database()", []
    query = (
        "SELECT c.table_schema, c.table_name, c.column_name, c.data_type "
        "FROM information_schema.columns c JOIN information_schema.tables t "
        "ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
        "AND t.table_catalog = c.table_catalog "
        f"WHERE t.table_type = 'BASE TABLE' AND {where} ORDER BY 1, 2, 3"
    )
    for schema, table, column, kind in client.sql_client.execute_sql(query, *values) or ():
        if not (_NO_TEXT.match(str(kind)) or column.startswith("_dlt") or table == ERASED):
            yield str(schema), str(table), str(column)


def _values(
    client: "SqlJobClientBase", schema: str, table: str, column: str, person: Person
) -> list[str]:
    escape = client.capabilities.escape_identifier
    text = f"CAST({escape(column)} AS varchar)"
    patterns = [*MAY_HOLD_ADDRESS, *map(_pattern, person.names)]
    likes = [f"{text} LIKE %s"] * len(MAY_HOLD_ADDRESS)
    likes += [f"lower({text}) LIKE %s"] * len(person.names)
    if person.ids:
        likes.append(f"{text} IN ({', '.join(['%s'] * len(person.ids))})")
    query = (
        f"SELECT DISTINCT {text} FROM {escape(schema)}.{escape(table)} WHERE {' OR '.join(likes)}"
    )
    rows = client.sql_client.execute_sql(query, *patterns, *sorted(person.ids)) or ()
    return [str(value) for (value,) in rows]


def _pattern(name: str) -> str:
    """A pattern that all writings of a name fit; databases fold letters differently."""
    return "%" + "".join(c if c.isascii() and c.isalnum() else "%" for c in name) + "%"


def _named(
    place: str, values: Iterable[str], person: Person, schema: str, column: str
) -> Iterator[str]:
    found: dict[str, int] = {}
    for value in values:
        what = person.traces_in(value)
        # Somebody else may have the same name, and the same id under another address.
        is_theirs = what != "address" and column in _OTHERS_TOO
        if what and not is_theirs:
            found[what] = found.get(what, 0) + 1
    for what, number in found.items():
        yield f"{place} ({what}, in {number:,} {'value' if number == 1 else 'values'})"


_OTHERS_TOO = {
    column.name
    for table in TABLES.values()
    for column in table.columns
    if column.holds in ("name", "user id") and column.name != "id"
} | {"person"}


def _texts_of(file: Path, person: Person) -> Iterator[str]:
    """The texts that a file holds, packed or not."""
    with file.open("rb") as opened:
        head = opened.read(12)
    if file.suffix == ".parquet":
        yield from _parquet_texts(file)
    elif head[8:] == b"DUCK":
        yield from _duckdb_texts(file)
    else:
        raw = gzip.decompress(file.read_bytes()) if head[:2] == _GZIP else file.read_bytes()
        text = raw.decode(errors="replace")
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        yield html.unescape(text) if "<html" in text[:1000].lower() else text
        yield from person.ids & {*re.findall(r"[\w-]+", text)}


def _parquet_texts(file: Path) -> Iterator[str]:
    import pyarrow.parquet as pq

    opened = pq.ParquetFile(file)
    names = [name for name in opened.schema_arrow.names if name not in _OTHERS_TOO - {"person"}]
    for batch in opened.iter_batches(columns=names):
        for column in batch.columns:
            yield from {value for value in column.to_pylist() if isinstance(value, str)}


def _duckdb_texts(file: Path) -> Iterator[str]:
    import duckdb

    with duckdb.connect(str(file), read_only=True) as connection:
        columns = connection.sql(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE NOT internal"
        ).fetchall()
        for *names, column, kind in columns:
            if not _NO_TEXT.match(kind) and column not in _OTHERS_TOO - {"person"}:
                schema, table, name = ('"' + n.replace('"', '""') + '"' for n in (*names, column))
                values = connection.execute(
                    f"SELECT DISTINCT CAST({name} AS varchar) FROM {schema}.{table}"
                )
                while rows := values.fetchmany(_ROWS_AT_ONCE):
                    yield from (value for (value,) in rows if value is not None)
