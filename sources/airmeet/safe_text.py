"""Foreign text made safe to print and to store: the one place for it.

What the API, a database or a user's file says may hold escape sequences that a terminal obeys, and
secrets that it was sent: an error body may echo a key.
"""

import re
from functools import cache
from urllib.parse import quote, quote_plus, unquote

SECRET = "(secret)"
"""Stands in a text where a secret was."""

_SHORTEST = 6
"""Characters that a secret has at least: a shorter one would be found within any word."""

_SEQUENCES = re.compile(
    r"(?:\x1b[P\]X^_]|[\x90\x9d\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
"""Escape sequences of terminals (ECMA-48): commands with a text, with numbers, and short ones."""

_LINE_ENDS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")

_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb]"
)
"""Control characters, and those that are not seen and change how others are."""

_HALVES = re.compile(r"[\ud800-\udfff]")
"""Half an emoji, as JavaScript writes it: no encoding takes it."""

_IN_URL = re.compile(r"(://[^\s/?#:@'\"]*:)([^\s'\"]*)(?=@[\w.\[])")
"""User and password of a URL."""

_IN_WORDS = re.compile(r"(?i)\b(password|passwd|pwd)(\s*[=:]\s*)('[^']*'|\"[^\"]*\"|[^\s;,&'\"]+)")
"""A password as connection strings and settings have it: `password=…`."""

_secrets: set[str] = set()


def keep_secret(*secrets: str | None) -> None:
    """Let these be in no text that is printed or stored by this process; very short ones are not
    looked for."""
    for secret in secrets:
        words = (secret or "").strip()
        if len(words) >= _SHORTEST:
            _secrets.update({words, quote(words, safe=""), quote_plus(words), unquote(words)})
    _pattern.cache_clear()


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_secrets, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)


def passwords_in(text: str) -> list[str]:
    """The passwords of the URLs and connection strings in a text; one that is the user's name is
    not taken for a secret."""
    found = [match[2] for match in _IN_URL.finditer(text) if match[1] != f"://{match[2]}:"]
    return found + [match[3].strip("'\"") for match in _IN_WORDS.finditer(text)]


def without_secrets(text: str) -> str:
    """The text with known secrets, and passwords where they stand in URLs and settings, blanked."""
    text = _pattern().sub(SECRET, text)
    text = _IN_URL.sub(rf"\1{SECRET}", text)
    return _IN_WORDS.sub(rf"\1\2{SECRET}", text)


def printable(text: object) -> str:
    """The text on one line, as it may be printed and stored: without escape sequences, control
    characters and secrets. Markup of whatever shows it is not escaped."""
    words = _SEQUENCES.sub("", str(text))
    words = _UNSEEN.sub("", _LINE_ENDS.sub(" ", words))
    return without_secrets(_HALVES.sub("\ufffd", words))
