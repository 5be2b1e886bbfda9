"""JSON as the field sends it: read although some of it is no JSON.

orjson reads what is in order, and quickly. It refuses half an emoji (`\\ud83d` without its second
half, as JavaScript writes it), a byte order mark, `NaN`, raw control characters and bytes that are
no UTF-8. One such character must not cost a whole feed, so these are mended and read again.
"""

import json
import re
from typing import Any

import orjson

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # both halves: in order
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|(?P<nul>\\u0000)"
    rb"|\\."  # any other escape, so that a backslash is never read as the start of the next one
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NOT_UTF8 = re.compile("[\udc80-\udcff]")


def parse_json(content: bytes) -> Any:
    """The value that the bytes hold.

    U+0000, which databases cannot store, goes; half of a surrogate pair becomes U+FFFD; a byte that
    is no UTF-8 is read as Latin-1; `NaN` and `Infinity` become null.

    Raises:
        ValueError: they are no JSON; the message says where, and quotes none of it.
    """
    # Most answers have no backslash at all, and a search for one byte takes no time.
    if (first := content.find(b"\\")) >= 0 and content.find(b"\\u0000", first) >= 0:
        content = _with_whole_characters(content)
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    content = _with_whole_characters(content.removeprefix(_BYTE_ORDER_MARK))
    text = content.decode(errors="surrogateescape")
    text = _NOT_UTF8.sub(lambda byte: chr(ord(byte.group()) - 0xDC00), text)
    try:
        return json.loads(text, strict=False, parse_constant=lambda name: None)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError as fault:
        raise ValueError(f"{fault.msg} at character {fault.pos:,}") from None


def _with_whole_characters(content: bytes) -> bytes:
    return _ESCAPE.sub(_whole, content)


def _whole(escape: re.Match[bytes]) -> bytes:
    if escape["half"]:
        return rb"\ufffd"
    return b"" if escape["nul"] else escape[0]
