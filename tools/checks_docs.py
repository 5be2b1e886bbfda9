"""Writes docs/checks.md out of the headers of the checks.

python -m tools.checks_docs          writes it
python -m tools.checks_docs --check  exits 1 where the file is not what would be written
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from airmeet_etl.reports.checks import AS_EXPECTED
from airmeet_etl.reports.sql_files import SEVERITIES, WHOLE, SqlFile, sql_files

from tools.generated_page import grid, write_or_check

FILE = Path(__file__).parent.parent / "docs" / "checks.md"

_INTRO = """\
# Checks

Written by `make docs` out of the headers in `transforms/checks` and of
`pipelines/airmeet_etl/reports/generated_checks.py` and `plausibility_checks.py`: correct those, not
this page.

`airmeet reports` runs all checks, and so does `airmeet load` after its first build of a day, which
there is every day. After later builds it looks at the airmeets that changed. These checks always
look at all airmeets, and run again that day only where they found something:
{whole}.
Where nothing was due `airmeet load` runs `loaded_as_expected` alone: the others would find what
they found before. What was found before, and not mended, still counts.

A check is a query over the raw tables, the ledger and the reports that returns what must not be.
What one finds is shown in a line: the check, how many rows, of which airmeets, in which feeds, and
what to do. Nobody's data is in it.

A **failure** is what no answer of Airmeet's explains: a load or a build went wrong, or somebody
changed the tables. The exit code is 3 after each build until it is mended. A **warning** is what
may be true, and is worth a look: Airmeet may have said so, and no load would mend it. It leaves the
exit code alone.

Feeds that `loaded_as_expected` finds mend themselves: `airmeet load` lets them be final no more and
says which, and the next load fetches them again. Where an airmeet has left Airmeet's list, nothing
can be fetched: restore it from a backup.
"""

_TITLES = {"failure": "## Failures\n", "warning": "## Warnings\n"}

_UNSEEN = """\
## What no check can see

A check compares one table with another, with the ledger, or with what is possible. What is possible
and contradicts nothing looks like what Airmeet sent.
"""

UNSEEN = {
    "a row replaced by another plausible one": "the rows are as many, and the new one is possible",
    "an answer, a name, a city or a title changed": "nothing else holds the same words",
    "one address changed to another, with its person": "it is a person like any other",
    "addresses of two rows swapped": "the same people are there",
    "a person moved from one session to another": "a person may attend any of them",
    "rows deleted and their number in the ledger with them": "the ledger is what they are held "
    "against; Airmeet's totals, which would tell, are not stored for most feeds",
    "a row added and its number in the ledger with it": "the same",
    "an airmeet gone from all tables and the ledger": "nothing speaks of it; the next load lists "
    "and fetches it, if it is still listed",
    "a ledger line gone of a feed without rows": "it looks like one that was never asked for, as "
    "`data_status` shows it; the next load asks for it",
    "registrations a few days earlier": "people register on any day before the last fetch",
    "a flag or a number changed within what is possible": "nothing else counts it",
    "a time zone changed": "an airmeet may be anywhere; the next load reads it from the list",
    "contents of two columns of words swapped": "words are words",
}
"""Breaks that no check finds, and why; tests/reports/test_breaks.py makes each of them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it; returns the exit code."""
    return write_or_check("tools.checks_docs", FILE, render(), arguments)


def render() -> str:
    """The whole page."""
    checks = sql_files("checks").values()
    once = [c.name for c in checks if c.rebuilt == WHOLE and c.name != AS_EXPECTED]
    parts = [_INTRO.format(whole=", ".join(f"`{name}`" for name in once))]
    for severity in SEVERITIES:
        parts += [_TITLES[severity], _table(c for c in checks if c.severity == severity)]
    unseen = ((what[0].upper() + what[1:], why) for what, why in UNSEEN.items())
    return "\n".join([*parts, _UNSEEN, grid(("break", "why"), unseen)])


def _table(checks: Iterable[SqlFile]) -> str:
    def finds(check: SqlFile) -> str:
        return (
            f"{check.purpose} Generated: {check.generated}." if check.generated else check.purpose
        )

    rows = ((f"`{check.name}`", finds(check), check.mend) for check in checks)
    return grid(("check", "finds", "what to do"), rows)


if __name__ == "__main__":
    sys.exit(main())
