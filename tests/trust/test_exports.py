"""Exports: all are kicked off first, waits grow, and what is not ready is left for the next run."""

import asyncio
import re
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from airmeet.api.pagination import Budget, Page
from airmeet.errors import Pending
from airmeet.extract.exports import Export
from airmeet.extract.progress import Progress
from airmeet.extract.reader import FeedReader, FeedRequest
from airmeet.settings import Settings
from airmeet_etl.load.display import Display

from tests.trust.conftest import MakeScenario
from tests.trust.scenario import LoadScenario

EXPORTS = ("event_attendance", "session_attendance", "booth_attendance")


def test_all_exports_are_kicked_off_before_any_is_asked_again(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=20, prepare_polls=2)
    scenario.first_load()
    first_asked: dict[tuple[str, str, str], int] = {}
    asked_again: list[int] = []
    for entry in scenario.entries:
        key = (entry.feed, entry.airmeet_id, entry.part)
        if entry.feed in EXPORTS and entry.status == 202:
            if key in first_asked:
                asked_again.append(entry.ordinal)
            first_asked.setdefault(key, entry.ordinal)
    assert len(first_asked) > 60
    assert max(first_asked.values()) < min(asked_again)
    # Plain feeds are read while the exports are prepared, not before they are kicked off.
    plain = [e.ordinal for e in scenario.entries if e.feed in ("registrations", "participants")]
    assert max(first_asked.values()) < min(plain)
    scenario.truth_is_loaded()


def test_without_waiting_what_is_ready_is_taken_and_the_rest_is_pending(
    scenario: LoadScenario,
) -> None:
    scenario.simulator.set_options(prepare_polls=0)  # ready when asked the second time
    result = scenario.load("--no-wait", code=3)
    pending = [key for key, line in scenario.ledger().items() if line["status"] == "pending"]
    assert {feed for _, feed in pending} == set(EXPORTS)
    assert all(line in result.out for line in {airmeet_id for airmeet_id, _ in pending})
    scenario.truth_of("registrations", "questions")
    asked = scenario.asked()
    for feed in EXPORTS:
        parts = {e.part or e.airmeet_id for e in scenario.entries if e.feed == feed}
        assert asked[feed] == len(parts)
    scenario.load("--no-wait")
    scenario.truth_is_loaded()


def test_past_the_longest_wait_a_feed_is_pending(scenario: LoadScenario) -> None:
    scenario.simulator.set_options(prepare_polls=1_000_000)
    scenario.workplace.setting(async_max_wait_seconds=0.05)
    scenario.load("--only", "event_attendance", code=3)
    statuses = [line["status"] for line in scenario.ledger().values()]
    assert sorted(statuses) == ["pending"] * 3 + ["unavailable"]
    scenario.simulator.set_options(prepare_polls=0)
    scenario.load("--only", "event_attendance")
    scenario.truth_of("event_attendance")


def test_an_export_that_is_pending_keeps_the_rows_of_the_last_one(scenario: LoadScenario) -> None:
    scenario.first_load()
    first, rows = scenario.ids[0], scenario.workplace.rows("event_attendance")
    scenario.simulator.edit_airmeet(first, name="Called otherwise")
    scenario.simulator.clear_feed(first, "event_attendance")
    scenario.refresh()
    scenario.simulator.set_options(prepare_polls=1_000_000)
    scenario.load("--no-wait", code=3)
    assert scenario.workplace.rows("event_attendance") == rows
    scenario.simulator.set_options(prepare_polls=0)
    scenario.load()
    scenario.truth_is_loaded()


class _Preparing:
    """A reader whose export is ready after some polls."""

    def __init__(self, polls: int, retry_after: float | None = None) -> None:
        self.polls = polls
        self.retry_after = retry_after

    async def first_page(self, part: FeedRequest) -> Page:
        self.polls -= 1
        if self.polls >= 0:
            raise Pending("being prepared", self.retry_after)
        return Page([], {}, 0)


def _waits(reader: _Preparing, **settings: Any) -> list[float]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def wait() -> None:
        export = Export(cast(FeedRequest, None), Budget(10))
        await export.kick_off(cast(FeedReader, reader))
        await export.wait_until_ready(cast(FeedReader, reader), Settings(**settings), True, sleep)
        assert export.page is not None

    asyncio.run(wait())
    return waits


@pytest.mark.parametrize(
    ("row", "held"),
    [({"email": "a@example.com"}, True), ({"name": "x" * 200}, False), ({"time": 2**70}, False)],
)
def test_a_page_that_is_large_or_cannot_be_written_again_is_not_held(row: Any, held: bool) -> None:
    """It is asked for again when it is read."""
    budget = Budget(100)

    class Ready(_Preparing):
        async def first_page(self, part: FeedRequest) -> Page:
            return Page([row], {"after": "next"}, 7)

    export = Export(cast(FeedRequest, None), budget)
    asyncio.run(export.kick_off(cast(FeedReader, Ready(0))))
    assert (export.page is not None) is held
    if export.page is not None:
        assert export.page.unpacked() == Page([row], {"after": "next"}, 7)
    assert budget.acquire(100) is not held
    export.release()
    assert budget.acquire(100) is held


def test_waits_grow_up_to_the_ceiling() -> None:
    waits = _waits(_Preparing(14), async_poll_seconds=30.0, async_poll_max_seconds=300.0)
    assert waits[0] == 30
    assert waits == sorted(waits) and waits[-1] == 300
    assert all(1 < later / before <= 1.25 for before, later in pairwise(waits) if later < 300)


@pytest.mark.parametrize(("asked", "waited"), [(75.0, 75.0), (2.0, 30.0), (None, 30.0)])
def test_a_wait_is_no_shorter_than_the_api_asks(asked: float | None, waited: float) -> None:
    assert _waits(_Preparing(1, asked), async_poll_seconds=30.0) == [waited]


def test_the_last_wait_ends_with_the_patience() -> None:
    waits = _waits(_Preparing(3), async_poll_seconds=500.0, async_poll_max_seconds=900.0,
                   async_max_wait_seconds=600.0)  # fmt: skip
    assert waits == pytest.approx([500, 600, 600], abs=1)  # no time passes in this test


def test_exports_hold_no_slot_while_they_wait(make_scenario: MakeScenario, tmp_path: Path) -> None:
    scenario = make_scenario(airmeets=6, prepare_polls=3)
    scenario.workplace.setting(max_concurrency=1)
    scenario.load()
    scenario.truth_is_loaded()


def test_without_a_set_wait_the_first_polls_come_soon() -> None:
    waits = _waits(_Preparing(6))
    assert waits == [2, 5, 15, 30, 37.5, 46.875]
    assert _waits(_Preparing(5), async_poll_max_seconds=10.0) == [2, 5, 10, 10, 10]
    assert _waits(_Preparing(2, 60.0)) == [60, 60]


def test_a_set_wait_is_the_first_one() -> None:
    assert _waits(_Preparing(3), async_poll_seconds=1.0) == [1, 1.25, 1.5625]


def test_the_progress_says_how_many_are_ready_and_when_the_next_poll_is() -> None:
    progress = Progress(stage="waiting for exports", exports=5, waiting=2)
    assert progress.next_poll() is None
    display = Display()
    display.fetching(progress)
    assert "3 of 5 exports ready" in display._state()
    progress.will_poll("first", 3600)
    progress.will_poll("second", 7200)
    assert re.search(r"next poll in (3600|3599) s", display._state())
    progress.ends_polls(["first", "second"])
    assert progress.next_poll() is None
