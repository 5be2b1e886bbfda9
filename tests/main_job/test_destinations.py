"""Destinations: those that are not supported, and what a supported one lacks, are said in one line
before anything is requested."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airmeet_etl.configuration import misspelt_settings
from airmeet_etl.warehouse.destinations import DESTINATIONS, REFUSED
from airmeet_etl.warehouse.statements import value
from airmeet_etl.warehouse.warehouse import file_format
from dlt import destinations as of_dlt
from dlt.common.destination import Destination
from sqlglot import exp, parse_one

from tests.workplace import Workplace, simulated

ROOT = Path(__file__).parents[2]


def test_each_destination_that_dlt_knows_is_judged() -> None:
    assert {*of_dlt.__all__} <= DESTINATIONS.keys() | REFUSED.keys()
    assert not DESTINATIONS.keys() & REFUSED.keys()


def test_each_has_an_extra_that_installs_its_client() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [ours] = [line for line in project["dependencies"] if line.startswith("dlt[")]
    for known in DESTINATIONS.values():
        if known.name == "filesystem":  # not by dlt's client of it
            assert project["optional-dependencies"][known.extra] == ["deltalake>=1.6,<2"]
        elif known.extra:
            expected = ours.replace("[duckdb]", f"[{known.name}]")
            assert project["optional-dependencies"][known.extra] == [expected]


@pytest.fixture
def asked_nothing(workplace: Workplace) -> Iterator[Workplace]:
    """A workplace whose Airmeet must not be asked anything."""
    with simulated(airmeets=1) as (simulator, address):
        workplace.point_at(address.v1)
        yield workplace
        assert simulator.requests.total == 0


@pytest.mark.parametrize("name", REFUSED)
def test_others_are_refused_with_what_to_use(asked_nothing: Workplace, name: str) -> None:
    _, instead = REFUSED[name]
    assert instead.partition(" ")[0].strip(",") in DESTINATIONS
    for command in ("check", "load"):
        result = asked_nothing.run(command, "--destination", name)
        assert result.code == 1
        assert result.err.startswith(f"airmeet: destination '{name}' is not supported: ")
        assert f"use {instead}" in result.err and result.err.count("\n") == 1
    assert not asked_nothing.file.exists()


@pytest.mark.parametrize(
    "command",
    ["reports", "status", "publish", "export people", "explain a", "erase --email a@example.com"],
)
def test_every_command_refuses_them(asked_nothing: Workplace, command: str) -> None:
    result = asked_nothing.run(*command.split(), "--destination", "lancedb")
    assert result.code == 1
    assert "'lancedb' is not supported" in result.err and result.err.count("\n") == 1


def test_a_name_of_the_users_own_is_judged_by_its_type(asked_nothing: Workplace) -> None:
    asked_nothing.set(
        DESTINATION__LAB__DESTINATION_TYPE="mssql",
        DESTINATION__POSTGRES__DESTINATION_TYPE="dlt.destinations.impl.dummy.factory.dummy",
        DESTINATION__OWN__DESTINATION_TYPE="mine.destinations.own",
        DESTINATION__TYPO__DESTINATION_TYPE="postgress",
        DESTINATION__WAREHOUSE__DESTINATION_TYPE="postgres",
    )
    for name, says in {
        "lab": "'lab' (of type mssql) is not supported",
        "postgres": "'postgres' (of type dummy) is not supported",
        "own": "'own' (of type mine.destinations.own) is not supported",
        "mine.destinations.own": "'mine.destinations.own' is not supported",
        "typo": "'typo' (of type postgress) is unknown: name one of duckdb, postgres, ",
        "warehouse": "set DESTINATION__WAREHOUSE__CREDENTIALS__DATABASE, ",
    }.items():
        result = asked_nothing.run("load", "--destination", name)
        assert result.code == 1
        assert says in result.err and result.err.count("\n") == 1


_RUN_WITHOUT = """
import json, sys
hidden = json.loads(sys.argv[1])
class Hiding:
    def find_spec(self, name, path=None, target=None):
        if name in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hiding())
from airmeet_etl.cli import main
for name in sys.argv[2:]:
    print(f"{name} ended with {main(['load', '--destination', name])}", file=sys.stderr)
"""

CLIENTS = {
    "bigquery": "google.cloud",
    "clickhouse": "clickhouse_connect",
    "databricks": "databricks",
    "postgres": "psycopg2",
    "redshift": "psycopg2",
    "snowflake": "snowflake",
}
"""What dlt imports to reach them; DuckDB's own client is there always."""


def lines_without(*modules: str) -> dict[str, list[str]]:
    """What loads into each destination with a client say where modules are not installed."""
    process = [sys.executable, "-c", _RUN_WITHOUT, json.dumps([*modules, "google"]), *CLIENTS]
    done = subprocess.run(process, capture_output=True, text=True, check=True)
    said: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in done.stderr.splitlines():
        name, ended, _ = line.partition(" ended with ")
        if ended:
            said[name], lines = [*lines, line], []
        else:
            lines.append(line)
    return said


@pytest.mark.slow
def test_a_client_that_is_not_installed_is_said_with_the_command(
    asked_nothing: Workplace,
) -> None:
    said = lines_without(*CLIENTS.values())
    for name in CLIENTS:
        [line, end] = said[name]
        assert end == f"{name} ended with 1"
        extra = DESTINATIONS[name].extra
        assert line.startswith(f"airmeet: destination '{name}' cannot be used: ")
        assert line.endswith(f'): pip install "airmeet-pipeline[{extra}]"')


@pytest.mark.parametrize("name", [k.name for k in DESTINATIONS.values() if "{cred" in k.settings])
def test_what_is_not_configured_is_said_with_the_variable(
    asked_nothing: Workplace, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its client is installed here or not; a lake's is no credential
    (tests/engines/test_lake.py)."""
    monkeypatch.setattr("airmeet_etl.warehouse.warehouse._require_client", lambda *_: None)
    variable = f"DESTINATION__{name.upper()}__CREDENTIALS"
    for command in ("check", "load"):
        result = asked_nothing.run(command, "--destination", name)
        assert result.code == 1
        assert f"set {variable}__" in result.err and f"; usually that is {variable}" in result.err
        assert f"destinations/{name})" in result.err and result.err.count("\n") == 1


@pytest.mark.parametrize("name", [k.name for k in DESTINATIONS.values() if "{cred" in k.settings])
def test_dlt_takes_the_settings_that_are_named(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for setting in DESTINATIONS[name].settings_of(name).replace(" and ", ", ").split(", "):
        variable, _, value = setting.partition("=")
        monkeypatch.setenv(variable, _KEY if name == "bigquery" else value or "something")
    target: Any = Destination.from_reference(name)
    target.configuration(target.spec()._bind_dataset_name("airmeet"))


_KEY = json.dumps(
    {
        "type": "service_account",
        "project_id": "p",
        "private_key": "k",
        "client_email": "a@example.com",
    }
)


def test_an_extension_that_cannot_be_fetched_is_said_with_the_mend(
    asked_nothing: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(asked_nothing.folder))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    result = asked_nothing.run("load", "--destination", "ducklake")
    assert result.code == 1
    assert "could not fetch its extension ducklake: let this machine reach http" in result.err
    assert result.err.count("\n") == 1


@pytest.mark.slow
def test_what_dlt_warns_of_is_none_of_our_lines(asked_nothing: Workplace) -> None:
    """In a folder without dlt's files."""
    asked_nothing.unset("RUNTIME__LOG_LEVEL")
    for name in ("postgres", "motherduck"):
        command = [sys.executable, "-m", "airmeet_etl", "status", "--destination", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1


def test_no_setting_of_a_destination_is_taken_for_another_one_misspelt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in DESTINATIONS:
        monkeypatch.setenv(f"DESTINATION__{name.upper()}__CREDENTIALS", "something")
    assert misspelt_settings() == []


@pytest.mark.parametrize("name", sorted(DESTINATIONS.keys() - {"filesystem"}))
def test_values_are_written_in_the_sql_of_each(name: str) -> None:
    """Snowflake's capabilities name no function that does."""
    destination = Destination.from_reference(name)
    assert destination
    capabilities = destination.capabilities()
    client: Any = SimpleNamespace(capabilities=capabilities)
    dialect = capabilities.sqlglot_dialect
    for given in ("it's", "back\\slash", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)):
        written = parse_one(f"SELECT {value(client, given)}", read=dialect).find(
            exp.Literal, exp.ByteString
        )
        assert written is not None
        spelled = given if isinstance(given, str) else given.strftime("%Y-%m-%d")
        assert spelled in written.this
    number = parse_one(f"SELECT {value(client, 7)}", read=dialect).find(exp.Literal)
    assert number and number.this == "7"


@pytest.mark.parametrize(
    ("name", "expected"), [("duckdb", "parquet"), ("snowflake", "parquet"), ("bigquery", "jsonl")]
)
def test_files_are_of_a_format_that_takes_all_our_types(name: str, expected: str) -> None:
    """Of BigQuery no load passed: its Parquet has no JSON."""
    known: Any = Destination.from_reference(name)
    pipeline: Any = SimpleNamespace(destination=known)
    assert file_format(pipeline) == expected
