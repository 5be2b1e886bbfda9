"""All errors of this package. Each message is one line that says what happened and how to mend it.

    AirmeetError
    ├── SettingsError               a setting is missing or invalid
    ├── SelectionError              feeds or airmeets that do not exist are selected
    ├── FatalError                  ends the run
    │   ├── KeysRejected            the keys give no token
    │   └── Unreachable             no host answers
    ├── FeedError                   one feed failed; the next run takes it up
    │   ├── NotAllowed              401, or the token is rejected again and again
    │   └── UnexpectedResponse      the API keeps failing, or breaks its specification
    │       ├── HostDown            its host is asked no more in this run
    │       └── UnknownOutcome      a write that may have succeeded
    ├── Unavailable                 400, 404: nothing to give (yet); a write that is refused
    ├── Pending                     202: an export is being prepared
    └── (api.responses)             TokenRejected, Transient, Throttled: handled within the client

Messages carry airmeet and session ids and the API's own words (addresses cut out), never a key,
a token or a person.
"""

from .addresses import without_addresses
from .safe_text import printable

_LONGEST = 200


def one_line(text: object) -> str:
    """The text as it may be printed and stored, on one line, without addresses, and at most 200
    characters long."""
    words = " ".join(without_addresses(printable(text)).split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


class AirmeetError(Exception):
    """Base of all errors of this package."""


class SettingsError(AirmeetError):
    """A setting is missing or invalid."""


class SelectionError(AirmeetError):
    """The feeds or airmeets selected do not exist."""


class FatalError(AirmeetError):
    """Nothing further can be fetched in this run."""


class KeysRejected(FatalError):
    """The keys do not give a token (§1.2: 400, 403)."""


class Unreachable(FatalError):
    """No host answers, or all keep failing."""


class FeedError(AirmeetError):
    """One feed of one airmeet could not be read; the others are not affected."""


class NotAllowed(FeedError):
    """401: the token does not belong to this airmeet's community; or it is refused, also anew."""

    def __init__(self, message: str, status: int = 401) -> None:
        super().__init__(message)
        self.status = status


class UnexpectedResponse(FeedError):
    """The API kept failing, or its response is not in the specification."""


class HostDown(UnexpectedResponse):
    """A host is taken for down after many failures in a row; this run leaves it alone."""


class UnknownOutcome(UnexpectedResponse):
    """A write that may have succeeded: no response shows it, so it has to be looked up."""


class Unavailable(AirmeetError):
    """A refusal: nothing to give (yet), or a write that is not accepted; `status` says which.
    It is no failure, and no empty list."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Pending(AirmeetError):
    """202: the export is being prepared. `retry_after` is the API's own wish, in seconds."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
