"""The steps of the workflow and of the container run as written, in folders of their own."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import yaml
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

from tests import postgres_server
from tests.workplace import simulated

ROOT = Path(__file__).parents[2]
ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "SSL_CERT_FILE",
    "PIP_INDEX_URL",
    "PIP_CONFIG_FILE",
)
"""What a runner has, and where pip finds packages here."""

pytestmark = pytest.mark.long


def tracked() -> list[Path]:
    """The files of a fresh clone."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    return [Path(name) for name in listed.stdout.decode().split("\0") if name]


def copied(files: Iterable[Path], folder: Path) -> Path:
    for file in files:
        if (ROOT / file).exists():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, folder / file)
    return folder


def pointing_at(base: str) -> dict[str, str]:
    """The settings of a runner for whom Airmeet is elsewhere, with no waits."""
    hosts = dict.fromkeys(("API_URL", "ANALYTICS_URL", "BFF_URL"), base)
    settings = {"REGION": "global", "ASYNC_POLL_SECONDS": "0", "RETRY_SECONDS": "0", **hosts}
    return {f"SOURCES__AIRMEET__{name}": value for name, value in settings.items()}


def run(command: str, folder: Path, **variables: str) -> str:
    """Run a step by bash, as a runner does; what it printed."""
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture
def database() -> Iterator[str]:
    with postgres_server.running() as server:
        yield postgres_server.create_database(server)


def test_the_workflow_loads_into_postgres_and_warns_where_something_is_left(
    tmp_path: Path, database: str
) -> None:
    workflow = yaml.safe_load((ROOT / "deploy/github-actions.yml").read_text())
    steps = [step for step in workflow["jobs"]["load"]["steps"] if "run" in step]
    clone = copied(tracked(), tmp_path / "clone")
    with simulated(airmeets=3) as (simulator, address):
        simulator.break_feed(simulator.airmeets()[0].uid, "questions", "500")
        secrets = {
            "AIRMEET_ACCESS_KEY": ACCESS_KEY,
            "AIRMEET_SECRET_KEY": SECRET_KEY,
            "WAREHOUSE_URL": database,
        }
        base = pointing_at(address.gateway)
        printed = ""
        for step in steps:
            env = {
                name: secrets.get(re.sub(r"\W|secrets", "", value), "")
                for name, value in step.get("env", {}).items()
            }
            printed += run(step["run"], clone, **base, **{k: v for k, v in env.items() if v})
        registered = simulator.counts()["registrations"]
    [row] = postgres_server.query(database, "select count(*) as n from airmeet.registrations")
    assert row["n"] == registered
    assert "::warning::loaded in part" in printed


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and what they say, lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word]


def sent_to_docker() -> list[Path]:
    """The tracked files that .dockerignore lets through: all are ignored but the ones it names."""
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    kept = [Path(rule[1:]) for rule in rules if rule.startswith("!")]
    assert "*" in rules and all((ROOT / path).exists() for path in kept)
    return [file for file in tracked() if any(file == k or k in file.parents for k in kept)]


def test_the_container_s_steps_make_a_command_that_loads(tmp_path: Path) -> None:
    copied(sent_to_docker(), tmp_path / "src")
    (tmp_path / "data").mkdir()
    environment: dict[str, str] = {}
    entry: list[str] = []
    for word, rest in instructions():
        text = re.sub(r"(?<![\w.])/(src|opt|data)\b", rf"{tmp_path}/\1", rest)
        if word == "RUN" and "useradd" not in text:  # no user is made here
            run(text, tmp_path / "src")
        elif word == "ENV":
            path = {"PATH": os.environ["PATH"]}
            pairs = (pair.split("=", 1) for pair in shlex.split(text))
            environment |= {k: v.replace("$PATH", path["PATH"]) for k, v in pairs}
        elif word in ("ENTRYPOINT", "CMD"):
            entry += yaml.safe_load(text)
    with simulated(airmeets=2) as (simulator, address):
        settings = pointing_at(address.gateway)
        settings["SOURCES__AIRMEET__ACCESS_KEY"] = ACCESS_KEY
        settings["SOURCES__AIRMEET__SECRET_KEY"] = SECRET_KEY
        run(shlex.join(entry), tmp_path / "data", **settings, **environment)
        assert simulator.requests.total
    assert {"warehouse.duckdb", "reports.duckdb"} <= {f.name for f in (tmp_path / "data").iterdir()}
    run("python -c 'import marimo, airmeet_dashboard'", tmp_path / "data", **environment)
