"""`airmeet export`: writes a report as a file for people and other programs."""

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..exit_codes import CommandError, Exit, flush_output, print_line
from .airmeet_choice import chosen_id
from .arguments import add_destination, open_to_read
from .communities import chosen, of_community, the_one

HELP = "write a report as CSV, a spreadsheet, Parquet or JSON"

_FORMATS = ("csv", "xlsx", "parquet", "json")
_CRMS = ("hubspot", "salesforce")
_EXAMPLES = """\
examples:
  airmeet export event_summary --format xlsx
  airmeet export follow_up --airmeet ID --for hubspot
  airmeet export people --output people.parquet
  airmeet export event_summary --format json --output - | jq length

docs/export.md says what is in a file, docs/tables.md which reports there are.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    add_destination(parser)
    parser.add_argument("report", metavar="REPORT", help="its name, for example event_summary")
    parser.add_argument(
        "--airmeet",
        action="append",
        default=[],
        metavar="AIRMEET",
        help="only the rows of this airmeet; may be given several times",
    )
    parser.add_argument(
        "--format", choices=_FORMATS, help="else by the ending of the output, else csv"
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="where to; - is standard output (REPORT.FORMAT or REPORT-AIRMEET.FORMAT, here)",
    )
    parser.add_argument(
        "--for",
        dest="crm",
        choices=_CRMS,
        help="of follow_up: under the headers that this CRM's import expects",
    )


def run(args: argparse.Namespace) -> int:
    """Export, and say where to; the exit code is returned.

    Raises:
        CommandError: options that do not go together, or whatever the export raises.
    """
    from airmeet.settings import MODES

    from ..export.crm import REPORT
    from ..export.export import (
        Wish,
        configured_mode,
        declared_report,
        default_file,
        opened_rows,
        write_file,
    )
    from ..export.formats import FORMATS
    from ..inspection.airmeets import read_airmeets
    from ..warehouse.warehouse import is_loaded, require_loaded

    report = declared_report(args.report)
    if args.crm and report.name != REPORT:
        raise CommandError(
            f"--for goes with {REPORT} alone: no CRM imports {report.name}", Exit.USAGE
        )
    name = args.format or _ending(args.output) or _FORMATS[0]
    format = FORMATS[name]
    is_piped = args.output == "-"
    if is_piped and not format.is_text:
        raise CommandError(f"{name} is no text: give a file as --output", Exit.USAGE)
    community = the_one(args)
    modes = []
    for one in [community] if community else chosen(args):
        with of_community(one):
            modes.append(configured_mode())
    mode = max(modes, key=MODES.index)  # of several communities the strictest
    wish = Wish(report, tuple(dict.fromkeys(args.airmeet)), mode, args.crm)
    pipeline = open_to_read(args.destination, args.dataset, community)
    if wish.airmeets:
        listed = read_airmeets(pipeline) if is_loaded(pipeline) else []
        ids = (chosen_id(listed, text) for text in wish.airmeets)
        wish = replace(wish, airmeets=tuple(dict.fromkeys(ids)))
    if community or chosen(args) == (None,):
        require_loaded(pipeline)
    left_out: Counter[str] = Counter()
    with opened_rows(pipeline, wish, left_out) as rows:
        if is_piped:
            try:
                number = format.write(rows, sys.stdout.buffer, None)
            except BrokenPipeError:  # nobody reads on
                flush_output()
            else:
                print_line(_closing(number, left_out), to_stderr=True)
            return Exit.DONE
        file = Path(args.output or default_file(report.name, wish.airmeets, name))
        number = write_file(rows, format, pipeline, file)
    print_line(f"{_closing(number, left_out)} in {file}")
    return Exit.DONE


def _ending(output: str | None) -> str | None:
    ending = Path(output or "").suffix.lower().removeprefix(".")
    return ending if ending in _FORMATS else None


def _closing(number: int, left_out: Mapping[str, int]) -> str:
    line = f"{number:,} {'row' if number == 1 else 'rows'}"
    parts = [f"{rows:,} {why}" for why, rows in left_out.items() if rows]
    return f"{line} (left out: {', '.join(parts)})" if parts else line
