"""The whole of `airmeet recordings`: which are due, copied several at once, and written down."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import dlt
from airmeet import token_folder
from airmeet.api.client import Client
from airmeet.errors import AirmeetError, FatalError, Pending, Unavailable, one_line
from airmeet.extract.lifecycle import ARCHIVED, FINISHED, RECORDINGS_KEPT, Airmeet
from airmeet.extract.listing import list_airmeets
from airmeet.nearest import meant
from airmeet.person import is_missing_id
from airmeet.settings import Settings, only_the_gateway

from ..exit_codes import CommandError, Exit, is_disk_full
from .copies import COPIED, Copy, Key, read_copies, write_copies
from .download import CopyFailed, Downloader, Pace
from .names import folder_of, stem_of
from .targets import Target, open_target

_ENDED = {FINISHED, *ARCHIVED}


@dataclass(frozen=True)
class Wanted:
    """What to copy, and how.

    Attributes:
        to: a folder, or the URL of one in an object store.
        airmeets: only these, by id or name; all of the last 60 days without them.
        since, until: only airmeets that start on these days (UTC) or between.
        dry_run: only find out what would be copied.
        bytes_per_second: most, over all; None for no bound.
        concurrency: recordings at once.
        notify: called with each recording's fate.
        on_bytes: called with bytes as they come.
    """

    to: str
    airmeets: Sequence[str] = ()
    since: date | None = None
    until: date | None = None
    dry_run: bool = False
    bytes_per_second: int | None = None
    concurrency: int = 2
    notify: Callable[[Copy], None] = lambda copy: None
    on_bytes: Callable[[int], None] = lambda count: None


@dataclass(frozen=True)
class Recording:
    """A recording that Airmeet lists; its link is a secret."""

    airmeet_id: str
    session_id: str
    number: int
    path: str
    link: str = field(repr=False)

    @property
    def key(self) -> Key:
        """What names it."""
        return self.airmeet_id, self.session_id, self.number


@dataclass
class Copied:
    """What a run did.

    Attributes:
        due: recordings to be copied.
        there: how many were copied before.
        copies: what became of each.
        faults: why airmeets could not be asked.
    """

    due: list[Recording] = field(default_factory=list)
    there: int = 0
    copies: list[Copy] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def outcomes(self) -> Counter[str]:
        """Recordings by what became of them."""
        return Counter(copy.status for copy in self.copies)


def copy_recordings(pipeline: dlt.Pipeline, settings: Settings, wanted: Wanted) -> Copied:
    """Copy what is due and not there yet; what was done is written down, also when stopped.

    Raises:
        CommandError: the account's layout has no recordings, or the target cannot be used.
        AirmeetError: the API cannot be asked.
    """
    if settings.hosts().layout != "gateway":
        raise CommandError(only_the_gateway("lists recordings"), Exit.USAGE)
    target = open_target(wanted.to)
    known = read_copies(pipeline)
    done = Copied()
    with _alone(pipeline, wanted.to):
        try:
            asyncio.run(_copy_all(settings, wanted, target, known, done))
        finally:
            if done.copies and not wanted.dry_run:
                _write(pipeline, done)
    return done


def _write(pipeline: dlt.Pipeline, done: Copied) -> None:
    """Write down what was done; where that must wait, the copies are there all the same."""
    try:
        write_copies(pipeline, done.copies)
    except CommandError as fault:
        done.faults.append(f"the table recording_copies is left to the next run: {fault}")


@contextmanager
def _alone(pipeline: dlt.Pipeline, to: str) -> Iterator[None]:
    """Let no other run of this machine copy to the same place."""
    from filelock import FileLock, Timeout

    folder = Path(pipeline.pipelines_dir)
    folder.mkdir(parents=True, exist_ok=True)
    place = to if "://" in to else str(Path(to).expanduser().absolute())
    lock = FileLock(folder / f"recordings-{sha256(place.encode()).hexdigest()[:16]}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise CommandError(
            "another airmeet recordings copies to the same place; wait until it has ended"
        ) from None
    try:
        yield
    finally:
        lock.release()


async def _copy_all(
    settings: Settings, wanted: Wanted, target: Target, known: Mapping[Key, Copy], done: Copied
) -> None:
    pace = Pace(wanted.bytes_per_second)
    async with (
        Client(settings, token_folder()) as client,
        Downloader(
            pace, settings.retry_seconds, settings.allow_http, on_bytes=wanted.on_bytes
        ) as downloader,
    ):
        rows, _ = await list_airmeets(client)
        now = datetime.now(UTC)
        airmeets = [*map(Airmeet.of, rows)]
        wanted = replace(wanted, airmeets=_ids_of(wanted.airmeets, airmeets, done))
        for airmeet in due_airmeets(airmeets, wanted, known.values(), now):
            try:
                listed = await recordings_of(client, airmeet)
            except FatalError:
                raise
            except AirmeetError as fault:
                done.faults.append(f"airmeet {airmeet.id}: {one_line(fault)}")
                continue
            _sort_out(airmeet, listed, target, known, done, wanted, now)
        if wanted.dry_run:
            return
        gate = asyncio.Semaphore(wanted.concurrency)

        async def one(recording: Recording) -> None:
            async with gate:
                _note(await _copy(client, downloader, target, recording), done, wanted)

        try:
            async with asyncio.TaskGroup() as tasks:
                for recording in done.due:
                    tasks.create_task(one(recording))
        except BaseExceptionGroup as group:  # what ends one ends all
            raise group.exceptions[0] from None


def _ids_of(wanted: Sequence[str], airmeets: Sequence[Airmeet], done: Copied) -> list[str]:
    """The ids of all airmeets that fit what is asked for; what none fits is a fault."""
    names = [(airmeet.id, airmeet.name) for airmeet in airmeets]
    ids: list[str] = []
    for words in wanted:
        found = meant(words, names)
        if not found:
            done.faults.append(f"no airmeet {words} is listed for these keys")
        ids += found or [words]
    return ids


def due_airmeets(
    airmeets: Iterable[Airmeet], wanted: Wanted, known: Iterable[Copy], now: datetime
) -> list[Airmeet]:
    """The airmeets to ask for recordings, the oldest first: theirs are deleted first.

    Those that ended within the last 60 days, those whose copies failed; or those that are asked
    for by id, name or day, however old.
    """
    failed = {copy.airmeet_id for copy in known if copy.status == "failed"}
    found = []
    for airmeet in airmeets:
        if wanted.airmeets and airmeet.id not in wanted.airmeets:
            continue
        day = airmeet.start.date() if airmeet.start else None
        if wanted.since and not (day and day >= wanted.since):
            continue
        if wanted.until and not (day and day <= wanted.until):
            continue
        end = airmeet.ends_at
        is_recent = end is None or end > now - RECORDINGS_KEPT
        is_asked_for = bool(wanted.airmeets or wanted.since or wanted.until)
        if airmeet.status in _ENDED and (is_recent or is_asked_for or airmeet.id in failed):
            found.append(airmeet)
    return sorted(found, key=lambda airmeet: (airmeet.ends_at or now, airmeet.id))


async def recordings_of(
    client: Client, airmeet: Airmeet, session_id: str | None = None
) -> list[Recording]:
    """The recordings that Airmeet lists, with fresh links; none where it has none to give.

    Args:
        client: asks.
        airmeet: whose.
        session_id: only this session's.

    Raises:
        AirmeetError: as `Client.get` does.
    """
    params = {"sessionIds": session_id} if session_id else None
    try:
        body = await client.get("api", f"/airmeet/{airmeet.id}/session-recordings", params)
    except (Unavailable, Pending):
        return []
    rows = body.get("recordings")
    counts: Counter[str] = Counter()
    found = []
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict) or is_missing_id(row.get("session_id")):
            continue
        session = str(row["session_id"])
        number, link = counts[session], row.get("download_link")
        counts[session] += 1
        if session_id in (None, session):
            folder = folder_of(airmeet.id, airmeet.name, airmeet.start)
            path = f"{folder}/{stem_of(session, number)}"
            text = link if isinstance(link, str) else ""
            found.append(Recording(airmeet.id, session, number, path, text))
    return found


def _sort_out(
    airmeet: Airmeet,
    listed: list[Recording],
    target: Target,
    known: Mapping[Key, Copy],
    done: Copied,
    wanted: Wanted,
    now: datetime,
) -> None:
    """Tell what is to be copied from what is there, and what is gone."""
    for recording in listed:
        before = known.get(recording.key)
        if before and before.status == COPIED and before.location and _is_there(target, before):
            done.there += 1
        elif found := target.find(recording.path):
            # A run that was killed made it, and did not come to write it down.
            done.there += 1
            _note(_copied(recording, found, now), done, wanted)
        else:
            done.due.append(recording)
    keys = {recording.key for recording in listed}
    for key, copy in known.items():
        if copy.airmeet_id == airmeet.id and copy.status == "failed" and key not in keys:
            _note(replace(copy, status="gone", tried_at=now), done, wanted)


def _is_there(target: Target, copy: Copy) -> bool:
    return copy.bytes is not None and target.size_at(str(copy.location)) == copy.bytes


async def _copy(
    client: Client, downloader: Downloader, target: Target, recording: Recording
) -> Copy:
    """Copy one; what failed is part of the row."""
    airmeet_id, session_id, number = recording.key

    async def fresh() -> str:
        asked = Airmeet(airmeet_id, "", "", None, None, "")
        for other in await recordings_of(client, asked, session_id):
            if other.number == number:
                return other.link
        raise CopyFailed("Airmeet no longer lists it")

    draft = await asyncio.to_thread(target.draft, recording.path)
    try:
        where = await downloader.copy(recording.link, fresh, draft)
        return _copied(recording, (where, draft.size), datetime.now(UTC))
    except FatalError:
        raise
    except (AirmeetError, OSError) as fault:
        if isinstance(fault, AirmeetError):
            why = one_line(fault)
        elif is_disk_full(fault):
            why = "the disk is full; free some space where the copies go"
        else:
            why = f"the copy cannot be written: {_reason(fault)}"
        now = datetime.now(UTC)
        return Copy(airmeet_id, session_id, number, "failed", now, error=why)
    finally:
        draft.leave()


def _reason(fault: OSError) -> str:
    """Why nothing could be written; clients of object stores say the kind of the fault alone."""
    if fault.strerror:
        return fault.strerror
    if isinstance(fault, FileNotFoundError):
        return "there is no such bucket or folder"
    if isinstance(fault, PermissionError):
        return "these credentials may not write there"
    return type(fault).__name__


def _copied(recording: Recording, found: tuple[str, int], now: datetime) -> Copy:
    where, size = found
    return Copy(*recording.key, "copied", now, where, size, now)


def _note(copy: Copy, done: Copied, wanted: Wanted) -> None:
    done.copies.append(copy)
    wanted.notify(copy)
