"""What dlt is told of a table: its columns, and which rows a package's replace."""

from collections.abc import Iterable
from typing import Any

import dlt
from dlt.common.schema import Schema
from dlt.common.schema.typing import TColumnSchema
from dlt.extract import DltResource

from .schemas import REMOVED, TABLES, Table


def merged_resource(table: Table, rows: Any) -> DltResource:
    """A resource of a table that is no feed's: its rows replace those with the same merge key.

    Args:
        table: as it is declared.
        rows: dicts, or what gives them when dlt extracts.
    """
    found: DltResource = dlt.resource(rows, **declaration(table))
    return found


def declaration(table: Table) -> dict[str, Any]:
    """What dlt is told of a table: what vanished upstream goes, and all of it is declared."""
    return {
        "name": table.name,
        "write_disposition": "merge",  # delete-insert
        "merge_key": table.merge_keys,
        "columns": _hints(table),
        "max_table_nesting": 0,
    }


def _hints(table: Table) -> dict[str, TColumnSchema]:
    """The columns with their types and descriptions, as dlt wants them."""
    hints: dict[str, TColumnSchema] = {
        column.name: {
            "data_type": column.kind,
            "nullable": column.name not in table.merge_keys,
            "description": column.description,
        }
        for column in table.columns
    }
    if table.removable:
        hints[REMOVED] = {
            "data_type": "bool",
            "hard_delete": True,
            "description": "Always null; it marks rows to remove while they are loaded.",
        }
    return hints


def are_made(tables: Iterable[str], schema: Schema) -> bool:
    """Whether earlier packages made the tables, with all of their columns."""
    return all(is_made(TABLES[name], schema) for name in tables)


def is_made(table: Table, schema: Schema) -> bool:
    """Whether an earlier package made the table, with all of its columns."""
    known = schema.tables.get(table.name, {})
    made = (known.get("x-normalizer") or {}).get("seen-data")
    return bool(made) and table.by_name.keys() <= known["columns"].keys()
