"""What one process of a test run makes and the others copy."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

_FOLDER = "AIRMEET_TESTS_SHARED"
"""The variable with the folder that the processes of one run share."""


def open_shared_folder(parent: str | None) -> Callable[[], None]:
    """Have the first process of a run make the folder.

    Args:
        parent: where it is made; None for where the system makes temporary folders.

    Returns:
        What to call at the end: the first process takes the folder away.
    """
    if is_shared():
        return lambda: None
    os.environ[_FOLDER] = folder = tempfile.mkdtemp(prefix="airmeet-tests-", dir=parent)

    def remove() -> None:
        del os.environ[_FOLDER]
        shutil.rmtree(folder, ignore_errors=True)

    return remove


def is_shared() -> bool:
    """Whether this process belongs to a run that has such a folder."""
    return _FOLDER in os.environ


def shared_folder() -> Path:
    """The folder that the processes of this run share."""
    return Path(os.environ[_FOLDER])


def made_once(name: str, folder: Path, make: Callable[[Path], object]) -> None:
    """Put into a folder what `make` puts into an empty one; one process of a run calls it.

    Args:
        name: of what is made, as a file may be called.
    """
    made = shared_folder() / name
    with FileLock(f"{made}.lock"):
        if not made.exists():
            unfinished = made.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)  # of a process whose `make` failed
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(made)
    shutil.copytree(made, folder, dirs_exist_ok=True)
