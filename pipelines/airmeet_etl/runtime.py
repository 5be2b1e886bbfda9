"""Everything that changes the whole process; entered by the command alone.

Importing this package, or any other module of it, changes nothing in a process.
"""

import gc
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NoReturn

from .exit_codes import STOPPED, Exit, Stopped

_COLLECT_AFTER = 100_000
"""Objects made, less those freed, before Python looks for reference cycles."""

_DLT_DEFAULTS = {
    "runtime.dlthub_telemetry": "false",
    "runtime.log_level": "CRITICAL",  # nothing among our lines: what fails is one of them
    "runtime.intercept_signals": "false",  # nor words of its own when it is stopped
    "load.truncate_staging_dataset": "true",  # where dlt stages, no copy stays
    "pipelines.enable_runtime_trace": "false",  # written anew in each step, and read by nobody
}


def with_rare_collection(main: Callable[[], int]) -> int:
    """Run the whole program, with few searches for reference cycles.

    Rows are dicts by the hundred thousand and hold no cycles; searching them again and again took
    an eighth of a load. Nor is there a search when the process ends, which took half a second for
    memory that the system has back at once.
    """
    gc.set_threshold(_COLLECT_AFTER)
    code = main()
    gc.freeze()
    return code


def configure_dlt() -> None:
    """Set defaults for dlt where its configuration says nothing, by environment variables."""
    import dlt

    missing = [name for name in _DLT_DEFAULTS if dlt.config.get(name) is None]
    for name in missing:
        os.environ[name.upper().replace(".", "__")] = _DLT_DEFAULTS[name]
    if missing:  # dlt has read its configuration by now
        dlt.current.run_context().initialize_runtime()


@contextmanager
def as_community(settings: Mapping[str, str]) -> Iterator[None]:
    """Let one community's settings be those of the source while the context lasts, for all that
    reads them through dlt.

    Args:
        settings: values by the names of environment variables.
    """
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_SIGNALS = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


@contextmanager
def stoppable() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM raise `Stopped` where the main thread is; a second one ends the
    process at once. One that the process was told to ignore (`nohup`) is ignored. What dlt logs of
    its threads after a stop is not shown: it may take a lock from one, which then dies.

    Does nothing in another thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    of_dlt = logging.getLogger("dlt")
    was_disabled = of_dlt.disabled

    def stop(number: int, frame: object) -> NoReturn:
        received.append(number)
        if len(received) > 1:
            with suppress(OSError):
                os.write(2, f"airmeet: {STOPPED}\n".encode())
            os._exit(_SIGNALS[signal.Signals(number)])
        of_dlt.disabled = True
        raise Stopped(_SIGNALS[signal.Signals(number)])

    former = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in former.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        of_dlt.disabled = was_disabled
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def jemalloc_pool() -> Iterator[None]:
    """Let Arrow take its memory from jemalloc, where it was built with it. Columns are made in the
    engine's thread and freed in dlt's: Arrow's default pool then keeps as much again unused."""
    import pyarrow as pa

    before = pa.default_memory_pool()
    if "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)
