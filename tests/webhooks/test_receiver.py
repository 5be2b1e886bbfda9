"""The receiver: what it takes, what it refuses, and what it lets nobody see."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.webhooks.conftest import SECRET, Listener
from tests.workplace import Workplace

Start = Callable[..., Listener]


def test_a_wrong_secret_is_a_page_that_is_not_there(inbox: Path, listen: Start) -> None:
    listener = listen()
    for path in ("/", "/wrong/trigger.airmeet.created", f"/{SECRET}x", f"/{SECRET[:-1]}", "//"):
        assert listener.post(path, b"{}") == 404
    assert listener.post(f"/{SECRET}", b"{}", "GET") == 405
    assert listener.post("/nothing", b"{}", "PUT") == 405
    assert [*inbox.glob("*.jsonl")] == []


def test_behind_a_proxy_s_path_and_with_what_airmeet_adds(inbox: Path, listen: Start) -> None:
    listener = listen()
    assert listener.post(f"/hooks/{SECRET}/trigger.airmeet.polls/a1?airmeetId=a2", b"{}") == 200
    assert listener.post(f"/{SECRET}?airmeetId=a2&sessionId=s", b"{}") == 200
    lines = "".join(path.read_text() for path in sorted(inbox.glob("*.jsonl")))
    assert lines.count('"airmeet_id":"a1"') == 1
    assert lines.count('"airmeet_id":"a2","session_id":"s"') == 1


def test_size_is_bounded(inbox: Path, listen: Start) -> None:
    listener = listen()
    assert listener.post(f"/{SECRET}", b" " * 1024**2) == 200
    assert listener.post(f"/{SECRET}", b" " * (1024**2 + 1)) in (413, 0)
    assert listener.post(f"/{SECRET}", b"{}") == 200
    assert len([*inbox.glob("*.jsonl")]) == 2


def test_files_are_for_their_owner_alone(inbox: Path, listen: Start) -> None:
    listener = listen()
    listener.deliver("trigger.airmeet.created", {"airmeetId": "a"})
    assert inbox.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in inbox.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_what_cannot_be_written_is_not_taken(inbox: Path, listen: Start) -> None:
    listener = listen()
    inbox.chmod(0o500)
    assert listener.deliver("trigger.airmeet.created", {}) == [503]
    inbox.chmod(0o700)
    assert listener.deliver("trigger.airmeet.created", {}) == [200]


def test_an_inbox_that_is_gone_is_no_answer_of_200(inbox: Path, listen: Start) -> None:
    listener = listen()
    inbox.rmdir()
    assert listener.deliver("trigger.airmeet.created", {}) == [503]


@pytest.mark.parametrize(
    ("unset", "words"),
    [("WEBHOOK_SECRET", "no webhook_secret"), ("WEBHOOK_INBOX", "no inbox")],
)
def test_what_it_needs(unset: str, words: str, workplace: Workplace, inbox: Path) -> None:
    workplace.unset(f"SOURCES__AIRMEET__{unset}")
    result = workplace.run("listen", "--port", "0")
    assert (result.code, words in result.err) == (1, True)


def test_a_secret_that_can_be_guessed(workplace: Workplace, inbox: Path) -> None:
    workplace.setting(webhook_secret="short")
    result = workplace.run("listen", "--port", "0")
    assert (result.code, "16 to 128" in result.err) == (1, True)


def test_a_port_that_is_taken(workplace: Workplace, inbox: Path, listen: Start) -> None:
    port = listen().url.rpartition(":")[2]
    result = workplace.run("listen", "--port", port)
    assert (result.code, f"port {port}" in result.err) == (1, True)
    assert SECRET not in result.err
