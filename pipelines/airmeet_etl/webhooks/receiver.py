"""The receiver: an ASGI application that answers a delivery once it is on the disk, and no more.

An address is `…/SECRET`, and behind it what it was registered for: `…/SECRET/TRIGGER/AIRMEET/
SESSION`. What stands before the secret is a proxy's. Whoever lacks the secret gets the same answer
as for a page that is not there.

Deliveries that come while others are being written are written together: one sync of the disk for
all of them, so a burst is as quick as its requests are read.
"""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from airmeet.rows import column_name

from .inbox import Inbox, line_of
from .payloads import Delivery

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_BYTES = 1024**2
"""Of one delivery."""
_AT_ONCE = 256
"""Deliveries held in memory; whoever comes beyond them waits, and is not refused."""
_BODY_SECONDS = 30.0
"""How long a delivery may take to come whole."""
_LONGEST_PATH = 12
"""Parts of an address that are compared with the secret at most."""
_LONGEST_WORD = 200
"""Characters of what an address says, beside the secret."""

_log = logging.getLogger(__name__)


class _Refused(Exception):
    """`status` and no more: the sender learns nothing of why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class _Place:
    """Where a delivery came to: whose inbox, and what the address says."""

    inbox: "_Writer"
    trigger: str
    airmeet_id: str
    session_id: str


class Receiver:
    """Takes deliveries for one community or several, told apart by the secrets."""

    def __init__(
        self,
        inboxes: Mapping[str, Inbox],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Nothing is opened.

        Args:
            inboxes: by secret.
            clock: the present moment, with zone.
        """
        self._writers = {secret.encode(): _Writer(inbox) for secret, inbox in inboxes.items()}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._clock = clock

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            if scope["method"] != "POST":
                raise _Refused(405)
            place = self._place_of(scope)
            if _announced(scope) > MOST_BYTES:
                raise _Refused(413)
            async with self._slots:
                body = await _whole_body(receive)
                words = place.trigger, place.airmeet_id, place.session_id
                await place.inbox.write(line_of(Delivery(body, self._clock(), *words)))
            status = 200
        except _Refused as refused:
            status = refused.status
        except OSError as error:
            _log.error("a delivery could not be written: %s", error.strerror)
            status = 503
        await _answer(status, send)

    def _place_of(self, scope: Message) -> _Place:
        """Where a request came to.

        Raises:
            _Refused: no part of its address is a secret.
        """
        path = scope.get("raw_path") or scope["path"].encode()
        parts = [unquote(part) for part in path.decode("latin-1").split("/")[: _LONGEST_PATH + 1]]
        found: tuple[int, _Writer] | None = None
        for position, part in enumerate(parts):
            for secret, writer in self._writers.items():
                # All are compared, so that the time says nothing either.
                if hmac.compare_digest(part.encode(errors="replace"), secret) and found is None:
                    found = position, writer
        if found is None:
            raise _Refused(404)
        position, writer = found
        said = [part[:_LONGEST_WORD] for part in parts[position + 1 : position + 4]]
        trigger, airmeet_id, session_id = said + [""] * (3 - len(said))
        # Airmeet is known to add these to an address by itself.
        query = {
            column_name(key): value[:_LONGEST_WORD]
            for key, value in parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=50)
        }
        return _Place(
            writer,
            trigger,
            airmeet_id or query.get("airmeet_id", ""),
            session_id or query.get("session_id", ""),
        )


class _Writer:
    """Writes deliveries into one inbox, together as far as they come together."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._thread = ThreadPoolExecutor(1, "airmeet-inbox")
        self._task: asyncio.Task[None] | None = None

    async def write(self, line: bytes) -> None:
        """Return once the line is on the disk.

        Raises:
            OSError: it cannot be written.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._waiting.append((line, written))
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._write_all())
        await asyncio.shield(written)

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            failure: Exception | None = None
            try:
                lines = [line for line, _ in batch]
                await loop.run_in_executor(self._thread, self._inbox.write, lines)
            except Exception as error:
                failure = error
            for _, written in batch:
                if failure is None:
                    written.set_result(None)
                else:
                    written.set_exception(failure)


def _announced(scope: Message) -> int:
    """The length that a request announces; 0 where it announces none."""
    text: bytes = dict(scope["headers"]).get(b"content-length", b"")
    with suppress(ValueError):
        return int(text)
    return 0


async def _whole_body(receive: Receive) -> bytes:
    """The body.

    Raises:
        _Refused: it is too large, too slow, or never came whole.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _Refused(400)
                body += message.get("body", b"")
                if len(body) > MOST_BYTES:
                    raise _Refused(413)
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise _Refused(408) from None


async def _answer(status: int, send: Send) -> None:
    headers = [(b"content-length", b"0"), *([(b"allow", b"POST")] if status == 405 else [])]
    if status not in (200, 404, 405):
        headers.append((b"connection", b"close"))  # what is left of the body is not read
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
