"""The files of marimo's page, given from memory."""

import asyncio
from pathlib import Path

from airmeet_dashboard.assets import Assets
from airmeet_dashboard.guard import Message, Receive, Send

BEHIND = 418
"""What the application behind answers."""


async def _app(scope: Message, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": BEHIND, "headers": []})


def ask(folder: Path, path: str, method: str = "GET") -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "path": path, "method": method}
    asyncio.run(Assets(_app, "/token/assets/", folder)(scope, receive, send))
    return sent


def test_a_file_is_given_and_may_be_kept(tmp_path: Path) -> None:
    (tmp_path / "page-1a2b.js").write_text("show()")
    start, body = ask(tmp_path, "/token/assets/page-1a2b.js")
    headers = dict(start["headers"])
    assert start["status"] == 200
    assert headers[b"content-type"] == b"text/javascript"
    assert b"immutable" in headers[b"cache-control"]
    assert body["body"] == b"show()"


def test_all_else_is_answered_behind_it(tmp_path: Path) -> None:
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "page.js").write_text("show()")
    (tmp_path / "secret").write_text("secret")
    for path, method in [
        ("/token/", "GET"),
        ("/token/assets/", "GET"),
        ("/token/assets/other.js", "GET"),
        ("/token/assets/../secret", "GET"),
        ("/other/assets/page.js", "GET"),
        ("/token/assets/page.js", "POST"),
    ]:
        assert ask(folder, path, method)[0]["status"] == BEHIND, path
