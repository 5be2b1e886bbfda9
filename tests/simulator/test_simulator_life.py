"""What the field shows: how time is written, who has no address, how events end, and who comes."""

import re
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import pytest
from airmeet_simulator.event import Event
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.visits import FORMS

from tests.people import named_by
from tests.simulator.conftest import Open
from tests.simulator.visitor import Clock, moment

Row = dict[str, Any]
ATTENDANCE = ("event_attendance", "session_attendance", "booth_attendance")
MINUTE = 60_000
WRITTEN = {
    "colons": r"\d{4}:\d\d:\d\dT\d\d:\d\d:\d\d\.00Z",
    "iso": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z",
    "seconds": r"1\d{9}",
    "milliseconds": r"1\d{9}000",
    "javascript": r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT\+0000 \(.*\)",
}


@pytest.fixture(scope="module")
def demo() -> Simulator:
    """The community of the demo."""
    return Simulator(clock=Clock())


def events(simulator: Simulator) -> list[Event]:
    return [simulator.community.event_of(airmeet) for airmeet in simulator.airmeets()]


def rows(simulator: Simulator, table: str, layout: str = "v1") -> list[Row]:
    return simulator.truth(table, layout)


def milliseconds(text: Any) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize("base", ["/api/v1", "/prod"])
def test_times_are_written_in_every_form_of_the_field(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base, attendance="any")
    airmeet = simulator.airmeets()[0].uid
    event = simulator.community.event(airmeet)
    said = set()
    for form in FORMS:
        event.time_form = form
        simulator.pages.clear()
        paths = [f"airmeet/{airmeet}/attendees", f"airmeet/{airmeet}/polls"]
        paths += [f"session/{event.sessions[0].uid}/attendees", f"airmeet/{airmeet}/questions"]
        paths.append(f"airmeet/{airmeet}/booth/{event.booths[0].uid}/booth-attendance")
        stamps = []
        for path in paths:
            for row in visitor.rows(f"/{path}", size=500)["data"]:
                entries = row.get("polls", row.get("questions", [row]))
                stamps += [entry["time_stamp"] for entry in entries]
        known = [stamp for stamp in stamps if stamp is not None]
        assert len(known) > 20 and None in stamps
        assert all(re.fullmatch(WRITTEN[form], str(stamp)) for stamp in known), form
        assert {type(stamp) for stamp in known} == {
            int if form in ("seconds", "milliseconds") else str
        }
        said.add(tuple(map(moment, stamps)))
    assert len(said) == 1, "all forms say the same"


def test_most_events_write_the_documented_form(demo: Simulator) -> None:
    forms = Counter(event.time_form for event in events(demo))
    assert set(forms) == set(FORMS)
    assert forms["colons"] > 150


def test_most_people_stay_to_the_end_and_some_leave_early(demo: Simulator) -> None:
    of = {e.airmeet.uid: e.airmeet for e in events(demo) if e.airmeet.days == 1}
    visits = [
        (of[row["airmeet_id"]], milliseconds(row["time_stamp"]), int(row["time_spent"]))
        for row in rows(demo, "event_attendance")
        if row["airmeet_id"] in of and row["time_stamp"]
    ]
    ends = Counter(
        "early" if start + spent < airmeet.end else
        "after" if start + spent > airmeet.end + 5 * MINUTE else "end"
        for airmeet, start, spent in visits
    )  # fmt: skip
    assert ends["end"] > ends["early"] > len(visits) / 5
    assert ends["after"] > len(visits) / 100
    assert all(spent >= MINUTE for _, _, spent in visits)
    there = [
        sum(
            start <= a.start + (a.end - a.start) * share <= start + spent
            for a, start, spent in visits
        )
        for share in (0.0, 0.3, 0.95)
    ]
    assert there[0] < there[1] > there[2] > len(visits) / 3, "they come, and they go"


@pytest.mark.slow
def test_visits_without_times_and_visits_that_overlap(demo: Simulator) -> None:
    for table in ATTENDANCE:
        unknown = sum(row["time_stamp"] is None for row in rows(demo, table))
        assert 0 < unknown < len(rows(demo, table)) / 8
    visits = defaultdict(list)
    for row in rows(demo, "event_attendance"):
        if row["time_stamp"] and named_by(row):
            start = milliseconds(row["time_stamp"])
            visits[row["airmeet_id"], named_by(row)].append((start, start + int(row["time_spent"])))
    pairs = [sorted(found) for found in visits.values() if len(found) == 2]
    assert any(first[1] > second[0] for first, second in pairs), "overlapping"
    assert any(first[1] < second[0] for first, second in pairs), "on two days"


def test_session_visits_are_within_the_session_and_the_visit(demo: Simulator) -> None:
    sessions = {s.uid: s for event in events(demo) for s in event.sessions}
    for row in rows(demo, "session_attendance"):
        if row["time_stamp"]:
            session, start = sessions[row["session_id"]], milliseconds(row["time_stamp"])
            end = session.start + (session.minutes or 30) * MINUTE
            assert session.start <= start < end
            assert start + int(row["time_spent"]) <= end + MINUTE


@pytest.mark.slow
def test_people_without_addresses(demo: Simulator) -> None:
    for table in ("registrations", "participants", *ATTENDANCE, "poll_responses", "questions"):
        found = rows(demo, table)
        hidden = [row for row in found if row["email"] is None]
        assert 0 < len(hidden) < len(found) / 20, table
        nobody = [row for row in hidden if row.get("user_id") is None]
        assert 0 < len(nobody) < len(hidden) / 2, table
    registered = {(r["airmeet_id"], named_by(r)) for r in rows(demo, "registrations")}
    attended = {(r["airmeet_id"], named_by(r)) for r in rows(demo, "event_attendance")}
    assert any((name or "").startswith("user:") for _, name in registered & attended)


@pytest.mark.slow
def test_staff_register_and_attend_by_the_same_address(demo: Simulator) -> None:
    registered = {(r["airmeet_id"], named_by(r)) for r in rows(demo, "registrations")}
    attended = {(r["airmeet_id"], named_by(r)) for r in rows(demo, "event_attendance")}
    in_sessions = {(r["airmeet_id"], named_by(r)) for r in rows(demo, "session_attendance")}
    people = rows(demo, "session_people")
    speakers = {(r["airmeet_id"], named_by(r)) for r in people if r["role"] == "speaker"}
    exhibitors = {(r["airmeet_id"], r["email"]) for r in rows(demo, "booth_exhibitors")}
    ids = {(r["airmeet_id"], r["id"]) for r in people if r["role"] in ("host", "cohost")}
    hosts = {
        (r["airmeet_id"], named_by(r)) for r in rows(demo, "event_attendance")
        if (r["airmeet_id"], r["user_id"]) in ids
    }  # fmt: skip
    for staff in (speakers, exhibitors, hosts):
        assert staff & registered & attended & in_sessions and staff - registered
    types = defaultdict(set)
    for row in rows(demo, "participants"):
        types[row["user_type"]].add((row["airmeet_id"], named_by(row)))
    for by_type in ("Organizer", "Moderator", "Team"):
        assert types[by_type] & registered & attended
        assert not types[by_type] & (speakers | exhibitors | hosts)
    assert types["Speaker"] - speakers and types["Exhibitor"] - exhibitors


def test_polls_belong_to_sessions_and_answers_change(demo: Simulator) -> None:
    polls = [row for row in rows(demo, "poll_responses") if row["session_id"] and row["user_id"]]
    sessions = defaultdict(set)
    answers: dict[tuple[object, ...], dict[int, dict[str, Any]]] = defaultdict(dict)
    choices = defaultdict(list)
    for row in polls:
        sessions[row["airmeet_id"], row["question"]].add(row["session_id"])
        key = (row["airmeet_id"], row["user_id"], row["session_id"], row["question"])
        answers[key].setdefault(row["response_position"], row)
        choices[row["airmeet_id"], row["user_id"], row["response_position"]].append(row["answer"])
    assert any(len(found) > 1 for found in sessions.values()), "asked in several sessions"
    twice = [list(found.values()) for found in answers.values() if len(found) == 2]
    assert {len(found) for found in answers.values()} == {1, 2}
    latest_is_first = [first["time_stamp"] > second["time_stamp"] for first, second in twice]
    assert {True, False} == set(latest_is_first)
    several = {tuple(choice) for choice in choices.values() if len(choice) > 1}
    assert any(choice != tuple(sorted(choice)) for choice in several)
    orders = Counter(frozenset(choice) for choice in several)
    assert max(orders.values()) > 1, "the same choices in several orders"


def test_some_never_answer_and_some_events_ask_nothing(demo: Simulator) -> None:
    answered = {r["airmeet_id"] for r in rows(demo, "poll_responses")}
    booths = {r["airmeet_id"] for r in rows(demo, "booths")}
    attended = rows(demo, "event_attendance")
    big = {uid for uid, n in Counter(r["airmeet_id"] for r in attended).items() if n > 20}
    assert big - answered and big - booths
    seen = {named_by(row) for row in attended if row["airmeet_id"] in answered}
    respondents = {named_by(row) for row in rows(demo, "poll_responses")}
    assert len(seen - respondents) > len(seen) / 4


def test_states_and_events_without_an_end_or_sessions(demo: Simulator) -> None:
    airmeets = rows(demo, "airmeets")
    states = Counter(row["status"] for row in airmeets)
    assert states.keys() == {"CREATED", "ONGOING", "PAUSED", "FINISHED", "CANCELLED"}
    assert sum(row["end_time"] is None for row in airmeets) > 3
    with_sessions = {row["airmeet_id"] for row in rows(demo, "sessions")}
    attended = {row["airmeet_id"] for row in rows(demo, "event_attendance")}
    assert attended - with_sessions
    cancelled = {row["airmeet_id"] for row in airmeets if row["status"] == "CANCELLED"}
    assert cancelled & {row["airmeet_id"] for row in rows(demo, "registrations")}
    assert not cancelled & attended
    paused = {row["airmeet_id"] for row in airmeets if row["status"] == "PAUSED"}
    assert paused & attended
    assert not paused & {row["airmeet_id"] for row in rows(demo, "booth_attendance")}


def test_attendance_of_cancelled_and_paused_airmeets(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0].uid
    path = f"/airmeet/{airmeet}/attendees"
    simulator.edit_airmeet(airmeet, status="CANCELLED")
    assert visitor.get(path)[0] == 400
    simulator.edit_airmeet(airmeet, status="PAUSED")
    assert visitor.rows(path)["data"]


def test_archived_airmeets_say_so(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[2].uid
    simulator.archive_airmeet(airmeet)
    simulator.set_options(archived_listed=True)
    states = {row["uid"]: row["status"] for row in visitor.all("/airmeets")}
    assert states[airmeet] == "ARCHIVE"
    assert Counter(states.values())["ARCHIVE"] == 3


def test_late_registrations_and_replays(demo: Simulator) -> None:
    ends = {row["airmeet_id"]: row["end_time"] for row in rows(demo, "airmeets")}
    starts = {row["airmeet_id"]: row["start_time"] for row in rows(demo, "airmeets")}
    attended = {(r["airmeet_id"], named_by(r)) for r in rows(demo, "event_attendance")}
    late, during = set(), set()
    for row in rows(demo, "registrations"):
        key, date = (row["airmeet_id"], named_by(row)), row["registration_date"]
        if ends[row["airmeet_id"]] and date > ends[row["airmeet_id"]]:
            late.add(key)
        elif date > starts[row["airmeet_id"]]:
            during.add(key)
    assert len(late) > 100 and not {key for key in late if key[1]} & attended
    assert len(during) > 100 and during & attended
    watched = rows(demo, "replay_attendance", "gateway")
    viewers = {(r["airmeet_id"], named_by(r)) for r in watched if named_by(r)}
    assert viewers & attended and viewers & late
    assert len(viewers - attended) > len(viewers & attended)
    lengths = {s.uid: s.minutes or 30 for event in events(demo) for s in event.sessions}
    for row in watched:
        assert 0 < row["duration_viewed"] <= lengths[row["session_id"]] * 1.1
        assert (
            row["time_stamp"] is None or row["time_stamp"] >= (ends[row["airmeet_id"]] or "")[:19]
        )


def test_a_replay_is_watched_later(visit: Open) -> None:
    simulator, visitor = visit(base="/prod")
    airmeet = simulator.airmeets()[0].uid
    path = f"/airmeet/{airmeet}/event-replay-attendees"
    before = visitor.all(path)
    simulator.clock.advance(86_400)  # type: ignore[attr-defined]
    simulator.add_row(airmeet, "replay_attendance", "viewer@acme.example.com")
    *rest, last = visitor.all(path)
    assert rest == before and last["email"] == "viewer@acme.example.com"
    assert last["duration_viewed"] > 0


@pytest.mark.slow
def test_companies_countries_and_answers_differ(demo: Simulator) -> None:
    """Of those who registered, as a share who came."""
    attended = {(r["airmeet_id"], named_by(r)) for r in rows(demo, "event_attendance")}
    registered = {
        (r["airmeet_id"], named_by(r)): r for r in rows(demo, "registrations") if r["email"]
    }
    over = {r["airmeet_id"] for r in rows(demo, "airmeets") if r["status"] == "FINISHED"}

    def rates(value: Any) -> list[float]:
        found: dict[Any, list[bool]] = defaultdict(list)
        for key, row in registered.items():
            if key[0] in over and (of := value(key, row)) is not None:
                found[of].append(key in attended)
        return sorted(sum(came) / len(came) for came in found.values() if len(came) > 100)

    countries = rates(lambda key, row: row["country"])
    assert countries[-1] - countries[0] > 0.15
    fields = {r["field_id"] for r in rows(demo, "custom_fields") if r["name"] == "companySize"}
    said = {
        (r["airmeet_id"], named_by(r)): r["value"]
        for r in rows(demo, "participant_answers") if r["field_id"] in fields
    }  # fmt: skip
    sizes = rates(lambda key, row: said.get(key))
    assert len(sizes) == 4 and sizes[-1] - sizes[0] > 0.1
    years = rates(lambda key, row: _half(demo, key[0]) if "@acme." in key[1] else None)
    assert len(years) == 2 and years[1] > years[0] + 0.1


def _half(simulator: Simulator, airmeet_id: str) -> str:
    found = simulator.community.find(airmeet_id)
    assert found is not None
    return "later" if found.start > simulator.community.now - 365 * 86_400_000 else "earlier"
