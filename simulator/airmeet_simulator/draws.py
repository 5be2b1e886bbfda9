"""Deterministic draws: a value depends on its keys alone, never on the order of access."""

from random import Random

MASK = (1 << 64) - 1


def scatter(number: int) -> int:
    """Hash one whole number to 64 well-mixed bits: `mix` for the rows, several times faster."""
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)


def mix(*parts: int) -> int:
    """Hash whole numbers to 64 well-mixed bits."""
    state = 0
    for part in parts:
        state = scatter(state + part + 0x9E3779B97F4A7C15)
    return state


def stream(*parts: int) -> Random:
    """Return a generator of its own for these keys."""
    return Random(mix(*parts))


def uuid(*parts: int) -> str:
    """Return an identifier in the shape of a UUID for these keys."""
    text = f"{mix(*parts, 1):016x}{mix(*parts, 2):016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def some(draw: Random, size: int, counts: tuple[int, ...]) -> list[int]:
    """Return different positions below `size` in order; how many is drawn from `counts`."""
    return sorted(draw.sample(range(size), draw.choice(counts)))
