"""Runs the checks: queries over raw tables and reports that return what must not be.

A check is a file of transforms/checks, or is generated; docs/checks.md lists all of them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airmeet.safe_text import printable

from .build import queries_of, reports_dataset
from .destination import open_client, read_rows

if TYPE_CHECKING:
    from collections.abc import Collection

    import dlt

    from .compile import SqlFile

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
    from .compile import sql_files

    reports = reports_dataset(pipeline)
    with open_client(pipeline, reports) as client:
        if not client.sql_client.has_dataset():
            raise LookupError("there are no reports to check; build them first")
    files = [file for name, file in sql_files("checks").items() if names is None or name in names]
    queries = queries_of(pipeline, reports, files)
    results = {}
    with open_client(pipeline, reports) as client:
        for file, query in queries.items():
            columns = ["airmeet_id", *(["feed"] if _says_feed(file) else [])]
            names = ", ".join(columns)
            counts = f"SELECT {names}, count(*) FROM ({query}) AS offending GROUP BY {names}"
            if found := read_rows(client, counts):
                results[file.name] = _result(file, found)
    return results


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
