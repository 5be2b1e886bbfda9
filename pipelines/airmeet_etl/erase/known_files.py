"""The files beside the destination that hold people: made anew, removed, or found and named.

The published reports; what was published, exported or written for mail before; drafts that a killed
run left; dlt's working folder; the journal of pushes.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import dlt
import orjson
from airmeet import token_folder
from airmeet.atomic_file import write_whole
from airmeet.parquet_files import FOLDER as PARQUET_FOLDER
from airmeet.privacy.erasure import ErasureList

from ..reports.publish import default_file, published_file
from ..reports.sql_files import sql_files
from ..warehouse.warehouse import community_of, warehouse_file
from ..warehouse.written_files import written_files
from ..webhooks.inbox import Inbox, inbox_folder
from ..webhooks.payloads import Delivery, read_delivery
from .person import Person
from .trace_search import traces_in_file

_DRAFTS = (".draft", ".draft.wal")
_DRAFT_FOLDERS = (".parquet", ".draft")
_ALONE = (".csv", ".xlsx", ".parquet", ".json", ".html")
"""Endings of files that were exported or written for mail: a folder beside them is not ours."""
_REPORT_TITLE = b"<title>Airmeet report,"
"""How the report to mail begins."""


class KnownFiles:
    """The files of a pipeline's dataset.

    Attributes:
        published: where the reports are published now.
        warehouse: the DuckDB file; none elsewhere.
        inbox: what webhooks delivered and no load has taken up; None where there is none.
    """

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self._pipeline = pipeline
        self.published = published_file(pipeline)
        self.warehouse = warehouse_file(pipeline)
        setting = dlt.config.get("sources.airmeet.webhook_inbox", str)
        folder = inbox_folder(setting, community_of(pipeline))
        self.inbox = Inbox(folder) if folder else None

    @cached_property
    def _others(self) -> list[Path]:
        """Where something was written before, or would be under other settings."""
        own_name = str(self._pipeline.dataset_name).replace("/", "_")
        defaults = [default_file(self._pipeline), default_file(self._pipeline, own_name)]
        return [*written_files(self._pipeline), *defaults]

    @property
    def published_parts(self) -> list[Path]:
        """The published reports: the file, and those of its folder."""
        return _parts(self.published)

    def earlier(self) -> list[Path]:
        """Files that were published or written before and are not written again: under an earlier
        setting, by an earlier version, for mail."""
        found: dict[Path, Path] = {}
        for file in self._others:
            for part in _parts(file):
                found.setdefault(part.resolve(), part)
        reports = sql_files("reporting")
        for part in self.published_parts:
            if part.suffix != ".parquet" or part.stem in reports:
                found.pop(part.resolve(), None)
            else:
                found.setdefault(part.resolve(), part)
        if self.warehouse:
            found.pop(self.warehouse.resolve(), None)
        return [*found.values()]

    def earlier_with(self, person: Person) -> list[Path]:
        """Those of them that hold something of a person; one that cannot be read counts for none
        here, and is named by the search at the end."""
        found = []
        for file in self.earlier():
            with suppress(Exception):
                if traces_in_file(file, person):
                    found.append(file)
        return found

    def drafts(self) -> list[Path]:
        """What runs that were killed have left beside the files that they were writing."""
        files = {self.published, *self._others, *([self.warehouse] if self.warehouse else ())}
        files |= {file.with_suffix("") for file in files}
        found: set[Path] = set()
        for file in files | {file.resolve() for file in files}:
            for path in file.parent.glob(".*"):
                rest = path.name.removeprefix(f".{file.name}")
                endings = _DRAFT_FOLDERS if path.is_dir() else _DRAFTS
                if rest != path.name and rest.endswith(endings):
                    found.add(path)
        found |= {*token_folder().glob(".pushes-*.draft")}
        if self.warehouse:
            spilled = self.warehouse.with_name(f"{self.warehouse.name}.tmp")
            found |= {*spilled.glob("*")} if spilled.is_dir() else set()
        return sorted(found)

    def remove_drafts(self) -> int:
        """Remove them; returns how many there were."""
        drafts = self.drafts()
        for path in drafts:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        return len(drafts)

    def sweep(self) -> int:
        """Remove what dlt keeps of packages that are through; returns how many there were."""
        swept = 0
        for folder in self._working_folders():
            # A trace holds messages of errors, and they may hold rows.
            (folder / "trace.pickle").unlink(missing_ok=True)
            left = (PARQUET_FOLDER, "load/*/*", "normalize/*/*")
            for storage in (found for pattern in left for found in folder.glob(pattern)):
                if storage.is_dir():
                    shutil.rmtree(storage)
                    swept += 1
        return swept

    def _working_folders(self) -> list[Path]:
        name = self._pipeline.pipeline_name
        return [Path(self._pipeline.pipelines_dir, n) for n in (name, f"{name}_reports")]

    def all_of_them(self) -> list[Path]:
        """Every file that may hold a person, but for the warehouse itself: to be searched."""
        found = [*self.published_parts, *self.earlier(), *journals()]
        for folder in (*self._working_folders(), *self.drafts()):
            found += sorted(folder.rglob("*")) if folder.is_dir() else [folder]
        found += [*self.inbox.paths(), *self.inbox.unreadable()] if self.inbox else []
        found += self._beside()
        unique = {path.resolve(): path for path in reversed(found) if path.is_file()}
        return [*reversed(unique.values())]

    def _beside(self) -> Iterator[Path]:
        """Reports to mail that nobody noted, in the folders that are worked in."""
        places = {Path.cwd(), self.published.resolve().parent}
        places |= {self.warehouse.resolve().parent} if self.warehouse else set()
        for place in sorted(places):
            for file in sorted(place.glob("*.htm*")):
                with suppress(OSError), file.open("rb") as opened:
                    if _REPORT_TITLE in opened.read(2000):
                        yield file


def _parts(file: Path) -> list[Path]:
    """The files that belong to a published one: itself, and those of its folder."""
    parts = [file] if file.is_file() else []
    folder = file.with_suffix("")
    if file.suffix not in _ALONE and folder != file and folder.is_dir():
        parts += sorted(folder.glob("*.parquet"))
    return parts


def remove(file: Path) -> None:
    """Remove a file, and what it links to."""
    real = file.resolve()
    for path in (real, real.with_name(f"{real.name}.wal"), file):
        path.unlink(missing_ok=True)


def journals() -> list[Path]:
    """The journals of pushes."""
    return sorted(token_folder().glob("pushes-*.jsonl"))


def without_pushes(journal: Path, one: ErasureList) -> bool:
    """Take the person's lines out of a journal of writes whose fate is not in the destination."""
    lines = journal.read_bytes().splitlines(keepends=True)
    kept = []
    for line in lines:
        text = line.decode(errors="replace")
        if one.without_people(text) == text and not one.has_address(_row_key(line)):
            kept.append(line)
    if len(kept) == len(lines):
        return False
    write_whole(journal, b"".join(kept), private=True)
    return True


def _row_key(line: bytes) -> str:
    try:
        return str(orjson.loads(line).get("row_key"))
    except (orjson.JSONDecodeError, AttributeError):
        return ""


def without_deliveries(
    inbox: Inbox, person: Person, one: ErasureList, dry_run: bool = False
) -> int:
    """Take the deliveries about a person out of an inbox, and the person out of those about many;
    what cannot be read goes where anything of the person is in it. Returns how many there were, or
    with `dry_run` are.

    Raises:
        OSError: a file cannot be written.
    """

    def without(body: bytes) -> bytes | None:
        text = body.decode(errors="replace")
        reading = read_delivery(Delivery(body, datetime.now(UTC)))
        if reading.error:
            return None if person.traces_in(text) or one.without_people(text) != text else body
        event = reading.event
        if one.has_address(event["email"]) or one.has_user(event["user_id"]):
            return None
        kept = one.without_people(text)
        return body if kept == text else kept.encode()

    return inbox.rewrite(without, dry_run)
