"""When reports are built by the commands, and what failed checks do."""

import pytest
from airmeet_etl.reports.sql_files import sql_files

from tests.workplace import Workplace, first_load, simulated


def _built_at(workplace: Workplace) -> object:
    return workplace.sql("select max(inserted_at) from airmeet_reports._dlt_loads")


@pytest.mark.slow
def test_reports_are_not_built_anew_when_nothing_was_fetched(workplace: Workplace) -> None:
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator)
        built = _built_at(workplace)
        result = workplace.run("load")
        assert result.code == 0
        assert "nothing was due" in result.out
        assert _built_at(workplace) == built
        simulator.edit_airmeet(simulator.airmeets()[0].uid, name="Renamed")
        assert workplace.run("load").code == 0
    assert _built_at(workplace) != built
    assert ("Renamed",) in workplace.sql("select name from airmeet_reports.event_summary")


@pytest.mark.slow
def test_an_airmeet_that_left_the_list_is_withdrawn_though_nothing_is_due(
    workplace: Workplace,
) -> None:
    with simulated(airmeets=6) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator)
        [(upcoming,)] = workplace.sql(
            "select max_by(airmeet_id, start_time) from airmeet_reports.event_summary "
            "where phase = 'upcoming'"
        )
        simulator.archive_airmeet(upcoming)
        result = workplace.run("load", "--since", "2100-01-01")
        assert result.code == 0 and "nothing was due" in result.out
    [found] = workplace.sql(
        "select phase, is_listed from airmeet_reports.event_summary "
        f"where airmeet_id = '{upcoming}'"
    )
    assert found == ("withdrawn", False)


@pytest.mark.slow
def test_reports_that_were_cut_off_are_built_by_the_next_run(workplace: Workplace) -> None:
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator, "--no-reports")
        result = workplace.run("load")
    assert "nothing was due" in result.out
    assert workplace.sql("select count(*) from airmeet_reports.event_summary") == [(2,)]


@pytest.mark.slow
def test_a_failed_check_is_named_with_its_mend_and_exits_3(workplace: Workplace) -> None:
    with simulated(airmeets=5) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator)
    workplace.execute("update airmeet.feed_syncs set rows = rows + 1 where feed = 'registrations'")
    result = workplace.run("reports")
    assert result.code == 3
    [line] = (line for line in result.out.splitlines() if "loaded_as_expected" in line)
    first, second, third, *_ = sorted(airmeet.uid for airmeet in simulator.airmeets())
    assert line == (
        f"  loaded_as_expected: 5 row(s) of {first}, {second}, {third} and 2 more (registrations); "
        f"{sql_files('checks')['loaded_as_expected'].mend}"
    )


@pytest.mark.slow
def test_what_is_only_worth_a_look_leaves_the_exit_code_alone(workplace: Workplace) -> None:
    with simulated(airmeets=5) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator)
    workplace.execute("update airmeet.registrations set registration_date = '1970-01-01'")
    result = workplace.run("reports")
    assert result.code == 0
    assert "Checks that failed" not in result.out
    assert "Worth a look" in result.out
    assert "dates_plausible" in result.out
