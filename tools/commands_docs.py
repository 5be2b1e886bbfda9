"""Writes docs/commands.md out of the parser of the command line.

python -m tools.commands_docs          writes it
python -m tools.commands_docs --check  exits 1 where the file is not what would be written
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from airmeet_etl.cli import COMMANDS, _parser

from tools.generated_page import grid, write_or_check

FILE = Path(__file__).parent.parent / "docs" / "commands.md"

_INTRO = """\
# Commands

Written by `make docs` out of the commands' own help: correct that, not this page.

`airmeet COMMAND --help` shows the same in a terminal. `make load ARGS="--since 2026-01-01"` hands
arguments on.

| exit code | means |
|---|---|
| 0 | all that was due is done |
| 1 | nothing could be done; one line says why and how to mend it (`--verbose` shows where) |
| 2 | called wrongly |
| 3 | done in part: what could be is committed, the rest is listed, and the next run takes it up |
| 130, 143 | stopped by Ctrl-C or SIGTERM: what is committed is kept |
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it; returns the exit code."""
    return write_or_check("tools.commands_docs", FILE, render(), arguments)


def render() -> str:
    """The whole page."""
    return "\n".join([_INTRO, *(_section(name, _command(name)) for name in COMMANDS)])


def _command(name: str) -> argparse.ArgumentParser:
    """The parser of one command, with its arguments."""
    actions = _parser([name])._actions
    [commands] = (action for action in actions if isinstance(action, argparse._SubParsersAction))
    parser: argparse.ArgumentParser = commands.choices[name]
    return parser


def _section(name: str, parser: argparse.ArgumentParser) -> str:
    parts = [f"## airmeet {name}\n", f"{parser.description}\n"]
    if rows := list(_rows(parser)):
        parts.append(grid(("argument", "does"), rows))
    if parser.epilog:
        parts.append(f"```text\n{parser.epilog.strip()}\n```\n")
    return "\n".join(parts)


def _rows(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or action.dest in ("help", "verbose"):
            continue
        value = _value(action)
        names = ", ".join(f"`{name} {value}`".replace(" `", "`") for name in action.option_strings)
        yield names or f"`{value}`", action.help or ""


def _value(action: argparse.Action) -> str:
    """What stands for an argument's value; "" where it takes none."""
    if action.nargs == 0 or isinstance(action, argparse.BooleanOptionalAction):
        return ""
    if action.choices and action.metavar is None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or action.dest.upper())


if __name__ == "__main__":
    sys.exit(main())
