"""`airmeet explain` ties every figure of a summary to its rows."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from airmeet_simulator.simulator import Simulator

from tests.conftest import Alter
from tests.workplace import Workplace, simulated, truth_of

STAFF = ("Host", "Speaker", "Exhibitor")


@pytest.mark.slow
def test_every_figure_is_explained(workplace: Workplace) -> None:
    with simulated(airmeets=12, registrations=30) as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load").code == 0
    summaries = workplace.rows("event_summary", "airmeet_reports")
    summary = max(summaries, key=lambda row: (row["staff_attended"] or 0, row["attended"] or 0))
    assert summary["staff_attended"] > 0
    result = workplace.run("explain", summary["airmeet_id"])
    assert result.code == 0, result.err
    assert summary["name"] in result.out
    known = {
        "airmeet_id", "name", "event_name", "status", "phase", "start_time", "end_time", "ends_at",
        "start_date", "is_final", "is_listed", "last_listed_at", "is_time_zone_known",
        "registration_state", "attendance_state", "engagement_state", "time_zone",
    }  # fmt: skip
    for figure in summary.keys() - known:
        value = summary[figure]
        if isinstance(value, datetime):
            word = f"{value.astimezone(UTC):%Y-%m-%d}"
        elif value is None:
            word = "unknown"
        else:
            word = f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
        lines = [line.split() for line in result.out.splitlines()]
        assert [figure, word] in [line[:2] for line in lines], figure
    rows = workplace.sql(
        "select count(*), count(distinct lower(trim(email))) from airmeet.event_attendance "
        f"where airmeet_id = '{summary['airmeet_id']}'"
    )
    assert "{:,} rows, {:,} distinct people".format(*rows[0]) in result.out
    staff = workplace.sql(
        "select person from airmeet_reports.attendee_event "
        f"where airmeet_id = '{summary['airmeet_id']}' and staff_attended = 1"
    )
    for (person,) in staff:
        [line] = [line for line in result.out.splitlines() if person in line]
        named = set(line.partition("staff: ")[2].strip().split(", "))
        assert named == roles_of(simulator, summary["airmeet_id"], person)
    counted = workplace.sql(
        "select count(*) from airmeet_reports.attendee_event where staff_attended = 1 "
        f"and registered = 1 and airmeet_id = '{summary['airmeet_id']}'"
    )[0][0]
    assert f"{len(staff)} of the staff are among the attendees there" in result.out
    assert not counted or f"{counted} of them had registered" in result.out


def roles_of(simulator: Simulator, airmeet_id: str, person: str) -> set[str]:
    """What somebody is at an airmeet, by all that the simulator holds of it."""

    def rows(table: str) -> list[dict[str, Any]]:
        return [r for r in truth_of(simulator, table) if r["airmeet_id"] == airmeet_id]

    ids = {
        row["user_id"]
        for row in rows("event_attendance")
        if str(row["email"]).strip().lower() == person
    }
    roles = {row["role"] for row in rows("session_people") if row["id"] in ids}
    if any(row["email"].lower() == person for row in rows("booth_exhibitors")):
        roles.add("exhibitor")
    for row in rows("participants"):
        if str(row["email"]).strip().lower() == person and row["user_type"] in STAFF:
            roles.add(row["user_type"].lower())
    return roles


@pytest.mark.slow
def test_attendees_without_an_address_are_left_out_by_name(
    workplace: Workplace, alter: Alter
) -> None:
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        alter(simulator, "/attendees", lambda rows: rows[0].update(email=None, user_id=None))
        airmeet_id = simulator.airmeets()[0].uid
        assert workplace.run("load").code == 0
    result = workplace.run("explain", airmeet_id)
    [(nameless,)] = workplace.sql(
        "select count(*) from airmeet.event_attendance "
        f"where email is null and airmeet_id = '{airmeet_id}'"
    )
    assert nameless
    assert re.search(rf"{nameless} rows of attendance +no address", result.out)
    assert f"{nameless} unnamed attendees are counted there, not here" in result.out


@pytest.mark.slow
def test_what_is_not_final_is_named_with_its_reason(workplace: Workplace) -> None:
    with simulated(airmeets=4) as (simulator, address):
        workplace.point_at(address.v1)
        airmeet_id = simulator.airmeets()[0].uid
        simulator.break_feed(airmeet_id, "event_attendance", "500")
        assert workplace.run("load").code == 3
    result = workplace.run("explain", airmeet_id)
    assert "event_attendance   failed" in result.out
    assert "the API failed (500)" in result.out
    assert any(line.split()[:2] == ["attended", "unknown"] for line in result.out.splitlines())


@pytest.mark.slow
def test_an_airmeet_that_is_not_there(workplace: Workplace) -> None:
    assert "nothing is loaded" in workplace.run("explain", "none-such").err
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--only", "airmeets").code == 0
    result = workplace.run("explain", "none-such")
    assert (result.code, result.err.count("\n")) == (1, 1)
