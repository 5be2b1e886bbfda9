"""What a refused token means: that it has expired, or that something else is not there or allowed.

The API says both by the same statuses. A new token shows which; each costs a request to /auth, so
they are asked for sparingly.
"""

_FIRST_LIMIT = 8
"""Refusals in a row that a token which is not the reason is trusted through; doubled each time."""


class TokenDoubts:
    """Which tokens of one run were refused without being the reason."""

    def __init__(self) -> None:
        self._trusted: dict[str, int] = {}
        """New tokens refused like the one before, and their refusals since one was accepted."""
        self._limit = _FIRST_LIMIT

    def accepted(self, token: str) -> None:
        """A request with the token was answered: it has not expired."""
        if token in self._trusted:
            self._trusted[token] = 0

    def is_the_reason(self, token: str, renewed: bool) -> bool:
        """Whether a refusal may be the token's fault, so that a new one may help.

        Args:
            token: the token refused.
            renewed: whether it is new, in place of one that the same request was refused with.
        """
        if renewed:
            self._trusted.setdefault(token, 0)
            return False
        if token not in self._trusted:
            return True
        self._trusted[token] += 1
        if self._trusted[token] <= self._limit:
            return False
        # None of the others was answered either: perhaps it has expired by now.
        self._trusted[token] = 0
        self._limit *= 2
        return True
