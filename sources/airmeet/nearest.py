"""What somebody may have meant: a name misspelt, or one of several things by its name."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches

_ALIKE = 0.6
_SHORTEST = 4
"""Characters of the beginning of an id, at least."""
_NAMED = 10
"""Things that are named where several fit."""


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


def meant(words: str, named: Iterable[tuple[str, str | None]]) -> list[str]:
    """The ids of the things that somebody may mean: by the id, the whole name, the beginning of the
    id, or a part of the name, in capitals or not. The first way by which any fits counts.

    Args:
        words: as somebody wrote them.
        named: id and name of each.
    """
    said = words.strip()
    folded = said.casefold()
    ways: tuple[Callable[[str, str], bool], ...] = (
        lambda id, name: id == said,
        lambda id, name: name.strip().casefold() == folded,
        lambda id, name: len(said) >= _SHORTEST and id.casefold().startswith(folded),
        lambda id, name: folded in name.casefold(),
    )
    things = [(id, name or "") for id, name in named]
    for fits in ways if said else ():
        if found := [id for id, name in things if fits(id, name)]:
            return found
    return []


def several_fit(words: str, found: Iterable[str]) -> str:
    """What to say where several things fit; each is described in a few words that hold its id."""
    found = [*found]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{words!r} fits {len(found)} airmeets: {', '.join(found[:_NAMED])}{more}; say its id"
