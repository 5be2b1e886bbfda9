"""A simulator whose answers a test may alter on their way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from airmeet_simulator.answers import Answer
from airmeet_simulator.simulator import Simulator

Tamper = Callable[[str, dict[str, Any]], None]
"""Gets the path and the body of each answer that holds JSON, and may change the body."""


class _Tampered(Simulator):
    tamper: Tamper | None = None
    refuse: str = ""

    def respond(self, method: str, path: str, *rest: Any, **more: Any) -> Answer:
        if self.refuse and self.refuse in path:
            answer = super().respond(method, "/nowhere", *rest, **more)
            body = {"statusCode": 400, "data": {}, "statusMessage": "Session status is not valid"}
            return replace(answer, status=200, body=orjson.dumps(body))
        answer = super().respond(method, path, *rest, **more)
        if self.tamper is None or answer.status != 200:
            return answer
        body = orjson.loads(answer.body)
        self.tamper(path, body)
        return replace(answer, body=orjson.dumps(body))


def tamper(simulator: Simulator, change: Tamper | None) -> None:
    """Let a function alter every answer from now on."""
    simulator.__class__ = _Tampered
    simulator.tamper = change  # type: ignore[attr-defined]


def refuse(simulator: Simulator, part: str) -> None:
    """Let every request whose path holds this text be refused; "" for none."""
    simulator.__class__ = _Tampered
    simulator.refuse = part  # type: ignore[attr-defined]
