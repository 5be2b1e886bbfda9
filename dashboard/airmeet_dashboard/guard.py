"""Who may see the dashboard: whoever opens the printed address, and no page of somebody else's.

A server on this machine can be reached by every page that is open in a browser here: by its
address, and by a name of the page's own that resolves to this machine. So each request must name a
host that is known, come from no foreign page, and hold the token in its path. No cookie holds it:
browsers send cookies to all ports of a host.
"""

import hmac
import re
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_HOST = re.compile(r"(\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[^\[\]:]+))(:\d+)?")
_HEADERS = (
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"referrer-policy", b"no-referrer"),
)
_HOW = "open the address that the dashboard printed when it started"


class Guard:
    """An ASGI application around another one that lets in what belongs there."""

    def __init__(self, app: App, token: str, hosts: Collection[str]) -> None:
        """Nothing is served yet.

        Args:
            app: serves paths below `/<token>/`.
            token: the first part of every path.
            hosts: names and addresses that requests may be sent to, beside loopback.
        """
        self._app = app
        self._token = token.encode()
        self._hosts = {host.lower() for host in (*LOOPBACK, *hosts)}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or open one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif refusal := self._refusal(scope):
            await _refuse(scope, receive, send, *refusal)
        else:

            async def send_guarded(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message.get("headers", ()), *_HEADERS]
                await send(message)

            await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Message) -> tuple[int, str] | None:
        """Status and reason, where a request is not let in."""
        headers: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value.decode("latin-1").lower())
        hosts, origins = headers.get(b"host", []), headers.get(b"origin", [])
        if len(hosts) != 1 or _name_of(hosts[0]) not in self._hosts:
            return 403, f"this host name is not known here: {_HOW}"
        foreign = any(origin.partition("://")[2] != hosts[0] for origin in origins)
        # A link to the dashboard may stand anywhere; what a page loads by itself may not.
        if headers.get(b"sec-fetch-mode") != ["navigate"]:
            sites = headers.get(b"sec-fetch-site", [])
            foreign |= any(site not in ("same-origin", "none") for site in sites)
        if foreign:
            return 403, f"a page of another origin may not read this: {_HOW}"
        first = scope["path"].removeprefix("/").partition("/")[0]
        if not hmac.compare_digest(first.encode(), self._token):
            return 401, f"the token is missing or old: {_HOW}"
        return None


def _name_of(host: str) -> str | None:
    """The name or address in a Host header, without its port."""
    match = _HOST.fullmatch(host)
    return (match["six"] or match["name"]) if match else None


async def _refuse(scope: Message, receive: Receive, send: Send, status: int, reason: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{reason}\n".encode()})
