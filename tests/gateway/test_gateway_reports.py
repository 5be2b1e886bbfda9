"""What the gateway adds to the reports: tags and replays; nothing where it was not asked."""

from collections import Counter
from typing import Any

import pytest
from airmeet_simulator.simulator import Simulator

from tests.people import named_by
from tests.workplace import Workplace, first_load, simulated, truth_of


def _key(row: dict[str, Any]) -> tuple[str, str | None]:
    return row["airmeet_id"], named_by(row)


def _expected(simulator: Simulator) -> Counter[tuple[str, ...]]:
    """People by airmeet, source, medium and campaign, counted from the truth."""
    tags: dict[tuple[str, str | None], tuple[str, ...]] = {}
    for row in filter(named_by, truth_of(simulator, "registration_utms")):
        names = ("utm_source", "utm_medium", "utm_campaign")
        tags[_key(row)] = tuple(str(row[name] or "(none)").lower() for name in names)
    outcomes = simulator.truth("event_outcomes", "gateway")
    staff = {(row["airmeet_id"], row["person"]) for row in outcomes if row["is_staff"]}
    people = {_key(row) for row in filter(named_by, truth_of(simulator, "registrations"))} - staff
    return Counter((p[0], *tags.get(p, ("(untagged)",) * 3)) for p in people)


def test_people_are_counted_by_what_brought_them(workplace: Workplace) -> None:
    with simulated(registrations=30) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        first_load(workplace, simulator)
        rows = workplace.rows("utm_attribution", "airmeet_reports")
        found = {
            (r["airmeet_id"], r["source"], r["medium"], r["campaign"]): r["registered"]
            for r in rows
        }
        assert found == _expected(simulator)
    summary = {
        row["airmeet_id"]: (
            row["registered"] - row["staff_registered"] or None,
            row["attended_registered"],
        )
        for row in workplace.rows("event_summary", "airmeet_reports")
    }
    for airmeet_id, (registered, attended) in summary.items():
        mine = [row for row in rows if row["airmeet_id"] == airmeet_id]
        assert (sum(row["registered"] for row in mine) or None) == registered
        if attended is not None and mine:
            assert sum(row["attended"] for row in mine) == attended


def test_the_specification_has_no_tags(workplace: Workplace) -> None:
    with simulated(airmeets=3) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load").code == 0
    assert workplace.rows("utm_attribution", "airmeet_reports") == []
    for report, column in (
        ("event_summary", "replay_viewers"),
        ("attendee_event", "replays_watched"),
    ):
        assert {row[column] for row in workplace.rows(report, "airmeet_reports")} == {None}


def test_replays_are_counted(workplace: Workplace) -> None:
    with simulated(registrations=30) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        first_load(workplace, simulator)
        watched: dict[tuple[str, str | None], set[str]] = {}
        for row in filter(named_by, truth_of(simulator, "replay_attendance")):
            watched.setdefault(_key(row), set()).add(row["session_id"])
    people = {
        (row["airmeet_id"], row["person"]): row["replays_watched"]
        for row in workplace.rows("attendee_event", "airmeet_reports")
        if row["replays_watched"]
    }
    assert people == {person: len(sessions) for person, sessions in watched.items()}
    viewers = Counter(airmeet_id for airmeet_id, _ in watched)
    for row in workplace.rows("event_summary", "airmeet_reports"):
        assert row["replay_viewers"] == viewers[row["airmeet_id"]]


def test_minutes_are_those_of_the_truth(workplace: Workplace) -> None:
    with simulated(registrations=30) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        first_load(workplace, simulator)
        days = {airmeet.uid: airmeet.days for airmeet in simulator.airmeets()}
        truth = {
            (row["airmeet_id"], row["person"]): row["minutes"]
            for row in simulator.truth("event_outcomes", "gateway")
            # Which hours of several days count is the reports' to say.
            if days[str(row["airmeet_id"])] == 1
        }
    found = {
        key: row["minutes_attended"]
        for row in workplace.rows("attendee_event", "airmeet_reports")
        if (key := (row["airmeet_id"], row["person"])) in truth
    }
    # Reports leave out parts of a second, of each visit.
    assert found == {
        key: minutes if minutes is None else pytest.approx(minutes, abs=0.05)
        for key, minutes in truth.items()
        if key in found
    }
    assert sum(minutes is not None for minutes in found.values()) > 100
