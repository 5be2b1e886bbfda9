"""The keys of `--json` are those that the help describes."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from airmeet.extract.lifecycle import FeedSync
from airmeet.extract.schema_drift import Drift
from airmeet_etl.commands.json_answers import KEYS
from airmeet_etl.inspection.uncopied import Uncopied
from airmeet_simulator.simulator import Simulator

from tests.workplace import Workplace

HELD = {"unfinished": FeedSync, "unsettled": FeedSync, "drift": Drift, "uncopied": Uncopied}
"""What lists hold that are empty where all is well."""


def paths(value: Any, path: str, known: list[re.Pattern[str]]) -> Iterator[str]:
    """The keys of an answer as they are described; what is described as a whole is not opened."""
    if any(one.fullmatch(path) for one in known):
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{path}.{key}".lstrip("."), known)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{path}[]", known)
    else:
        yield path


def patterns(command: str) -> dict[str, re.Pattern[str]]:
    """Of each described key what fits it: words in capitals stand for any name."""
    return {
        key: re.compile(re.sub(r"\b[A-Z]+\b", "[^.]+", re.escape(key))) for key in KEYS[command]
    }


@pytest.mark.parametrize("command", KEYS)
def test_described_keys_are_those_given(
    workplace: Workplace, loaded: Simulator, command: str
) -> None:
    airmeet = [loaded.airmeets()[0].uid] if command == "explain" else []
    result = workplace.run(command, *airmeet, "--json")
    assert result.code == 0, result.err
    answer = json.loads(result.out)
    known = patterns(command)
    given = {*paths(answer, "", [*known.values()])}
    assert {path for path in given if not any(p.fullmatch(path) for p in known.values())} == set()
    for key, pattern in known.items():
        holder = key.partition("[]")[0]
        if holder in HELD:
            assert key.rpartition(".")[2] in {one.name for one in fields(HELD[holder])}
        elif answer[holder.partition(".")[0]] != []:
            assert any(pattern.fullmatch(path) for path in given), key


@pytest.mark.parametrize("name", HELD)
def test_what_lists_hold_is_described_whole(name: str) -> None:
    described = {
        key.rpartition(".")[2]
        for keys in KEYS.values()
        for key in keys
        if key.startswith(f"{name}[].")
    }
    assert described == {one.name for one in fields(HELD[name])}
