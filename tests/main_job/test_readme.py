"""What the README prints runs as printed."""

import re
from pathlib import Path

import pytest

from tests.desk import Workplace, simulated

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_its_sql_runs(workplace: Workplace) -> None:
    assert len(blocks("sql")) >= 3
    with simulated(airmeets=20, registrations=30) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load").code == 0
    for query in blocks("sql"):
        assert workplace.sql(query), query


def test_its_python_runs(workplace: Workplace) -> None:
    with simulated() as (_, address):
        workplace.point_at(address.v1)
        for code in blocks("python"):
            exec(compile(code, "README.md", "exec"), {})
    assert workplace.sql("select count(*) > 0 from airmeet.registrations") == [(True,)]


@pytest.mark.parametrize("name", re.findall(r"`make (\w+)", README))
def test_its_make_targets_are_there(name: str) -> None:
    assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)", README))))
def test_its_options_are_there(option: str, workplace: Workplace) -> None:
    commands = ("load", "simulate", "status")
    assert any(option in workplace.run(command, "--help").out for command in commands)
