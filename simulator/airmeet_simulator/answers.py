"""Answers, and the specification's bodies for errors and waits."""

from dataclasses import dataclass
from email.utils import formatdate
from typing import Literal

import orjson

Headers = tuple[tuple[bytes, bytes], ...]
Effect = Literal["", "hang", "reset", "cut"]

_JSON: Headers = ((b"content-type", b"application/json; charset=utf-8"),)
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    412: "PRECONDITION_FAILED",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_SERVER_ERROR",
    502: "BAD_GATEWAY",
    503: "SERVICE_UNAVAILABLE",
    504: "GATEWAY_TIMEOUT",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a client.

    Attributes:
        meant: the status that the body gives, which may differ from HTTP's.
        effect: what happens to the answer on its way.
    """

    status: int
    body: bytes
    meant: int
    headers: Headers = _JSON
    effect: Effect = ""


def success(body: bytes) -> Answer:
    """Rows, or a token."""
    return Answer(200, body, 200)


def error(status: int, text: str) -> Answer:
    """An error in the shape that §3.4 ends with."""
    body = {"success": False, "code": _CODES[status], "errors": [text]}
    return Answer(status, orjson.dumps(body), status)


def not_allowed(method: str) -> Answer:
    """405: the path is there, for another method."""
    answer = error(405, "Method not allowed")
    return Answer(405, answer.body, 405, (*_JSON, (b"allow", method.encode())))


def in_body(status: int, text: str) -> Answer:
    """An HTTP 200 whose body has another status."""
    body = {"statusCode": status, "data": {}, "statusMessage": text}
    return Answer(200, orjson.dumps(body), status)


def pending(form: str) -> Answer:
    """202: the export is being prepared (§2.6); `form` is the option `pending`."""
    body = {
        "statusCode": 202,
        "statusMessage": "Preparing your results. Try after 5 minutes to get the updated results",
    }
    return Answer(202 if form == "http" else 200, orjson.dumps(body), 202)


def refusal(form: str, text: str) -> Answer:
    """A refusal: no data yet; `form` is the option `refusal`."""
    return error(400, text) if form == "http" else in_body(400, text)


def too_many(form: str, seconds: int, now: float) -> Answer:
    """429 with Retry-After in seconds or as an HTTP date; `form` is the option `retry_after`."""
    wait = str(seconds) if form == "seconds" else formatdate(now + seconds, usegmt=True)
    headers = (*_JSON, (b"retry-after", wait.encode()))
    body = error(429, "Too many requests").body
    return Answer(429, body, 429, headers)


def web_page() -> Answer:
    """A proxy's HTML page in place of JSON, with status 200."""
    body = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"
    return Answer(200, body, 0, ((b"content-type", b"text/html; charset=utf-8"),))
