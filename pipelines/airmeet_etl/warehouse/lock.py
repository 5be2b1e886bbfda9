"""One run at a time from one working folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..exit_codes import CommandError

if TYPE_CHECKING:
    import dlt

_NAME = "airmeet.lock"


@contextmanager
def single_run_lock(pipeline: "dlt.Pipeline") -> Iterator[None]:
    """Lock the working folder for this process; the system unlocks it when the process dies.

    Raises:
        CommandError: another run holds it.
    """
    with locked_folder(Path(pipeline.pipelines_dir)):
        yield


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """As `single_run_lock`, by the folder that holds the working folder."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _NAME)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise CommandError(
            f"another load is running from the same working folder ({folder}); "
            "wait until it has ended, or set DLT_DATA_DIR to another folder"
        ) from None
    try:
        yield
    finally:
        lock.release()
