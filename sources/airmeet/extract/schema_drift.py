"""Where the API differs from `schemas.py`: new fields, retyped fields, missing fields.

A field that the schemas do not know gets a column of the type that was seen first. A column of the
destination keeps its type, so the types of earlier runs hold in this one.

Which fields rows carried is kept in the destination (`feed_fields`), so a new machine with an empty
working folder reports the same drift.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from dlt import Pipeline
from dlt.common.schema import Schema
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..feeds import GATEWAY_FEEDS
from ..rows import column_name
from ..schemas import FIELDS, TABLES, Kind

FieldLastSeen = Mapping[tuple[str, str], datetime]
"""When each field, by table and column, was last sent."""

_LISTS = {
    (feed.name, column_name(child.key)) for feed in GATEWAY_FEEDS.values() for child in feed.lists
}
"""Fields that are tables of their own; earlier versions stored them as columns."""

_TEXT = "_text"
"""Ends the column for values that do not fit the column of their field."""


class ColumnTypeRegistry:
    """Types of the columns that are not in `schemas.py`, and which fields a run's rows carry."""

    def __init__(self, kinds: Mapping[tuple[str, str], Kind] | None = None) -> None:
        self._kinds = dict(kinds or {})
        self._began = datetime.now(UTC)
        self._sent: set[tuple[str, str]] = set()
        self._fresh: dict[tuple[str, str], datetime] = {}

    @classmethod
    def from_schema(cls, schema: Schema) -> "ColumnTypeRegistry":
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
        """The type of a column, at first from its values; None while all are null."""
        kind = self._kinds.get((table, column)) or _kind_of(values)
        if kind is not None:
            self._kinds[table, column] = kind
        return kind

    def see(self, table: str, columns: Iterable[str]) -> None:
        """Rows of the table carry these columns, even if only with nulls."""
        fresh = {(table, column) for column in columns} - self._sent
        self._sent |= fresh
        self._fresh |= dict.fromkeys(fresh, self._began)

    def take(self) -> FieldLastSeen:
        """What was seen for the first time in this run, since the last call."""
        fresh, self._fresh = self._fresh, {}
        return fresh


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


@dataclass(frozen=True)
class Drift:
    """A field in which the API differs from the schemas.

    Attributes:
        feed: the table.
        field: its column.
        how: `new` to the schemas; `retyped`, with values that went to a text column; `missing`
            from all rows of the last run that brought any.
        last_sent_at: start of the last run whose rows carried it so; None where none ever did.
    """

    feed: str
    field: str
    how: Literal["new", "retyped", "missing"]
    last_sent_at: datetime | None


def drift_in(sent: FieldLastSeen) -> list[Drift]:
    """The drift that follows from the fields sent, in the order of the tables."""
    drifts: list[Drift] = []
    for table in TABLES.values():
        fields = {name: moment for (feed, name), moment in sent.items() if feed == table.name}
        latest = max(fields.values(), default=None)
        for name, moment in sorted(fields.items()):
            field = name.removesuffix(_TEXT)
            if field != name and (field in table.by_name or field in fields):
                drifts.append(Drift(table.name, field, "retyped", moment))
            elif name not in table.by_name and (table.name, name) not in _LISTS:
                drifts.append(Drift(table.name, name, "new", moment))
        for column in table.columns:
            if (
                fields
                and not (column.optional or column.derived)
                and fields.get(column.name) != latest
            ):
                last = fields.get(column.name)
                drifts.append(Drift(table.name, column.name, "missing", last))
    return drifts


def read_sent(pipeline: Pipeline) -> FieldLastSeen:
    """When fields were last sent, from the destination; empty where nothing was ever loaded."""
    with pipeline.sql_client() as client:
        table = client.make_qualified_table_name(FIELDS.name)
        names = ", ".join(client.escape_column_name(name) for name in FIELDS.by_name)
        try:
            rows = client.execute_sql(f"SELECT {names} FROM {table}") or ()
        except DatabaseUndefinedRelation:
            return {}
    return {(feed, field): moment.astimezone(UTC) for feed, field, moment in rows}


def rows_of_sent(sent: FieldLastSeen) -> list[dict[str, Any]]:
    """The fields sent as rows of the table."""
    return [
        {"feed": feed, "field": field, "last_sent_at": moment}
        for (feed, field), moment in sent.items()
    ]
