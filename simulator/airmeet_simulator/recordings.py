"""Files of recordings behind signed links, as an object store serves them; made when read."""

import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from urllib.parse import parse_qs

from .answers import Headers
from .options import SimulatorOptions

FOLDER = "/recordings/"
_PIECE = 256 * 1024


class Refused(Exception):
    """The storage gives nothing; `status` is HTTP's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer with a recording, or a part of one.

    Attributes:
        is_cut: fewer bytes come than the headers announce.
    """

    status: int
    headers: Headers
    pieces: Iterator[bytes]
    is_cut: bool


class Recordings:
    """The storage of one simulator.

    Attributes:
        host: where the simulator was last asked, for links.
        requests: ranges that were asked for, "" where none was.
    """

    def __init__(self, seed: int, clock: Callable[[], float]) -> None:
        self.host = ""
        self.requests: list[str] = []
        self._seed, self._clock = seed, clock
        self._given = 0
        self._served: dict[str, int] = {}

    def link(self, session: str, options: SimulatorOptions) -> str:
        """Return a fresh link to a session's recording."""
        self._given += 1
        until = self._clock() + options.recording_link_seconds
        terms = f"expires={until:.3f}&serial={self._given}"
        signature = self._signature(f"{session}.mp4?{terms}")
        return f"http://{self.host}{FOLDER}{session}.mp4?{terms}&signature={signature}"

    def open(
        self, name: str, query: str, headers: dict[bytes, bytes], options: SimulatorOptions
    ) -> Opened:
        """Answer a GET for a file.

        Raises:
            Refused: the link is wrong or no longer valid, or the range is beyond the file.
        """
        terms, _, signature = query.rpartition("&signature=")
        if not hmac.compare_digest(signature.encode(), self._signature(f"{name}?{terms}").encode()):
            raise Refused(403, "The signature does not match")
        fields = parse_qs(terms)
        serial, most = fields["serial"][0], options.recording_link_bytes
        served = self._served.get(serial, 0)
        if float(fields["expires"][0]) <= self._clock() or (most and served >= most):
            raise Refused(403, "Request has expired")
        asked = headers.get(b"range", b"").decode("latin-1")
        self.requests.append(asked)
        size, etag = (
            options.recording_bytes,
            f'"{self._signature(f"{name} {options.recording_version} {options.recording_bytes}")}"',
        )
        start, end = 0, size
        given = headers.get(b"if-range", etag.encode()).decode("latin-1")
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
        partial = bool(match) and options.recording_ranges and given == etag
        if match and partial:
            start, end = int(match[1]), min(size, int(match[2] or size - 1) + 1)
            if start >= end:
                raise Refused(416, "The range is beyond the file")
        limits = [end - start]
        if most:
            limits.append(most - served)
        if options.recording_cut_bytes:
            limits.append(options.recording_cut_bytes)
        sent = min(limits)
        lines = [
            (b"content-type", b"video/mp4"),
            (b"content-length", str(end - start).encode()),
            (b"etag", etag.encode()),
            (b"accept-ranges", b"bytes" if options.recording_ranges else b"none"),
        ]
        if partial:
            lines.append((b"content-range", f"bytes {start}-{end - 1}/{size}".encode()))
        pieces = self._pieces(name, options.recording_version, start, start + sent, serial)
        return Opened(206 if partial else 200, tuple(lines), pieces, sent < end - start)

    def content(self, session: str, options: SimulatorOptions) -> Iterator[bytes]:
        """The truth: the bytes of a session's recording, in pieces."""
        size, version = options.recording_bytes, options.recording_version
        return self._pieces(f"{session}.mp4", version, 0, size, "")

    def _pieces(
        self, name: str, version: int, start: int, end: int, serial: str
    ) -> Iterator[bytes]:
        while start < end:
            number, within = divmod(start, _PIECE)
            noise = _noise(f"{self._seed} {name} {version}")
            piece = (number.to_bytes(8, "big") + noise)[within : within + end - start]
            start += len(piece)
            if serial:
                self._served[serial] = self._served.get(serial, 0) + len(piece)
            yield piece

    def _signature(self, words: str) -> str:
        return hmac.new(f"recordings {self._seed}".encode(), words.encode(), "sha256").hexdigest()


@lru_cache(8)
def _noise(seed: str) -> bytes:
    """Noise of one piece less its number: the pieces of a file differ by their numbers."""
    return Random(seed).randbytes(_PIECE - 8)
