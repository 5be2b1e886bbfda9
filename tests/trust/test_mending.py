"""What somebody damaged or dropped is made anew, or named in one line with its mend."""

import shutil
from pathlib import Path

import duckdb
import pytest
from airmeet_etl.exit_codes import is_disk_full, to_command_error

from tests.trust.conftest import MakeScenario
from tests.trust.killing import MOMENTS, killed
from tests.trust.scenario import LoadScenario

WAYS = {"no bytes": lambda b: b"", "half of it": lambda b: b[: len(b) // 2], "none": None}


def _damage(file: Path, way: str) -> None:
    change = WAYS[way]
    if change is None:
        file.unlink()
    else:
        file.write_bytes(change(file.read_bytes()))


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("state.json", "no bytes"),
        pytest.param("state.json", "half of it", marks=pytest.mark.slow),
        pytest.param("schemas/airmeet.schema.json", "half of it", marks=pytest.mark.slow),
        ("schemas/airmeet.schema.json", "none"),
    ],
)
def test_a_working_folder_that_cannot_be_read(
    make_scenario: MakeScenario, name: str, way: str
) -> None:
    scenario = make_scenario(airmeets=2)
    scenario.first_load()
    _damage(scenario.workplace.folder / "dlt/pipelines/airmeet" / name, way)
    assert scenario.workplace.run("status").code == 0
    scenario.load()
    assert scenario.asked() == {"airmeets": 1}
    scenario.truth_is_loaded()


@pytest.mark.parametrize(
    ("moment", "file", "way"),
    [
        ("before dlt's normalize", "normalize/extracted/*/schema.json", "none"),
        *(
            pytest.param(*case, marks=pytest.mark.long)
            for case in (
                ("before dlt's load", "load/normalized/*/new_jobs/reg*.parquet", "no bytes"),
                ("before dlt's load", "load/normalized/*/schema.json", "half of it"),
                ("before dlt's load", "load/normalized/*/load_package_state.json", "no bytes"),
                ("before dlt's normalize", "normalize/extracted/*/new_jobs/air*.parquet", "none"),
            )
        ),
    ],
)
def test_a_pending_package_that_is_damaged_is_fetched_again(
    make_scenario: MakeScenario, moment: str, file: str, way: str
) -> None:
    scenario = make_scenario(airmeets=1)
    killed(MOMENTS[moment], ("load", "--no-reports"))
    [found, *_] = (scenario.workplace.folder / "dlt/pipelines/airmeet").glob(file)
    _damage(found, way)
    scenario.load()
    scenario.truth_is_loaded()
    scenario.load()
    assert scenario.asked() == {"airmeets": 1}


def test_a_warehouse_without_a_byte_is_loaded_anew(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=1)
    scenario.first_load()
    scenario.workplace.file.write_bytes(b"")
    assert "nothing is loaded" in scenario.workplace.run("status").out
    scenario.load()
    scenario.truth_is_loaded()


def test_a_warehouse_that_is_damaged_is_named_with_the_mend(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=1)
    scenario.first_load()
    file = scenario.workplace.file
    _damage(file, "half of it")
    for command in ("load", "status", "publish"):
        result = scenario.workplace.run(command)
        assert (result.code, result.err.count("\n")) == (1, 1)
        assert result.err.startswith(f"airmeet: the DuckDB file {file} cannot be read (")
        assert "move it away: airmeet load fetches all of it again" in result.err


DROPPED = {
    "drop table airmeet.registrations": {"airmeets", "registrations"},
    "drop table airmeet.session_people": {"airmeets", "sessions"},
    "alter table airmeet.questions drop column airmeet_id": {"airmeets", "questions"},
    "alter table airmeet.registrations drop column email": {"airmeets", "registrations"},
    "alter table airmeet.feed_syncs drop column error": {"airmeets"},
    "alter table airmeet.feed_syncs drop column is_final": None,
    "alter table airmeet.feed_syncs drop column feed": None,
    "drop table airmeet.feed_syncs": None,
    "drop table airmeet._dlt_loads": None,
    "drop table airmeet._dlt_version": {"airmeets"},
}


@pytest.mark.slow
def test_what_was_dropped_by_hand_is_made_anew(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=1)
    scenario.first_load()
    loaded = scenario.workplace.file.with_name("loaded")
    shutil.copy(scenario.workplace.file, loaded)
    for statement, asked in DROPPED.items():
        shutil.copy(loaded, scenario.workplace.file)
        scenario.workplace.execute(statement)
        assert scenario.workplace.run("status").code == 0, statement
        scenario.load()
        assert asked is None or set(scenario.asked()) == asked, statement
        scenario.truth_is_loaded()
    scenario.load()
    assert scenario.asked() == {"airmeets": 1}


def test_a_table_that_was_dropped_comes_again(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=1)
    scenario.first_load()
    scenario.workplace.execute("drop table airmeet.registrations")
    assert "made anew what was missing of registrations" in scenario.load().err
    assert scenario.asked() == {"airmeets": 1, "registrations": 1}
    scenario.truth_is_loaded()


@pytest.mark.long
def test_a_report_that_was_dropped_comes_again(scenario: LoadScenario) -> None:
    assert scenario.workplace.run("load", "--only", "registrations").code == 0
    for table in ("event_summary", "_dlt_loads"):
        scenario.workplace.execute(f"drop table airmeet_reports.{table}")
        assert scenario.workplace.run("load", "--only", "questions").code == 0
        assert scenario.workplace.rows(table, "airmeet_reports")


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    full = OSError(28, "No space left on device", str(tmp_path / "x"))
    assert is_disk_full(full)
    assert f"the disk is full ({tmp_path / 'x'}); free" in str(to_command_error(full))
    written = duckdb.IOException('Could not write file "/x/w.duckdb.wal": No space left on device')
    assert "the disk is full (/x/w.duckdb.wal); free" in str(to_command_error(written))
    assert not is_disk_full(OSError(13, "Permission denied"))
