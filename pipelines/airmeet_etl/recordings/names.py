"""What a copy is called: safe on every file system, one of its own, and without people's names.

A session is often called after its speaker, so its id stands for it; the event's name, its day and
its id make the folder.
"""

import hashlib
import mimetypes
import re
import unicodedata
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import urlsplit

_LONGEST = 60
_DEFAULT = ".mp4"
_TYPES = {"video/mp4": ".mp4", "video/webm": ".webm", "audio/mpeg": ".mp3", "audio/mp4": ".m4a"}
"""Python's own list depends on the machine's."""


def folder_of(airmeet_id: str, name: str, start: datetime | None) -> str:
    """The folder of an airmeet's recordings: `2026-05-01_spring-summit_<id>`."""
    day = f"{start:%Y-%m-%d}" if start else "undated"
    return f"{day}_{_slug(name)}_{_safe_id(airmeet_id)}"


def stem_of(session_id: str, number: int) -> str:
    """A recording's file name without its ending: `session_<id>`, the next ones `session_<id>_2`.

    Args:
        number: which of the session's recordings, from 0.
    """
    return f"session_{_safe_id(session_id)}" + (f"_{number + 1}" if number else "")


def ending_of(content_type: str, link: str) -> str:
    """The ending of a file name, with its point: as the answer's type says, else as the link."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _TYPES:
        return _TYPES[kind]
    in_link = PurePosixPath(urlsplit(link).path).suffix.lower()
    if re.fullmatch(r"\.[a-z0-9]{1,5}", in_link):
        return in_link
    media = kind.startswith(("video/", "audio/"))
    return (media and mimetypes.guess_extension(kind)) or _DEFAULT


def _slug(name: str) -> str:
    """Lower-case ASCII letters, digits and hyphens; `event` where nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].rstrip("-") or "event"


def _safe_id(given: str) -> str:
    """An id as it is where that is safe, also where case does not count; else its digest."""
    if re.fullmatch(r"[a-z0-9-]{1,64}", given):
        return given
    return hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()[:32]
