"""Access tokens for the keys (§1.2): cached between runs, renewed once for all that wait.

The cache is a file of mode 0600 in dlt's working folder. Its name is a digest of the keys and the
host, so key pairs never share a token.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import dlt

from ..atomic_file import write_whole
from ..errors import KeysRejected
from ..safe_text import keep_secret

TOKEN_LIFETIME = 29 * 24 * 3600
"""Seconds a token is trusted. The API's tokens are valid for 30 days (§1.2)."""


def token_folder() -> Path:
    """Where the access token is kept between runs: in dlt's working folder."""
    return Path(dlt.current.run_context().data_dir) / "airmeet"


@dataclass(frozen=True)
class Token:
    """An access token and when it was issued, in Unix seconds."""

    value: str
    issued_at: float

    def __post_init__(self) -> None:
        """An answer may echo it: from here on it is in no text that is printed or stored."""
        keep_secret(self.value)

    def __repr__(self) -> str:
        return "Token(…)"


class TokenFile:
    """One token on disk."""

    def __init__(self, folder: Path, access_key: str, secret_key: str, api_url: str) -> None:
        keep_secret(access_key, secret_key)
        name = hashlib.sha256("\n".join((api_url, access_key, secret_key)).encode()).hexdigest()
        self.path = folder / f"token-{name[:32]}.json"

    def read(self) -> Token | None:
        """The token, or None where there is none that can be read."""
        try:
            stored = json.loads(self.path.read_text())
            return Token(str(stored["token"]), float(stored["issued_at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, token: Token) -> None:
        """Replace the token; readers see the old one or the new one, whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        stored = {"token": token.value, "issued_at": token.issued_at}
        write_whole(self.path, json.dumps(stored), private=True)

    def forget(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)


class Tokens:
    """The token in use during one run."""

    def __init__(
        self,
        issue: Callable[[], Awaitable[str]],
        file: TokenFile,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is read or requested until `get`.

        Args:
            issue: requests a new token.
            file: where it is kept between runs.
            clock: Unix seconds.
        """
        self._issue = issue
        self._file = file
        self._clock = clock
        self._token: Token | None = None
        self._rejection: KeysRejected | None = None
        self._turn = asyncio.Lock()

    async def get(self) -> Token:
        """The token in use: of this run, of an earlier one, or a new one.

        Raises:
            KeysRejected: the keys give no token.
        """
        self._refuse_when_rejected()
        if self._token is None or self._is_old(self._token):
            async with self._turn:
                if self._token is None:
                    self._token = self._file.read()
                if self._token is None or self._is_old(self._token):
                    await self._issue_new()
        assert self._token is not None
        return self._token

    @property
    def current(self) -> Token | None:
        """The latest token, however old."""
        return self._token

    async def renew(self, stale: Token) -> Token:
        """A token other than `stale`: all that hold the stale one wait for the same new one.

        Raises:
            KeysRejected: the keys give no token any more.
        """
        async with self._turn:
            if self._token is None or self._token.value == stale.value:
                self._file.forget()
                await self._issue_new()
        assert self._token is not None
        return self._token

    async def _issue_new(self) -> None:
        self._refuse_when_rejected()
        now = self._clock()
        try:
            self._token = Token(await self._issue(), now)
        except KeysRejected as rejection:
            self._rejection = rejection
            raise
        self._file.write(self._token)

    def _refuse_when_rejected(self) -> None:
        """Once the keys were rejected, all that wait for a token fail; none is requested again."""
        if self._rejection is not None:
            raise self._rejection

    def _is_old(self, token: Token) -> bool:
        return not 0 <= self._clock() - token.issued_at < TOKEN_LIFETIME
