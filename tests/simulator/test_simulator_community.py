"""The community: the same from the same seed, and as varied as life."""

from collections import Counter

import pytest
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.errors import SimulatorError
from airmeet_simulator.event import Event
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.truth import TABLES

from tests.people import named_by
from tests.simulator.conftest import Open
from tests.simulator.visitor import Clock


@pytest.fixture(scope="module")
def demo() -> Simulator:
    """The community of the demo."""
    return Simulator(clock=Clock())


def events(simulator: Simulator) -> list[Event]:
    return [simulator.community.event_of(airmeet) for airmeet in simulator.airmeets()]


def test_the_same_seed_gives_the_same_bytes(visit: Open) -> None:
    found = []
    for order in (1, -1):
        simulator, visitor = visit(Plan(6, 30, seed=9))
        # Whatever was asked for first, the rest is the same.
        for airmeet in simulator.airmeets()[::order]:
            visitor.get(f"/airmeet/{airmeet.uid}/questions")
        pages = [visitor.ask("/airmeets")]
        for airmeet in simulator.airmeets():
            for leaf in ("registrations", "participants", "info", "polls", "questions"):
                pages.append(visitor.ask(f"/airmeet/{airmeet.uid}/{leaf}"))
        found.append(pages)
    assert found[0] == found[1]
    assert Simulator(Plan(6, 30, seed=10)).truth("airmeets") != simulator.truth("airmeets")


@pytest.mark.slow
def test_sizes(demo: Simulator) -> None:
    counts = demo.counts()
    assert set(counts) == set(TABLES)
    assert counts["airmeets"] == 300
    assert 17_000 < counts["registrations"] <= 18_100
    sizes = sorted(airmeet.size for airmeet in demo.airmeets())
    assert sizes[0] == 0
    assert sizes[-1] > 8 * sizes[150] > 0


def test_states_and_times(demo: Simulator) -> None:
    airmeets = demo.airmeets()
    states = Counter(airmeet.status for airmeet in airmeets)
    assert states["ONGOING"] >= 1 and states["CREATED"] > 3 and states["FINISHED"] > 250
    now = demo.clock() * 1000
    assert any(a.status == "CREATED" and a.end < now for a in airmeets), "never started"
    assert all(a.created < a.start < a.end for a in airmeets)
    assert len({a.timezone for a in airmeets}) > 8
    assert len({a.uid for a in airmeets}) == 300
    assert [a.created for a in airmeets] == sorted(a.created for a in airmeets)
    assert any(not a.minutes for a in airmeets)


def test_people(demo: Simulator) -> None:
    rows = [row for event in events(demo) for row in spelled(event)]
    keys = [key for _, _, key in rows]
    airmeets_of = Counter(key for _, key in {(uid, key) for uid, _, key in rows})
    assert sum(1 for count in airmeets_of.values() if count > 1) > 1000, "people return"
    assert len({(uid, key) for uid, _, key in rows}) < len(rows), "some register twice"
    assert any(email != email.strip() for _, email, _ in rows)
    assert any(email.strip() != key for _, email, key in rows)
    assert all(key.endswith(".example.com") for key in keys)
    assert {"freemail.example.com", "acme.example.com"} <= {key.split("@")[1] for key in keys}


def spelled(event: Event) -> list[tuple[str, str, str]]:
    emails = [event.address(member, 1) for member in event.row_set("registrations").items]
    return [(event.airmeet.uid, email, email.strip().lower()) for email in emails if email]


def test_nulls_and_unicode(demo: Simulator) -> None:
    people = demo.truth("participants")
    for column in ("name", "city", "country", "organisation", "designation", "registration_date"):
        assert any(row[column] is None for row in people)
    text = "".join(str(row["name"]) for row in people)
    assert all(character in text for character in "🎉\"'美Ł")
    assert any(row["duration"] is None for row in demo.truth("sessions"))


@pytest.mark.slow
def test_taking_part(demo: Simulator) -> None:
    registered = {(r["airmeet_id"], key_of(r)) for r in demo.truth("registrations")}
    attended = [(r["airmeet_id"], key_of(r)) for r in demo.truth("event_attendance")]
    assert registered - set(attended), "no-shows"
    assert set(attended) - registered, "walk-ins"
    assert len(set(attended)) < len(attended), "some come back"
    ids = [
        row["id"]
        for table in ("event_attendance", "session_attendance", "booth_attendance")
        for row in demo.truth(table)
    ]
    assert len(ids) == len(set(ids))
    staff = {
        (e.airmeet.uid, e.people.person(p).email)
        for e in events(demo) for b in e.booths for p in b.exhibitors
    }  # fmt: skip
    assert staff & set(attended), "exhibitors attend as well"


def test_polls_and_questions(demo: Simulator) -> None:
    polls = demo.truth("poll_responses")
    names = ("airmeet_id", "user_id", "question", "session_id")
    responses = {
        (*(row[name] for name in names), row["response_position"])
        for row in polls
        if row["session_id"]
    }
    asked = Counter(response[:-1] for response in responses)
    assert max(asked.values()) == 2, "changed answers"
    assert len(polls) > len(responses), "several choices"
    assert any(row["answer"] is None and row["session_id"] for row in polls)
    assert any(row["answer"] and row["session_id"] is None for row in polls)
    assert any(row["upvote_count"] != 0 for row in demo.truth("questions"))


def test_answers(demo: Simulator) -> None:
    answers = demo.truth("participant_answers")
    keys = [(r["airmeet_id"], key_of(r), r["field_id"], r["value"]) for r in answers if r["email"]]
    assert len(keys) == len(set(keys))
    several = Counter(key[:3] for key in keys)
    assert max(several.values()) > 1
    kinds = {row["input_type"] for row in demo.truth("custom_fields")}
    assert kinds == {"text", "radio", "checkbox"}


def key_of(row: dict[str, object]) -> str | None:
    return named_by(row)


@pytest.mark.parametrize("airmeets", [0, 1, 2, 3, 4])
def test_small_communities(airmeets: int) -> None:
    simulator = Simulator(Plan(airmeets, 2), clock=Clock())
    assert simulator.counts()["airmeets"] == airmeets


def test_ten_thousand_airmeets_are_drawn_when_asked_for() -> None:
    simulator = Simulator(Plan(10_000, 100), clock=Clock())
    assert len(simulator.airmeets()) == 10_000
    assert not simulator.community._events


def test_a_plan_must_make_sense() -> None:
    with pytest.raises(SimulatorError, match="airmeets"):
        Plan(-1)
