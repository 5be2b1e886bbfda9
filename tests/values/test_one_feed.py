"""Whatever one feed or one row of the list sends, the others are loaded whole."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from airmeet.extract.lifecycle import Airmeet
from airmeet.feeds import feeds_in
from airmeet_simulator.simulator import Simulator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.values.fetching import Fetched, fetch
from tests.workplace import TABLES, Workplace, assert_same_rows, simulated

Answer = Callable[[dict[str, Any]], Any]


def answer_otherwise(
    monkeypatch: pytest.MonkeyPatch,
    simulator: Simulator,
    applies: Callable[[str], bool],
    body: Answer,
    **headers: str,
) -> None:
    """Let the simulator answer some paths with another body."""
    respond = simulator.respond

    def otherwise(method: str, path: str, *others: Any, **named: Any) -> Any:
        answer = respond(method, path, *others, **named)
        if method != "GET" or answer.status != 200 or not applies(path):
            return answer
        sent = body(orjson.loads(answer.body))
        content = sent if isinstance(sent, bytes) else orjson.dumps(sent)
        return replace(answer, body=content)

    monkeypatch.setattr(simulator, "respond", otherwise)


def others_are_whole(fetched: Fetched, simulator: Simulator, odd: str, layout: str) -> None:
    """Every airmeet but the odd one is as the simulator holds it."""
    for table in TABLES:
        rows = [row for row in fetched.rows(table) if row["airmeet_id"] != odd]
        truth = [row for row in simulator.truth(table, layout) if row["airmeet_id"] != odd]
        assert_same_rows(rows, truth)


ODD: dict[str, tuple[str, str, Answer]] = {
    "a session that is null": ("gateway", "/info", lambda body: {**body, "sessions": [None]}),
    "people that are numbers": ("gateway", "/info", lambda body: {**body, "session_hosts": 7}),
    "a cursor that is false": (
        "v1", "/attendees", lambda body: {**body, "cursors": {"after": False}}
    ),
    "a cursor that is a list": ("v1", "/polls", lambda body: {**body, "cursors": {"after": [1]}}),
    "a total beyond all numbers": (
        "v1", "/polls", lambda body: {**body, "cursors": {"totalCount": 10**15 * 10**3}}
    ),
    "a list nested deep beside a NUL": (
        "v1",
        "/registrations",
        lambda body: b'{"data": [{"email": "a@x.example.com", "deep": '
        + b"[" * 900 + b'"\\u0000"' + b"]" * 900 + b"}]}",
    ),
    "rows that are texts": ("v1", "/custom-fields", lambda body: {"customFields": ["a", "b"]}),
    "answers that are numbers": (
        "v1",
        "/participants",
        lambda body: {**body, "paticipants": [{"email": 7, "user_profile": 1}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
def test_an_odd_answer_touches_its_own_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    layout, ending, body = ODD[case]
    with simulated(airmeets=3) as (simulator, address):
        odd = simulator.airmeets()[0].uid
        answer_otherwise(
            monkeypatch, simulator, lambda path: odd in path and path.endswith(ending), body
        )
        others_are_whole(fetch(address, tmp_path, layout), simulator, odd, layout)


ODD_ROWS: list[dict[str, Any]] = [
    {"endTime": "9999-12-31T23:59:59.000Z"},
    {"startTime": "0001-01-01T00:00:00+14:00", "endTime": 10**300},
    {"name": "Ann \ud83d"},
    {"startTime": [1], "status": {"a": None}, "timezone": 7},
    {"name": None, "startTime": "soon"},
    {"uid": 17, "status": None},
]


def _is_of(uid: str, ending: str, path: str) -> bool:
    return uid in path and path.endswith(ending)


def test_odd_answers_and_rows_of_the_list_end_no_load(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them in one load, each at an airmeet of its own."""
    with simulated(airmeets=len(ODD_ROWS) + len(ODD) + 2) as (simulator, address):
        workplace.point_at(address.v1)
        uids = [airmeet.uid for airmeet in simulator.airmeets()]
        rows = dict(zip(uids, ODD_ROWS, strict=False))
        cases = dict(zip(uids[len(rows) :], ODD.values(), strict=False))

        def listed(body: dict[str, Any]) -> bytes:
            for row in body["data"]:
                row.update(rows.get(row["uid"], {}))
            return json.dumps(body).encode()

        answer_otherwise(monkeypatch, simulator, lambda path: path.endswith("/airmeets"), listed)
        for uid, (_, ending, body) in cases.items():
            answer_otherwise(monkeypatch, simulator, partial(_is_of, uid, ending), body)
        result = workplace.run("load")
        assert result.code == 3 and "Traceback" not in result.err, result
        whole = uids[len(rows) + len(cases) :]
        for table in TABLES:
            assert_same_rows(
                [row for row in workplace.rows(table) if row["airmeet_id"] in whole],
                [row for row in simulator.truth(table) if row["airmeet_id"] in whole],
            )
    [(count,)] = workplace.sql("select count(*) from airmeet.airmeets")
    assert count == len(uids)


def test_days_beyond_time_make_nothing_final(tmp_path: Path) -> None:
    with simulated(airmeets=2) as (_, address):
        fetched = fetch(address, tmp_path, settle_days=3_000_000)
    assert fetched.syncs and not any(sync.is_final for sync in fetched.syncs.values())


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud83d", "0001-01-01", "9999-12-31T23:59:59Z", "02134", "1_000", "null"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
_PATHS = {
    layout: sorted(
        {
            (feed.gateway_path if layout == "gateway" else None) or feed.path
            for feed in feeds_in(layout).values()
        }
    )
    for layout in ("v1", "gateway")
}


ANY_JSON = given(
    values=st.lists(_JSON, min_size=1, max_size=12),
    feed=st.sampled_from([(layout, path) for layout, paths in _PATHS.items() for path in paths]),
)
FEW, MANY = (
    settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    for examples in (25, 100)
)


@FEW
@ANY_JSON
def test_any_json_in_any_field_touches_its_own_airmeet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: list[Any], feed: tuple[str, str]
) -> None:
    touches_its_own_airmeet(tmp_path, monkeypatch, values, *feed)


@pytest.mark.long
@MANY
@ANY_JSON
def test_more_json_touches_its_own_airmeet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: list[Any], feed: tuple[str, str]
) -> None:
    touches_its_own_airmeet(tmp_path, monkeypatch, values, *feed)


def touches_its_own_airmeet(
    folder: Path, monkeypatch: pytest.MonkeyPatch, values: list[Any], layout: str, path: str
) -> None:
    """Values in place of what a feed of one airmeet sends leave the other airmeet whole."""
    ending = path.rsplit("}", 1)[-1]

    def body(body: dict[str, Any]) -> Any:
        fields = iter(values)
        for value in body.values():
            for row in value if isinstance(value, list) else ():
                for key in list(row) if isinstance(row, dict) else ():
                    row[key] = next(fields, row[key])
        return json.dumps(body).encode()

    with simulated(airmeets=2) as (simulator, address), monkeypatch.context() as patch:
        odd = simulator.airmeets()[0]
        sessions = simulator.truth("sessions", layout)
        within = {row["session_id"] for row in sessions if row["airmeet_id"] == odd.uid}
        within.add(odd.uid)
        answer_otherwise(
            patch,
            simulator,
            lambda path: path.endswith(ending) and any(f"/{id}/" in path for id in within),
            body,
        )
        others_are_whole(fetch(address, folder, layout), simulator, odd.uid, layout)


def test_a_row_of_the_list_that_makes_sense_again_holds_nothing_back(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Airmeet.of
    query = "select status, is_final, error from airmeet.feed_syncs where feed = 'airmeets'"
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        odd = simulator.airmeets()[0].uid

        def refused(row: dict[str, Any], treatment: str = "") -> Airmeet:
            if row["airmeet_id"] == odd:
                raise RecursionError
            return read(row, treatment)

        with monkeypatch.context() as patch:
            patch.setattr(Airmeet, "of", refused)
            assert workplace.run("load", "--no-reports").code == 3
        [(status, is_final, error)] = workplace.sql(query)
        assert (status, is_final) == ("failed", False) and "RecursionError" in error
        assert workplace.run("load", "--no-reports").code == 0
        assert workplace.sql(query) == [("loaded", True, None)]
        assert_same_rows(workplace.rows("registrations"), simulator.truth("registrations"))
