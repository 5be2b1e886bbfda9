"""What a load costs, in requests and packages: no time is measured here."""

import asyncio
import re
from collections import Counter
from math import ceil

import pyarrow as pa
import pytest
from airmeet.extract.queue import UnitQueue
from airmeet.extract.results import FeedResult
from airmeet_etl.load import load
from airmeet_simulator.simulator import Simulator

from tests.workplace import TABLES, Workplace, first_load, simulated

WITHIN_OTHERS = {
    "participant_answers",
    "session_people",
    "custom_field_options",
    "booth_exhibitors",
    "booth_tags",
}
"""Tables of what stands within the rows of other feeds."""
_EXPORTS = {"event_attendance", "session_attendance", "booth_attendance"}


def _rows(simulator: Simulator) -> int:
    return sum(len(list(simulator.truth(table))) for table in TABLES)


@pytest.mark.slow
def test_each_answer_is_asked_for_once_and_an_export_twice(workplace: Workplace) -> None:
    with simulated(prepare_polls=0) as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
        asked = Counter((e.feed, e.airmeet_id, e.part) for e in simulator.requests.entries)
        feeds = {feed for feed, _, _ in asked}
        assert feeds == {"auth", *TABLES} - WITHIN_OTHERS
        for (feed, airmeet_id, part), count in asked.items():
            # Kicked off, then read; what refuses does so the first time.
            assert count <= (2 if feed in _EXPORTS else 1), (feed, airmeet_id, part)


def test_pages_are_as_large_as_the_api_gives_them(workplace: Workplace) -> None:
    with simulated(airmeets=1, registrations=1_200, prepare_polls=0) as (simulator, address):
        workplace.point_at(address.v1)
        feeds = ("registrations", "participants")
        only = [word for feed in feeds for word in ("--only", feed)]
        assert workplace.run("load", "--no-reports", *only).code == 0
        asked = Counter(entry.feed for entry in simulator.requests.entries)
        for feed in feeds:
            served = len(list(simulator.truth(feed)))
            assert served > 1_000
            # People who come twice are served twice.
            assert ceil(served / 500) <= asked[feed] <= ceil(served * 1.2 / 500)


@pytest.mark.slow
@pytest.mark.parametrize("package_rows", [500, 1_000_000])
def test_rows_are_loaded_in_as_few_packages_as_their_bound_allows(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, package_rows: int
) -> None:
    monkeypatch.setattr(load, "PACKAGE_ROWS", package_rows)
    with simulated() as (simulator, address):
        workplace.point_at(address.v1)
        result = workplace.run("load", "--no-reports")
        found = re.search(r"(\d+) package\(s\)", result.out)
        assert found, result.out
        assert 1 <= int(found[1]) <= ceil(_rows(simulator) / package_rows)
    completed = workplace.sql("select count(*) from airmeet._dlt_loads where status = 0")
    assert completed == [(int(found[1]),)]


def test_a_unit_as_large_as_a_package_is_one_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PACKAGE_ROWS", 100)
    queue = UnitQueue(10_000)

    async def put_all() -> None:
        for rows in (40, 40, 500, 100, 60, 39, 99, 7):
            await queue.put(FeedResult({"registrations": pa.table({"email": ["e"] * rows})}))

    asyncio.run(put_all())
    queue.end()
    packages = [[result.rows for result in package] for package in load._packages(queue)]
    assert packages == [[40, 40], [500], [100], [60, 39, 99], [7]]


def test_a_table_that_is_there_is_not_sent_again_without_rows(workplace: Workplace) -> None:
    """Each costs dlt as much as one with rows."""
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator, "--no-reports")
        # A list that lacks a row is loaded again; nothing else is due.
        workplace.execute(
            "delete from airmeet.airmeets where airmeet_id in "
            "(select min(airmeet_id) from airmeet.airmeets)"
        )
        assert workplace.run("load", "--no-reports", "--since", "2100-01-01").code == 0
    loaded = workplace.folder / "dlt/pipelines/airmeet/load/loaded"
    latest = max(loaded.iterdir(), key=lambda package: package.name)
    jobs = {job.name.partition(".")[0] for job in (latest / "completed_jobs").iterdir()}
    assert jobs <= {"airmeets", "feed_syncs", "feed_fields", "_dlt_pipeline_state"}
