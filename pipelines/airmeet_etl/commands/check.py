"""`airmeet check`: proves keys, hosts and destination with a few requests."""

import argparse

from ..exit_codes import AfterCommit, Exit, print_line
from .arguments import add_destination, add_json
from .communities import chosen, in_turn, of_community

HELP = "prove keys, hosts and destination with a few requests"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    add_json(parser, "check")


def run(args: argparse.Namespace) -> int:
    """Prove and say what each found; the exit code is returned."""
    from ..communities import say_doubtful

    say_doubtful()
    return in_turn(chosen(args), lambda community: _check(args, community), AfterCommit())


def _check(args: argparse.Namespace, community: str | None) -> int:
    from ..configuration import resolved_settings
    from ..inspection.check import check_api, check_destination
    from ..terminal import show_findings
    from ..terminal_answers import show_json
    from ..warehouse.warehouse import open_pipeline

    if community and not args.json:
        print_line(f"community {community}")
    with of_community(community, with_keys=True):
        settings = resolved_settings()
        pipeline = open_pipeline(args.destination, args.dataset, community=community)
        findings = [*check_api(settings), *check_destination(pipeline)]
    if args.json:
        show_json({"community": community, "findings": findings})
    else:
        show_findings(findings)
    return Exit.DONE if all(finding.ok for finding in findings) else Exit.NOTHING
