"""`airmeet check`: proves keys, hosts and destination with a few requests."""

import argparse

from ..exit_codes import Exit
from .arguments import add_destination

HELP = "prove keys, hosts and destination with a few requests"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)


def run(args: argparse.Namespace) -> int:
    """Prove and say what each found; the exit code is returned."""
    from ..configuration import read_settings
    from ..inspection.check import check_api, check_destination
    from ..terminal import show_findings
    from ..warehouse.warehouse import open_pipeline

    settings = read_settings()
    pipeline = open_pipeline(args.destination, args.dataset)
    findings = [*check_api(settings), *check_destination(pipeline)]
    show_findings(findings)
    return Exit.DONE if all(finding.ok for finding in findings) else Exit.NOTHING
