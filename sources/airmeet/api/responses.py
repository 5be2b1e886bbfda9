"""What one HTTP response means: a body, or one of the errors.

In practice bodies carry statuses, too: HTTP 200 with `"statusCode": 202` is an export under way,
with 400 a refusal. Body and status are read as one.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..errors import AirmeetError, Pending, Unavailable, UnexpectedResponse, one_line
from ..rows import as_truth, find_key
from .json_text import parse_json

_ANSWERS = (200, 201, 203)
"""Statuses of an answer that holds what was asked for, or says what was made."""

_REFUSALS = (400, 402, 404, 409, 410, 422)
"""Statuses of a refusal; 402: the plan does not have it."""

_STATUS_KEYS = ("statusCode", "status", "code")
"""Where bodies carry a status; `status` and `code` may also hold a word, which is none."""

AT_TOP = ""
"""The key of a list that an answer is, in place of an object."""


class Transient(AirmeetError):
    """Worth another try. `retry_after` in seconds, where the API says; `not_applied` where the
    request surely had no effect."""

    not_applied = False

    def __init__(
        self, message: str, retry_after: float | None = None, not_applied: bool | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.not_applied = self.not_applied if not_applied is None else not_applied


class Throttled(Transient):
    """429: too many requests."""

    not_applied = True


class TokenRejected(AirmeetError):
    """The token is expired (412, 401) or bad (400, 403), or not of this community (401), as far as
    this response shows."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a Retry-After header asks to wait: seconds or an HTTP date."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):  # no date that there is
        return None


def _status_within(body: Mapping[str, Any]) -> int:
    """The status that the body of an answer gives; 200 where it gives none."""
    given = (_status(body[key]) for name in _STATUS_KEYS if (key := find_key(body, name)))
    status = next((status for status in given if status is not None), 200)
    success = find_key(body, "success")
    return 400 if status in _ANSWERS and success and _is_false(body[success]) else status


def _status(value: Any) -> int | None:
    """A value as a status: a whole number in any writing; None where it is none."""
    if isinstance(value, str) and value.isdecimal() and len(value) == 3:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 100 <= value < 600 and value == int(value) else None


def _is_false(value: Any) -> bool:
    try:
        return not as_truth(value)
    except ValueError:
        return False


def body_of(
    status: int, headers: Mapping[str, str], content: bytes, keep_words: bool = True
) -> dict[str, Any]:
    """The body of an answer that is one; a list is under the key `AT_TOP`.

    Args:
        status: of the answer.
        headers: of the answer.
        content: of the answer.
        keep_words: whether errors may quote the API as it is; else only words that name nobody.

    Raises:
        Pending: the export is under way.
        Unavailable: a refusal, or nothing of that id (400, 402, 404, 409, 410, 422).
        TokenRejected: the token is expired or bad, or belongs to another community.
        Transient: a fault that may pass (429, 5xx, a body that is no JSON object).
        UnexpectedResponse: an answer that the specification does not know.
    """
    body, why = None, "the answer is no JSON object"
    try:
        body = parse_json(content)
    except ValueError as fault:
        why = f"the answer is no JSON: {fault}"
    words = message_of(body) if keep_words else plain_words(message_of(body))
    if status in _ANSWERS and isinstance(body, dict):
        status = _status_within(body)
    now = datetime.now(UTC)
    if status == 204:
        return {}
    if status in _ANSWERS:
        if isinstance(body, list):
            return {AT_TOP: body}
        if not isinstance(body, dict):
            raise Transient(why)
        return body
    if status == 202:
        raise Pending(words or "the export is being prepared", retry_after(headers, now))
    if status == 429:
        raise Throttled("too many requests (429)", retry_after(headers, now))
    if status >= 500 or status in (408, 425):
        raise Transient(f"the API failed ({status})", retry_after(headers, now))
    if status in (401, 403, 412) or (status == 400 and "token" in words.lower()):
        raise TokenRejected(status, words or f"the token was refused ({status})")
    if status in _REFUSALS:
        raise Unavailable(words or f"nothing there ({status})", status)
    raise UnexpectedResponse(
        f"an answer that the specification does not know ({status}) {words}".rstrip()
    )


_PLAIN = """
a access account address after again airmeet airmeets allowed already an and answer api are at
attendance attendee attendees available bad be been before being belong belongs booth booths by
call can cannot code could data date deleted denied disabled does email empty ended error event
events exceeded exist exists expired export failed feature fetch few field fields finished for
forbidden found from get given has have http id in incorrect info internal invalid is it key later
limit list live method minute minutes missing more must no not nothing of on one only or organizer
page parameter parameters parsing participants permission plan please poll polls preparing
provided question questions rate ready registered registrations request requested required
resource response result results retry same server service session sessions size started status
success such support supported temporarily that the there this time timeout to token too try
unauthorized unavailable unexpected unknown updated user valid value version wait was were with
wrong yet you your
"""
"""Words that the API's messages are made of, and that are nobody's name."""

_PLAIN_WORDS = frozenset(_PLAIN.split())
_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_NUMBER = re.compile(r"\d{1,4}")


def plain_words(message: str) -> str:
    """A message with `…` in place of all words that may be somebody's name or own words."""

    def plain(word: re.Match[str]) -> str:
        is_plain = word[0].lower() in _PLAIN_WORDS or _NUMBER.fullmatch(word[0])
        return word[0] if is_plain else "…"

    return re.sub(r"…[^\w…]*(?:…[^\w…]*)+", "… ", _WORD.sub(plain, message)).strip()


def message_of(body: Any) -> str:
    """The API's own words in an error body, on one line, without addresses."""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    words = body.get("statusMessage") or first or body.get("message") or body.get("code") or ""
    return one_line(words)
