"""What runs for contributors names targets and files that there are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.conftest import ROOT
from tools.newest import expanded, unbounded

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def commands(workflow: Path) -> list[str]:
    jobs: dict[str, Any] = yaml.safe_load(workflow.read_text())["jobs"]
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


def test_the_workflow_runs_what_must_pass() -> None:
    assert commands(ROOT / ".github" / "workflows" / "ci.yml") == ["bash .ci/run"]


@pytest.mark.parametrize(
    "file",
    [
        *WORKFLOWS,
        ROOT / ".ci" / "run",
        ROOT / ".pre-commit-config.yaml",
        ROOT / ".github" / "pull_request_template.md",
        ROOT / "CONTRIBUTING.md",
    ],
    ids=lambda file: file.name,
)
def test_make_targets_are_there(file: Path) -> None:
    named = re.findall(r"(?:^|`|: )make ([a-z-]+)", file.read_text(), re.MULTILINE)
    assert set(named) <= targets()


def test_workflows_may_only_read() -> None:
    for workflow in WORKFLOWS:
        assert yaml.safe_load(workflow.read_text())["permissions"] == {"contents": "read"}


def test_what_may_fail_is_not_what_must_pass() -> None:
    assert "newest" not in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_has_fields_with_labels(form: Path) -> None:
    body = yaml.safe_load(form.read_text())["body"]
    ids = [field["id"] for field in body if field["type"] != "markdown"]
    assert ids and len(ids) == len(set(ids))
    assert all(field["attributes"].get("label") for field in body if field["type"] != "markdown")


def test_paths_in_contributing_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    paths = set(re.findall(r"`((?:sources|pipelines|simulator|tests|transforms)/[\w/.]+)`", text))
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("requirement", "any_version"),
    [
        ("dlt[duckdb]>=1.31,<1.32", "dlt[duckdb]"),
        ("duckdb-extension-ducklake==1.5.5", "duckdb-extension-ducklake"),
        ("uvloop>=0.21; sys_platform != 'win32'", "uvloop; sys_platform != 'win32'"),
        ("pandas", "pandas"),
    ],
)
def test_newest_drops_bounds_alone(requirement: str, any_version: str) -> None:
    assert unbounded(requirement) == any_version


def test_newest_takes_the_extras_apart() -> None:
    extras = {"dev": ["us[a,b]", "pytest>=8"], "a": ["x"], "b": ["us[a]", "y"]}
    assert list(expanded(["us[dev]"], "us", extras)) == ["x", "x", "y", "pytest>=8"]
