"""What the project changes in a process: nothing when it is imported, all of it in `runtime`."""

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from airmeet_etl import runtime
from dlt.pipeline.trace import TRACE_FILE_NAME

from tests.workplace import Workplace, simulated

_IMPORTS = """
import gc, logging, os, signal, sys
import dlt, duckdb, pyarrow as pa
from dlt.common.configuration import resolve
from dlt.common.configuration.providers import environ

def state():
    return (
        dict(os.environ), gc.get_threshold(), gc.get_freeze_count(), [*sys.meta_path],
        [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)],
        pa.default_memory_pool().backend_name, resolve.is_secret_hint, environ.is_secret_hint,
        [*logging.getLogger().handlers], logging.getLogger().level, sys.excepthook,
    )

before = state()
import airmeet, airmeet_etl.cli, airmeet_etl.terminal, airmeet_etl.load.load
import airmeet_etl.commands.load, airmeet_etl.warehouse.warehouse, airmeet_etl.runtime
import airmeet_etl.warehouse.connection, airmeet_etl.warehouse.lock, airmeet_etl.warehouse.recovery
airmeet.airmeet_source("a", "b")
airmeet_etl.warehouse.warehouse.open_pipeline()
for was, now in zip(before, state(), strict=True):
    assert was == now, (was, now)
"""


@pytest.mark.slow
def test_importing_changes_nothing_in_a_process(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTS], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_program_looks_for_cycles_rarely_and_not_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(gc, "set_threshold", calls.append)
    monkeypatch.setattr(gc, "freeze", lambda: calls.append("freeze"))

    def main() -> int:
        calls.append("main")
        return 7

    assert runtime.with_rare_collection(main) == 7
    assert calls == [100_000, "main", "freeze"]


@pytest.mark.parametrize("wanted", [False, True])
def test_dlts_trace_is_written_where_somebody_wants_it_alone(
    workplace: Workplace, wanted: bool
) -> None:
    workplace.unset("PIPELINES__ENABLE_RUNTIME_TRACE")
    if wanted:
        workplace.set(PIPELINES__ENABLE_RUNTIME_TRACE="true")
    with simulated(airmeets=1, prepare_polls=0) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
    assert bool([*workplace.folder.rglob(TRACE_FILE_NAME)]) is wanted


@pytest.mark.parametrize("fails", [False, True])
def test_arrows_pool_is_what_it_was_after_a_load(fails: bool) -> None:
    before = pa.default_memory_pool().backend_name

    def load() -> None:
        with runtime.jemalloc_pool():
            if "jemalloc" in pa.supported_memory_backends():
                assert pa.default_memory_pool().backend_name == "jemalloc"
            if fails:
                raise OSError

    _ignoring(OSError, load)
    assert pa.default_memory_pool().backend_name == before


def _ignoring(error: type[Exception], run: Callable[[], None]) -> None:
    try:
        run()
    except error:
        return
