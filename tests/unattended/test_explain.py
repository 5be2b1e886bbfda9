"""`airmeet explain` ties every figure of a summary to its rows."""

from tests.desk import Workplace, simulated


def test_every_figure_is_explained(workplace: Workplace) -> None:
    with simulated(airmeets=12, registrations=30) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load").code == 0
    summaries = workplace.rows("event_summary", "airmeet_reports")
    summary = max(summaries, key=lambda row: (row["staff_attended"] or 0, row["attended"] or 0))
    assert summary["staff_attended"] > 0
    result = workplace.run("explain", summary["airmeet_id"])
    assert result.code == 0, result.err
    assert summary["name"] in result.out
    for figure in ("registered", "attended", "walk_ins", "no_shows", "questions_asked"):
        assert any(
            line.split()[:2] == [figure, f"{summary[figure]:,}"] for line in result.out.splitlines()
        ), figure
    rows = workplace.sql(
        "select count(*), count(distinct lower(trim(email))) from airmeet.event_attendance "
        f"where airmeet_id = '{summary['airmeet_id']}'"
    )
    assert "{:,} rows, {:,} distinct addresses".format(*rows[0]) in result.out
    staff = workplace.sql(
        "select person from airmeet_reports.attendee_event "
        f"where airmeet_id = '{summary['airmeet_id']}' and staff_attended = 1"
    )
    assert all(person in result.out for (person,) in staff)


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


def test_an_airmeet_that_is_not_there(workplace: Workplace) -> None:
    assert "nothing is loaded" in workplace.run("explain", "none-such").err
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load").code == 0
    result = workplace.run("explain", "none-such")
    assert (result.code, result.err.count("\n")) == (1, 1)
