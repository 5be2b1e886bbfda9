"""What one HTTP response means: a body, or one of the errors.

In practice bodies carry statuses, too: HTTP 200 with `"statusCode": 202` is an export under way,
with 400 a refusal. Body and status are read as one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..errors import AirmeetError, Pending, Unavailable, UnexpectedResponse, one_line
from .json_text import parse_json


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


def body_of(status: int, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
    """The body of an answer that is one.

    Raises:
        Pending: the export is under way.
        Unavailable: a refusal, or nothing of that id (400, 404).
        TokenRejected: the token is expired or bad, or belongs to another community.
        Transient: a fault that may pass (429, 5xx, a body that is no JSON object).
        UnexpectedResponse: an answer that the specification does not know.
    """
    body, why = None, "the answer is no JSON object"
    try:
        body = parse_json(content)
    except ValueError as fault:
        why = f"the answer is no JSON: {fault}"
    words = message_of(body)
    if status == 200 and isinstance(body, dict):
        inner = body.get("statusCode")
        if isinstance(inner, int) and not isinstance(inner, bool):
            status = inner
        elif body.get("success") is False:
            status = 400
    now = datetime.now(UTC)
    if status == 204:
        return {}
    if status == 200:
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
    if status in (400, 404):
        raise Unavailable(words or f"nothing there ({status})", status)
    raise UnexpectedResponse(
        f"an answer that the specification does not know ({status}) {words}".rstrip()
    )


def message_of(body: Any) -> str:
    """The API's own words in an error body, on one line, without addresses."""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    words = body.get("statusMessage") or first or body.get("message") or body.get("code") or ""
    return one_line(words)
