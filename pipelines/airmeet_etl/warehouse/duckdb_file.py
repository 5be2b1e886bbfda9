"""A DuckDB file as the lock that it is: DuckDB lets in one process that writes, or several that
read."""

from pathlib import Path
from time import sleep

import duckdb

from ..exit_codes import FileHeld, to_command_error


class DuckDbFile:
    """Waits until no other process has the file open. It does not keep it open: what then opens it
    does, and a moment in between goes to whoever comes first."""

    def __init__(self, file: Path) -> None:
        """Touches nothing yet.

        Args:
            file: which may be still to come.
        """
        self._file = file
        self._held: FileHeld | None = None

    def take(self, seconds: float) -> bool:
        """Whether the file is free, or open in this process, after so many seconds."""
        sleep(seconds)
        try:
            duckdb.connect(str(self._file), read_only=True).close()
        except duckdb.Error as error:
            held = to_command_error(error)
            # Whatever else it is, whoever opens the file says so: here it may be open already.
            self._held = held if isinstance(held, FileHeld) else None
            return self._held is None
        return True

    def holder(self) -> str:
        """The process that has it open, as DuckDB says it."""
        return self._held.who if self._held else "another program"

    def is_held(self) -> bool:
        """Nothing is taken from whoever has it open."""
        return True

    def release(self) -> None:
        """Nothing to do."""
