"""SQL that is generated from declarations: as text with a header, like the files in transforms/.

- A raw table without a file in transforms/staging is staged with its declared columns.
- `int_table_rows` counts the rows of every table that a feed fills, `int_unnamed_rows` those of
  people without an address and a user id.
- The check `keys_unique` looks for duplicates of every report's grain.
- Lines with `each_feed` in a file are repeated for every feed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from airmeet.schemas import TABLES, Table

PLACEHOLDER = "each_feed"

TRACES = (
    "registrations",
    "event_attendance",
    "session_attendance",
    "booth_attendance",
    "replay_attendance",
    "poll_responses",
    "questions",
)
"""The tables whose rows are what somebody did."""


def staging(table: Table) -> str:
    """The staging query of a raw table: its declared columns under their own names."""
    columns = ",\n".join(f'    "{column.name}"' for column in table.columns)
    return (
        f"-- {table.description}\n"
        "-- generated: from the columns declared in sources/airmeet/schemas.py\n"
        f"select\n{columns}\nfrom {table.name}\n"
    )


def table_rows(tables: Iterable[str]) -> str:
    """A query on staging: the rows of each airmeet, and of the community, in each table."""
    return (
        "-- One row an airmeet and table: the rows that the table holds. `airmeet_id` is\n"
        "-- `community` where these are the community's.\n"
        "-- generated: from the feeds declared in sources/airmeet/feeds.py\n"
        f"{_counts(tables, 'found')}"
    )


def unnamed_rows() -> str:
    """A query on staging: the rows of each airmeet in each of `TRACES` that name nobody."""
    return (
        "-- One row an airmeet and table: its rows with neither an address nor a user id.\n"
        "-- generated: from TRACES in pipelines/airmeet_etl/reports/generated.py\n"
        f"{_counts(TRACES, 'unnamed_rows', 'person is null')}"
    )


def _counts(tables: Iterable[str], name: str, condition: str = "") -> str:
    where = f"    where {condition}\n" if condition else ""
    counts = "\n    union all\n".join(
        f"    select {owned(TABLES[table])}, '{table}' as feed, count(*) as {name}\n"
        f"    from stg_{table}\n{where}"
        f"    group by {TABLES[table].owner}"
        for table in tables
    )
    return f"with final as (\n{counts}\n)\n\nselect * from final\n"


def owned(table: Table, place: str = "") -> str:
    """Whose a row of a table is, as a column `airmeet_id`, which is `community` where it is the
    community's."""
    return place + (table.owner if table.owner == "airmeet_id" else f"{table.owner} as airmeet_id")


def keys_unique(grains: Mapping[str, Sequence[str]], executed: str) -> str:
    """The check that no two rows of a report have the same key.

    Args:
        grains: the columns of each report's grain, by its name.
        executed: the line by which a header says that it is executed.
    """
    duplicates = "\n    union all\n".join(_duplicates(*entry) for entry in grains.items())
    return (
        "-- Keys of a report that more than one of its rows has.\n"
        "-- generated: from the grain in the header of every report\n"
        "-- mend: run airmeet reports; if it stays, report it\n"
        "-- rebuilt: each\n"
        f"-- {executed}\n"
        "-- columns:\n"
        "--   airmeet_id text: The airmeet; null in reports that have none.\n"
        "--   report text: The report.\n"
        "--   row_key text: The columns of its grain, joined by slashes.\n"
        "--   copies bigint: Rows that have this key.\n"
        f"with final as (\n{duplicates}\n)\n\nselect * from final\n"
    )


def _duplicates(report: str, grain: Sequence[str]) -> str:
    key = "\n        || '/' || ".join(f"coalesce(cast({name} as varchar), '')" for name in grain)
    airmeet = "airmeet_id" if "airmeet_id" in grain else "cast(null as varchar) as airmeet_id"
    return (
        "    select\n"
        f"        {airmeet},\n"
        f"        '{report}' as report,\n"
        f"        {key} as row_key,\n"
        "        count(*) as copies\n"
        f"    from {report}\n"
        f"    group by {', '.join(grain)}\n"
        "    having count(*) > 1"
    )


def repeat_for_feeds(text: str, feeds: Sequence[str]) -> str:
    """A file's text with each run of lines that say `each_feed` repeated for every feed.

    The line of the header that says so (`-- generated:`) stays as it is.
    """

    def lines() -> Iterator[str]:
        for is_repeated, run in groupby(text.splitlines(keepends=True), _is_repeated):
            block = "".join(run)
            if is_repeated:
                yield from (block.replace(PLACEHOLDER, feed) for feed in feeds)
            else:
                yield block

    return "".join(lines())


def _is_repeated(line: str) -> bool:
    return PLACEHOLDER in line and not line.startswith("-- generated:")
