"""Pages to a whole feed, whatever their layout: property tests over an Airmeet in memory."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from airmeet.api.pagination import Budget, PageStats, Params, read_cursors, read_numbered
from airmeet.errors import Unavailable, UnexpectedResponse
from airmeet.feeds import FEEDS
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.conftest import MakeScenario
from tests.trust.scenario import LoadScenario

End = Literal["null", "empty string", "missing", "last id", "first page", "stale"]
ENDS: tuple[End, ...] = ("null", "empty string", "missing", "last id", "first page", "stale")
CURSORS, NUMBERED = FEEDS["event_attendance"], FEEDS["participants"]


@dataclass
class Served:
    """A feed in memory.

    Attributes:
        ids: its rows, ascending.
        most: rows a page, whatever is asked.
        end: how the last page of a feed with cursors looks.
        overlap: rows of the page before that each page repeats.
        total: whether it says how many rows there are.
        between: what happens between two answers.
    """

    ids: list[int]
    most: int = 3
    end: End = "null"
    overlap: int = 0
    total: bool = True
    between: list[Callable[["Served"], None]] = field(default_factory=list)
    asked: int = 0

    async def by_cursor(self, params: Params) -> dict[str, Any]:
        self._happen()
        after = params.get("after")
        low = 0 if after is None else sum(id <= int(after) for id in self.ids)
        if low == len(self.ids) and self.end == "first page":
            low = 0
        high = min(low + min(self.most, params["size"]), len(self.ids))
        page = self.ids[max(0, low - self.overlap) if low < high else low : high]
        body: dict[str, Any] = {"data": [{"id": id} for id in page]}
        cursor: Any = self.ids[high - 1] if high else None
        if high == len(self.ids):
            match self.end:
                case "null":
                    cursor = None
                case "empty string":
                    cursor = ""
                case "missing" if low == 0:
                    return body
                case "missing":
                    cursor = None
                case "stale":
                    cursor = after
        body["cursors"] = {"after": cursor, "before": None}
        if self.total:
            body["cursors"]["totalCount"] = len(self.ids)
        return body

    async def by_number(self, params: Params) -> dict[str, Any]:
        await asyncio.sleep(0)  # pages under way together are answered in turn
        self._happen()
        size = min(self.most, params["resultSize"])
        low = (params["pageNumber"] - 1) * size
        page = self.ids[max(0, low - self.overlap) if low < len(self.ids) else low : low + size]
        body: dict[str, Any] = {"paticipants": [{"id": id} for id in page]}
        return body | ({"totalUserCount": len(self.ids)} if self.total else {})

    def _happen(self) -> None:
        self.asked += 1
        if self.asked > 1 and self.between:
            self.between.pop(0)(self)


def _read(served: Served, numbered: bool) -> tuple[set[int], PageStats]:
    seen: set[int] = set()

    def take(rows: list[dict[str, Any]]) -> int:
        before = len(seen)
        seen.update(row["id"] for row in rows)
        return len(seen) - before

    if numbered:
        ahead = Budget(3)
        reading = asyncio.run(read_numbered(NUMBERED, served.by_number, take, 500, ahead))
        assert ahead.acquire(3), "what was taken was given back"
    else:
        reading = asyncio.run(read_cursors(CURSORS, served.by_cursor, take))
    return seen, reading


IDS = st.sets(st.integers(1, 10_000), max_size=60).map(sorted)


@given(IDS, st.integers(1, 20), st.sampled_from(ENDS), st.integers(0, 4), st.booleans())
def test_the_union_of_pages_with_cursors_is_the_set_served(
    ids: list[int], most: int, end: End, overlap: int, total: bool
) -> None:
    served = Served(ids, most, end, overlap, total)
    seen, reading = _read(served, numbered=False)
    assert seen == set(ids)
    assert served.asked <= len(ids) // most + 3
    assert reading.total == (
        len(ids) if total and not (end == "missing" and served.asked == 1) else None
    )


@given(IDS, st.integers(1, 20), st.integers(0, 4), st.booleans())
def test_the_union_of_numbered_pages_is_the_set_served(
    ids: list[int], most: int, overlap: int, total: bool
) -> None:
    served = Served(ids, most, overlap=overlap, total=total)
    seen, _ = _read(served, numbered=True)
    assert seen == set(ids)
    assert served.asked <= len(ids) // most + 3


def _arrive(served: Served) -> None:
    served.ids.append(served.ids[-1] + 1 if served.ids else 1)


def _leave(position: int) -> Callable[[Served], None]:
    def leave(served: Served) -> None:
        if served.ids:
            served.ids.pop(position % len(served.ids))

    return leave


@given(
    IDS,
    st.integers(1, 9),
    st.sampled_from(ENDS),
    st.lists(st.booleans(), max_size=12),
    st.booleans(),
)
def test_rows_that_arrive_while_somebody_pages_lose_none_of_those_there(
    ids: list[int], most: int, end: End, arrivals: list[bool], numbered: bool
) -> None:
    between = [_arrive if arrival else _leave_alone for arrival in arrivals]
    served = Served(list(ids), most, end, between=list(between))
    seen, _ = _read(served, numbered)
    assert set(ids) <= seen <= set(served.ids)


def _leave_alone(served: Served) -> None:
    """Nothing happens."""


@given(IDS, st.integers(1, 9), st.lists(st.integers(0, 99), max_size=6))
def test_rows_that_leave_move_nobody_past_a_cursor(
    ids: list[int], most: int, leavers: list[int]
) -> None:
    served = Served(list(ids), most, between=[_leave(position) for position in leavers])
    seen, _ = _read(served, numbered=False)
    assert set(served.ids) <= seen <= set(ids)


@given(IDS, st.integers(1, 9), st.integers(0, 99))
def test_who_is_moved_across_numbered_pages_by_a_leaver_is_noticed(
    ids: list[int], most: int, leaver: int
) -> None:
    served = Served(list(ids), most, between=[_leave(leaver)])
    seen, reading = _read(served, numbered=True)
    assert set(served.ids) <= seen or reading.shrank


def test_cursors_that_never_end_are_left_after_two_pages_without_a_new_row() -> None:
    asked = iter(range(100))

    async def endless(params: Params) -> dict[str, Any]:
        return {"data": [{"id": 1}], "cursors": {"after": f"cursor {next(asked)}"}}

    seen: set[int] = set()

    def take(rows: list[dict[str, Any]]) -> int:
        new = {row["id"] for row in rows} - seen
        seen.update(new)
        return len(new)

    reading = asyncio.run(read_cursors(CURSORS, endless, take))
    assert (reading.pages, next(asked)) == (3, 3)


def _endless(total: int | None, a_page: int) -> tuple[list[int], Callable[[Params], Any]]:
    """A feed of ever new rows; the pages that were asked for, and what gives them."""
    asked: list[int] = []

    async def get(params: Params) -> dict[str, Any]:
        asked.append(len(asked))
        rows = [{"id": len(asked) * a_page + number} for number in range(a_page)]
        cursors = {"after": f"cursor {len(asked)}", "totalCount": total}
        return {"data": rows, "paticipants": rows, "cursors": cursors}

    return asked, get


@pytest.mark.parametrize(("a_page", "most"), [(1, 1_101), (500, 23)])
def test_pages_far_beyond_the_totals_end_in_a_failure(a_page: int, most: int) -> None:
    asked, get = _endless(10, a_page)
    with pytest.raises(UnexpectedResponse, match=r"no end: .* where 10 was announced"):
        asyncio.run(read_cursors(CURSORS, get, len))
    assert len(asked) == most


@pytest.mark.parametrize("numbered", [False, True])
def test_a_feed_that_announces_nothing_ends_somewhere(
    numbered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airmeet.api.pagination._MOST_PAGES", 50)
    _, get = _endless(None, 5)
    with pytest.raises(UnexpectedResponse, match="no end"):
        if numbered:
            asyncio.run(read_numbered(NUMBERED, get, len, 500, Budget(3)))
        else:
            asyncio.run(read_cursors(CURSORS, get, len))


@given(IDS, st.integers(1, 20), st.integers(0, 10))
def test_a_total_that_is_a_page_s_cuts_nothing(ids: list[int], most: int, total: int) -> None:
    served = Served(ids, most)

    async def understated(params: Params) -> dict[str, Any]:
        body = await served.by_cursor(params)
        body["cursors"]["totalCount"] = total
        return body

    seen: set[int] = set()

    def take(rows: list[dict[str, Any]]) -> int:
        before = len(seen)
        seen.update(row["id"] for row in rows)
        return len(seen) - before

    asyncio.run(read_cursors(CURSORS, understated, take))
    assert seen == set(ids)


@pytest.mark.parametrize("most", [50, 200])
def test_a_size_that_is_refused_is_asked_for_no_more(most: int) -> None:
    served, asked = Served([*range(120)], 500), list[int]()

    async def get(params: Params) -> dict[str, Any]:
        asked.append(params["resultSize"])
        if params["resultSize"] > most:
            raise Unavailable("resultSize is too large", 400)
        return await served.by_number(params)

    seen: list[int] = []

    def take(rows: list[dict[str, Any]]) -> int:
        seen.extend(row["id"] for row in rows)
        return len(rows)

    asyncio.run(read_numbered(NUMBERED, get, take, 500, Budget(3)))
    assert sorted(seen) == [*range(120)]
    assert asked == [500, 50, 50, 50]


def test_a_refusal_whatever_the_size_is_a_refusal() -> None:
    async def get(params: Params) -> dict[str, Any]:
        raise Unavailable("Airmeet status is not valid", 400)

    with pytest.raises(Unavailable):
        asyncio.run(read_numbered(NUMBERED, get, len, 500, Budget(3)))


def test_pages_of_participants_come_together_once_the_total_is_known(
    make_scenario: MakeScenario,
) -> None:
    scenario = make_scenario(airmeets=1, registrations=40, participants_page_max=5, latency_ms=20)
    most = _most_at_once(scenario)
    scenario.load("--only", "participants")
    assert most() > 4
    scenario.truth_of("participants", "participant_answers")


def _most_at_once(scenario: LoadScenario) -> Callable[[], int]:
    """How many requests the simulator had before it at one time."""
    respond = scenario.simulator.respond
    arrived: list[float] = []

    def noting(*args: Any, **kwargs: Any) -> Any:
        arrived.append(scenario.simulator.clock())
        return respond(*args, **kwargs)

    scenario.simulator.respond = noting  # type: ignore[method-assign]
    return lambda: max(sum(0 <= b - a < 0.01 for b in arrived) for a in arrived)


def test_somebody_leaving_while_participants_are_read_loses_nobody(
    make_scenario: MakeScenario,
) -> None:
    scenario = make_scenario(airmeets=1, registrations=30, participants_page_max=4)
    first = scenario.ids[0]
    earliest = str(scenario.simulator.truth("registrations")[0]["email"])
    scenario.simulator.after_requests(
        2, lambda: scenario.simulator.remove_registration(first, earliest), "participants"
    )
    scenario.load("--only", "participants")
    scenario.truth_of("participants", "participant_answers")
