"""The examples of `deploy/`, as far as they can be run without their schedulers."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from airmeet_etl.cli import _parser

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
FILES = sorted(path for path in DEPLOY.iterdir() if path.name != "README.md")


def commands_in(text: str) -> list[list[str]]:
    """The arguments of every `airmeet` command in a text."""
    found = re.findall(
        r"\bbin/airmeet ([^\n>|&]+)|return \"airmeet ([^\"]+)\"|\[\"airmeet\", ([^\]]+)\]", text
    )
    return [
        [word.strip(' "') for word in listed.split(",")] if listed else shlex.split(shell or quoted)
        for shell, quoted, listed in found
    ]


def test_the_readme_names_every_example() -> None:
    text = (DEPLOY / "README.md").read_text()
    assert [path.name for path in FILES if f"`{path.name}`" not in text] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_its_commands_are_ones_that_there_are(path: Path) -> None:
    for arguments in commands_in(path.read_text()):
        _parser(arguments).parse_args(arguments)


def test_most_examples_run_the_command() -> None:
    texts = {path.name: path.read_text() for path in FILES}
    assert {name for name, text in texts.items() if commands_in(text)} == {
        "airflow_dag.py",
        "airmeet-listen.service",
        "airmeet-load.service",
        "crontab",
        "dagster_job.py",
        "github-actions.yml",
    }


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("*.py")), ids=lambda path: path.name)
def test_python_examples_parse(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_the_crontab_has_five_fields_and_a_command() -> None:
    lines = (DEPLOY / "crontab").read_text().splitlines()
    jobs = [line for line in lines if line and not line.startswith("#")]
    assert jobs
    for job in jobs:
        assert re.match(r"(?:(?:\*|\d+)(?:[/,-]\d+)* ){5}cd /\S+ && \S", job), job


def test_the_workflow_says_when_and_what() -> None:
    workflow = yaml.safe_load((DEPLOY / "github-actions.yml").read_text())
    assert workflow[True]["schedule"] == [{"cron": "7 * * * *"}]  # YAML reads `on` as true
    for step in workflow["jobs"]["load"]["steps"]:
        assert step.keys() & {"uses", "run"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "airmeet"
    units = ("airmeet-load.service", "airmeet-load.timer", "airmeet-listen.service")
    for name in units:
        text = (DEPLOY / name).read_text()
        (tmp_path / name).write_text(text.replace("/srv/airmeet/.venv/bin/airmeet", str(program)))
    verify = ["systemd-analyze", "verify", "--man=no"]
    command = [*verify, *(str(tmp_path / name) for name in units[1:])]
    verified = subprocess.run(command, capture_output=True, text=True)
    assert "airmeet-l" not in verified.stderr, verified.stderr


@pytest.mark.skipif(not shutil.which("hadolint", path=str(BIN)), reason="hadolint is not installed")
def test_hadolint_takes_the_container_s_file() -> None:
    command = [str(BIN / "hadolint"), "--no-color", str(ROOT / "Dockerfile")]
    found = subprocess.run(command, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "")


@pytest.mark.parametrize(
    "path",
    [*(ROOT / ".github/workflows").glob("*.yml"), DEPLOY / "github-actions.yml"],
    ids=lambda path: path.name,
)
def test_workflows_name_actions_by_digest_and_have_few_rights(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for name in re.findall(r"uses: (\S+)", path.read_text()):
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name), name


def test_the_workflow_names_files_and_targets_that_there_are() -> None:
    workflow = yaml.safe_load((DEPLOY / "github-actions.yml").read_text())
    commands = [step["run"] for step in workflow["jobs"]["load"]["steps"] if "run" in step]
    makefile = (DEPLOY.parent / "Makefile").read_text()
    for target in re.findall(r"\bmake (\S+)", "\n".join(commands)):
        assert f"\n{target}:" in makefile, target
    for file in re.findall(r"-r (\S+)", "\n".join(commands)):
        assert (DEPLOY.parent / file).exists(), file
    variables = set().union(*(step.get("env", {}) for step in workflow["jobs"]["load"]["steps"]))
    assert {"SOURCES__AIRMEET__ACCESS_KEY", "SOURCES__AIRMEET__SECRET_KEY"} < variables
