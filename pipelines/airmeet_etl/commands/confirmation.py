"""What a command asks at a terminal before it does what is not to be undone."""

import argparse
import sys
from collections.abc import Callable

from ..exit_codes import CommandError


def add_yes(parser: argparse.ArgumentParser) -> None:
    """`--yes`."""
    parser.add_argument(
        "--yes", action="store_true", help="do not ask; nobody is asked without a terminal"
    )


def is_asked(args: argparse.Namespace) -> bool:
    """Whether somebody is there to be asked, and `--yes` does not answer."""
    return sys.stdin.isatty() and not args.yes


def require_confirmation(question: str, otherwise: str) -> None:
    """Ask whether to go on.

    Args:
        question: what is asked.
        otherwise: what did not happen where the answer is not yes.

    Raises:
        CommandError: the answer is not yes.
    """
    try:
        answer = input(f"{question} [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise CommandError(f"{otherwise}: the answer was not yes (--yes does not ask)")


def confirms(args: argparse.Namespace) -> Callable[[str], None] | None:
    """Asks before something is sent; None where nobody is asked."""
    if not is_asked(args):
        return None
    return lambda question: require_confirmation(question, "nothing was sent")
