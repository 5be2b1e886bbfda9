"""Everything that changes the whole process; entered by the command alone.

Importing this package, or any other module of it, changes nothing in a process.
"""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

_COLLECT_AFTER = 100_000
"""Objects made, less those freed, before Python looks for reference cycles."""

_DLT_DEFAULTS = {
    "runtime.dlthub_telemetry": "false",
    "runtime.log_level": "ERROR",  # no warnings among our lines
    "load.truncate_staging_dataset": "true",  # where dlt stages, no copy stays
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

    for name, value in _DLT_DEFAULTS.items():
        if dlt.config.get(name) is None:
            os.environ[name.upper().replace(".", "__")] = value


def stop_on_sigterm() -> None:
    """Let SIGTERM end the command as Ctrl-C does. Only in the main thread."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(signum: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


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
