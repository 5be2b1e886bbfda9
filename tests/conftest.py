"""Fixtures that all tests share."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from airmeet_simulator.simulator import Simulator

from tests.workplace import Workplace

Change = Callable[[list[dict[str, Any]]], object]
Alter = Callable[[Simulator, str, Change], None]


@pytest.fixture
def workplace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Workplace:
    """A folder of its own, and the real command in it."""
    return Workplace(tmp_path, monkeypatch, capsys)


@pytest.fixture
def alter(monkeypatch: pytest.MonkeyPatch) -> Alter:
    """Alters the rows that a simulator sends for a path's ending."""

    def alter(simulator: Simulator, ending: str, change: Change) -> None:
        respond = simulator.respond

        def altering(method: str, path: str, *others: Any, **named: Any) -> Any:
            answer = respond(method, path, *others, **named)
            if not path.endswith(ending) or answer.status != 200:
                return answer
            body = orjson.loads(answer.body)
            change(next(value for value in body.values() if isinstance(value, list)))
            return replace(answer, body=orjson.dumps(body))

        monkeypatch.setattr(simulator, "respond", altering)

    return alter
