"""What the truth says of people and airmeets: the contract's definitions, counted by hand."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

import pytest
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.simulator import Simulator

from tests.people import named_by
from tests.simulator.visitor import Clock


@pytest.fixture
def simulator(clock: Clock) -> Simulator:
    return Simulator(Plan(4, 20, seed=2), clock=clock)


@pytest.fixture
def airmeet(simulator: Simulator, clock: Clock) -> str:
    """An airmeet of the last three hours: four registered before its end, one after it."""
    uid = simulator.add_airmeet(registrations=0, status="ONGOING")
    for name in ("came", "came.to.a.session", "stayed.away"):
        simulator.add_registration(uid, f"{name}@acme.example.com")
    simulator.add_registration(uid, speaker(simulator, uid).upper())
    clock.advance(60)
    simulator.finish_airmeet(uid)
    clock.advance(3600)
    simulator.add_registration(uid, "too.late@acme.example.com")
    simulator.add_registration(uid, "late.but.there@acme.example.com")
    for name in ("came", "came", "walked.in", "late.but.there"):
        simulator.add_row(uid, "event_attendance", f"{name}@acme.example.com")
    simulator.add_row(uid, "event_attendance", speaker(simulator, uid))
    session = simulator.community.event(uid).sessions[0].uid
    simulator.add_row(uid, "session_attendance", "came.to.a.session@acme.example.com", session)
    simulator.add_row(uid, "session_attendance", "came@acme.example.com", session)
    simulator.add_row(uid, "replay_attendance", "stayed.away@acme.example.com")
    return uid


def speaker(simulator: Simulator, uid: str) -> str:
    event = simulator.community.event(uid)
    number = next(p for session in event.sessions for p in session.speakers)
    return event.people.person(number).email


def names(simulator: Simulator, uid: str, layout: str = "v1") -> Callable[[str], set[str]]:
    found = [r for r in simulator.truth("event_outcomes", layout) if r["airmeet_id"] == uid]
    return lambda column: {str(r["person"]).split("@")[0] for r in found if r[column]}


def test_who_did_what(simulator: Simulator, airmeet: str) -> None:
    of = names(simulator, airmeet, "gateway")
    own = speaker(simulator, airmeet).split("@")[0]
    assert own in of("is_staff") & of("registered") & of("staff_attended")
    assert of("registered") == {
        "came", "came.to.a.session", "stayed.away", "too.late", "late.but.there", own,
    }  # fmt: skip
    assert of("registered_after_end") == {"too.late"}
    assert of("attended") == {"came", "came.to.a.session", "walked.in", "late.but.there"}
    assert of("in_event_attendance") == {"came", "walked.in", "late.but.there", own}
    assert of("in_session_attendance") == {"came", "came.to.a.session"}
    assert of("replay_only") == {"stayed.away"}


def test_totals(simulator: Simulator, airmeet: str) -> None:
    [totals] = [r for r in simulator.truth("event_totals") if r["airmeet_id"] == airmeet]
    assert totals == {
        "airmeet_id": airmeet,
        "registered": 6,
        "staff_registered": 1,
        "registered_after_end": 1,
        "attended": 4,
        "attended_registered": 3,
        "walk_ins": 1,
        "no_shows": 1,
        "attendance_rate": 0.75,
    }


def test_totals_before_the_start_and_before_the_end(simulator: Simulator, airmeet: str) -> None:
    def totals(status: str) -> list[object]:
        simulator.edit_airmeet(airmeet, status=status)
        [row] = [r for r in simulator.truth("event_totals") if r["airmeet_id"] == airmeet]
        return [row[name] for name in ("registered", "attended", "no_shows", "attendance_rate")]

    assert totals("CREATED") == [6, None, None, None]
    assert totals("ONGOING") == [6, 4, None, None]
    assert totals("FINISHED") == [6, 4, 1, 0.75]


def test_staff_by_their_type_alone_are_left_out(simulator: Simulator) -> None:
    event = simulator.community.event(simulator.airmeets()[0].uid)
    rows = [r for r in simulator.truth("participants") if r["airmeet_id"] == event.airmeet.uid]
    by_type = {
        str(row["email"]).strip().lower().split("@")[0]
        for row in rows
        if row["user_type"] in ("Organizer", "Moderator", "Team")
    }
    assert by_type and by_type <= names(simulator, event.airmeet.uid)("is_staff")


@pytest.mark.slow
def test_minutes_of_visits_that_overlap_count_once(clock: Clock) -> None:
    simulator = Simulator(Plan(60, 40, seed=2), clock=clock)
    held = {
        airmeet.uid: (airmeet.start / 60_000, airmeet.end / 60_000)
        for airmeet in simulator.airmeets()
        if not airmeet.endless
    }
    visits = defaultdict(list)
    for row in simulator.truth("event_attendance"):
        if (person := named_by(row)) and row["airmeet_id"] in held:
            visits[row["airmeet_id"], person].append((row["time_stamp"], row["time_spent"]))
    minutes = {
        (row["airmeet_id"], row["person"]): row["minutes"]
        for row in simulator.truth("event_outcomes")
    }
    unknown, twice = 0, 0
    for key, found in visits.items():
        if any(start is None for start, _ in found):
            unknown += 1
            assert minutes[key] is None
            continue
        # Counted second by second: the same by another way.
        low, high = held[key[0]]
        there = set()
        for start, spent in found:
            began = datetime.fromisoformat(str(start)).timestamp() / 60
            there |= {
                second
                for second in range(round(began * 60), round(began * 60 + int(str(spent)) / 1000))
                if low * 60 <= second < high * 60
            }
        twice += len(found) > 1
        assert (minutes[key] or 0) == pytest.approx(len(there) / 60, abs=0.1)
    assert unknown and twice
