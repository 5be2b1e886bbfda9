"""Which airmeet a command is for; somebody at a terminal is asked where several fit."""

import sys
from typing import TYPE_CHECKING

from ..exit_codes import print_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..inspection.airmeets import Listed


def chosen_id(airmeets: "Sequence[Listed]", words: str) -> str:
    """The id of the airmeet that is meant (`inspection.airmeets.id_of`).

    Raises:
        SeveralFit: several fit, and nobody is there to choose, or nobody chose.
    """
    from ..inspection.airmeets import SeveralFit, described, id_of

    try:
        return id_of(airmeets, words)
    except SeveralFit as several:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise
        for number, airmeet in enumerate(several.found, start=1):
            print_line(f"{number:>3}  {described(airmeet)}")
        try:
            answer = input(f"which of them, 1 to {len(several.found)}? ").strip()
        except EOFError:
            answer = ""
        if not answer.isdecimal() or not 1 <= int(answer) <= len(several.found):
            raise
        return several.found[int(answer) - 1].airmeet_id
