"""A command imports what it uses and nothing else: what it waits for first is its imports."""

import subprocess
import sys

import pytest

from tests.workplace import Workplace, first_load, simulated

WATCHED = {
    "aiohttp", "dlt", "duckdb", "filelock", "numpy", "pandas", "pyarrow", "rich", "uvicorn",
    "xlsxwriter",
}  # fmt: skip
"""Packages that take long to import, or that few commands use."""

_RUN = """
import sys
from airmeet_etl.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
sys.stderr.write("\\n" + " ".join([str(code), *sys.modules]))
"""


def imported_by(command: str) -> set[str]:
    """The watched packages that a command has imported at its end, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *command.split()], capture_output=True, text=True, check=True
    )
    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    return WATCHED & {*modules}


@pytest.mark.parametrize("command", ["--help", "--version", "load --help", "simulate --help"])
def test_what_only_shows_help_imports_none_of_them(command: str) -> None:
    assert imported_by(command) == set()


def test_status_of_nothing_connects_to_nothing(workplace: Workplace) -> None:
    assert imported_by("status") == {"dlt", "duckdb", "rich"}


@pytest.mark.slow
def test_a_command_imports_what_it_uses(workplace: Workplace) -> None:
    with simulated(airmeets=4) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator)
        airmeet = workplace.sql(
            "select airmeet_id from airmeet.feed_syncs group by 1 having bool_and(is_final)"
        )[0][0]
        reading = {"dlt", "duckdb", "rich"}
        assert imported_by("status") == reading
        assert imported_by("check") == {*reading, "aiohttp"}
        assert imported_by(f"explain {airmeet}") <= {*reading, "numpy", "pyarrow"}
        # Nothing is due, and the list is as it was: nothing is made that would need pandas.
        load = imported_by(f"load --airmeet {airmeet} --no-reports")
        assert load == WATCHED - {"uvicorn", "xlsxwriter", "pandas"}


@pytest.mark.slow
def test_recordings_need_no_arrow(workplace: Workplace) -> None:
    """Nor to write down the first copies: a recording is to fit into a small machine."""
    with simulated(airmeets=2, recording_bytes=1000) as (_, address):
        workplace.point_at(address.gateway, "global")
        for outcome in ("copied", "there before"):
            copying = f"recordings --to {workplace.folder}/copies --since 2000-01-01"
            assert imported_by(copying) == {"aiohttp", "dlt", "duckdb", "filelock"}, outcome
