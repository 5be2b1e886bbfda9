"""Raw tables made by hand, loaded as the source loads them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import dlt
import pyarrow as pa
from airmeet.feeds import TABLE_FEEDS
from airmeet.person import PERSON, person_key
from airmeet.schemas import RAW_TABLES, Table

Row = Mapping[str, Any]
Tables = dict[str, list[Row]]

FEEDS = [*TABLE_FEEDS]


def at(text: str) -> datetime:
    """A moment in UTC: `at("2026-03-01 09:30")`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rows(*columns: str) -> "Rows":
    """Reads rows as tuples of these columns: `rows("a", "b")((1, 2), (3, 4))`."""
    return Rows(columns)


def of_community(*given: Row) -> list[Row]:
    """Rows of a feed that is the community's."""
    return [{"scope": "community", **row} for row in given]


class Rows:
    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns

    def __call__(self, *values: tuple[Any, ...]) -> list[Row]:
        return [dict(zip(self.columns, row, strict=True)) for row in values]


def synced(airmeet_id: str, fetched: datetime, is_final: bool = True, **statuses: str) -> list[Row]:
    """The ledger of an airmeet: all feeds loaded, but those for which another status is given;
    `absent` leaves a feed out."""
    return [
        {
            "airmeet_id": airmeet_id,
            "feed": feed,
            "status": status,
            "requested_at": fetched,
            "is_final": is_final and status == "loaded",
        }
        for feed in FEEDS
        if (status := statuses.get(feed, "loaded")) != "absent"
    ]


def with_people(table: Table, given: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows with the key of the person that they name, as the engine makes it."""
    listed = [dict(row) for row in given]
    if PERSON in table.by_name:
        for row in listed:
            row[PERSON] = person_key(row.get("email"), row.get(table.user_id))
    return listed


def load_raw(pipeline: dlt.Pipeline, tables: Mapping[str, Iterable[Row]]) -> None:
    """Load the tables with the source's types; tables that are not given are not there."""
    resources = []
    for name, given in tables.items():
        table = RAW_TABLES[name]
        schema = pa.schema([(column.name, column.arrow_type) for column in table.columns])
        listed = with_people(table, given)
        known = {column.name for column in table.columns}
        assert all(row.keys() <= known for row in listed), f"{name} has no such column"
        resources.append(
            dlt.resource(
                [pa.Table.from_pylist(listed, schema=schema)],
                name=name,
                columns={column.name: {"data_type": column.kind} for column in table.columns},
                write_disposition="replace",
            )
        )
    pipeline.run(resources, loader_file_format="parquet")
