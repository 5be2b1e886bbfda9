"""The installed command, where a user has folders of the names that this project's checkout has."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

FOLDERS = ("pipelines", "sources", "simulator", "dashboard", "transforms", "reports", "tools")
"""Names of this checkout's folders that users have, too."""
MODULES = ("__init__", "cli", "load", "warehouse", "server", "reading", "compile", "engine")


@dataclass
class Installed:
    """The command of the environment with the wheel, run in a user's project."""

    python: Path
    project: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The environment: nothing of the tests' own, and the user's project to import from."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.project),
            "PYTHONPATH": str(self.project),
            "DLT_DATA_DIR": str(self.project / "dlt"),
            "DESTINATION__DUCKDB__CREDENTIALS": str(self.project / "warehouse.duckdb"),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "SOURCES__AIRMEET__ASYNC_POLL_SECONDS": "0",
            **self.settings,
        }

    def command(self, *arguments: str) -> list[str]:
        return [str(self.python.parent / "airmeet"), *arguments]

    def run(self, *arguments: str, folder: str = ".") -> str:
        """Run `airmeet` in a folder of the project; what it prints."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.project / folder, env=self.variables,
            capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def evaluate(self, expression: str, imports: str) -> object:
        """The value of an expression in the environment's Python, through JSON."""
        code = f"import json, {imports}; print(json.dumps({expression}))"
        done = subprocess.run(
            [self.python, "-c", code], cwd=self.project, env=self.variables,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    @contextmanager
    def simulator(self) -> Iterator[None]:
        """`airmeet simulate` on a free port, and the settings that it prints."""
        command = self.command("simulate", "--port", "0", "--airmeets", "4", "--stop-after", "1200")
        with subprocess.Popen(
            command, cwd=self.project, env=self.variables, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    if line.startswith("export "):
                        name, _, value = line.removeprefix("export ").strip().partition("=")
                        self.settings[name] = value
                    elif self.settings:
                        break
                yield
            finally:
                process.terminate()


@pytest.fixture
def installed(environment: Path, tmp_path: Path) -> Installed:
    """A user's project whose own modules must never be imported by the command."""
    for name in FOLDERS:
        for module in MODULES:
            path = tmp_path / name / f"{module}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"raise RuntimeError('the user\\'s own {name}.{module}')\n")
    for folder in ("staging", "intermediate", "reporting", "checks"):
        path = tmp_path / "transforms" / folder / "event_summary.sql"
        path.parent.mkdir()
        path.write_text("select nothing at all from nowhere\n")
    (tmp_path / "deeper" / "still").mkdir(parents=True)
    return Installed(environment, tmp_path)


def test_nothing_comes_from_the_checkout(installed: Installed) -> None:
    packages = "airmeet, airmeet_etl, airmeet_simulator, airmeet_dashboard"
    files = installed.evaluate(f"[package.__file__ for package in ({packages})]", packages)
    assert isinstance(files, list)
    for file in files:
        assert Path(file).is_relative_to(installed.python.parents[1]), file


@pytest.mark.long
def test_the_whole_way_beside_folders_of_ones_own(installed: Installed) -> None:
    with installed.simulator():
        installed.run("check")
        installed.run("load", "--no-reports", folder="deeper")
        installed.run("reports")
        assert "final" in installed.run("status", folder="deeper/still")
    with duckdb.connect(str(installed.project / "warehouse.duckdb"), read_only=True) as connection:
        [(events,)] = connection.sql(
            "select count(*) from airmeet_reports.event_summary"
        ).fetchall()
    assert events == 4


@pytest.mark.parametrize("module", ["airmeet_etl", "airmeet_etl.cli"])
def test_the_command_is_a_module_too(module: str, installed: Installed) -> None:
    done = subprocess.run(
        [installed.python, "-m", module, "--help"], cwd=installed.project,
        env=installed.variables, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: airmeet ")


def test_it_says_where_its_sql_lies(installed: Installed) -> None:
    folder = installed.evaluate(
        "str(airmeet_etl.reports.sql_files.transforms())", "airmeet_etl.reports.sql_files"
    )
    assert Path(str(folder)).is_relative_to(installed.python.parents[1])
