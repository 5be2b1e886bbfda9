"""Writes docs/destinations.md: a page by hand around lists out of the declaration of destinations.

python -m tools.destinations_docs          writes it
python -m tools.destinations_docs --check  exits 1 where the file is not what would be written
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from airmeet_etl.warehouse.destinations import DESTINATIONS, REFUSED

from tools.generated_page import grid, write_or_check

FILE = Path(__file__).parent.parent / "docs" / "destinations.md"

RESULTS = Path(__file__).parent.parent / "tests" / "engines" / "conformance" / "results.json"
"""What the conformance suite ran, and how it ended."""

_LEASED = "by a lease, not run"
SECOND_LOADER = {
    **dict.fromkeys(("duckdb", "postgres", "ducklake"), "waits"),
    "filesystem": "waits; on several machines where the folder's locks reach all, not run",
    "clickhouse": "by a lease; two that begin within a moment may not see each other",
    "snowflake": "by a lease",
    "bigquery": "by a lease",
}
"""What becomes of a second load at the same time; tests/trust/test_several_loaders.py and
test_destination_lock.py run it."""

_INTRO = """\
# Destinations

The lists on this page are written by `make docs` out of
`pipelines/airmeet_etl/warehouse/destinations.py` and of what the conformance suite ran
(`tests/engines/conformance/results.json`): correct those.

`--destination NAME` takes a destination of this list, or a name that dlt's configuration gives to
one (`DESTINATION__LAB__DESTINATION_TYPE=postgres`, then `--destination lab`). Any other is refused
before anything is fetched.

## What is proved

"Run for real": tests run it by dlt's client on the thing itself. "Run on an emulator": by dlt's
client on what stands in for the server. For ClickHouse that is chdb, its own engine, below the
driver: the network, clusters and ClickHouse Cloud are not tested. For Snowflake it is fakesnow,
which translates its SQL to DuckDB's behind the HTTP that Snowflake's own client speaks, and which
the tests complete where dlt asks for more: names, types, stages and merges are tested, and nothing
of warehouses, roles or what a transaction shows to others. For BigQuery it is bqemulator, which
does the same behind the HTTP that Google's own client speaks, and which the tests complete
likewise: nothing of quotas, regions or transactions is tested. "Parsed": the SQL of the reports
is translated and parsed in its dialect, and nothing was ever run on it; MotherDuck's is DuckDB's.
Whoever starts there begins with `airmeet check`, and compares a first load with Airmeet.

One suite runs the same steps on each destination, and compares what is loaded with the simulator's
truth and what is reported with DuckDB's, row by row. `make test-engines` runs it; this is what it
ran:
"""

STEPS = {
    "check": "`check` of a new dataset, which leaves nothing",
    "load": "a first load",
    "nothing new": "a load where nothing is due",
    "changes": "changes, a failed feed, another machine",
    "deletes": "deleted rows, emptied feeds",
    "a new column": "a field that is new",
    "full refresh": "`load --full-refresh`",
    "repair": "rows deleted by hand are fetched again",
    "kill": "killed while it merges, and run again",
    "a second loader": "two loads at once",
    "reports": "all reports and checks",
    "status": "`status`",
    "explain": "`explain`",
    "sql": "`sql`",
    "list": "`list`",
    "export": "`export` of each report",
    "publish": "`publish`, as DuckDB and Parquet",
    "dashboard": "what the dashboard reads",
    "erase": "`erase`, and a full refresh after it",
}
"""By step of the suite, what it is."""

_AFTER = """\
On destinations without transactions (ClickHouse, Databricks, BigQuery) each report is replaced by
itself.

## A second load at once
"""

_CHECK = """\
## Prove yours

`airmeet check --destination NAME` merges a row into a table `_airmeet_check` of its own, by way of
the staging dataset where merges stage, reads it back and removes it; in the reports' dataset it
makes a table as the reports are made. All of it is dropped again, datasets that were not there
before, too (a DuckLake keeps old snapshots that hold the row of the check). What is not allowed is
said with the right that is missing. A DuckDB file that is not there is not made: its folder is
written to.
"""

_POSTGRES_RIGHTS = """\
## Postgres without the right to make schemas

Three schemas are enough, made beforehand by an administrator; the role needs no right in the
database beyond connecting to it:

```sql
CREATE SCHEMA airmeet;
CREATE SCHEMA airmeet_staging;
CREATE SCHEMA airmeet_reports;
GRANT USAGE, CREATE ON SCHEMA airmeet, airmeet_staging, airmeet_reports TO loader;
```

With `--dataset NAME` they are `NAME`, `NAME_staging` and `NAME_reports`. Tables belong to the role
that loads: loads, reports, erasing and `airmeet check` run as the same one.

Where `adbc-driver-postgresql` is installed, loads do not use it: dlt would copy Parquet by it, and
that fails on every table that is new and empty. A dlt project of your own, which loads the source
`airmeet` into Postgres, sets `DISABLE_ADBC_DETECTION=true`.
"""

_DELTA = """\
## A DuckLake that machines share

Its catalog says which files are its tables, and lets one loader write at a time. By default it is a
SQLite file in the folder where the command runs, which does for one machine. Machines share a
catalog in Postgres and a folder of files, by `DESTINATION__DUCKLAKE__CREDENTIALS__CATALOG` and
`DESTINATION__DUCKLAKE__CREDENTIALS__STORAGE`:

| | one machine | each of several machines |
|---|---|---|
| `pip install` | `"airmeet-pipeline[ducklake]"` | `"airmeet-pipeline[ducklake,postgres]"` |
| `..._CATALOG` | `sqlite:////srv/lake.sqlite` | `postgresql://USER:PASSWORD@HOST:5432/DATABASE` |
| `..._STORAGE` | `file:///srv/lake` | `file:///mnt/lake`, mounted at the same path |
| dlt's working folder (`DLT_DATA_DIR`) | its own | its own |
| two loads at once | the second waits | the second waits, whichever machine began |
| `airmeet erase` | from all versions | from all versions, on any of them |

DuckDB fetches the extension that reads the catalog when it is first used. Tests run two loaders
with working folders of their own at once over a catalog in Postgres, and an erasure; files in a
bucket (`s3://...`) were never tried.

## A lake of Delta tables

`pip install "airmeet-pipeline[lake]"`, `DESTINATION__FILESYSTEM__BUCKET_URL=/srv/lake`, and
`--destination filesystem`: each table is a Delta table at `/srv/lake/airmeet/TABLE`, each report at
`/srv/lake/airmeet_reports/REPORT`. Whatever reads Delta reads them. Tests compare what
`deltalake` itself reads with what DuckDB does. Sail, which answers Spark's client, reads the tables
by itself, Spark the files that the tables' logs name; both build all reports from them with the
same SQL, equal row by row (docs/scale.md). Spark with Delta's own reader, Trino and others were
never run on them.

It is a folder of this machine, which may be a mounted drive; addresses of buckets are refused. A
merge is one version of its table, and so is a report that is built; a transaction over several
tables is none for readers, who see each as it was or as it is. Reports are built by DuckDB, all
anew each time. Updates other than merges write their table anew. Versions of the last week stay,
except after `airmeet erase`, which leaves none but the newest. Several communities need a folder
each.

dlt's own client of `filesystem` keeps its state otherwise: read the tables as Delta, not by it.
"""

_NOT_SUPPORTED = """\
## What is not supported

Destinations of your own, written as a function or a class, are not either: a load has to ask what
it has loaded, and the reports are SQL.
"""

_INSTALL = """\
## What each needs

A client that is missing is said with the command, and settings that are missing with their
variables.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it; returns the exit code."""
    return write_or_check("tools.destinations_docs", FILE, render(), arguments)


def render() -> str:
    """The whole page."""
    needs = (
        (
            f"`{known.name}`",
            f"`{known.install}`" if known.install else "nothing",
            f"`{known.settings_of(known.name)}`" if known.settings else "nothing",
        )
        for known in DESTINATIONS.values()
    )
    refused = ((f"`{name}`", why, instead) for name, (why, instead) in REFUSED.items())
    return "\n".join(
        [
            _INTRO,
            _matrix(),
            _AFTER,
            grid(("destination", "what becomes of it"), _second_loads()),
            _CHECK,
            _INSTALL,
            grid(("destination", "to install", "to set"), needs),
            _POSTGRES_RIGHTS,
            _DELTA,
            _NOT_SUPPORTED,
            grid(("destination", "why", "use"), refused),
        ]
    )


def results() -> dict[str, dict[str, Any]]:
    """What the suite ran, by destination: `emulator`, and `steps` with how each ended."""
    found: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def _matrix() -> str:
    """A step a line, a destination a column; reasons stand below, and who was not run at all."""
    ran = results()
    reasons: list[str] = []

    def cell(place: str, step: str) -> str:
        outcome = str(ran[place]["steps"].get(step, "not run"))
        if outcome == "passed":
            return "emulator" if ran[place]["emulator"] else "yes"
        word, _, reason = outcome.partition(": ")
        if not reason:
            return outcome
        if reason not in reasons:
            reasons.append(reason)
        return f"{word} ({reasons.index(reason) + 1})"

    heads = ("what", *(f"{DESTINATIONS[place].title} (`{place}`)" for place in ran))
    rows = [(words, *(cell(place, step) for place in ran)) for step, words in STEPS.items()]
    proofs = ("**proof**", *(DESTINATIONS[place].proof for place in ran))
    parsed = [f"{k.title} (`{k.name}`)" for k in DESTINATIONS.values() if k.name not in ran]
    notes = [f"({number}) {reason}.  " for number, reason in enumerate(reasons, 1)]
    rest = f"\nParsed, and not run at all: {', '.join(parsed)}.\n"
    return "\n".join([grid(heads, [*rows, proofs]), *notes, rest])


def _second_loads() -> list[tuple[str, str]]:
    return [
        (f"{known.title} (`{known.name}`)", SECOND_LOADER.get(known.name, _LEASED))
        for known in DESTINATIONS.values()
    ]


if __name__ == "__main__":
    sys.exit(main())
