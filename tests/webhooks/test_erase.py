"""An erased person is in no table of webhooks and not in the inbox, and does not come back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from airmeet_simulator.simulator import Simulator

from tests.webhooks.conftest import SECRET, Listener
from tests.workplace import Workplace

CLICK = "trigger.attendee.clicked_cta"
SCORES = "trigger.leaderboard.scoreboard"
GONE = {"email": "Gone@example.com", "airmeetId": "a", "cta_text": "Demo", "name": "Gone Girl"}
STAYS = {**GONE, "email": "stays@example.com", "name": "Stays Here"}
LEADERS = {"airmeetId": "a", "leaderboard": [GONE, STAYS]}


@pytest.mark.long
def test_from_tables_and_inbox(
    workplace: Workplace, simulator: Simulator, inbox: Path, listen: Callable[..., Listener]
) -> None:
    listener = listen()
    assert listener.deliver(CLICK, GONE, STAYS) + listener.deliver(SCORES, LEADERS) == [200] * 3
    assert workplace.run("load", "--no-reports").code == 0
    assert listener.deliver(CLICK, {**GONE, "n": 2}, {**STAYS, "n": 2}) == [200] * 2
    assert listener.deliver(SCORES, {**LEADERS, "n": 2}) == [200]
    assert listener.post(f"/{SECRET}/{CLICK}", b"{broken gone@example.com") == 200
    files = {path: path.read_bytes() for path in inbox.rglob("*") if path.is_file()}
    planned = workplace.run("erase", "--email", "gone@example.com", "--dry-run")
    assert "would be removed from the inbox of webhooks: 3 deliveries" in planned.out
    assert files == {path: path.read_bytes() for path in inbox.rglob("*") if path.is_file()}
    result = workplace.run("erase", "--email", "gone@example.com", "--yes")
    assert result.code == 0, result.out + result.err
    assert "\nremoved from the inbox of webhooks: 3 deliveries" in result.out
    waiting = "".join(path.read_text() for path in inbox.glob("*.jsonl"))
    assert "one@example.com" not in waiting and "stays@example.com" in waiting
    assert listener.deliver(CLICK, {**GONE, "n": 3}) == [200]
    assert workplace.run("load", "--no-reports").code == 0
    for table in ("webhook_events", "cta_clicks"):
        rows = repr(workplace.rows(table))
        assert "one@example.com" not in rows and "stays@example.com" in rows


def test_a_namesake_is_no_trace(
    workplace: Workplace, simulator: Simulator, inbox: Path, listen: Callable[..., Listener]
) -> None:
    namesake = {**STAYS, "name": GONE["name"]}
    nested = {"airmeetId": "a", "attendee": {"address": "other@example.com", "name": "GONE girl"}}
    assert listen().deliver(CLICK, GONE, namesake, nested) == [200] * 3
    assert workplace.run("load", "--no-reports").code == 0
    result = workplace.run("erase", "--email", "gone@example.com", "--yes")
    assert (result.code, "finds nothing more" in result.out) == (0, True), result.out
    assert repr(workplace.rows("webhook_events")).count("stays@example.com") >= 1


def test_a_name_in_somebody_s_words_is_a_trace(
    workplace: Workplace, simulator: Simulator, inbox: Path, listen: Callable[..., Listener]
) -> None:
    said = {"airmeetId": "a", "email": "other@example.com", "text": "Ask Gone Girl about it"}
    nameless = {"airmeetId": "a", "speakers": [{"name": "Gone Girl"}]}
    assert listen().deliver(CLICK, GONE, said, nameless) == [200] * 3
    assert workplace.run("load", "--no-reports").code == 0
    result = workplace.run("erase", "--email", "gone@example.com", "--yes")
    assert (result.code, "payload (name, in 2 values)" in result.out) == (3, True), result.out
