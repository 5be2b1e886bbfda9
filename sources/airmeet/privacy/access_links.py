"""Links and tokens that grant access: entry links, tokens, signed links. No mode stores them.

The schemas leave out what is known (`Table.left_out`). Here is what the API may add: fields that
are named after such a thing, and links whose parameters hold a key.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

import orjson

from ..rows import column_name

_SECRET = re.compile(
    r"token|secret(?!ar)|passw|passcode|credential|signature|bearer|cookie|jwt"
    r"|(^|_)(pwd|otp|pin|auth|api_?key|access_?key)(_|$)"
)
_LINK = re.compile(r"(link|url|uri|href)s?(_|$)")
_GRANTS_ACCESS = re.compile(
    r"entry|join|magic|login|sign_?in|signed|invit|access|personal|unique|private|record|download"
    r"|check_?in|stream"
)

_URL = re.compile(r"(https?://)([^\s\"'<>?#\\]*)([?#][^\s\"'<>\\]*)?", re.IGNORECASE)
_KEY_PARAMETER = re.compile(
    r"token|secret|passw|signature|credential|x-amz|x-goog"
    r"|(^|[-_.])(code|key|sig|auth|pass|pwd|jwt|otp|hash|ticket|session|sid|policy|expires)([-_.]|$)",
    re.IGNORECASE,
)
_OPAQUE = re.compile(r"[\w.~%+/=-]{20,}")
"""A value so long and without a space is taken for a key."""

MAY_HOLD = r"(?i)https?://"
"""Texts without this hold no link."""


def is_credential_field(column: str) -> bool:
    """Whether a field of this name (in snake_case) is a token, or a link that grants access."""
    return bool(_SECRET.search(column) or (_LINK.search(column) and _GRANTS_ACCESS.search(column)))


def without_keys(text: str) -> str:
    """The text with each link cut off where its parameters begin, if one of them is a key."""
    return _URL.sub(_cut, text)


def _cut(match: re.Match[str]) -> str:
    scheme, place, rest = match.groups()
    host, slash, path = place.partition("/")
    host = host.rpartition("@")[2]
    return f"{scheme}{host}{slash}{path}{rest if rest and not _holds_a_key(rest) else ''}"


def _holds_a_key(rest: str) -> bool:
    for part in re.split(r"[?#]", rest[1:]):
        for name, value in parse_qsl(part, keep_blank_values=True):
            is_harmless = name.lower().startswith("utm_")
            if not is_harmless and (_KEY_PARAMETER.search(name) or _OPAQUE.fullmatch(value)):
                return True
    return False


def without_credentials(text: str) -> str:
    """A text, or JSON as text, without keys in its links and without members that grant access."""
    if text[:1] in ("{", "["):
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError:
            return without_keys(text)
        cut = _cut_document(document)
        return text if cut == document else orjson.dumps(cut).decode()
    return without_keys(text)


def _cut_document(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _cut_document(inner)
            for key, inner in value.items()
            if not is_credential_field(column_name(key))
        }
    if isinstance(value, list):
        return [_cut_document(inner) for inner in value]
    return without_keys(value) if isinstance(value, str) else value
