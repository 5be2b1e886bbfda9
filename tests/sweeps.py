"""Which examples of a sweep `make test` runs; other targets run the others."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def first(number: int, examples: Iterable[object]) -> list[Any]:
    """All examples, those behind the first few marked as long."""
    return [_marked((example,), place >= number) for place, example in enumerate(examples)]


def first_of_each(examples: Iterable[Any], kind: Callable[[Any], object]) -> list[Any]:
    """All examples, those that are not the first of their kind marked as long."""
    examples = [*examples]
    kinds = [kind(example) for example in examples]
    return [
        _marked((example,), kind in kinds[:place])
        for place, (example, kind) in enumerate(zip(examples, kinds, strict=True))
    ]


def each_once(groups: Iterable[tuple[Any, ...]]) -> list[Any]:
    """All groups of values, marked as long but for so many as have each value in its place once."""
    groups, kept, seen = [*groups], list[tuple[Any, ...]](), set[tuple[int, Any]]()
    for enough in (all, any):  # first those that have nothing but new values
        for group in groups:
            if group not in kept and enough(value not in seen for value in enumerate(group)):
                kept.append(group)
                seen.update(enumerate(group))
    return [_marked(group, group not in kept) for group in groups]


def on_engines(*names: str) -> list[Any]:
    """Destinations that are tried with the other engines."""
    return [pytest.param(name, marks=[pytest.mark.engine]) for name in names]


def _marked(values: tuple[Any, ...], is_long: bool) -> Any:
    return pytest.param(*values, marks=[pytest.mark.long] if is_long else [])
