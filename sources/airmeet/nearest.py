"""The name that somebody may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches

_ALIKE = 0.6


def nearest(name: str, names: Iterable[str], alike: float = _ALIKE) -> str:
    """The most alike of the names; "" where none is alike enough.

    Args:
        name: as somebody wrote it.
        names: that there are.
        alike: how alike it must be, of 1.
    """
    return next(iter(get_close_matches(name, [*names], 1, alike)), "")


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """What to say of a name that there is not: the one that was meant, else all that there are."""
    names = [*names]
    found = nearest(name, names)
    return f"did you mean {found}?" if found else f"there are {', '.join(names)}"
