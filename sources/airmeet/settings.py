"""Settings and arguments of the source, and the hosts of each region.

Declared here once: `airmeet_source` takes the fields of `SourceOptions` as arguments, and dlt
resolves those that are not given under `[sources.airmeet]` (`.dlt/*.toml`, environment variables,
vaults).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import urlsplit

from dlt.common.configuration.specs import BaseConfiguration, configspec
from dlt.common.typing import TSecretStrValue

from .errors import SettingsError

Layout = Literal["v1", "gateway"]
"""How hosts and paths are laid out: as the specification has them, or as today's gateway."""

Mode = Literal["plain", "pseudonymised", "minimal"]
"""What is stored of people (docs/privacy.md)."""
MODES: tuple[Mode, ...] = get_args(Mode)
SHORTEST_KEY = 16
"""Characters that a privacy key has at least: a short one can be guessed, and addresses with it."""

_GATEWAYS = {
    "global": "https://api-gateway.airmeet.com/prod",
    "eu": "https://api-gateway-prod.eu.airmeet.com/prod",
    "us": "https://api-gateway-prod.us.airmeet.com/prod",
}


_URLS = ("api_url", "analytics_url", "bff_url")


@dataclass(frozen=True)
class Hosts:
    """Base URLs of the three services, without a trailing slash, and how their paths are laid out.

    The specification spreads the API over three hosts (`v1`); today's gateway serves all of it
    from one.
    """

    api: str
    analytics: str
    bff: str
    layout: Layout


@configspec
class Settings(BaseConfiguration):
    """`[sources.airmeet]`. Times are in seconds unless the name says otherwise."""

    access_key: TSecretStrValue = None  # type: ignore[assignment]
    """X-Airmeet-Access-Key (§1.1)."""
    secret_key: TSecretStrValue = None  # type: ignore[assignment]
    """X-Airmeet-Secret-Key (§1.1)."""
    region: str = "v1"
    """`v1` (the specification's three hosts), or the gateway `global`, `eu`, `us`."""
    api_url: str | None = None
    """Base URL of the API's main host, in place of the region's."""
    analytics_url: str | None = None
    """Base URL of the analytics host, in place of the region's."""
    bff_url: str | None = None
    """Base URL of the `bff` host, in place of the region's."""
    allow_http: bool = False
    """Allow `http://` to a host that is not this machine: keys and data travel readable."""
    max_concurrency: int = 16
    """Most requests under way at once."""
    async_poll_seconds: float | None = None
    """First wait for an export that is being prepared (202); without one 2, 5, 15, then 30 s."""
    async_poll_max_seconds: float = 300.0
    """Longest wait between two polls of an export."""
    async_max_wait_seconds: float = 1800.0
    """An export that is not ready after this time is left pending for the next run."""
    settle_days: float = 7.0
    """Days after an airmeet's end until its feeds are final."""
    late_days: float = 90.0
    """Days after that for which a daily look finds registrations and replays that come late."""
    request_timeout_seconds: float = 75.0
    """Timeout of one request. The API's reverse proxy gives up after 60 s (§3, timeouts)."""
    max_answer_mib: int = 256
    """Most of one answer, unpacked, in MiB; a larger one fails its feed."""
    retry_seconds: float = 0.5
    """The first wait after a fault; it doubles with each further one."""
    privacy: str = "plain"
    """What is stored of people: `plain`, `pseudonymised` or `minimal` (docs/privacy.md)."""
    privacy_key: TSecretStrValue | None = None
    """Keys the pseudonyms: with it, the pseudonym of a known address can be computed."""
    webhook_secret: TSecretStrValue | None = None
    """Stands in the address that webhooks are delivered to; `airmeet webhooks register` makes it.
    The command alone reads it."""
    webhook_inbox: str | None = None
    """The folder in which `airmeet listen` keeps deliveries until `airmeet load` takes them up. The
    command alone reads it."""

    def on_resolved(self) -> None:
        """Trim what is pasted or read from a file, and reject invalid values.

        Raises:
            SettingsError: names the setting and its valid values.
        """
        for name in ("access_key", "secret_key", "region", *_URLS):
            if (value := getattr(self, name)) is not None:
                setattr(self, name, value.strip())
        for name in ("access_key", "secret_key"):
            if not (getattr(self, name) or "").isprintable():
                raise SettingsError(f"{name} holds a line break or the like; copy it anew")
        self.hosts()
        for name in ("max_concurrency", "max_answer_mib"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} must be at least 1")
        for name in (
            "async_poll_seconds",
            "async_poll_max_seconds",
            "async_max_wait_seconds",
            "settle_days",
            "late_days",
            "retry_seconds",
        ):
            if (getattr(self, name) or 0) < 0:
                raise SettingsError(f"{name} must not be negative")
        if self.request_timeout_seconds <= 0:
            raise SettingsError("request_timeout_seconds must be above 0")
        check_privacy(self.privacy, self.privacy_key)

    def hosts(self) -> Hosts:
        """The hosts of the region; a URL that is set replaces the region's.

        Raises:
            SettingsError: the region is unknown, or a host is no http(s) URL, or one without TLS
                that is not allowed.
        """
        layout = layout_of(self.region)
        if layout == "gateway":
            bases = [_GATEWAYS[self.region]] * 3
        else:
            bases = [f"https://{name}.airmeet.com/api/v1" for name in ("api", "analytics", "bff")]
        chosen = []
        for name, base in zip(_URLS, bases, strict=True):
            url = (getattr(self, name) or base).rstrip("/")
            self._check_url(name, url)
            chosen.append(url)
        api, analytics, bff = chosen
        return Hosts(api, analytics, bff, layout)

    def _check_url(self, name: str, url: str) -> None:
        try:
            parts = urlsplit(url)
            scheme, host, _ = parts.scheme, parts.hostname, parts.port
        except ValueError:
            scheme, host = "", None
        if scheme not in ("https", "http") or not host:
            shown = url.rsplit("@", 1)[-1]  # before it there may be a password
            raise SettingsError(
                f"{name} must begin with https:// (or http://) and name a host, not {shown!r}"
            )
        if scheme == "http" and not self.allow_http and not is_this_machine(host):
            raise SettingsError(
                f"{name} is http:// to {host}, where keys and people's data travel readable; write "
                "https://, or set allow_http = true"
            )


@configspec
class SourceOptions(Settings):
    """All arguments of `airmeet_source`: the settings, and what a run is narrowed to."""

    airmeets: Sequence[str] | None = None
    """Only these airmeets: ids, the beginnings of ids, names, or parts of names."""
    since: date | None = None
    """Only airmeets that start on this day (UTC) or later."""
    until: date | None = None
    """Only airmeets that start on this day (UTC) or earlier."""
    full_refresh: bool = False
    """Fetch what is final, too."""
    wait: bool = True
    """Wait for exports; without it, exports that are not ready are left pending."""


def layout_of(region: str) -> Layout:
    """How a region's paths are laid out.

    Raises:
        SettingsError: the region is unknown.
    """
    if region in _GATEWAYS:
        return "gateway"
    if region != "v1":
        known = ", ".join(["v1", *_GATEWAYS])
        raise SettingsError(f"region {region!r} is unknown; it is one of {known}")
    return "v1"


def only_the_gateway(does: str) -> str:
    """That the gateway alone does something, and which setting leads there.

    Args:
        does: what it does: "serves this".
    """
    regions = " or ".join(", ".join(_GATEWAYS).rsplit(", ", 1))
    return f"only Airmeet's gateway {does}; set SOURCES__AIRMEET__REGION to {regions}"


def is_this_machine(host: str) -> bool:
    """Whether a host is loopback: a name for it, or its address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_privacy(mode: str, key: str | None) -> Mode:
    """The privacy mode, unless it is unknown or lacks its key.

    Raises:
        SettingsError: says which, and how to mend it.
    """
    if mode not in MODES:
        raise SettingsError(f"privacy {mode!r} is unknown; it is one of {', '.join(MODES)}")
    if mode != "plain" and len(key or "") < SHORTEST_KEY:
        raise SettingsError(
            f"privacy = {mode!r} needs a privacy_key of at least {SHORTEST_KEY} characters: set "
            "SOURCES__AIRMEET__PRIVACY_KEY, or privacy_key in .dlt/secrets.toml, and keep it"
        )
    return mode
