"""`airmeet sql`: a statement, or a prompt for several, over what is loaded and reported."""

import argparse
import sys
from typing import TYPE_CHECKING

from ..exit_codes import CommandError, Exit, print_error, print_line
from .arguments import add_destination
from .communities import the_one
from .demo_warehouse import show_the_demo_where_nothing_is_loaded

if TYPE_CHECKING:
    from ..inspection.query import Reader

HELP = "ask in SQL; it only reads, also while a load runs"

_FORMATS = ("table", "csv", "json", "markdown")
_HELP = ".tables lists the tables, .quit ends; a statement ends with ;"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument("statement", nargs="?", metavar="STATEMENT", help="without it, a prompt")
    parser.add_argument("--format", choices=_FORMATS, default="table", help="of the answer (table)")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """examples:
  airmeet sql "select name, registered, attended from event_summary order by start_time desc"
  airmeet sql "select count(*) from airmeet.registrations" --format json

Reports by their names, raw tables as airmeet.NAME; docs/questions.md has queries."""


def run(args: argparse.Namespace) -> int:
    """Answer; the exit code is returned.

    Raises:
        CommandError: the statement is refused, or there is nothing to ask.
    """
    from ..inspection.query import opened_reader
    from ..reports.publish import published_file
    from ..warehouse.warehouse import open_pipeline

    community = the_one(args)
    show_the_demo_where_nothing_is_loaded(args.destination, args.dataset)
    # Not to read only: that would wait for who has the file, and what is published is read then.
    pipeline = open_pipeline(args.destination, args.dataset, community=community)
    over_all = None
    if community:
        over_all = published_file(open_pipeline(args.destination, args.dataset))
    with opened_reader(pipeline, over_all) as reader:
        if reader.note:
            print_line(reader.note, to_stderr=True)
        if args.statement is not None:
            _answer(reader, args.statement, args.format)
            return Exit.DONE
        return _prompt(reader, args.format)


def _answer(reader: "Reader", statement: str, format: str) -> None:
    from ..terminal_answers import show_answer

    show_answer(reader.ask(statement), format)


def _prompt(reader: "Reader", format: str) -> int:
    """Take statements until the end of the input; a refusal is said and the next one taken."""
    is_terminal = sys.stdin.isatty()
    if is_terminal:
        import readline  # noqa: F401  # the arrow keys bring earlier lines back

        print_line(_HELP)
    code, lines = Exit.DONE, list[str]()
    while True:
        try:
            line = input(("airmeet> " if not lines else "     ... ") if is_terminal else "")
        except EOFError:
            break
        if not lines and line.strip() in (".quit", ".exit"):
            break
        if not lines and line.strip().startswith("."):
            for text in reader.tables() if line.strip() == ".tables" else [_HELP]:
                print_line(text)
            continue
        lines.append(line)
        if not line.rstrip().endswith(";"):
            continue
        code = max(code, _said(reader, "\n".join(lines), format))
        lines = []
    if "".join(lines).strip():
        code = max(code, _said(reader, "\n".join(lines), format))
    return Exit.DONE if is_terminal else code


def _said(reader: "Reader", statement: str, format: str) -> Exit:
    try:
        _answer(reader, statement, format)
    except CommandError as refusal:
        print_error(refusal)
        return Exit.NOTHING
    return Exit.DONE
