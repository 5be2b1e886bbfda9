"""Addresses of the receiver: the secret in them, how it is made, and what may be shown of them."""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from airmeet.safe_text import keep_secret

from ..exit_codes import CommandError, Exit

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def new_secret() -> str:
    """A secret that stands in an address as it is; no line of this process shows it."""
    secret = secrets.token_urlsafe(32)
    keep_secret(secret)
    return secret


def require_secret(secret: str) -> str:
    """The secret, trimmed, unless it could be guessed or would not stand in an address as it is.

    Raises:
        CommandError: says what it must be.
    """
    secret = secret.strip()
    if not _SECRET.fullmatch(secret):
        raise CommandError(
            "webhook_secret must be 16 to 128 letters, digits, hyphens and underscores; without "
            "one airmeet webhooks register makes it"
        )
    return secret


@dataclass(frozen=True)
class Receiver:
    """Where the receiver is reached from outside.

    Attributes:
        base: its address, which a proxy may serve; without a slash at its end.
        secret: what follows.
    """

    base: str
    secret: str

    def address(self, trigger: str, airmeet_id: str = "", session_id: str = "") -> str:
        """The address that a trigger's webhooks are to be delivered to."""
        parts = (self.secret, trigger, airmeet_id, session_id)
        return "/".join((self.base, *(quote(part, safe="") for part in parts if part)))


def receiver_at(url: str, secret: str, allow_http: bool) -> Receiver:
    """The receiver at a public address.

    Raises:
        CommandError: the address is none, or others could read the secret on its way there.
    """
    base = url.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        scheme, host, _ = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host = "", None
    if scheme not in ("https", "http") or not host or parts.query or parts.fragment:
        raise CommandError(
            "--url takes the receiver's public address, such as https://hooks.example.com",
            Exit.USAGE,
        )
    if scheme == "http" and not allow_http and host not in _LOOPBACK:
        raise CommandError(
            f"--url is http:// to {host}, where the secret and people's data travel readable; "
            "write https://, or set allow_http = true",
            Exit.USAGE,
        )
    return Receiver(base, secret)


def shown(address: str) -> str:
    """What may be shown of an address of anybody's: the host. A path is likely to be a secret."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "(no address)"
    if not host:
        return "(no address)"
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}/…"
