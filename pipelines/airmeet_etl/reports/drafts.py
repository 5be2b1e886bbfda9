"""What is written beside the published file: drafts of it, and the file that was published before.

The next file is made of that one, in place of a copy of the one that is published: copying takes
most of publishing over a large history, and grows with it. So the file that another one replaces
stays, hidden, and lacks then what two builds changed. Who opened it while it was the published one
may read it still: only what no process has open is written into, and that is known on Linux alone.
Elsewhere the published file is copied.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Stamp = dict[str, int]
"""How a file is on the disk: its size, and when it was written."""


def previous_of(published: Path) -> Path:
    """Where the file stays that a published one replaced; by its name a draft, which erasing a
    person removes."""
    return published.with_name(f".{published.name}.previous.draft")


def stamp_of(file: Path) -> Stamp | None:
    """How a file is on the disk; None where there is none."""
    with suppress(OSError):
        there = file.stat()
        return {"size": there.st_size, "written": there.st_mtime_ns}
    return None


def keep_previous(published: Path) -> None:
    """Keep the file that is about to be replaced, where the file system knows links."""
    forget_previous(published)
    with suppress(OSError):
        os.link(published, previous_of(published))


def forget_previous(published: Path) -> None:
    """Keep nothing of what was published before."""
    previous_of(published).unlink(missing_ok=True)


def take_previous(published: Path, stamp: object, draft: Path) -> bool:
    """Make the file that was published before a draft; False where there is none that can be
    written into.

    Args:
        published: the file that is published.
        stamp: how the one before was on the disk when it was replaced.
        draft: where the draft is to be.
    """
    previous = previous_of(published)
    if stamp is None or stamp_of(previous) != stamp:
        return False
    try:
        # Another name of it may be somebody's copy.
        if previous.stat().st_nlink > 1 or not _is_closed(previous):
            return False
        previous.replace(draft)
    except OSError:
        return False
    return True


def _is_closed(file: Path) -> bool:
    """Whether no process has a file open; False where the system cannot say."""
    try:
        import fcntl

        with file.open("rb") as opened:
            # Linux grants such a lease to the only one who has a file open.
            fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except (ImportError, AttributeError, OSError):
        return False
    return True


def move_into(drafts: Path, folder: Path) -> None:
    """Put finished files in the place of those of the same names, each at once."""
    folder.mkdir(exist_ok=True)
    for draft in sorted(drafts.iterdir()):
        draft.replace((folder / draft.name).resolve())
    drafts.rmdir()


def drafts_of(file: Path) -> tuple[Path, Path]:
    """Where a published file and its folder of Parquet files are written, before they take their
    places: beside what links lead to."""
    real, folder = file.resolve(), file.with_suffix("").resolve()
    draft = real.with_name(f".{real.name}.draft")
    return draft, folder.with_name(f".{folder.name}.parquet.draft")


@contextmanager
def emptied(draft: Path, folder: Path) -> Iterator[None]:
    """Nothing of an earlier draft when it begins, nothing of this one when it fails."""

    def clear() -> None:
        draft.unlink(missing_ok=True)
        write_ahead_log(draft).unlink(missing_ok=True)
        if folder.is_dir():
            for left in folder.iterdir():
                left.unlink()
            folder.rmdir()

    clear()
    try:
        yield
    finally:
        clear()


def write_ahead_log(file: Path) -> Path:
    return file.with_name(f"{file.name}.wal")
