"""Writes docs/tables.md out of the schemas and the headers of the SQL files.

python -m tools.tables_docs          writes it
python -m tools.tables_docs --check  exits 1 where the file is not what would be written
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from airmeet.schemas import FIELDS, PUSHES, RAW_TABLES, RECORDING_COPIES, Table
from airmeet_etl.reports.sql_files import SqlFile, reports, sql_files

from tools.generated_page import grid, write_or_check

FILE = Path(__file__).parent.parent / "docs" / "tables.md"

_INTRO = """\
# Tables

Written by `make docs` out of `sources/airmeet/schemas.py` and the headers in `transforms/`:
correct those, not this page. What is generated from declarations says so.

Types are text, bigint, double (64-bit), bool, date, json (text where an engine has no JSON type)
and timestamp (with zone). Units stand with each column. Rates are between 0 and 1. A person is
the column `person`: the address, trimmed and in lower case, or `user:<user id>` without one.
§ is the section of Airmeet's specification that the rows come from.
"""

_RAW = """\
## Raw tables

In the dataset `airmeet`, as the API gives them. A field that the API adds arrives as a new column;
a value that does not fit its column is in a text column beside it (`<column>_text`).
"""

_REPORTS = """\
## Reports

In the dataset `airmeet_reports`, rebuilt after each load and replaced all at once. What depends
on a feed that is pending or failed is null, not zero, and `is_final` is false. What checks them is
in [checks.md](checks.md).
"""

_MODELS = """\
## Staging, intermediate models and parts

Reports are built on them. They are parts of the reports' queries; some are tables (`_<name>`) while
reports are built, and some of these stay.
"""

_MODEL_LAYERS = ("staging", "intermediate", "parts")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it; returns the exit code."""
    return write_or_check("tools.tables_docs", FILE, render(), arguments)


def render() -> str:
    """The whole page."""
    parts = [_INTRO, _diagram(), _RAW]
    parts += [_raw_table(t) for t in (*RAW_TABLES.values(), FIELDS, PUSHES, RECORDING_COPIES)]
    parts.append(_REPORTS)
    parts += [_report(file) for file in sql_files("reporting").values()]
    models = [file for layer in _MODEL_LAYERS for file in sql_files(layer).values()]
    parts.append(_MODELS)
    parts.append(
        grid(
            ("model", "holds", "reads"),
            ((f"`{file.name}`", _purpose(file), _names(sorted(file.reads))) for file in models),
        )
    )
    return "\n".join(parts)


def _raw_table(table: Table) -> str:
    lines = [f"### {table.name}", "", table.description, ""]
    lines.append(f"Grain: {_names(table.keys)}. {f'§{table.section}.' if table.section else ''}")
    if table.left_out:
        lines.append(f"Not stored: {_names(sorted(table.left_out))}.")
    columns = (
        (
            f"`{column.name}`",
            column.kind,
            column.description + (f" The API's `{column.api_name}`." if column.api_name else ""),
        )
        for column in table.columns
    )
    return "\n".join([*(line.rstrip() for line in lines), "", grid(_COLUMN_HEADS, columns)])


def _report(file: SqlFile) -> str:
    columns = ((f"`{c.name}`", c.kind, c.description) for c in file.columns)
    lines = [f"### {file.name}", "", f"*{file.question}*", "", _purpose(file), ""]
    lines.append(f"Grain: {_names(file.grain)}. Reads: {_names(sorted(reads(file)))}.")
    return "\n".join([*lines, "", grid(_COLUMN_HEADS, columns)])


_COLUMN_HEADS = ("column", "type", "what it holds")


def _purpose(file: SqlFile) -> str:
    return f"{file.purpose} Generated: {file.generated}." if file.generated else file.purpose


def reads(file: SqlFile) -> set[str]:
    """The raw tables and reports that a report reads, directly or through models."""
    models = {name: file for layer in _MODEL_LAYERS for name, file in sql_files(layer).items()}
    found: set[str] = set()
    for name in file.reads:
        if name in models:
            found |= reads(models[name])
        elif not name.startswith("seed_"):
            found.add(name)
    return found


def _diagram() -> str:
    """What flows where. The ledger and the airmeets, which all reports read, are left out."""
    lines = ["```mermaid", "flowchart LR"]
    lines += ["  subgraph raw [airmeet]"]
    lines += [f"    {name}" for name in RAW_TABLES]
    lines += ["  end", "  subgraph built [airmeet_reports]"]
    lines += [f"    {file.name}" for file in reports()]
    lines += ["  end"]
    for file in reports():
        sources = reads(file)
        everywhere = {"airmeets", "feed_syncs"}
        lines += [f"  {name} --> {file.name}" for name in sorted(sources - everywhere or sources)]
    return "\n".join([*lines, "```", ""])


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.exit(main())
