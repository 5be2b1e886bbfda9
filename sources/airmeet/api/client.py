"""One request: sent within the concurrency limit, retried while that helps, its errors typed.

`Client.get` and `Client.send` return a body or raise one of the typed errors of `errors.py`; faults
that may pass are retried here and nowhere else, and never a write that may have succeeded.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception
from yarl import URL

from ..errors import (
    HostDown,
    KeysRejected,
    NotAllowed,
    Pending,
    Unavailable,
    UnexpectedResponse,
    UnknownOutcome,
    Unreachable,
)
from ..feeds import Service
from ..settings import Settings
from .auth import Token, TokenFile, Tokens
from .network import Proxy, answer_to, in_words, proxy_for, tls_for
from .refusals import TokenDoubts
from .responses import Throttled, TokenRejected, Transient, body_of
from .server_clock import ServerClock

_TRIES = 6
_TRIES_WHEN_THROTTLED = 20
_LONGEST_WAIT = 30.0
_LONGEST_RETRY_AFTER = 900.0
_RENEWALS = 20
_EXPIRED = 412
_WITHOUT_ANSWER = ("PUT", "DELETE")
"""Methods that may be done without a word: what they change is named by the request."""
_PROXY_REFUSES = 407
_MAX_CONSECUTIVE_FAILURES = 8
"""Consecutive requests to one host, each given up after its retries, until it is taken for down."""


class Client:
    """The API behind one pair of keys. Use as an async context manager, in one event loop."""

    def __init__(
        self,
        settings: Settings,
        token_folder: Path,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_request: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Nothing is sent yet.

        Args:
            settings: resolved settings.
            token_folder: where the token is kept between runs.
            sleep: waits between tries.
            on_request: called for each request sent.
            clock: the machine's present moment, with zone.
        """
        self.hosts = settings.hosts()
        self.clock = ServerClock(clock)
        self._settings = settings
        self._sleep = sleep
        self._on_request = on_request
        self._gate = asyncio.Semaphore(settings.max_concurrency)
        file = TokenFile(token_folder, settings.access_key, settings.secret_key, self.hosts.api)
        self._tokens = Tokens(self._issue_token, file)
        self._doubts = TokenDoubts()
        self._resume_at: dict[str, float] = {}
        self._given_up: dict[str, int] = {}
        self.concurrency = settings.max_concurrency
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, Proxy | None] = {}

    async def __aenter__(self) -> Self:
        """Open the session.

        Raises:
            SettingsError: a proxy or a file of certificates cannot be used.
        """
        bases = {self.hosts.api, self.hosts.analytics, self.hosts.bff}
        self._proxies = {base: proxy_for(base) for base in bases}
        urls = [*map(URL, bases), *(proxy.url for proxy in self._proxies.values() if proxy)]
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._settings.max_concurrency, ssl=tls_for(urls)),
            timeout=aiohttp.ClientTimeout(total=self._settings.request_timeout_seconds),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            cookie_jar=aiohttp.DummyCookieJar(),
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

    async def get(
        self,
        service: Service,
        path: str,
        params: Mapping[str, str | int] | None = None,
        export: bool = False,
    ) -> dict[str, Any]:
        """The body of a GET.

        Args:
            service: which of the hosts.
            path: below the host's base, with a leading slash.
            params: query parameters.
            export: whether it asks for an export, which a 412 can also call not ready.

        Raises:
            Pending, Unavailable, NotAllowed, UnexpectedResponse: as `errors.py` says.
            KeysRejected, Unreachable: nothing further can be fetched.
        """
        base = getattr(self.hosts, service)
        return await self._with_token("GET", base, path, params, export=export)

    async def send(
        self, method: str, path: str, payload: Mapping[str, Any] | None, repeatable: bool
    ) -> dict[str, Any]:
        """The answer to a write (§3, §4).

        Args:
            method: POST, PUT or DELETE.
            path: below the API's base, its parts encoded.
            payload: sent as JSON.
            repeatable: whether it may be sent again when it may have succeeded.

        Raises:
            Unavailable, NotAllowed, UnexpectedResponse: the write is not accepted, and not applied.
            UnknownOutcome: it may have been applied, and repeating it would not show.
            KeysRejected, Unreachable: nothing further can be sent.
        """
        base = self.hosts.api
        try:
            return await self._with_token(method, base, path, None, payload, repeatable)
        except Pending:
            raise UnknownOutcome(f"{self._where(base)}: accepted (202), not yet done") from None

    async def with_keys(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The answer of the part of the gateway that takes the keys themselves: its webhooks.

        Repeating a request there does no harm, or whoever sends it looks before.

        Raises:
            Unavailable, NotAllowed, UnexpectedResponse: the request is not accepted.
            Unreachable: nothing answers.
        """
        keys = {
            "x-access-key": self._settings.access_key,
            "x-secret-key": self._settings.secret_key,
        }
        try:
            return await self._retried(
                method, self.hosts.api, path, params, lambda: keys, payload, method == "GET"
            )
        except TokenRejected as refusal:
            raise NotAllowed(f"not allowed ({refusal.status}): {refusal}", refusal.status) from None

    async def _with_token(
        self,
        method: str,
        base: str,
        path: str,
        params: Mapping[str, str | int] | None,
        payload: Mapping[str, Any] | None = None,
        repeatable: bool = True,
        export: bool = False,
    ) -> dict[str, Any]:
        renewed = 0
        while True:
            used = await self._tokens.get()

            def headers() -> dict[str, str]:
                # At the moment of sending: while this request waited for its turn another one may
                # have renewed the token.
                nonlocal used
                used = self._tokens.current or used
                return {"X-Airmeet-Access-Token": used.value}

            try:
                body = await self._retried(method, base, path, params, headers, payload, repeatable)
            except TokenRejected as refusal:
                expired = refusal.status == _EXPIRED
                if expired and not export:
                    may_help = renewed < _RENEWALS
                else:
                    may_help = self._doubts.is_the_reason(used.value, renewed > 0)
                if not may_help and expired and export:
                    raise Pending(f"not ready yet ({refusal.status}): {refusal}") from None
                if not may_help:
                    raise _final(refusal) from None
                renewed += 1
                await self._tokens.renew(used)
            except (Pending, Unavailable):
                self._doubts.accepted(used.value)
                raise
            else:
                self._doubts.accepted(used.value)
                return body

    async def token(self) -> Token:
        """The token in use; proves the keys.

        Raises:
            KeysRejected: the keys give none.
        """
        return await self._tokens.get()

    async def _issue_token(self) -> str:
        """A new token for the keys (§1.2)."""
        keys = {
            "X-Airmeet-Access-Key": self._settings.access_key,
            "X-Airmeet-Secret-Key": self._settings.secret_key,
        }
        try:
            body = await self._retried("POST", self.hosts.api, "/auth", None, lambda: keys)
        except (TokenRejected, Unavailable, NotAllowed) as refusal:
            if isinstance(refusal, TokenRejected) and refusal.status == 403:
                raise KeysRejected(
                    "Airmeet has revoked these keys (403); make a new pair under "
                    "Settings > API Access Key"
                ) from None
            raise KeysRejected(
                f"Airmeet does not accept the keys ({refusal}); compare access_key and secret_key "
                "with Settings > API Access Key, and region with where the account lives"
            ) from None
        except UnexpectedResponse as fault:
            raise Unreachable(
                f"no token could be had: {fault}; check the network and the hosts in the settings"
            ) from None
        data = body.get("data")
        token = (data.get("token") if isinstance(data, dict) else None) or body.get("token")
        if not isinstance(token, str) or not token:
            raise Unreachable("the answer to /auth holds no token; is api_url Airmeet's API?")
        return token

    async def _retried(
        self,
        method: str,
        base: str,
        path: str,
        params: Mapping[str, str | int] | None,
        headers: Callable[[], Mapping[str, str]],
        payload: Mapping[str, Any] | None = None,
        repeatable: bool = True,
    ) -> dict[str, Any]:
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception(
                    lambda fault: isinstance(fault, Transient) and (repeatable or fault.not_applied)
                ),
                stop=_given_up,
                wait=self._wait,
                sleep=self._sleep,
                reraise=True,
            ):
                with attempt:
                    self._refuse_when_down(base)
                    return await self._send(method, base, path, params, headers, payload)
        except Transient as fault:
            self._given_up[base] = self._given_up.get(base, 0) + 1
            if not (repeatable or fault.not_applied):
                raise UnknownOutcome(f"{self._where(base)}: {fault}") from None
            self._refuse_when_down(base, fault)
            raise UnexpectedResponse(f"{self._where(base)}: {fault}, also after retries") from None
        except UnexpectedResponse as strange:
            if repeatable or isinstance(strange, HostDown):
                raise
            raise UnknownOutcome(f"{self._where(base)}: {strange}") from None
        raise AssertionError("the retries end with an answer or an error")

    async def _send(
        self,
        method: str,
        base: str,
        path: str,
        params: Mapping[str, str | int] | None,
        headers: Callable[[], Mapping[str, str]],
        payload: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        assert self._session is not None
        loop, proxy = asyncio.get_running_loop(), self._proxies[base]
        if (wait := self._resume_at.get(base, 0.0) - loop.time()) > 0:
            await self._sleep(wait)
        async with self._gate:
            self._on_request()
            try:
                status, answer, content = await answer_to(
                    self._session,
                    method,
                    URL(base + path, encoded="%" in path),
                    self._settings.max_answer_mib,
                    params=params,
                    data=None if payload is None else orjson.dumps(payload),
                    headers=headers(),
                    proxy=proxy.url if proxy else None,
                )
            except TimeoutError:
                limit = self._settings.request_timeout_seconds
                raise Transient(f"no answer within {limit:g} s") from None
            except aiohttp.ClientHttpProxyError as refusal:
                if (status := refusal.status) != _PROXY_REFUSES:
                    raise Transient(in_words(refusal), not_applied=True) from None
            except (aiohttp.ClientError, OSError) as fault:
                not_applied = isinstance(fault, aiohttp.ClientConnectorError)
                raise Transient(in_words(fault), not_applied=not_applied) from None
        if proxy and status == _PROXY_REFUSES:
            # Not tried again: a wrong password given often locks an account.
            raise Unreachable(
                f"{proxy} wants a user and a password (407): write {proxy.variable} as "
                "http://USER:PASSWORD@HOST:PORT"
            )
        self.clock.note(answer.get("Date"))
        try:
            is_silent = status == 200 and method in _WITHOUT_ANSWER and not content.strip()
            body = (
                {}
                if is_silent
                else body_of(status, answer, content, self._settings.privacy == "plain")
            )
        except Throttled as throttled:
            wait = throttled.retry_after or 0.0
            if wait <= _LONGEST_RETRY_AFTER:
                resume_at = max(self._resume_at.get(base, 0.0), loop.time() + wait)
                self._resume_at[base] = resume_at
            raise
        except Transient:
            raise
        except Exception:
            self._given_up[base] = 0  # a refusal is an answer: the host lives
            raise
        self._given_up[base] = 0
        return body

    def _refuse_when_down(self, base: str, fault: Transient | None = None) -> None:
        if self._given_up.get(base, 0) < _MAX_CONSECUTIVE_FAILURES:
            return
        bases = {self.hosts.api, self.hosts.analytics, self.hosts.bff}
        if all(self._given_up.get(other, 0) >= _MAX_CONSECUTIVE_FAILURES for other in bases):
            raise Unreachable(
                f"{self._where(base)} does not answer"
                + (f" ({fault})" if fault else "")
                + "; check the network and the hosts in the settings, then run again"
            )
        raise HostDown(f"{self._where(base)} is taken for down: every request to it failed")

    def _where(self, base: str) -> str:
        """The host of a base URL, and the proxy on the way to it, without credentials."""
        host = base.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]
        proxy = self._proxies.get(base)
        return f"{host} through {proxy}" if proxy else host

    def _wait(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        asked = fault.retry_after if isinstance(fault, Transient) else None
        backoff = min(
            _LONGEST_WAIT, self._settings.retry_seconds * 2.0 ** (state.attempt_number - 1)
        )
        # Full jitter: requests that failed together are not repeated together.
        return (asked or 0.0) + random.uniform(0.0, backoff)


def _given_up(state: RetryCallState) -> bool:
    fault = state.outcome.exception() if state.outcome else None
    if isinstance(fault, Transient) and (fault.retry_after or 0.0) > _LONGEST_RETRY_AFTER:
        return True
    tries = _TRIES_WHEN_THROTTLED if isinstance(fault, Throttled) else _TRIES
    return state.attempt_number >= tries


def _final(refusal: TokenRejected) -> NotAllowed:
    words = f"not allowed ({refusal.status}), also with a new token: {refusal}"
    return NotAllowed(words, refusal.status)
