"""What the README and the pages of docs/ print runs as printed."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.workplace import Workplace, simulated
from tools import commands_docs, settings_docs

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [
    README,
    *(
        (ROOT / "docs" / f"{name}.md").read_text()
        for name in ("account", "questions", "scheduling", "dashboard", "own-pipeline")
    ),
]
ALL = "\n".join(PAGES)

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
    return re.findall(rf"```{language}\n(.*?)```", ALL, re.DOTALL)


@pytest.mark.slow
def test_its_sql_runs(workplace: Workplace) -> None:
    assert len(blocks("sql")) >= 3
    with simulated(airmeets=20, registrations=30) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load").code == 0
    for query in blocks("sql"):
        assert workplace.sql(query), query


@pytest.mark.slow
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
        assert workplace.run("load").code == 0
        upcoming = simulator.airmeets()[-1].uid
        for line in commands:
            words = shlex.split(line.replace(" ID", f" {upcoming}"), comments=True)
            result = workplace.run(*words[1:])
            assert result.code == 0, (line, result.err)
        there = {row["email"] for row in simulator.truth("registrations")}
    assert {"ann@push.example.com", "bob@push.example.com"} <= there
    assert simulator.airmeets()[-1].name == "Launch"


@pytest.mark.parametrize("name", sorted(set(re.findall(r"(?:`|^)make ([\w-]+)", ALL, re.M))))
def test_its_make_targets_are_there(name: str) -> None:
    assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)", ALL))))
def test_its_options_are_there(option: str) -> None:
    assert f"`{option}" in commands_docs.render()


@pytest.mark.parametrize("page", [commands_docs, settings_docs])
def test_the_pages_of_commands_and_settings_are_what_would_be_written(page: ModuleType) -> None:
    assert page.main(["--check"]) == 0, "run `make docs`"


@pytest.mark.slow
def test_the_site_has_no_link_that_leads_nowhere(tmp_path: Path) -> None:
    mkdocs = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-d", str(tmp_path)]
    built = subprocess.run(mkdocs, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "questions.html").exists()


def test_every_page_is_in_the_site_s_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text()
    pages = [page.name for page in (ROOT / "docs").glob("*.md")]
    assert [page for page in pages if f"- {page}\n" not in contents] == []


def test_the_readme_leads_to_files_that_are_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target
