"""Names of copies are safe, and of one recording each."""

import re
from datetime import UTC, datetime

import pytest
from airmeet_etl.recordings.names import ending_of, folder_of, stem_of

DAY = datetime(2026, 5, 1, tzinfo=UTC)
NASTY = ["../../etc/passwd", "CON", "x" * 300, "🎉", "", "a/b\\c", "é:*?", "a\0b", "\ud800"]


@pytest.mark.parametrize("name", NASTY)
def test_any_event_and_session_gets_a_portable_name(name: str) -> None:
    for made in (folder_of(name, name, DAY), stem_of(name, 0)):
        assert re.fullmatch(r"[a-z0-9_-]{1,140}", made)
        assert made.startswith(("2026-05-01_", "session_"))


def test_names_that_look_alike_differ() -> None:
    assert len({stem_of(uid, 0).lower() for uid in ("a", "A", "a/", "a_", "a.")}) == 5
    assert stem_of("a", 1) == "session_a_2"
    assert folder_of("a1", "Spring  Summit!", DAY) == "2026-05-01_spring-summit_a1"
    assert folder_of("a1", "🎉", None) == "undated_event_a1"


def test_the_ending_follows_the_type_and_then_the_link() -> None:
    assert ending_of("video/webm; codecs=vp9", "https://a.example.com/x.mp4?s=1") == ".webm"
    assert ending_of("application/octet-stream", "https://a.example.com/x.MOV?s=1") == ".mov"
    assert ending_of("", "https://a.example.com/x") == ".mp4"
