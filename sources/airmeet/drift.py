"""Fields that the schemas do not know: each gets a column of the kind that was seen first.

A column of the destination keeps its type, so what was learned in earlier runs counts in this one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from dlt.common.schema import Schema

from .schemas import TABLES, Kind


class Learned:
    """Kinds of the columns that are not in `schemas.py`, by table and column."""

    def __init__(self, kinds: Mapping[tuple[str, str], Kind] | None = None) -> None:
        self._kinds = dict(kinds or {})

    @classmethod
    def from_schema(cls, schema: Schema) -> "Learned":
        """What the destination's tables have beyond `schemas.py`."""
        kinds: dict[tuple[str, str], Kind] = {}
        for table in TABLES.values():
            if table.name in schema.tables:
                for name, column in schema.get_table_columns(table.name).items():
                    kind = column["data_type"]
                    if name not in table.by_name and kind in get_args(Kind):
                        kinds[table.name, name] = kind  # type: ignore[assignment]
        return cls(kinds)

    def kind(self, table: str, column: str, values: Iterable[Any]) -> Kind | None:
        """The kind of a column, learned from its values at first; None while all are null."""
        kind = self._kinds.get((table, column)) or _kind_of(values)
        if kind is not None:
            self._kinds[table, column] = kind
        return kind


def _kind_of(values: Iterable[Any]) -> Kind | None:
    """The narrowest kind that holds all values; None where all are null."""
    types = {type(value) for value in values} - {type(None)}
    if not types:
        return None
    if types == {bool}:
        return "bool"
    if types == {int}:
        return "bigint"
    return "double" if types <= {int, float} else "text"
