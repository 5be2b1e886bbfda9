"""Writes docs/push.md out of the declarations of the writes.

python -m tools.push_docs          writes it
python -m tools.push_docs --check  exits 1 where the file is not what would be written
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from airmeet.write.declaration import Field, Write
from airmeet.write.operations import GATEWAY_WRITES

from tools.generated_page import grid, write_or_check

FILE = Path(__file__).parent.parent / "docs" / "push.md"

_INTRO = """\
# Writing to Airmeet

Written by `make docs` out of `sources/airmeet/write/operations.py` and `gateway_operations.py`:
correct those, not this page.

`airmeet push KIND FILE.csv` writes the rows of a file to Airmeet, `airmeet push KIND --sql QUERY`
those of a query on the warehouse. Without `--apply` it is a dry run: everything is read and
checked, each row is listed with what would be done, and nothing is sent.

- A row that is not in order stops the whole push, with its line and the reason; `--skip-invalid`
  leaves such rows out instead.
- What is at Airmeet already is left as it is: the same file may be pushed again, also after a push
  that was killed or whose answers were lost.
- Each outcome is a row of the table `pushes` (docs/tables.md); it names people by address.
- The airmeet is `--airmeet ID`, or a column `airmeet_id`.
- Columns may be written in any way that is the same in snake_case: `Event name`, `eventName`.
- A time is ISO 8601 with its zone, or in the zone of the row's `timezone`; milliseconds since 1970
  are taken, too. A list is separated by semicolons, or a JSON list. A flag is `true` or `false`.
- Kinds and columns that say "gateway" are taken where `region` is `global`, `eu` or `us`; on the
  specification's hosts (`v1`) such a kind is refused before anything is read.
- **No invitation is mailed unless you ask for it**: Airmeet mails everybody by default, so each
  request says not to. `--send-invites`, or a row's `send_email_invite`, asks for it, and the dry
  run says how many mails would go out. Whoever is let in already gets none.
- At a terminal, blocks, deletions and invitations are listed and asked about before they are sent;
  `--yes` does not ask, and without a terminal nobody is asked.

The same kinds are tables of the dlt destination `airmeet` (docs/own-pipeline.md).
"""

_KINDS: dict[str, str] = {
    "text": "text",
    "texts": "list of texts",
    "url": "address of a web page",
    "email": "e-mail address",
    "emails": "list of e-mail addresses",
    "time": "time",
    "count": "whole number",
    "flag": "true or false",
    "zone": "canonical time zone, as Europe/Berlin",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it; returns the exit code."""
    return write_or_check("tools.push_docs", FILE, render(), arguments)


def render() -> str:
    """The whole page."""
    overview = ((f"[`{w.table}`](#{w.table})", _where(w), w.does) for w in GATEWAY_WRITES.values())
    return "\n".join(
        [
            _INTRO,
            grid(("kind", "taken by", "does"), overview),
            *(part for write in GATEWAY_WRITES.values() for part in _section(write)),
        ]
    )


def _where(write: Write) -> str:
    return "gateway" if write.gateway_only else "v1 and gateway"


def _section(write: Write) -> Iterator[str]:
    yield f"## {write.table}\n"
    yield f"{write.says}\n"
    if write.deprecated:
        yield f"Deprecated by Airmeet: use `{write.deprecated}`.\n"
    yield " ".join(_facts(write)) + "\n"
    yield grid(("column", "must be filled", "holds", "Airmeet's name"), map(_row, _with_id(write)))
    where = " --airmeet ID" if write.per_airmeet else ""
    yield f"```csv\n{write.example}```\n"
    yield f"```bash\nairmeet push {write.table} {write.table}.csv{where}\n```\n"


def _facts(write: Write) -> Iterator[str]:
    """The request, what names a row, and what becomes of it when its answer is lost."""
    gateway, v1 = write.request("gateway"), write.request("v1")
    where = f" on the gateway, `{v1}` on v1" if gateway != v1 else ""
    where = " on the gateway alone" if write.gateway_only else where
    yield f"`{gateway}`{where}{f' (§{write.section})' if write.section else ''}."
    within = " within its airmeet" if write.per_airmeet else ""
    yield f"A row is named by {' and '.join(f'`{column}`' for column in write.key)}{within}."
    if write.confirmed:
        yield "It is asked about at a terminal."
    if write.lasting:
        yield (
            "Where its answer is lost it may be under way: it is not sent again by the same push, "
            "and the next one looks for it for ten minutes first."
        )


def _with_id(write: Write) -> Iterator[Field]:
    if write.per_airmeet:
        yield Field("airmeet_id", "", required=True, says="or `--airmeet`")
    yield from write.fields


def _row(field: Field) -> tuple[str, ...]:
    needed = "yes" if field.required else "no"
    name = f"`{field.api_name}`" if field.api_name else "in the path"
    return f"`{field.column}`" + " (gateway)" * field.gateway_only, needed, _holds(field), name


def _holds(field: Field) -> str:
    """What a column holds, with its limits."""
    parts = [_KINDS[field.kind]]
    if field.choices:
        parts = [" or ".join(f"`{choice}`" for choice in field.choices)]
    if field.gateway_choices:
        more = " or ".join(f"`{choice}`" for choice in field.gateway_choices)
        parts.append(f"on the gateway also {more}")
    if field.least and field.most:
        parts.append(f"{field.least} to {field.most} characters")
    elif field.least and field.kind == "count":
        parts.append(f"at least {field.least}")
    if field.whole_minutes:
        parts.append("on the minute")
    if field.says:
        parts.append(field.says)
    return "; ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
