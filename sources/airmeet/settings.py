"""Settings of the source, and the hosts of each region.

Resolved by dlt's own configuration under `[sources.airmeet]`, so that `.dlt/*.toml`, environment
variables and dlt's vaults all work.
"""

from dataclasses import dataclass
from typing import Literal

from dlt.common.configuration.specs import BaseConfiguration, configspec
from dlt.common.typing import TSecretStrValue

from .errors import SettingsError
from .privacy.erasure import EMPTY, ErasureList
from .privacy.policy import PrivacyPolicy, policy_of

Layout = Literal["v1", "gateway"]
"""How hosts and paths are laid out: as the specification has them, or as today's gateway."""

_GATEWAYS = {
    "global": "https://api-gateway.airmeet.com/prod",
    "eu": "https://api-gateway-prod.eu.airmeet.com/prod",
    "us": "https://api-gateway-prod.us.airmeet.com/prod",
}


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
    secret_key: TSecretStrValue = None  # type: ignore[assignment]
    region: str = "v1"
    api_url: str | None = None
    analytics_url: str | None = None
    bff_url: str | None = None
    max_concurrency: int = 16
    async_poll_seconds: float = 30.0
    async_poll_max_seconds: float = 300.0
    async_max_wait_seconds: float = 1800.0
    settle_days: float = 7.0
    request_timeout_seconds: float = 75.0
    """The API's reverse proxy gives up after 60 s (§3, timeouts); we wait a little longer."""
    retry_seconds: float = 0.5
    """The first wait after a fault; it doubles with each further one."""
    privacy: str = "plain"
    """What is stored of people: plain, pseudonymised or minimal."""
    privacy_key: TSecretStrValue | None = None
    """Keys the pseudonyms; who has it can tell whose they are."""

    def on_resolved(self) -> None:
        """Refuse what has no meaning.

        Raises:
            SettingsError: naming the setting and what it takes.
        """
        self.hosts()
        if self.max_concurrency < 1:
            raise SettingsError("max_concurrency must be at least 1")
        for name in (
            "async_poll_seconds",
            "async_poll_max_seconds",
            "async_max_wait_seconds",
            "settle_days",
            "retry_seconds",
        ):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name} must not be negative")
        if self.request_timeout_seconds <= 0:
            raise SettingsError("request_timeout_seconds must be above 0")
        self.guard()

    def guard(self, erased: ErasureList = EMPTY) -> PrivacyPolicy:
        """What treats the tables of a run.

        Args:
            erased: who is kept out.

        Raises:
            SettingsError: the mode is unknown, or lacks its key.
        """
        return policy_of(self.privacy, self.privacy_key, erased)

    def hosts(self) -> Hosts:
        """The hosts of the region, with the single ones that are set over them.

        Raises:
            SettingsError: the region is unknown, or a host is no http(s) URL.
        """
        if self.region == "v1":
            bases = [f"https://{name}.airmeet.com/api/v1" for name in ("api", "analytics", "bff")]
            layout: Layout = "v1"
        elif self.region in _GATEWAYS:
            bases = [_GATEWAYS[self.region]] * 3
            layout = "gateway"
        else:
            known = ", ".join(["v1", *_GATEWAYS])
            raise SettingsError(f"region {self.region!r} is unknown; it is one of {known}")
        chosen = []
        names = ("api_url", "analytics_url", "bff_url")
        for name, base in zip(names, bases, strict=True):
            url = (getattr(self, name) or base).rstrip("/")
            if not url.startswith(("https://", "http://")):
                raise SettingsError(f"{name} must begin with https:// (or http://), not {url!r}")
            chosen.append(url)
        api, analytics, bff = chosen
        return Hosts(api, analytics, bff, layout)
