"""Below HTTP: proxies, certificates, how much of an answer is read, and what went wrong, in words.

Proxies and certificates come from the environment, as other programs take them: `HTTP_PROXY`,
`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`. aiohttp's own `trust_env` would also send what `.netrc`
holds, so it is not used.
"""

import os
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from ..errors import SettingsError, UnexpectedResponse

_CERTIFICATES = "SSL_CERT_FILE"
_MIB = 1024 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5


@dataclass(frozen=True, repr=False)
class Proxy:
    """A proxy, and the environment variable that names it; its credentials are never shown."""

    url: URL
    variable: str

    def __str__(self) -> str:
        return f"the proxy {self.url.host}:{self.url.port} ({self.variable})"

    __repr__ = __str__


def proxy_for(base: str) -> Proxy | None:
    """The proxy for a base URL; None where there is none, or `NO_PROXY` excepts the host.

    Raises:
        SettingsError: the environment names no proxy that can be used.
    """
    target = URL(base)
    named = getproxies().get(target.scheme, "").strip()
    if not named or proxy_bypass(f"{target.host}:{target.port}"):
        return None
    names = (f"{target.scheme}_proxy", f"{target.scheme}_proxy".upper())
    variable = next((name for name in names if os.environ.get(name)), "the system's settings")
    try:
        url = URL(named if "://" in named else f"http://{named}")
        usable = url.scheme in ("http", "https") and url.host and url.port
    except ValueError:
        usable = False
    if not usable:  # what it holds may be a password
        raise SettingsError(
            f"{variable} names no proxy that can be used: write http://HOST:PORT, or name the "
            "hosts of Airmeet in NO_PROXY"
        )
    return Proxy(url, variable)


def tls_for(urls: Iterable[URL]) -> ssl.SSLContext | bool:
    """How TLS certificates are checked: by the system's, and by those that `SSL_CERT_FILE` names.

    Raises:
        SettingsError: that file cannot be read.
    """
    file = os.environ.get(_CERTIFICATES)
    if not file or all(url.scheme != "https" for url in urls):
        return True
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(file)
    except (OSError, ssl.SSLError) as fault:
        reason = "holds no certificates" if isinstance(fault, ssl.SSLError) else "cannot be read"
        raise SettingsError(
            f"{_CERTIFICATES} names {file}, which {reason}; name a PEM file, or unset it"
        ) from None
    return context


async def answer_to(
    session: aiohttp.ClientSession, method: str, url: URL, most_mib: int, **request: Any
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and content of an answer. A GET is redirected within its host alone: the
    headers hold a token, and a page to log in on is no answer.

    Args:
        session: to send through.
        method: of the request.
        url: without its query.
        most_mib: most of the content.
        request: query, content, headers and proxy, as aiohttp takes them.

    Raises:
        UnexpectedResponse: it is too large, or leads elsewhere.
        aiohttp.ClientError, OSError: there is no answer.
    """
    for _ in range(_MOST_REDIRECTS + 1):
        async with session.request(method, url, allow_redirects=False, **request) as response:
            status, headers = response.status, response.headers
            if status not in _REDIRECTS or "Location" not in headers:
                return status, headers, await read_bounded(response, most_mib)
            url = _redirected(method, response)
            request["params"] = None  # the new address has its own
    raise UnexpectedResponse(f"the answer redirects again and again ({status})")


def _redirected(method: str, response: aiohttp.ClientResponse) -> URL:
    try:
        target = response.url.join(URL(response.headers["Location"]))
        if method == "GET" and target.origin() == response.url.origin():
            return target
        where = str(target.origin())
    except ValueError:
        where = "what is no address"
    raise UnexpectedResponse(
        f"the answer redirects to {where} ({response.status}); if that is Airmeet's API, name it "
        "in the settings (api_url, analytics_url, bff_url)"
    )


async def read_bounded(response: aiohttp.ClientResponse, most_mib: int) -> bytes:
    """The content of an answer, unpacked.

    Raises:
        UnexpectedResponse: it is larger than `most_mib`; no more than that was held.
    """
    parts: list[bytes] = []
    room = most_mib * _MIB
    async for part in response.content.iter_any():
        room -= len(part)
        if room < 0:
            response.close()
            raise UnexpectedResponse(
                f"the answer is larger than {most_mib} MiB; raise max_answer_mib if it may be"
            )
        parts.append(part)
    return b"".join(parts)


def in_words(fault: aiohttp.ClientError | OSError) -> str:
    """What went wrong below HTTP, in words that hold no URL and no credentials."""
    if isinstance(fault, aiohttp.ClientProxyConnectionError):
        return "no connection to the proxy"
    if isinstance(fault, aiohttp.ClientHttpProxyError):
        return f"the proxy lets no connection through ({fault.status})"
    if isinstance(fault, aiohttp.ClientConnectorDNSError):
        return "the host name is not known"
    if isinstance(fault, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        file = os.environ.get(_CERTIFICATES)
        mend = f"add its own to {file}" if file else "name the file of its own certificates"
        return (
            f"the TLS certificate is not trusted (if the network has its own: {mend}, by "
            f"{_CERTIFICATES})"
        )
    if isinstance(fault, aiohttp.ClientConnectorError):
        return "no connection"
    if isinstance(fault, aiohttp.ClientPayloadError):
        return "the answer was cut short"
    if isinstance(fault, aiohttp.ServerDisconnectedError | OSError):
        return "the connection was reset"
    return f"the request failed ({type(fault).__name__})"
