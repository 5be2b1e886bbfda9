"""The ASGI application around a simulator: HTTP in, HTTP out, and faults of the connection.

Besides Airmeet's paths, for tests over HTTP, without a token and not in the request log:
`GET /simulator/counts`, `GET /simulator/truth/{table}` and `GET /simulator/openapi.json`; and
`POST /simulator/deliver`, which sends what happened to the webhooks that are registered.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import orjson

from . import answers
from .answers import Answer
from .errors import SimulatorError
from .openapi import document
from .recordings import FOLDER, Refused
from .simulator import Simulator

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_TOKEN = b"x-airmeet-access-token"
_ACCESS_KEY = b"x-airmeet-access-key"
_SECRET_KEY = b"x-airmeet-secret-key"
_BARE_KEYS = b"x-access-key", b"x-secret-key"
"""How requests about webhooks name them."""
_log = logging.getLogger(__name__)


class App:
    """Serves one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        simulator = self.simulator
        path = scope["path"]
        try:
            headers = dict(scope["headers"])
            if path.startswith(FOLDER):
                await self._recording(scope, headers, send)
                return
            if path.startswith("/simulator/"):
                answer = await self._about(path)
            else:
                if simulator.options.latency_ms:
                    await asyncio.sleep(simulator.options.latency_ms / 1000)
                headers = dict(scope["headers"])
                for named, bare in zip((_ACCESS_KEY, _SECRET_KEY), _BARE_KEYS, strict=True):
                    if bare in headers and "/platform-integration/" in path:
                        headers[named] = headers[bare]
                simulator.recordings.host = headers.get(b"host", b"").decode("latin-1")
                sent = b"" if scope["method"] == "GET" else await _body(receive)
                answer = simulator.respond(
                    scope["method"],
                    path,
                    scope["query_string"].decode("latin-1"),
                    headers.get(_TOKEN, b"").decode("latin-1"),
                    headers.get(_ACCESS_KEY, b"").decode("latin-1"),
                    headers.get(_SECRET_KEY, b"").decode("latin-1"),
                    sent,
                )
        except Exception:
            _log.exception("the simulator failed to answer %s", path)
            answer = answers.error(500, "Something went wrong")
        if answer.effect == "reset":
            _reset(send)
            return
        if answer.effect == "hang":
            await _hang(receive, simulator.chaos.faults.hang_seconds)
        await _send(answer, send)

    async def _recording(self, scope: Message, headers: dict[bytes, bytes], send: Send) -> None:
        """Send a recording as storage does: by a signed link, piece by piece."""
        simulator = self.simulator
        name = scope["path"].removeprefix(FOLDER)
        query = scope["query_string"].decode("latin-1")
        try:
            found = simulator.recordings.open(name, query, headers, simulator.options)
        except Refused as refused:
            await _send(answers.error(refused.status, str(refused)), send)
            return
        start = {"status": found.status, "headers": [*found.headers]}
        await send({"type": "http.response.start", **start})
        for piece in found.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        # Where fewer bytes than announced were sent, the server closes the connection.
        if not found.is_cut:
            await send({"type": "http.response.body", "body": b""})

    async def _about(self, path: str) -> Answer:
        """Answer from the truth, in a thread: a large community takes seconds."""
        simulator = self.simulator
        try:
            match path.removeprefix("/simulator/").split("/"):
                case ["counts"]:
                    found: object = await asyncio.to_thread(simulator.counts)
                case ["deliver"]:
                    sent = await asyncio.to_thread(simulator.deliver)
                    found = {"sent": len(sent.statuses), "taken": sent.statuses.count(200)}
                case ["openapi.json"]:
                    found = document()
                case ["truth", table]:
                    found = await asyncio.to_thread(simulator.truth, table)
                case _:
                    return answers.error(404, "No such path")
        except SimulatorError as error:
            return answers.error(404, str(error))
        return answers.success(orjson.dumps(found))


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(answer: Answer, send: Send) -> None:
    length = (b"content-length", str(len(answer.body)).encode())
    headers = [*answer.headers] if answer.status == 204 else [*answer.headers, length]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.effect == "cut":
        # The length announced more: the server closes the connection early.
        half = answer.body[: len(answer.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
    else:
        await send({"type": "http.response.body", "body": answer.body})


async def _hang(receive: Receive, seconds: float) -> None:
    """Wait until the client closes the connection, or as long as the reverse proxy would."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


def _reset(send: Send) -> None:
    """Reset the connection."""
    # ASGI has no message for it; `send` belongs to uvicorn's request, which has the transport.
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
