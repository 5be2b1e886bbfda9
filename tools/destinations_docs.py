"""Writes docs/destinations.md: a page by hand around lists out of the declaration of destinations.

python -m tools.destinations_docs          writes it
python -m tools.destinations_docs --check  exits 1 where the file is not what would be written
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from airmeet_etl.warehouse.destinations import DESTINATIONS, REFUSED, Supported

from tools.generated_page import grid, write_or_check

FILE = Path(__file__).parent.parent / "docs" / "destinations.md"

PROMISES = ("load", "changes", "deletes", "reports", "publish", "erase")

_DUCKLAKE = "tests/engines/test_ducklake.py"
_LAKE = "tests/engines/test_lake.py"
_CLICKHOUSE = "tests/engines/test_clickhouse.py"
_POSTGRES = "tests/trust/test_postgres.py"

TESTS: Mapping[str, Mapping[str, str]] = {
    "duckdb": {
        "load": "tests/main_job/test_load.py",
        "changes": "tests/trust/test_due.py",
        "deletes": "tests/trust/test_units.py",
        "reports": "tests/reports/test_event_summary.py",
        "publish": "tests/publish/test_publish.py",
        "erase": "tests/privacy/test_erase.py",
    },
    "postgres": {
        **dict.fromkeys(("load", "changes", "deletes"), _POSTGRES),
        "reports": "tests/engines/test_postgres.py",
        "publish": "tests/publish/test_postgres.py",
        "erase": "tests/privacy/test_postgres.py",
    },
    "ducklake": {
        **dict.fromkeys(PROMISES, _DUCKLAKE),
        "erase": "tests/engines/test_erase_ducklake.py",
    },
    "filesystem": dict.fromkeys(PROMISES, _LAKE),
    "clickhouse": dict.fromkeys(PROMISES, _CLICKHOUSE),
}
"""By destination, the test that runs each promise on it; what is not here is run nowhere."""

_LEASED = "by a lease, not run"
SECOND_LOADER = {
    **dict.fromkeys(("duckdb", "postgres", "ducklake"), "waits"),
    "filesystem": "waits, where the folder's locks reach all machines; not run",
    "clickhouse": "by a lease; two that begin within a moment may not see each other",
}
"""What becomes of a second load at the same time; tests/trust/test_several_loaders.py and
test_destination_lock.py run it."""

_INTRO = """\
# Destinations

The lists on this page are written by `make docs` out of
`pipelines/airmeet_etl/warehouse/destinations.py` and `tools/destinations_docs.py`: correct those.

`--destination NAME` takes a destination of this list, or a name that dlt's configuration gives to
one (`DESTINATION__LAB__DESTINATION_TYPE=postgres`, then `--destination lab`). Any other is refused
before anything is fetched.

## What is proved

"Run for real": tests run it by dlt's client on the thing itself. "Run on an emulator": by dlt's
client on what stands in for the server; for ClickHouse that is chdb, its own engine, below the
driver: the network, clusters and ClickHouse Cloud are not tested. "Parsed": the SQL of the reports
is translated and parsed in its dialect, and nothing was ever run on it; MotherDuck's is DuckDB's.
Whoever starts there begins with `airmeet check`, and compares a first load with Airmeet.

Loads that are killed in the middle are tested on DuckDB and Postgres. On destinations without
transactions (ClickHouse, Databricks, BigQuery) each report is replaced by itself.
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
## A lake of Delta tables

`pip install "airmeet-pipeline[lake]"`, `DESTINATION__FILESYSTEM__BUCKET_URL=/srv/lake`, and
`--destination filesystem`: each table is a Delta table at `/srv/lake/airmeet/TABLE`, each report at
`/srv/lake/airmeet_reports/REPORT`. Whatever reads Delta reads them. Tests compare what
`deltalake` itself reads with what DuckDB does; Spark, Trino and others were never run on them.

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
    heads = ("destination", *PROMISES, "a second load at once", "proof")
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
            grid(heads, map(_row, DESTINATIONS.values())),
            _CHECK,
            _INSTALL,
            grid(("destination", "to install", "to set"), needs),
            _POSTGRES_RIGHTS,
            _DELTA,
            _NOT_SUPPORTED,
            grid(("destination", "why", "use"), refused),
        ]
    )


def _row(known: Supported) -> tuple[str, ...]:
    cells = (_cell(known, promise) for promise in PROMISES)
    second = SECOND_LOADER.get(known.name, _LEASED)
    return f"{known.title} (`{known.name}`)", *cells, second, known.proof


def _cell(known: Supported, promise: str) -> str:
    if promise in TESTS.get(known.name, {}):
        return "emulator" if known.proof == "run on an emulator" else "yes"
    return "parsed" if promise == "reports" else "not run"


if __name__ == "__main__":
    sys.exit(main())
