"""Writes docs/privacy.md out of the schemas and the rules of each mode.

python -m tools.privacy_docs          writes it
python -m tools.privacy_docs --check  exits 1 where the file is not what would be written
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from airmeet.privacy.policy import RULES, Rule
from airmeet.schemas import PUSHES, RAW_TABLES, Column, Table

from tools.generated_page import write_or_check

FILE = Path(__file__).parent.parent / "docs" / "privacy.md"

_INTRO = """\
# Privacy

Written by `make docs` out of `sources/airmeet/schemas.py` and `sources/airmeet/privacy/policy.py`:
correct those, not this page.

## Modes

`[sources.airmeet] privacy` says what is stored of people:

| mode | what is stored |
|---|---|
| `plain` (default) | what Airmeet gives |
| `pseudonymised` | a keyed pseudonym in place of each address, the same for all its spellings and \
at the same domain, so every join, count and company stays; no names, cities, profiles or words of \
people |
| `minimal` | of a person a pseudonym and nothing else: no domain, organisation, role or country; \
Airmeet's user ids become pseudonyms, too. `accounts` is then one row |

The last two need `privacy_key` in the secrets, at least 16 characters (`openssl rand -hex 32` makes
one). Who has the key can find whose a pseudonym is, by trying addresses; with another key the same
people get other pseudonyms. A domain that belongs to one person still names that person: `minimal`
has none.

Rows are treated in memory: nothing that a mode leaves out reaches dlt's working folder, the
destination or a log. Where the mode or the key changes, all that is listed is fetched anew. What
was loaded before stays until its feed was fetched again, and airmeets that are no longer listed
keep it: begin a new dataset when you turn to a stricter mode, and remove the old one.

In every mode:

- Entry links, tokens and signed links are not stored: known fields are left out, unknown ones are
  judged by their name, and a link loses its parameters when one of them looks like a key.
- People who were erased are left out.

In the two stricter modes:

- A field that the schemas do not know is not stored unless it is a mere true or false, and neither
  is a known one's value of an unforeseen type. The closing lines of `airmeet load` and the ledger
  name the fields that were not stored.
- What has not the form of an id is a pseudonym where an id should be: the API puts names there. An
  id's form is 8 to 64 letters and digits, some of both.
- An address is cut out of every text, whatever the text is for.
- Of the API's messages, in the ledger as in logs, only words stay that are nobody's name.
- The organisers' own words (names of airmeets, sessions, booths and forms; questions of polls) are
  kept without addresses, and may name a speaker.
"""

_HOLDINGS = """\
## Where personal data lies

Columns that are not listed hold nothing of a person, in so far as Airmeet's specification says.
"""

_REPORTS = """\
## What is made of it

The reports hold `person` (the address, or its pseudonym), `name`, `organisation`, `domain`, answers
and questions as the raw tables have them; the published files hold what the reports hold. dlt's
working folder (`DLT_DATA_DIR`) keeps the files of the last load's packages, until the next one.
Elsewhere than on DuckDB what is being loaded passes through `<dataset>_staging`, which each package
empties. The webhook, the summary, the metrics and all messages hold nobody's data.
"""

_ERASE = """\
## Erasing a person

    airmeet erase --email ada@example.com --dry-run
    airmeet erase

The second asks for the address, or reads it from standard input, so that it need not be in the
shell's history. On a terminal it shows what would go and asks once more; `--yes` does not ask, and
neither does a script. Every address that RFC 5321 allows is taken, in any writing of it. It says
what it removed, and removes:

- from the raw tables every row of the address in any writing, and rows without an address of the
  user ids that were seen beside it; entries of lists that an earlier version stored as JSON; the
  address within texts, and within JSON also what stands beside it of the person;
- dlt's staging tables; the reports and the published files are built anew without the person;
- files that were published, exported or written for mail before, where they hold the person: under
  an earlier setting, too;
- a DuckDB file is written anew, for what is deleted in it stays readable until it is overwritten;
  a DuckLake's data files are rewritten, its old snapshots expire, and the files that only they name
  go;
- packages that were waiting are loaded first, and all files of packages in dlt's working folder go;
  so do the drafts that a killed run has left;
- the person's lines in the table `pushes` and in the journal of writes;
- the person's deliveries in the inbox of webhooks, those that cannot be read too, which `--dry-run`
  counts. A delivery about several people loses this one.

Copies of recordings stay as they are: who is seen and heard in them, no program finds. Nor does a
column of `recording_copies` hold anybody: a copy is named by ids, day and the event's name.

A link is followed, and the file that it leads to is written. A table that refuses, because one of
your own refers to it, is named; all else is done.

It ends with a search: in all tables of the DuckDB file, or of the datasets elsewhere; in the
published files, dlt's working folder, the journals, and reports for mail in the folders that are
worked in. It looks for the address in any writing, for names of two words or more, and for the user
ids. What it finds is said, and the exit code is 3: correct it by hand and run it again.

A run records nothing else of what the API answers: no cassettes, no log of requests.

The table `erased_people` keeps the person out of every later load. It holds digests, keyed with a
random salt that is stored beside them: a reader of the table who knows an address can find out
whether it was erased, and nothing more. The ledger's counts leave the person out, so loaded rows
still equal expected ones.

It does not reach: Airmeet itself (the person is asked for again, and left out again); backups and
the time travel of cloud warehouses; a server's own pages until it overwrites them (Postgres: at its
next `VACUUM`); other machines' working folders (run it there, too); other datasets (run it for each
of them); files of a dataset that is kept in files alone, where it refuses to begin. Tables that you
made yourself are searched and not changed; files that you made yourself are not searched. A name in
the organisers' words, such as a session's title, is said and stays. Rows that were stored under an
earlier `privacy_key` are not found.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it; returns the exit code."""
    return write_or_check("tools.privacy_docs", FILE, render(), arguments)


def render() -> str:
    """The whole page."""
    tables = [
        table for table in (*RAW_TABLES.values(), PUSHES) if _personal(table) or table.left_out
    ]
    return "\n".join([_INTRO, _HOLDINGS, *map(_table, tables), _REPORTS, _ERASE])


def _personal(table: Table) -> list[tuple[Column, Rule]]:
    return [
        (column, RULES[column.holds])
        for column in table.columns
        if column.holds is not None and column.holds != "link"
    ]


def _table(table: Table) -> str:
    lines = [f"### {table.name}", ""]
    if table.left_out:
        names = ", ".join(f"`{name}`" for name in sorted(table.left_out))
        lines += [f"Left out in every mode: {names}.", ""]
    if table is PUSHES:
        lines += ["What you push is yours: no mode treats it.", ""]
        rows = [(f"`{c.name}`", rule.what, "kept", "kept") for c, rule in _personal(table)]
    else:
        rows = [
            (f"`{c.name}`", rule.what, rule.pseudonymised.value, rule.minimal.value)
            for c, rule in _personal(table)
        ]
    return "\n".join([*lines, *_grid(("column", "holds", "pseudonymised", "minimal"), rows), ""])


def _grid(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


if __name__ == "__main__":
    sys.exit(main())
