"""Files that readers see whole: as they were before, or as they are after."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def write_whole(file: Path, content: str | bytes, private: bool = False) -> None:
    """Put the content in place of the file's, at once; a crash leaves the old content.

    Args:
        file: as for `opened_whole`.
        content: text is written as UTF-8.
        private: for its owner alone to read (mode 0600), from the first byte on.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    with opened_whole(file, private) as opened:
        opened.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def opened_whole(file: Path, private: bool = False) -> Iterator[IO[bytes]]:
    """Open a draft, which takes the file's place at once when all is written to it; an error or a
    crash leaves the old file.

    Args:
        file: in a folder that exists. A link stays, and what it leads to is written; a device or a
            pipe is written to, never replaced.
        private: for its owner alone to read (mode 0600), from the first byte on.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    file = file.resolve()
    if file.exists() and not file.is_file():
        with file.open("wb") as opened:
            yield opened
        return
    draft = draft_of(file)
    draft.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(draft, flags, 0o600 if private else 0o666), "wb") as opened:
            yield opened
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def draft_of(file: Path) -> Path:
    """Where a file is written before it takes its place; no two processes share one."""
    return file.with_name(f".{file.name}.{os.getpid()}.draft")
