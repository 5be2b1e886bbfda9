"""E-mail addresses: what is one, and where they stand within a text.

An address may hold more than is common (RFC 5321): a quoted local part (`"ann b"@example.com`), an
address literal (`ann@[192.0.2.1]`), `+ ' % _ = / { }` and letters of any script. A text does not
say where an address begins: `=ann@example.com` may be one, or the end of `to=ann@example.com`. So
each @ gives the longest that it can be and the shorter ones.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from unicodedata import category
from urllib.parse import unquote

CUT = "(address)"
"""Stands in a text where an address was."""

_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])+"'
_ATOMS = r"[^\s\x00-\x1f\x7f<>()\[\],;:\"\\@]+"
_LITERAL = r"\[[^\s\[\]\\@]+\]"
_LABEL = r"[^\s\x00-,/:-@\[-^`{-\x7f.]+"
_ADDRESS = re.compile(rf"(?:{_QUOTED}|{_ATOMS})@(?:{_LITERAL}|{_LABEL}(?:\.{_LABEL})*)")

_LOCAL = re.compile(_QUOTED)
_DOMAIN = re.compile(rf"{_LITERAL}|[^\s\x00-,/:-@\[-^`{{-\x7f]+")
_STOPS = re.compile(r"[\s\x00-\x1f\x7f<>()\[\],;:\"\\@]")
_LONGEST = 320
_INNER = frozenset("=/|{}'`!?*&~#$^%")
"""Where within a run of an address's characters a shorter address may begin."""
_SPACE = re.compile(r"\s")
_ENCODED = "%40"
_ENCODED_STOPS = re.compile(r"[\s\"'<>=&?#/;,|()]")


def is_address(text: str) -> bool:
    """Whether a whole text is an address, as RFC 5321 and RFC 6531 allow it."""
    return _ADDRESS.fullmatch(text) is not None


def is_domain(text: str) -> bool:
    """Whether a text is the name of a host, with a point in it: no literal, no words."""
    return "." in text and re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})+", text) is not None


def may_hold_address(text: str) -> bool:
    """Whether a text may hold an address, also one that is percent-encoded."""
    return "@" in text or _ENCODED in text


def without_addresses(
    text: str, is_cut: Callable[[str], bool] | None = None, mark: str = CUT
) -> str:
    """The text with a mark in place of addresses.

    Args:
        text: any text.
        is_cut: which of them; all without it. It is asked for the longest first.
        mark: what stands in their place.
    """
    if _ENCODED in text:
        text = _decoded_where_cut(text, is_cut, mark)
    if '"@' in text:
        text = _cut(text, '"@', _quoted, is_cut, mark)
    return _cut(text, "@", _candidates, is_cut, mark)


def _cut(
    text: str,
    sign: str,
    candidates: Callable[[str, int, int], Iterable[tuple[int, int]]],
    is_cut: Callable[[str], bool] | None,
    mark: str,
) -> str:
    pieces, done = [], 0
    for at in _places(text, sign):
        for start, end in candidates(text, at, done):
            if is_cut is None or is_cut(_unescaped(text[start:end])):
                pieces += [text[done:start], mark]
                done = end
                break
    return "".join([*pieces, text[done:]])


def _places(text: str, what: str) -> Iterator[int]:
    at = text.find(what)
    while at >= 0:
        yield at
        at = text.find(what, at + len(what))


def _unescaped(address: str) -> str:
    """An address as it is, where it stands in JSON as text."""
    return address if is_address(address) else address.replace('\\"', '"')


def _quoted(text: str, closing: int, floor: int) -> Iterator[tuple[int, int]]:
    """The same where the local part is quoted; `closing` is its second quotation mark."""
    domain = _DOMAIN.match(text, closing + 2, closing + 2 + _LONGEST)
    if domain is None:
        return
    end = domain.end()
    if not domain[0].startswith("["):
        end = _without_points(text, closing + 2, end)
    floor = max(floor, closing - _LONGEST)
    if end == closing + 2:
        return
    opened, escaped = text.rfind('"', floor, closing), []
    while opened >= floor:
        if text[opened - 1 : opened] == "\\":
            escaped.append(opened)
        elif _LOCAL.fullmatch(text, opened, closing + 1):
            yield opened, end
        opened = text.rfind('"', floor, opened)
    if text[closing - 1] == "\\":  # in JSON as text both marks are
        yield from ((opened, end) for opened in escaped)


def _candidates(text: str, at: int, floor: int) -> Iterator[tuple[int, int]]:
    """What the @ may be within: begin and end of each possible address, the longest first."""
    domain = _DOMAIN.match(text, at + 1, at + 1 + _LONGEST)
    if domain is None:
        return
    ends = [domain.end()]
    if not text.startswith("[", at + 1):
        ends = sorted(_ends(text, at + 1, domain.end()), reverse=True)
    for start in _starts(text, at, floor):
        for end in ends:
            yield start, end


def _starts(text: str, at: int, floor: int) -> list[int]:
    floor = max(floor, at - _LONGEST)
    begin = at
    while begin > floor and not _STOPS.match(text[begin - 1]):
        begin -= 1
    if begin == at:
        return []
    starts = {begin}
    for place in range(begin, at - 1):
        here, following = text[place], text[place + 1]
        if here in _INNER or _is_mark(here) or (_is_letter_alone(here) and following.isascii()):
            starts.add(place + 1)
    bare = begin
    while bare < at - 1 and not text[bare].isalnum():
        bare += 1
    starts.add(bare)
    link = text.rfind("://", max(0, begin - _LONGEST), at)
    if link >= 0 and not _SPACE.search(text, link, at):
        # What stands before is the way of a link, not the name of a mailbox.
        starts = {max((s for s in starts if "/" not in text[s:at]), default=-1)}
    return sorted(start for start in starts if start >= 0)


def _ends(text: str, begin: int, end: int) -> set[int]:
    ends = set()
    for place in range(begin, end):
        here, before = text[place], text[place - 1]
        if _is_mark(here) or (_is_letter_alone(here) and before.isascii() and place > begin):
            ends.add(place)
    ends.add(end)
    bare = {_without_points(text, begin, place) for place in ends}
    return {place for place in bare if place > begin}


def _without_points(text: str, begin: int, end: int) -> int:
    while end > begin and not (text[end - 1].isalnum() or category(text[end - 1])[0] == "M"):
        end -= 1
    return end


def _is_mark(character: str) -> bool:
    """Whether it is a sign of other scripts, such as » or 。, or one that is not seen."""
    return not character.isascii() and category(character)[0] in "PSZC"


def _is_letter_alone(character: str) -> bool:
    """Whether it is a letter of a script that is often written without spaces."""
    return not character.isascii() and category(character) == "Lo"


def _decoded_where_cut(text: str, is_cut: Callable[[str], bool] | None, mark: str) -> str:
    pieces, done, seen = [], 0, 0
    for at in _places(text, _ENCODED):
        if at < seen:
            continue
        begin, end = at, at + len(_ENCODED)
        floor, ceiling = max(done, at - _LONGEST), min(len(text), at + _LONGEST)
        while begin > floor and not _ENCODED_STOPS.match(text[begin - 1]):
            begin -= 1
        while end < ceiling and not _ENCODED_STOPS.match(text[end]):
            end += 1
        seen = end
        plain = unquote(text[begin:end])
        if (cut := without_addresses(plain, is_cut, mark)) != plain:
            pieces += [text[done:begin], cut]
            done = end
    return "".join([*pieces, text[done:]])
