"""Names of time zones: which are canonical (§4.1), and what the others are aliases of."""

from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

_DATA = files("tzdata") / "zoneinfo"


@cache
def known() -> frozenset[str]:
    """All names of zones that a time may be in."""
    return frozenset(available_timezones())


@cache
def canonical() -> frozenset[str]:
    """The zones proper, and the one of each country where countries share one."""
    proper = {words[1] for words in _lines("tzdata.zi") if words[0] == "Z"}
    countries = {words[2] for table in ("zone.tab", "zone1970.tab") for words in _lines(table)}
    return frozenset(proper | countries)


def canonical_of(name: str) -> str | None:
    """The canonical name of an alias; None where it is none."""
    return _aliases().get(name)


@cache
def _aliases() -> dict[str, str]:
    return {words[2]: words[1] for words in _lines("tzdata.zi") if words[0] == "L"}


def _lines(name: str) -> list[list[str]]:
    text = (_DATA / name).read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]
