"""What of a sweep stays in the suite."""

from itertools import product
from typing import Any

from tests.sweeps import each_once, first, first_of_each


def kept(examples: list[Any]) -> list[Any]:
    return [example.values for example in examples if not example.marks]


def test_each_value_of_pairs_is_in_one_that_stays_and_no_pair_is_lost() -> None:
    pairs = [*product("abc", range(5))]
    marked = each_once(pairs)
    assert [example.values for example in marked] == pairs
    ones, others = zip(*kept(marked), strict=True)
    assert ({*ones}, {*others}, len(ones)) == ({*"abc"}, {*range(5)}, 5)


def test_the_first_few_stay_and_the_first_of_each_kind() -> None:
    assert kept(first(2, "abc")) == [("a",), ("b",)]
    words = ["ant", "bee", "ape", "bat", "cow"]
    assert kept(first_of_each(words, lambda word: word[0])) == [("ant",), ("bee",), ("cow",)]
