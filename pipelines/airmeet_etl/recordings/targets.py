"""Where copies go: a folder, or an object store by fsspec. A copy is there whole or not at all."""

import importlib.util
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from airmeet.errors import one_line

from ..exit_codes import CommandError, Exit

_PART = ".part"
_BLOCK = 8 * 1024 * 1024
"""Bytes that an upload holds before it sends them; a store of 10,000 parts takes 80 GB so."""
_DRIVERS = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs"} | dict.fromkeys(
    ("az", "abfs", "abfss", "adl"), "adlfs"
)


@dataclass(frozen=True)
class Version:
    """What tells one file from another at the host of a recording; never its link.

    Attributes:
        bytes: its length; None where the host does not say.
        etag: as the host gives it, strong ones alone; "" without one.
        modified: its `Last-Modified`; "" without one.
        ending: of the file name.
    """

    bytes: int | None
    etag: str
    modified: str
    ending: str

    def is_of(self, other: "Version") -> bool:
        """Whether bytes of both may be joined: nothing that both say differs, and both say their
        length."""
        if self.bytes is None or self.bytes != other.bytes:
            return False
        pairs = ((self.etag, other.etag), (self.modified, other.modified))
        return all(mine == its or not mine or not its for mine, its in pairs)


class Draft(Protocol):
    """A copy that is being made.

    Attributes:
        size: bytes that it has.
        version: of what; None where nothing was begun.
    """

    size: int
    version: Version | None

    def begin(self, version: Version) -> None:
        """Begin anew."""

    def write(self, part: bytes) -> None:
        """Add bytes."""

    def finish(self) -> str:
        """Let the copy appear; where is returned."""

    def leave(self) -> None:
        """Stop; what can be resumed stays."""


class Target(Protocol):
    """A place for copies; a path is `folder/stem`, without an ending."""

    def size_at(self, where: str) -> int | None:
        """Bytes of a file named in full; None where there is none."""

    def find(self, path: str) -> tuple[str, int] | None:
        """Where the copy of a path is, and its bytes, whatever its ending."""

    def draft(self, path: str) -> Draft:
        """The draft of a path, with what an earlier run left of it."""


def open_target(to: str) -> Target:
    """The target that `--to` names; nothing is written yet.

    Raises:
        CommandError: its client is not installed, or it cannot be used.
    """
    scheme = urlsplit(to).scheme if "://" in to else ""
    if scheme in ("", "file"):
        return FolderTarget(Path(to.removeprefix("file://")).expanduser().absolute())
    if (driver := _DRIVERS.get(scheme)) and importlib.util.find_spec(driver) is None:
        raise CommandError(f"{scheme}:// needs {driver}: pip install {driver}")
    return StoreTarget(to)


class FolderTarget:
    """A folder of this machine. A draft lies beside its file to be, and survives a kill."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def size_at(self, where: str) -> int | None:
        """See `Target`."""
        file = Path(where)
        return file.stat().st_size if file.is_file() else None

    def find(self, path: str) -> tuple[str, int] | None:
        """See `Target`."""
        stem = self.root / path
        # Ids are safe in a pattern. `session_1_2.mp4` is not of the stem `session_1`.
        for file in sorted(stem.parent.glob(f"{stem.name}.*")):
            if file.is_file():
                return str(file), file.stat().st_size
        return None

    def draft(self, path: str) -> "FileDraft":
        """See `Target`."""
        return FileDraft(self.root / path)


class FileDraft:
    """`.<stem>.part`, and beside it of what it is a part."""

    def __init__(self, stem: Path) -> None:
        self._stem = stem
        self._part = stem.with_name(f".{stem.name}{_PART}")
        self._facts = stem.with_name(f".{stem.name}{_PART}.json")
        self._fd: int | None = None
        self.version = self._known_version()
        self.size = self._part.stat().st_size if self.version else 0

    def _known_version(self) -> Version | None:
        try:
            facts = Version(**json.loads(self._facts.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return facts if self._part.is_file() else None

    def begin(self, version: Version) -> None:
        """See `Draft`."""
        self.leave()
        self._stem.parent.mkdir(parents=True, exist_ok=True)
        # In this order: a kill in between leaves no bytes under another file's facts.
        self._facts.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self._fd = os.open(self._part, flags, 0o666)
        self._facts.write_text(json.dumps(asdict(version)))
        self.version, self.size = version, 0

    def write(self, part: bytes) -> None:
        """See `Draft`."""
        if self._fd is None:
            self._fd = os.open(self._part, os.O_WRONLY | os.O_APPEND)
        rest = memoryview(part)
        while rest:
            written = os.write(self._fd, rest)
            self.size += written
            rest = rest[written:]

    def finish(self) -> str:
        """See `Draft`."""
        assert self.version is not None
        if self._fd is None:
            self._fd = os.open(self._part, os.O_WRONLY)
        os.fsync(self._fd)
        self.leave()
        file = self._stem.with_name(self._stem.name + self.version.ending)
        self._part.replace(file)
        self._facts.unlink(missing_ok=True)
        return str(file)

    def leave(self) -> None:
        """See `Draft`."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


class StoreTarget:
    """An object store. An upload that was killed begins anew: what a store holds of it is no
    object, and can be taken up by the process alone that began it."""

    def __init__(self, url: str) -> None:
        self._fs, root = _file_system(url)
        self._root = str(root).rstrip("/")
        self._scheme = urlsplit(url).scheme

    def size_at(self, where: str) -> int | None:
        """See `Target`."""
        try:
            with self._asked():
                return int(self._fs.info(self._fs._strip_protocol(where))["size"])
        except FileNotFoundError:
            return None

    def find(self, path: str) -> tuple[str, int] | None:
        """See `Target`."""
        folder, _, stem = f"{self._root}/{path}".rpartition("/")
        try:
            with self._asked():
                found: Iterator[Any] = iter(self._fs.ls(folder, detail=True))
        except FileNotFoundError:
            return None
        for entry in found:
            if str(entry["name"]).rpartition("/")[2].startswith(f"{stem}."):
                return self._named(entry["name"]), int(entry["size"])
        return None

    def draft(self, path: str) -> "ObjectDraft":
        """See `Target`."""
        folders = self._scheme not in _DRIVERS
        return ObjectDraft(self._fs, f"{self._root}/{path}", self._named, folders)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Name what is to be looked at where the store does not answer: the faults of its clients
        have no kind in common, and say what happened alone."""
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as fault:
            raise CommandError(
                f"{self._scheme}:// cannot be read ({one_line(fault)}); look at the bucket's name, "
                "the credentials (DESTINATION__FILESYSTEM__CREDENTIALS__…) and the network"
            ) from fault

    def _named(self, path: str) -> str:
        return f"{self._scheme}://{path.lstrip('/')}"


class ObjectDraft:
    """An upload in parts; the object appears when it is closed.

    Args:
        fs: the store.
        path: without an ending.
        named: turns a path into a URL.
        folders: whether it has folders that must be made. In a store of buckets there are none, and
            its client would make a bucket that is missing, since its name was mistyped.
    """

    def __init__(self, fs: Any, path: str, named: Any, folders: bool) -> None:
        self._fs, self._path, self._named, self._folders = fs, path, named, folders
        self._file: Any = None
        self._object = ""
        self.version: Version | None = None
        self.size = 0

    def begin(self, version: Version) -> None:
        """See `Draft`."""
        self.leave()
        self._object = self._path + version.ending
        if self._folders:
            self._fs.makedirs(self._path.rpartition("/")[0], exist_ok=True)
        self._file = self._fs.open(self._object, "wb", block_size=_BLOCK)
        self.version, self.size = version, 0

    def write(self, part: bytes) -> None:
        """See `Draft`."""
        self._file.write(part)
        self.size += len(part)

    def finish(self) -> str:
        """See `Draft`."""
        file, self._file = self._file, None
        file.close()
        self._fs.invalidate_cache()
        return str(self._named(self._object))

    def leave(self) -> None:
        """See `Draft`."""
        file, self._file, self.version, self.size = self._file, None, None, 0
        if file is None:
            return
        try:
            if hasattr(file, "discard"):
                file.discard()
        finally:
            # Closed by name alone: fsspec would else complete the upload once it is collected.
            file.closed = True


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL: with dlt's credentials of `destination.filesystem` where there are
    some, else as fsspec finds its own.

    Raises:
        CommandError: there is none of that kind, or it cannot be used.
    """
    import fsspec  # type: ignore[import-untyped]
    from dlt.common.configuration.exceptions import ConfigurationException
    from dlt.common.configuration.resolve import resolve_configuration
    from dlt.common.exceptions import MissingDependencyException
    from dlt.common.storages.configuration import FilesystemConfiguration
    from dlt.common.storages.fsspec_filesystem import fsspec_from_config

    try:
        sections = ("destination", "filesystem")
        given = FilesystemConfiguration(bucket_url=url)
        try:
            fs, _ = fsspec_from_config(resolve_configuration(given, sections=sections))
            return fs, fs._strip_protocol(url)
        except (ConfigurationException, MissingDependencyException):
            return fsspec.core.url_to_fs(url)  # type: ignore[no-any-return]
    except (ImportError, ValueError, OSError) as error:
        scheme = urlsplit(url).scheme
        raise CommandError(
            f"{scheme}:// cannot be written to ({type(error).__name__}); --to takes a folder, "
            "s3://, gs:// or az://, with credentials as for dlt's filesystem",
            Exit.USAGE,
        ) from None
