"""A plain client for looking at a simulator over HTTP, and a clock to hand to it."""

import http.client
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

KEYS = {"X-Airmeet-Access-Key": ACCESS_KEY, "X-Airmeet-Secret-Key": SECRET_KEY}


def moment(written: str | int | None) -> str | None:
    """What a time stamp says in any of the forms that the field's notes name, as an ISO text."""
    if written is None:
        return None
    if isinstance(written, int):
        time = datetime.fromtimestamp(written / (1000 if written > 10**11 else 1), UTC)
    elif written[0].isalpha():
        time = datetime.strptime(written[:24], "%a %b %d %Y %H:%M:%S")
        assert written[24:] == " GMT+0000 (Coordinated Universal Time)"
    else:
        time = datetime.fromisoformat(written[:10].replace(":", "-") + written[10:])
    return f"{time:%Y-%m-%dT%H:%M:%S}.000Z"


class Clock:
    """A clock that moves only when a test moves it."""

    def __init__(self, now: float = 1_760_000_000.25) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Visitor:
    """Asks one simulator, in one layout, with a token of its own once `enter` was called."""

    def __init__(self, port: int, base: str = "/api/v1") -> None:
        self.port = port
        self.base = base
        self.token = ""
        self.headers: dict[str, str] = {}

    def ask(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None, **query: Any
    ) -> tuple[int, bytes]:
        """Return status and body; headers of the answer are kept in `headers`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        sent = {"X-Airmeet-Access-Token": self.token} if headers is None else headers
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            connection.request(method, url, headers=sent)
            answer = connection.getresponse()
            self.headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        """Return status and parsed body."""
        status, body = self.ask(path, **query)
        return status, json.loads(body)

    def rows(self, path: str, **query: Any) -> Any:
        """Return the parsed body of an answer that must be 200; exports are asked until ready."""
        status, body = self.get(path, **query)
        while status == 202:
            status, body = self.get(path, **query)
        assert status == 200, body
        return body

    def enter(self) -> str:
        """Get a token."""
        status, body = self.ask("/auth", "POST", KEYS)
        assert status == 200, body
        answer = json.loads(body)
        self.token = answer["token"] if "token" in answer else answer["data"]["token"]
        return self.token

    def all(self, path: str, size: int = 50) -> list[dict[str, Any]]:
        """Return every row of a cursor feed, page by page."""
        found: list[dict[str, Any]] = []
        query: dict[str, int] = {}
        while True:
            body = self.rows(path, size=size, **query)
            found += body["data"]
            after = body["cursors"]["after"]
            if after is None:
                return found
            query = {"after": after}

    def all_participants(self, airmeet: str, size: int = 50, key: str = "paticipants") -> Any:
        """Return every participant, page by page."""
        found: list[dict[str, Any]] = []
        number = 1
        while True:
            path = f"/airmeet/{airmeet}/participants"
            body = self.rows(path, resultSize=size, pageNumber=number)
            assert body["userCount"] == len(body[key])
            found += body[key]
            if not body[key]:
                assert body["totalUserCount"] == len(found)
                return found
            number += 1
