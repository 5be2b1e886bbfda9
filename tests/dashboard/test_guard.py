"""What the guard lets in, request by request."""

import asyncio
from typing import Any

import pytest
from airmeet_dashboard.guard import Guard, Message, Receive, Send
from airmeet_dashboard.serving import _listen
from airmeet_etl.exit_codes import CommandError

TOKEN = "the-token"
HOST = "127.0.0.1:8765"


async def _app(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
    else:
        await send({"type": "websocket.accept"})


def ask(
    path: str = f"/{TOKEN}/",
    kind: str = "http",
    more: tuple[Any, ...] = (),
    host: str | None = HOST,
    **headers: str,
) -> Message:
    """The first message that a request is answered with."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": f"{kind}.connect"}

    headers |= {} if host is None else {"host": host}
    named = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": kind, "path": path, "headers": [*named, *more]}
    asyncio.run(Guard(_app, TOKEN, {"Reports.example.com"})(scope, receive, send))
    return sent[0]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8765", "localhost", "LOCALHOST:9000", "[::1]:8765", "reports.example.com:8765",
        "REPORTS.example.com",
    ],
)  # fmt: skip
def test_known_hosts_are_served(host: str) -> None:
    answer = ask(host=host)
    assert answer["status"] == 200
    assert (b"referrer-policy", b"no-referrer") in answer["headers"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com", "evil.example.com:8765", "127.0.0.1.evil.example.com", "localhost.evil",
        "reports.example.com.evil", "localhost@evil.example.com", "", "[::1", "127.0.0.1:8765:1",
        "localhost/evil", "192.168.0.7:8765",
    ],
)  # fmt: skip
def test_other_hosts_are_refused(host: str) -> None:
    assert ask(host=host)["status"] == 403
    refused = ask(kind="websocket", host=host)
    assert (refused["type"], refused["code"]) == ("websocket.close", 1008)


def test_a_request_names_one_host() -> None:
    assert ask(host=None)["status"] == 403
    assert ask(more=((b"host", b"evil.example.com"),))["status"] == 403


@pytest.mark.parametrize(
    "origin",
    [
        "null", "http://evil.example.com", "http://127.0.0.1:9999", "http://localhost:8765", "",
        "http://127.0.0.1:8765.evil.example.com", "http://127.0.0.1", "file://",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_pages_of_another_origin_are_refused(origin: str, kind: str) -> None:
    assert ask(kind=kind, origin=origin)["type"] != "websocket.accept"
    if kind == "http":
        assert ask(origin=origin)["status"] == 403
    else:
        assert ask(kind=kind, origin="http://127.0.0.1:8765")["type"] == "websocket.accept"


@pytest.mark.parametrize(
    ("site", "mode", "status"),
    [
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
        ("cross-site", "navigate", 200),  # a link in a mail
        ("cross-site", "no-cors", 403),  # a script or a picture of a foreign page
        ("same-site", "no-cors", 403),  # of another port
    ],
)
def test_what_a_foreign_page_loads_by_itself_is_refused(site: str, mode: str, status: int) -> None:
    assert ask(sec_fetch_site=site, sec_fetch_mode=mode)["status"] == status


@pytest.mark.parametrize("path", ["/", "", "*", "/the-toke/", "/the-token2", "/x/the-token/", "/ü"])
def test_without_the_token_nothing_is_served(path: str) -> None:
    assert ask(path)["status"] == 401
    assert ask(path, "websocket")["type"] == "websocket.close"


def test_a_port_in_use_is_said_in_one_line() -> None:
    with _listen("127.0.0.1", 0) as taken, pytest.raises(CommandError, match="--port 0"):
        _listen("127.0.0.1", taken.getsockname()[1])
