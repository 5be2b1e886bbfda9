"""One recording from a link to a draft: in pieces, resumed by range, with a fresh link in need.

Two different files are never joined: bytes are added only where the host answers 206 for the same
place, and what it says of the file (length, ETag, date) is what it said before.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp
from airmeet.api.network import in_words, proxy_for, tls_for
from airmeet.errors import AirmeetError, SettingsError
from airmeet.settings import is_this_machine
from yarl import URL

from .names import ending_of
from .targets import Draft, Version

_PIECE = 1024 * 1024
_EXPIRED = {401, 403, 404, 410}
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_MOST_VAIN = 5
"""Tries in a row that bring no byte."""
_LONGEST_WAIT = 30.0
_SILENCE = 60.0
"""Seconds without a byte until a connection is given up."""
_NO_RECORDING = ("text/", "application/json", "application/xml", "application/xhtml")


class CopyFailed(AirmeetError):
    """A recording could not be copied; the words hold no link."""


class _Vain(Exception):
    """A try that ended; another one may help. `needs_link`: not with this link."""

    def __init__(self, why: str, needs_link: bool = False) -> None:
        super().__init__(why)
        self.needs_link = needs_link


class Pace:
    """Bytes a second, over all that is copied at once."""

    def __init__(
        self,
        most: int | None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._sleep, self._clock = most, sleep, clock
        self._free_at = 0.0

    async def passed(self, count: int) -> None:
        """Wait until so many bytes may have passed."""
        if self._most:
            now = self._clock()
            self._free_at = max(self._free_at, now) + count / self._most
            await self._sleep(self._free_at - now)


class Downloader:
    """Fetches recordings from wherever their links lead. Use as an async context manager.

    It has a session of its own: Airmeet's token never goes to the host of a recording.
    """

    def __init__(
        self,
        pace: Pace,
        retry_seconds: float,
        allow_http: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_bytes: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._pace, self._retry_seconds, self._sleep = pace, retry_seconds, sleep
        self._allow_http, self._on_bytes = allow_http, on_bytes
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls_for([URL("https://storage")])),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=_SILENCE),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def copy(self, link: str, fresh: Callable[[], Awaitable[str]], draft: Draft) -> str:
        """Bring a recording into a draft and let it appear; where it is is returned.

        Args:
            link: as the API gave it.
            fresh: asks the API for another link.
            draft: what is there of it already is not fetched again.

        Raises:
            CopyFailed: says why, without the link.
            OSError: the draft cannot be written.
        """
        vain = 0
        while True:
            before = draft.size
            try:
                await self._fetch(link, draft)
                return await asyncio.to_thread(draft.finish)
            except _Vain as reason:
                vain = 0 if draft.size > before else vain + 1
                if vain >= _MOST_VAIN:
                    raise CopyFailed(f"{reason}, also after {vain} tries") from None
                if vain and self._retry_seconds:
                    await self._sleep(min(_LONGEST_WAIT, self._retry_seconds * 2.0**vain))
                if reason.needs_link:
                    link = await fresh()

    async def _fetch(self, link: str, draft: Draft) -> None:
        """One request, or several where it is led on.

        Raises:
            _Vain: it did not bring all.
        """
        known = draft.version
        headers = {}
        if known and draft.size and known.bytes is not None:
            if draft.size == known.bytes:
                return
            headers["Range"] = f"bytes={draft.size}-"
            if validator := known.etag or known.modified:
                headers["If-Range"] = validator
        assert self._session is not None
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                url = self._checked(link)
                proxy = proxy_for(str(url.origin()))
                async with self._session.get(
                    url, headers=headers, allow_redirects=False, proxy=proxy.url if proxy else None
                ) as response:
                    if response.status in _REDIRECTS and "Location" in response.headers:
                        link = urljoin(link, response.headers["Location"])
                        continue
                    await self._take(response, link, draft)
                    return
            raise CopyFailed("the storage redirects again and again")
        except SettingsError as fault:
            raise CopyFailed(str(fault)) from None
        except TimeoutError:
            raise _Vain(f"the storage sent nothing for {_SILENCE:g} s") from None
        except (aiohttp.ClientError, ConnectionError) as fault:
            raise _Vain(in_words(fault)) from None

    def _checked(self, link: str) -> URL:
        try:
            url = URL(link, encoded=True)
            usable = url.scheme in ("http", "https") and bool(url.host)
        except ValueError:
            usable = False
        if not usable:
            raise CopyFailed("Airmeet gives no usable link for it")
        if url.scheme == "http" and not self._allow_http and not is_this_machine(str(url.host)):
            raise CopyFailed("its link is http://, where the recording travels readable")
        return url

    async def _take(self, response: aiohttp.ClientResponse, link: str, draft: Draft) -> None:
        status = response.status
        if status in _EXPIRED:
            raise _Vain(f"the storage refuses the link ({status})", needs_link=True)
        if status == 416:
            await asyncio.to_thread(_drop, draft)
            raise _Vain("the storage has another file than before (416)")
        if status not in (200, 206):
            raise _Vain(f"the storage answers {status}")
        kind = response.headers.get("Content-Type", "")
        if kind.lower().startswith(_NO_RECORDING):
            raise _Vain("the storage answers with a page in place of a recording", needs_link=True)
        start, total = _place_of(response)
        etag = response.headers.get("ETag", "")
        version = Version(
            total,
            "" if etag.startswith("W/") else etag,
            response.headers.get("Last-Modified", ""),
            ending_of(kind, link),
        )
        goes_on = draft.version and start == draft.size and version.is_of(draft.version)
        if not (status == 206 and goes_on):
            if start:
                await asyncio.to_thread(_drop, draft)
                raise _Vain("the storage has another file than before")
            await asyncio.to_thread(draft.begin, version)
        async for piece in response.content.iter_chunked(_PIECE):
            await asyncio.to_thread(draft.write, piece)
            self._on_bytes(len(piece))
            await self._pace.passed(len(piece))
            if total is not None and draft.size > total:
                await asyncio.to_thread(_drop, draft)
                raise CopyFailed(f"the storage sent more than the {total:,} bytes that it said")
        if total is not None and draft.size < total:
            raise _Vain(f"{draft.size:,} of {total:,} bytes came")
        if not draft.size:
            raise _Vain("the recording is empty")


def _drop(draft: Draft) -> None:
    """Let the next try begin anew."""
    if draft.version:
        draft.begin(draft.version)


def _place_of(response: aiohttp.ClientResponse) -> tuple[int, int | None]:
    """Where an answer's bytes begin, and how long the whole file is, where that is said."""
    if response.status == 206:
        said = response.headers.get("Content-Range", "")
        if not (match := re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", said.strip())):
            raise _Vain("the storage does not say which part it sends")
        return int(match[1]), None if match[2] == "*" else int(match[2])
    return 0, response.content_length
