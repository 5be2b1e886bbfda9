"""What can go wrong, as types. Each message is one line that says what happened and how to mend it.

Messages carry airmeet and session ids and the API's own words (addresses cut out), never a key,
a token or a person.
"""

from .rows import ADDRESS_IN_TEXT

_LONGEST = 200


def one_line(text: object) -> str:
    """The text on one line, without addresses, at most 200 characters long."""
    words = " ".join(ADDRESS_IN_TEXT.sub("(address)", str(text)).split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


class AirmeetError(Exception):
    """Base of all errors of this package."""


class SettingsError(AirmeetError):
    """A setting is missing or has no meaning."""


class SelectionError(AirmeetError):
    """The feeds or airmeets asked for are not there."""


class FatalError(AirmeetError):
    """Nothing further can be fetched in this run."""


class KeysRejected(FatalError):
    """The keys do not give a token (§1.2: 400, 403)."""


class Unreachable(FatalError):
    """A host does not answer, or keeps failing, for every request alike."""


class FeedError(AirmeetError):
    """One feed of one airmeet could not be read; the others are not touched."""


class NotAllowed(FeedError):
    """401: the token does not belong to this airmeet's community; or it is refused, also anew."""

    def __init__(self, message: str, status: int = 401) -> None:
        super().__init__(message)
        self.status = status


class UnexpectedResponse(FeedError):
    """The API kept failing, or answered something that the specification does not know."""


class HostDown(UnexpectedResponse):
    """A host is taken for down after many failures alike; it is asked no more in this run."""


class UnknownOutcome(UnexpectedResponse):
    """A write that may have succeeded, and is to be looked up: no answer tells."""


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
