"""The source alone, in anyone's pipeline."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from airmeet import airmeet_source
from airmeet.errors import SettingsError
from airmeet.schemas import TABLES as SCHEMAS
from airmeet.source import package_source
from airmeet_simulator.server import Address
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.tokens import ACCESS_KEY

from tests.workplace import TABLES, Workplace, assert_loaded, assert_same_rows, simulated

ROOT = Path(__file__).parents[2]


@pytest.fixture
def service(workplace: Workplace) -> Iterator[tuple[Simulator, Address]]:
    with simulated() as (simulator, address):
        workplace.point_at(address.v1)
        yield simulator, address


def pipeline_of(workplace: Workplace, name: str = "mine") -> dlt.Pipeline:
    target = dlt.destinations.duckdb(str(workplace.file))
    return dlt.pipeline(name, destination=target, dataset_name="airmeet")


def test_every_table_is_a_resource() -> None:
    source = airmeet_source("a", "b")
    assert set(source.resources) == {*TABLES, "feed_syncs"}
    assert set(source.selected_resources) == {*TABLES, "feed_syncs"}


def test_the_command_loads_with_the_schema_and_the_section_of_the_source() -> None:
    public, package = airmeet_source("a", "b"), package_source([], "v1")
    assert package.name == public.name == package.schema.name == public.schema.name == "airmeet"
    assert package.section == public.section == "airmeet"
    for name, resource in public.resources.items():
        ours = package.resources[name].compute_table_schema()
        assert ours == resource.compute_table_schema()


def test_arguments_stand_over_dlts_configuration(workplace: Workplace) -> None:
    workplace.setting(access_key="a", secret_key="b", region="v1")
    assert "tracks" not in airmeet_source().resources
    assert "tracks" in airmeet_source(region="eu").resources
    workplace.setting(region="us")
    assert "tracks" in airmeet_source().resources
    with pytest.raises(SettingsError, match="max_concurrency"):
        airmeet_source(max_concurrency=0)


def test_constructing_the_source_asks_for_nothing(service: tuple[Simulator, Address]) -> None:
    simulator, _ = service
    airmeet_source()
    assert simulator.requests.total == 0


@pytest.mark.slow
def test_all_of_it_in_a_pipeline_of_ones_own(
    workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    simulator, _ = service
    pipeline_of(workplace).run(airmeet_source(), loader_file_format="parquet")
    assert_loaded(workplace, simulator)


def test_dlt_gets_texts_as_plain_texts(
    workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    """There are destinations that know no other."""
    pipeline = pipeline_of(workplace)
    pipeline.extract(airmeet_source(), loader_file_format="parquet")
    files = [*Path(pipeline.working_dir).rglob("session_attendance.*.parquet")]
    schemas = [pq.read_schema(file) for file in files]
    assert schemas
    for schema in schemas:
        assert {str(schema.field(key).type) for key in ("airmeet_id", "session_id")} == {"string"}


def test_selected_resources_fetch_what_they_need_alone(
    workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    simulator, _ = service
    source = airmeet_source().with_resources("registrations", "session_attendance")
    pipeline_of(workplace).run(source, loader_file_format="parquet")
    assert set(simulator.requests.feeds()) == {
        "auth", "airmeets", "registrations", "sessions", "session_attendance",
    }  # fmt: skip
    for table in ("registrations", "session_attendance"):
        assert_same_rows(workplace.rows(table), simulator.truth(table))
    loaded = {
        name
        for (name,) in workplace.sql(
            "select table_name from information_schema.tables where table_schema = 'airmeet' "
            "and not starts_with(table_name, '_dlt')"
        )
    }
    assert loaded == {"registrations", "session_attendance"}


def test_the_ledger_says_nothing_of_tables_that_were_left_out(
    workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    """What it called loaded would never be fetched."""
    simulator, _ = service
    pipeline = pipeline_of(workplace)

    def run(*tables: str) -> set[str]:
        simulator.requests.clear()
        source = airmeet_source().with_resources(*tables, "feed_syncs")
        pipeline.run(source, loader_file_format="parquet")
        return set(simulator.requests.feeds()) - {"auth", "airmeets"}

    run("sessions")
    rows = workplace.sql("select distinct feed from airmeet.feed_syncs")
    assert rows == [("sessions",)]
    run("sessions", "session_people")
    assert_same_rows(workplace.rows("session_people"), simulator.truth("session_people"))


@pytest.mark.slow
def test_it_loads_what_is_due_alone_as_the_command_does(
    workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    simulator, _ = service
    pipeline = pipeline_of(workplace)
    pipeline.run(airmeet_source(), loader_file_format="parquet")
    first = simulator.requests.total
    pipeline.run(airmeet_source(), loader_file_format="parquet")
    assert simulator.requests.total - first < first / 2
    assert_loaded(workplace, simulator)


@pytest.mark.slow
def test_every_column_is_described(
    workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    pipeline = pipeline_of(workplace)
    pipeline.run(airmeet_source(), loader_file_format="parquet")
    schema = pipeline.default_schema
    for table in (*TABLES, "feed_syncs"):
        columns = schema.get_table_columns(table)
        assert set(SCHEMAS[table].by_name) <= set(columns)
        nameless = [n for n, c in columns.items() if not c.get("description")]
        assert [n for n in nameless if not n.startswith("_dlt")] == []
        for key in SCHEMAS[table].merge_keys:
            assert columns[key]["nullable"] is False


@pytest.mark.slow
def test_a_new_field_arrives_as_a_new_column(workplace: Workplace) -> None:
    with simulated() as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
        simulator.set_options(new_field="shoeSize", extra_fields=True)
        simulator.forget_exports()
        assert workplace.run("load", "--no-reports", "--full-refresh").code == 0
        assert_loaded(workplace, simulator)
    assert workplace.sql("select count(shoe_size) > 0 from airmeet.registrations") == [(True,)]


@pytest.mark.slow
def test_the_token_is_kept_between_runs_for_its_owner_alone(
    workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    simulator, _ = service
    for _ in range(3):
        assert workplace.run("load", "--only", "airmeets", "--no-reports").code == 0
    assert simulator.requests.feeds()["auth"] == 1
    [file] = (workplace.folder / "dlt" / "airmeet").glob("token-*")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert ACCESS_KEY not in file.read_text() + file.name


@pytest.mark.slow
def test_a_token_that_expired_is_renewed(
    workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    simulator, _ = service
    assert workplace.run("load", "--only", "airmeets", "--no-reports").code == 0
    simulator.expire_tokens()
    assert workplace.run("load", "--no-reports").code == 0
    assert simulator.requests.feeds()["auth"] == 2
    assert_loaded(workplace, simulator)


@pytest.mark.parametrize("nonsense", ["", "{}", "[1]", '{"token": 1}', "\x00\xff"])
def test_a_token_file_of_nonsense_is_replaced(
    nonsense: str, workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    assert workplace.run("load", "--only", "airmeets", "--no-reports").code == 0
    [file] = (workplace.folder / "dlt" / "airmeet").glob("token-*")
    file.write_text(nonsense)
    assert workplace.run("load", "--only", "airmeets", "--no-reports").code == 0


@pytest.mark.long
def test_dlt_init_makes_a_project_that_loads(
    tmp_path: Path, service: tuple[Simulator, Address]
) -> None:
    simulator, _ = service
    project = tmp_path / "project"
    project.mkdir()
    dlt_command = Path(sys.executable).parent / "dlt"
    init: list[Any] = [dlt_command, "--non-interactive", "init", "airmeet", "duckdb"]
    environment = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false"}
    environment.pop("DESTINATION__DUCKDB__CREDENTIALS")
    subprocess.run(
        [*init, "--location", ROOT],
        cwd=project, env=environment, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    source = ROOT / "sources" / "airmeet"
    for file in source.rglob("*.py"):
        assert (project / "airmeet" / file.relative_to(source)).exists(), file
    assert "access_key" in (project / ".dlt" / "secrets.toml").read_text()
    subprocess.run(
        [sys.executable, "airmeet_pipeline.py"],
        cwd=project, env=environment, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    target = dlt.destinations.duckdb(str(project / "airmeet.duckdb"))
    data = dlt.dataset(target, "airmeet_data")
    [(count,)] = data("select count(*) from registrations").fetchall()
    assert count == len(simulator.truth("registrations"))


def test_steps_of_ones_own_see_the_rows(
    workplace: Workplace, service: tuple[Simulator, Address]
) -> None:
    def without_names(rows: pa.Table) -> pa.Table:
        return rows.drop_columns(["name"])

    source = airmeet_source().with_resources("registrations")
    source.resources["registrations"].add_map(without_names)
    pipeline_of(workplace).run(source, loader_file_format="parquet")
    [(rows, names)] = workplace.sql("select count(*), count(name) from airmeet.registrations")
    assert rows and not names
