"""Runs the checks: queries over raw tables and reports that return what must not be.

A check is a file of transforms/checks, or is generated; docs/checks.md lists all of them.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from airmeet.safe_text import printable

from ..warehouse.columns import columns_of
from .build import reports_dataset
from .compile import CHANGED
from .destination import full_name, open_client, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    import dlt
    from dlt.destinations.job_client_impl import SqlJobClientBase

    from .plan import Plan
    from .rebuild import LastBuild
    from .sql_files import SqlFile

    _Counts = dict[str, list[tuple[object, ...]]]
    """How many rows each check found, of each airmeet and feed: as `_counts` gives them."""

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


def check_rows(pipeline: "dlt.Pipeline") -> "RunningChecks":
    """Look for rows that are gone since they were loaded, and nothing else."""
    found = check_reports(pipeline, {AS_EXPECTED})
    return RunningChecks(damaged_places(found), lambda: found)


def check_build(
    pipeline: "dlt.Pipeline", full: bool = False, plan: "Plan | None" = None
) -> CheckResults:
    """Check what the last build made anew: `checked_meanwhile`, and nothing meanwhile."""
    with checked_meanwhile(pipeline, full, plan) as checks:
        return checks.results()


@dataclass(frozen=True)
class RunningChecks:
    """Checks that run while other work goes on.

    Attributes:
        damaged: feeds of airmeets whose rows are gone, or are not those that were loaded. Where
            there are any, no check runs any more.
        results: waits for them, and returns what they found; it may raise what the destination
            raises.
    """

    damaged: tuple[Place, ...]
    results: "Callable[[], CheckResults]"


@contextmanager
def checked_meanwhile(
    pipeline: "dlt.Pipeline", full: bool = False, plan: "Plan | None" = None
) -> "Iterator[RunningChecks]":
    """Check what the last build made anew, while the context lasts; everything once a day, after a
    build of everything and where asked.

    What was found before of airmeets that did not change since is kept beside the reports, and
    found again. A check that cannot be narrowed to airmeets runs again before the next day where it
    found something, and always where it is the one that finds what `airmeet load` mends by itself.

    One that found something in a report of people or accounts looks at all of it again.

    The checks have a connection of their own, but for those of everything, which take memory.

    Args:
        pipeline: whose tables and reports they are; none of these may change before the results
            are there.
        full: whether to check everything.
        plan: that of the build, where its changed rows are still there (`building`).
    """
    from .plan import plan_of
    from .queries import FINDINGS, facts_of
    from .rebuild import changed_rows, is_incremental, last_build
    from .sql_files import EACH, WHOLE, sql_files

    reports = reports_dataset(pipeline)
    today = datetime.now(UTC).date()
    with open_client(pipeline, reports) as client, ExitStack() as stack:
        last = last_build(client) if is_incremental(client) else None
        if last is None:
            found = check_reports(pipeline)
            yield RunningChecks(damaged_places(found), lambda: found)
            return
        there = columns_of(client, [FINDINGS])[FINDINGS]
        is_followed = last.checked in (last.before, last.load_id)
        full = full or last.is_whole or last.checked_on != today or not is_followed or not there
        facts = cache(lambda: facts_of(pipeline, reports))
        if plan is None or plan.changes == full:
            plan = plan_of(pipeline, facts(), changes=not full)
            stack.enter_context(changed_rows(client, plan))
        chosen, rebuilt = dict(plan.checks), {n: c.rebuilt for n, c in sql_files("checks").items()}
        whole = {name for name in chosen if rebuilt[name] == WHOLE}
        if not full:
            before = _found_before(client)
            for name in whole - before.keys() - {AS_EXPECTED}:
                del chosen[name]
            for name, of_pooled in before.items():
                if of_pooled and rebuilt.get(name) == EACH:
                    chosen[name] = plan_of(pipeline, facts(), changes=False).checks[name]
        queries = {name: _counts(name, query) for name, query in chosen.items()}
        counts = {AS_EXPECTED: read_rows(client, queries.pop(AS_EXPECTED))}
        damaged = damaged_places(_results((AS_EXPECTED, *row) for row in counts[AS_EXPECTED]))
        rest: Callable[[], _Counts] = dict
        if full or damaged:
            counts |= _read_all(client, queries)
        else:
            other = stack.enter_context(open_client(pipeline, reports))
            thread = stack.enter_context(ThreadPoolExecutor(1))
            rest = thread.submit(_read_all, other, queries).result

        checked = replace(last, checked=last.load_id, checked_on=today)

        @cache
        def results() -> CheckResults:
            return _results(_keep(client, checked, counts | rest(), whole, full))

        yield RunningChecks(damaged, results)


def _read_all(client: "SqlJobClientBase", queries: "Mapping[str, str]") -> "_Counts":
    return {name: read_rows(client, query) for name, query in queries.items()}


def _found_before(client: "SqlJobClientBase") -> dict[str, bool]:
    """The checks that found something which was not mended since, and whether it is of no airmeet
    in particular."""
    from .queries import FINDINGS

    query = (
        "SELECT check_name, max(CASE WHEN airmeet_id IS NULL THEN 1 ELSE 0 END) "
        f"FROM {full_name(client, FINDINGS)} GROUP BY check_name"
    )
    return {str(name): bool(pooled) for name, pooled in read_rows(client, query)}


def _keep(
    client: "SqlJobClientBase", checked: "LastBuild", counts: "_Counts", whole: set[str], full: bool
) -> list[tuple[object, ...]]:
    """Keep what checks counted in place of what they found before of the same airmeets, all of it
    after `full` checks, and note the build as it is `checked`; returns all that is found now."""
    from .queries import FINDINGS
    from .rebuild import note_build
    from .tables import insert_values, make_table

    table = full_name(client, FINDINGS)
    with client.sql_client.begin_transaction():
        if full:
            make_table(client, FINDINGS, _NO_FINDINGS)
        else:
            changed = f"SELECT airmeet_id FROM {full_name(client, CHANGED['airmeet_id'])}"
            client.sql_client.execute_sql(
                f"DELETE FROM {table} WHERE check_name IN ({_texts(counts.keys() & whole)}) "
                f"OR check_name NOT IN ({_texts(whole)}) "
                f"AND (airmeet_id IS NULL OR airmeet_id IN ({changed}))"
            )
        rows = [
            (name, row[0], row[1] if len(row) == 3 else None, row[-1])
            for name, found in counts.items()
            for row in found
        ]
        insert_values(client, FINDINGS, rows)
        note_build(client, checked)
        known = read_rows(client, f"SELECT check_name, airmeet_id, feed, found FROM {table}")
    return [row if _says_feed(row[0]) else (row[0], row[1], row[3]) for row in known]


_NO_FINDINGS = (
    "SELECT CAST('' AS varchar) AS check_name, CAST('' AS varchar) AS airmeet_id, "
    "CAST('' AS varchar) AS feed, CAST(0 AS bigint) AS found WHERE 1 = 0"
)


def _texts(names: "Collection[str]") -> str:
    """Names as SQL lists them."""
    return ", ".join(f"'{name}'" for name in sorted(names))


def _counts(name: str, query: str) -> str:
    """How many rows a check finds of each airmeet, and feed where it says that."""
    columns = "airmeet_id, feed" if _says_feed(name) else "airmeet_id"
    return f"SELECT {columns}, count(*) FROM ({query}) AS offending GROUP BY {columns}"


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


def _says_feed(name: str) -> bool:
    from .sql_files import sql_files

    return any(column.name == "feed" for column in sql_files("checks")[name].columns)


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
