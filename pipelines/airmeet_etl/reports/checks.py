"""Runs the checks: queries over raw tables and reports that return what must not be.

A check is a file of transforms/checks, or is generated; docs/checks.md lists all of them.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airmeet.safe_text import printable

from .build import reports_dataset
from .compile import CHANGED
from .destination import columns_of, full_name, open_client, read_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import dlt

    from .sql_files import SqlFile

Place = tuple[str, str]
"""An airmeet and a feed of it."""


@dataclass(frozen=True)
class CheckResult:
    """A check that found something. It names airmeets and feeds, and nobody.

    Attributes:
        name: of the check.
        rows: how many rows it found.
        airmeets: of which airmeets, in alphabetical order; none where it is about all of them.
        feeds: in which feeds, in alphabetical order; none where the check does not say.
        places: the airmeets with the feeds, where it says both.
        mend: what to do.
        is_failure: whether something is wrong, and not only worth a look.
    """

    name: str
    rows: int
    airmeets: tuple[str, ...]
    feeds: tuple[str, ...]
    places: tuple[Place, ...]
    mend: str
    is_failure: bool

    def as_json(self) -> dict[str, object]:
        """The result for machines."""
        return {
            "check": self.name,
            "severity": "failure" if self.is_failure else "warning",
            "rows": self.rows,
            "airmeets": [printable(airmeet) for airmeet in self.airmeets],
            "feeds": [printable(feed) for feed in self.feeds],
            "mend": self.mend,
        }


CheckResults = dict[str, CheckResult]
"""What the checks found, by the name of the check."""

AS_EXPECTED = "loaded_as_expected"
"""The check that compares tables with the ledger."""


def check_reports(pipeline: "dlt.Pipeline", names: "Collection[str] | None" = None) -> CheckResults:
    """Look for faults in the raw tables, the ledger and the reports, and between them.

    Args:
        pipeline: whose tables and reports they are.
        names: only these checks; None for all.

    Returns:
        The checks that found anything.

    Raises:
        LookupError: there are no reports yet.
    """
    from .plan import kept_plan
    from .queries import facts_of, sql_of
    from .sql_files import sql_files

    reports = reports_dataset(pipeline)
    with open_client(pipeline, reports) as client:
        if not client.is_storage_initialized():
            raise LookupError("there are no reports to check; build them first")
    wanted = [name for name in sql_files("checks") if names is None or name in names]
    facts = facts_of(pipeline, reports)
    plan = kept_plan(pipeline, facts, changes=False)
    queries = plan.checks if plan else {n: sql_of(sql_files("checks")[n], facts) for n in wanted}
    with open_client(pipeline, reports) as client:
        found = [
            (name, *row)
            for name in wanted
            for row in read_rows(client, _counts(name, queries[name]))
        ]
    return _results(found)


def check_build(pipeline: "dlt.Pipeline", full: bool = False) -> CheckResults:
    """Check what the last build made anew; everything once a day, after a build of everything and
    where asked.

    What was found before of airmeets that did not change since is kept beside the reports, and
    returned as well.

    Args:
        pipeline: whose tables and reports they are.
        full: whether to check everything.
    """
    from .plan import plan_of
    from .queries import FINDINGS, facts_of
    from .rebuild import changed_rows, is_incremental, last_build, note_build
    from .sql_files import WHOLE, sql_files
    from .tables import make_table

    reports = reports_dataset(pipeline)
    today = datetime.now(UTC).date()
    with open_client(pipeline, reports) as client:
        last = last_build(client) if is_incremental(client) else None
        if last is None:
            return check_reports(pipeline)
        there = columns_of(client, [FINDINGS])[FINDINGS]
        is_followed = last.checked in (last.before, last.load_id)
        full = full or last.is_whole or last.checked_on != today or not is_followed or not there
        plan = plan_of(pipeline, facts_of(pipeline, reports), changes=not full)
        counts = {name: _counts(name, query, True) for name, query in plan.checks.items()}
        with changed_rows(client, plan), client.sql_client.begin_transaction():
            if full:
                make_table(client, FINDINGS, _EMPTY)
            note_build(client, replace(last, checked=last.load_id, checked_on=today))
            table = full_name(client, FINDINGS)
            changed = f"SELECT airmeet_id FROM {full_name(client, CHANGED['airmeet_id'])}"
            for name, query in counts.items():
                if not full:
                    of_some = sql_files("checks")[name].rebuilt != WHOLE
                    which = (
                        f"AND (airmeet_id IS NULL OR airmeet_id IN ({changed}))" if of_some else ""
                    )
                    client.sql_client.execute_sql(
                        f"DELETE FROM {table} WHERE check_name = '{name}' {which}"
                    )
                client.sql_client.execute_sql(f"INSERT INTO {table} {query}")
            found = read_rows(client, f"SELECT check_name, airmeet_id, feed, found FROM {table}")
    return _results(
        row if _says_feed(sql_files("checks")[row[0]]) else (row[0], row[1], row[3])
        for row in found
    )


_EMPTY = (
    "SELECT CAST('' AS varchar) AS check_name, CAST('' AS varchar) AS airmeet_id, "
    "CAST('' AS varchar) AS feed, CAST(0 AS bigint) AS found WHERE 1 = 0"
)


def _counts(name: str, query: str, as_finding: bool = False) -> str:
    """How many rows a check finds of each airmeet, and feed where it says that."""
    from .sql_files import sql_files

    says_feed = _says_feed(sql_files("checks")[name])
    columns = "airmeet_id, feed" if says_feed else "airmeet_id"
    chosen = f"{columns}, count(*)"
    if as_finding:
        feed = "feed" if says_feed else "CAST(NULL AS varchar)"
        chosen = f"'{name}', airmeet_id, {feed}, count(*)"
    return f"SELECT {chosen} FROM ({query}) AS offending GROUP BY {columns}"


def _results(found: "Iterable[tuple[object, ...]]") -> CheckResults:
    """The results by the name of the check: each row has it first, then as `_counts` gives it."""
    from .sql_files import sql_files

    rows: dict[str, list[tuple[object, ...]]] = {}
    for name, *row in found:
        rows.setdefault(str(name), []).append(tuple(row))
    checks = sql_files("checks")
    return {name: _result(checks[name], rows[name]) for name in checks if name in rows}


def failed_checks(results: CheckResults) -> CheckResults:
    """Those that change the exit code."""
    return {name: result for name, result in results.items() if result.is_failure}


def damaged_places(results: CheckResults) -> tuple[Place, ...]:
    """Feeds of airmeets whose rows are gone, or are not those that were loaded."""
    return results[AS_EXPECTED].places if AS_EXPECTED in results else ()


def _says_feed(file: "SqlFile") -> bool:
    return any(column.name == "feed" for column in file.columns)


def _result(file: "SqlFile", found: list[tuple[object, ...]]) -> CheckResult:
    places = {(str(row[0]), str(row[1])) for row in found if len(row) == 3 and row[0] is not None}
    return CheckResult(
        file.name,
        sum(int(str(row[-1])) for row in found),
        tuple(sorted({str(row[0]) for row in found if row[0] is not None})),
        tuple(sorted({str(row[1]) for row in found if len(row) == 3})),
        tuple(sorted(places)),
        file.mend,
        file.severity == "failure",
    )
