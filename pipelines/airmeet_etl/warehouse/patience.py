"""How a run waits for another one that writes into the same dataset: one line says for whom."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from ..exit_codes import CommandError

PATIENCE_SECONDS = 1800.0
"""The longest wait for another run; a package, or a build of the reports, takes minutes at most."""
ATTEMPT_SECONDS = 0.5
"""How long one attempt waits; a signal to this process is heard after it."""

Notify = Callable[[str], None]
"""Takes a line for whoever watches the run."""


class DatasetBusy(CommandError):
    """Another run wrote into the dataset for as long as this one waited."""


class LockLost(CommandError):
    """Something was written without the lock, since the connection that held it broke."""


@dataclass(frozen=True)
class Holder:
    """Who writes into a dataset.

    Attributes:
        command: of `airmeet`; empty where not known.
        host: its machine; empty where not known.
        process: its id; empty where not known.
        since: a time of the day in UTC as `10:02`; empty where not known.
    """

    command: str = ""
    host: str = ""
    process: str = ""
    since: str = ""

    @classmethod
    def this(cls, command: str, since: str = "") -> "Holder":
        """This process."""
        host = "".join(c if c.isascii() and c.isprintable() else "?" for c in socket.gethostname())
        return cls(command, host.replace(" ", "-") or "?", str(os.getpid()), since)

    def __str__(self) -> str:
        parts = [
            self.host and f"host {self.host}",
            self.process and f"process {self.process}",
            self.since and f"since {self.since} UTC",
        ]
        who = f"airmeet {self.command}" if self.command else "another run"
        known = ", ".join(filter(None, parts))
        return f"{who} ({known})" if known else who


def wait_for(
    attempt: Callable[[float], bool],
    holder: Callable[[], Holder | str],
    does: str,
    notify: Notify,
    patience: float | None = None,
    clock: Callable[[], float] = monotonic,
) -> None:
    """Attempt something until it succeeds; where it does not at once, one line says for whom it is
    waited.

    Args:
        attempt: takes the seconds that it may wait, 0 at first; whether it succeeded is returned.
        holder: who is waited for.
        does: what the holder does, for the lines, as `has a file open`.
        notify: takes the line.
        patience: the longest wait in seconds; `PATIENCE_SECONDS` without one.

    Raises:
        DatasetBusy: it did not succeed in that time.
    """
    if attempt(0):
        return
    notify(f"waiting for {holder()}, which {does}")
    patience = PATIENCE_SECONDS if patience is None else patience
    end = clock() + patience
    while not attempt(ATTEMPT_SECONDS):
        if clock() >= end:
            raise DatasetBusy(
                f"{holder()} still {does} after a wait of {patience / 60:.0f} minutes; run again "
                "once it has ended, or end it if it hangs"
            )
