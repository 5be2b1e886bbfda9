"""Keys and tokens (§1.2): issue, expiry by time or by use, revocation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .draws import mix
from .options import SimulatorOptions

ACCESS_KEY = "simulated-access"
SECRET_KEY = "simulated-secret"


@dataclass(slots=True)
class _Token:
    issued: float
    uses: int = 0
    expired: bool = False


class Tokens:
    """The tokens of one community; several may be valid at once."""

    def __init__(self, seed: int, clock: Callable[[], float]) -> None:
        self.revoked = False
        self._seed = seed
        self._clock = clock
        self._issued: dict[str, _Token] = {}

    def issue(self) -> str:
        """Return a new token."""
        token = f"{mix(self._seed, 31, len(self._issued)):016x}"
        self._issued[token] = _Token(self._clock())
        return token

    def check(self, token: str, options: SimulatorOptions) -> Literal["good", "bad", "expired"]:
        """Return whether a token is valid, and count its use."""
        found = self._issued.get(token)
        if found is None:
            return "bad"
        found.uses += 1
        if (
            found.expired
            or self._clock() - found.issued >= options.token_seconds
            or 0 < options.token_requests < found.uses
        ):
            return "expired"
        return "good"

    def expire(self) -> None:
        """Expire every token issued so far."""
        for token in self._issued.values():
            token.expired = True
