"""What the README prints runs as printed."""

import re
import shlex
from pathlib import Path

import pytest

from tests.workplace import Workplace, simulated

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


EVENT = """
host_email = "host@push.example.com"
event_name = "Launch"
short_desc = "What is new"
timezone = "Europe/Berlin"
start_time = 2031-06-01T10:00:00
end_time = 2031-06-01T12:00:00
[[speakers]]
name = "Ann Speaker"
email = "ann@push.example.com"
[[sessions]]
session_title = "Welcome"
session_start_time = 2031-06-01T10:00:00
speaker_emails = ["ann@push.example.com"]
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.slow
def test_its_sql_runs(workplace: Workplace) -> None:
    assert len(blocks("sql")) >= 3
    with simulated(airmeets=20, registrations=30) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load").code == 0
    for query in blocks("sql"):
        assert workplace.sql(query), query


def test_its_python_runs(workplace: Workplace) -> None:
    people = [{"email": "ann@push.example.com", "name": "Ann"}]
    with simulated() as (simulator, address):
        workplace.point_at(address.v1)
        for code in blocks("python"):
            code = code.replace('"ID"', repr(simulator.airmeets()[-1].uid))
            exec(compile(code, "README.md", "exec"), {"people": people})
        assert people[0]["email"] in {row["email"] for row in simulator.truth("registrations")}
    assert workplace.sql("select count(*) > 0 from airmeet.registrations") == [(True,)]


@pytest.mark.slow
def test_its_commands_run(workplace: Workplace) -> None:
    (workplace.folder / "people.csv").write_text("email,name\nann@push.example.com,Ann\n")
    (workplace.folder / "event.toml").write_text(EVENT)
    workplace.execute("create schema crm")
    workplace.execute(
        "create table crm.leads as select 'bob@push.example.com' as email, 'Bob' as name"
    )
    lines = [line for code in blocks("sh") for line in code.splitlines()]
    commands = [line for line in lines if line.startswith("airmeet ")]
    assert len(commands) >= 3
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        upcoming = simulator.airmeets()[-1].uid
        for line in commands:
            words = shlex.split(line.replace(" ID", f" {upcoming}"), comments=True)
            result = workplace.run(*words[1:])
            assert result.code == 0, (line, result.err)
        there = {row["email"] for row in simulator.truth("registrations")}
    assert {"ann@push.example.com", "bob@push.example.com"} <= there
    assert simulator.airmeets()[-1].name == "Launch"


@pytest.mark.parametrize("name", re.findall(r"`make (\w+)", README))
def test_its_make_targets_are_there(name: str) -> None:
    assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)", README))))
def test_its_options_are_there(option: str, workplace: Workplace) -> None:
    commands = ("load", "push", "simulate", "status")
    assert any(option in workplace.run(command, "--help").out for command in commands)
