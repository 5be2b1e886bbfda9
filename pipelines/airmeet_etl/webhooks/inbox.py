"""The inbox: a folder of files, each of one or more deliveries, whole or not there.

The receiver writes a file beside its place, syncs it to the disk, and renames it: a file that has
its name is whole and stays, whatever is killed. The load reads files and removes them once their
rows are committed. So neither waits for the other, and there is no torn end to mend.

A line is a delivery as JSON: when it came, what its address says, and the body as text, or in
Base64 where that is no UTF-8. Bodies stay as they came, entry links among them, until the load has
taken them: files and folder are for their owner alone.
"""

import base64
import binascii
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import orjson
from airmeet.atomic_file import write_whole

from ..exit_codes import CommandError
from .payloads import Delivery

_SUFFIX = ".jsonl"
_DRAFT = ".draft"
UNREADABLE = "unreadable"
"""The folder within for what cannot be read."""


def inbox_folder(setting: str | None, community: str | None) -> Path | None:
    """The folder of the inbox that a setting names; each of several communities has a folder of its
    own within. None where there is no setting."""
    if not (setting or "").strip():
        return None
    folder = Path(str(setting).strip()).expanduser()
    return folder / community if community else folder


@dataclass(frozen=True)
class InboxFile:
    """A file of the inbox.

    Attributes:
        path: where it is.
        deliveries: what it holds.
        unreadable: its lines that are none of ours.
    """

    path: Path
    deliveries: tuple[Delivery, ...]
    unreadable: tuple[bytes, ...] = ()


class Inbox:
    """A folder of deliveries that wait for a load."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or made."""
        self.folder = folder

    def prepare(self) -> None:
        """Make the folder, for its owner alone, and see that it can be written.

        Raises:
            CommandError: it cannot.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for draft in self.folder.glob(f".*{_DRAFT}"):
                draft.unlink(missing_ok=True)  # a receiver that was killed answered nobody for it
            probe = self._draft()
            probe.touch(mode=0o600)
            probe.unlink()
        except OSError as error:
            raise CommandError(
                f"the inbox {self.folder} cannot be written ({error.strerror}); name another "
                "folder by SOURCES__AIRMEET__WEBHOOK_INBOX or --inbox"
            ) from None

    def write(self, lines: Sequence[bytes]) -> None:
        """Write deliveries so that they survive a crash of the machine; returns once they do.

        Args:
            lines: as `line_of` makes them.

        Raises:
            OSError: they are not written.
        """
        draft = self._draft()
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to:
                to.writelines(lines)
                to.flush()
                os.fsync(to.fileno())
            draft.rename(self.folder / f"{draft.name[1:].removesuffix(_DRAFT)}{_SUFFIX}")
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def paths(self) -> list[Path]:
        """The files that wait; the oldest first."""
        return sorted(self.folder.glob(f"[!.]*{_SUFFIX}"))

    def files(self) -> Iterator[InboxFile]:
        """The files that wait, the oldest first."""
        for path in self.paths():
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # somebody took it away
                continue
            yield _read(path, content)

    def keep_unreadable(self, name: str, content: bytes) -> None:
        """Keep what cannot be read for somebody to look at, once, whatever how often it comes.

        Raises:
            OSError: it cannot be written.
        """
        folder = self.folder / UNREADABLE
        folder.mkdir(mode=0o700, exist_ok=True)
        if not (folder / name).exists():
            write_whole(folder / name, content, private=True)

    def rewrite(self, change: Callable[[bytes], bytes | None], dry_run: bool = False) -> int:
        """Change what waits and what cannot be read.

        Args:
            change: a delivery's body as it is to be, or None where the delivery goes.
            dry_run: only count.

        Returns:
            How many deliveries were changed or removed, or would be.

        Raises:
            OSError: a file cannot be written.
        """
        count = 0
        for path, content, deliveries in self._changed(change):
            count += deliveries
            if not dry_run:
                self._put(path, content)
        return count

    def _changed(
        self, change: Callable[[bytes], bytes | None]
    ) -> Iterator[tuple[Path, bytes, int]]:
        """The files that a change touches, what they are to hold, and deliveries that it is of."""
        for file in self.files():
            bodies = [(delivery, change(delivery.body)) for delivery in file.deliveries]
            if count := sum(body != delivery.body for delivery, body in bodies):
                stay = (
                    replace(delivery, body=body) for delivery, body in bodies if body is not None
                )
                yield file.path, b"".join([*map(line_of, stay), *file.unreadable]), count
        for path in self.unreadable():
            content = path.read_bytes()
            if (body := change(content)) != content:
                yield path, body or b"", 1

    def _put(self, path: Path, content: bytes) -> None:
        if content:
            write_whole(path, content, private=True)
        else:
            path.unlink(missing_ok=True)

    def unreadable(self) -> list[Path]:
        """The files of what cannot be read."""
        return sorted(path for path in (self.folder / UNREADABLE).glob("[!.]*") if path.is_file())

    def _draft(self) -> Path:
        # By the clock, so that they are taken up in the order in which they came.
        now = datetime.now().astimezone()
        return self.folder / f".{now.timestamp():017.6f}-{uuid4().hex[:12]}{_DRAFT}"


def line_of(delivery: Delivery) -> bytes:
    """A delivery as a line of a file."""
    line = {
        "received_at": delivery.received_at.isoformat(),
        "trigger": delivery.trigger,
        "airmeet_id": delivery.airmeet_id,
        "session_id": delivery.session_id,
    }
    try:
        line["body"] = delivery.body.decode()
    except UnicodeDecodeError:
        line["body_base64"] = base64.b64encode(delivery.body).decode()
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _read(path: Path, content: bytes) -> InboxFile:
    deliveries, unreadable = [], []
    for line in content.splitlines(keepends=True):
        try:
            deliveries.append(_delivery(orjson.loads(line)))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
            unreadable.append(line)
    return InboxFile(path, tuple(deliveries), tuple(unreadable))


def _delivery(line: dict[str, str]) -> Delivery:
    """A delivery out of a line.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: it is no line of ours.
    """
    try:
        body = line["body"].encode() if "body" in line else base64.b64decode(line["body_base64"])
    except binascii.Error as error:
        raise ValueError("no Base64") from error
    return Delivery(
        body,
        datetime.fromisoformat(line["received_at"]),
        line["trigger"],
        line["airmeet_id"],
        line["session_id"],
    )
