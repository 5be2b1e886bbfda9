"""`airmeet explain`: the rows and rules behind one airmeet's figures."""

import argparse

from ..exit_codes import Exit, print_line
from .airmeet_choice import chosen_id
from .arguments import add_destination, add_json, open_to_read
from .communities import chosen, of_community

HELP = "show the rows and rules behind one airmeet's figures"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument(
        "airmeet_id", metavar="AIRMEET", help="its id, the beginning of it, its name or a part"
    )
    add_json(parser, "explain")


def run(args: argparse.Namespace) -> int:
    """Explain; the exit code is returned."""
    from ..inspection.airmeets import read_airmeets
    from ..inspection.explain import UnknownAirmeet, explain
    from ..terminal import show_explanation
    from ..terminal_answers import show_json
    from ..warehouse.warehouse import held_open, require_loaded

    unknown: UnknownAirmeet | None = None
    found = False
    for community in chosen(args):
        with of_community(community):
            pipeline = open_to_read(args.destination, args.dataset, community)
            require_loaded(pipeline)
            try:
                with held_open(pipeline):
                    airmeet_id = chosen_id(read_airmeets(pipeline), args.airmeet_id)
                    explanation = explain(pipeline, airmeet_id)
            except UnknownAirmeet as failure:
                unknown = failure
                continue
        if args.json:
            about = {"community": community, "airmeet_id": airmeet_id}
            show_json({**about, **vars(explanation)})
            found = True
            continue
        if community:
            print_line(f"community {community}")
        show_explanation(explanation)
        found = True
    if unknown and not found:
        raise unknown
    return Exit.DONE
