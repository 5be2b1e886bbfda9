"""Publishes the reports as a file of their own, for BI tools to open.

DuckDB lets one process in at a time, so a BI tool on the warehouse itself would stop the next load.
The reports are copied into a draft beside the published file, which then takes its place by an
atomic rename: readers that hold the old file keep it, whole, until they open it again; a crash
leaves the old file as it was. The rows are all that is published; dlt's own tables stay behind.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dlt
from airmeet.atomic_file import write_whole
from airmeet.errors import one_line

from ..exit_codes import CommandError
from ..warehouse.columns import columns_of
from ..warehouse.statements import literal, quoted
from ..warehouse.warehouse import (
    DATASET,
    DUCKDB_FILE,
    PIPELINE,
    community_of,
    stored_dataset,
    warehouse_file,
)
from ..warehouse.written_files import note_written
from .build import Built, reports_dataset
from .destination import (
    dataset_name,
    duckdb_connection,
    full_name,
    open_client,
    read_batches,
    read_rows,
)
from .drafts import (
    drafts_of,
    emptied,
    forget_previous,
    keep_previous,
    move_into,
    previous_of,
    stamp_of,
    take_previous,
    write_ahead_log,
)

if TYPE_CHECKING:
    from dlt.destinations.job_client_impl import SqlJobClientBase
    from duckdb import DuckDBPyConnection

    from .sql_files import SqlFile

_BATCH_ROWS = 100_000
_DRAFT = "published_draft"
_BEFORE = "before"
"""Where the note says how the file that was published before is on the disk."""


@dataclass(frozen=True)
class Published:
    """What was published: the DuckDB file, and the folder of Parquet files if there is one."""

    file: Path
    parquet: Path | None = None


def publish_after_load(pipeline: dlt.Pipeline) -> Published | None:
    """Publish as the settings `reports.publish` and `reports.parquet` say.

    Without settings, a DuckDB file is published, and a destination that many can read at a time
    is not.
    """
    wanted, parquet = _wanted(pipeline)
    return publish(pipeline, parquet) if wanted else None


@contextmanager
def published_meanwhile(
    pipeline: dlt.Pipeline, built: Built | None = None
) -> Iterator[Callable[[], object]]:
    """Publish as the settings say, while other work goes on: what changed, after a build of what
    changed. Everything is published before that: it takes memory, which others want, too.

    Args:
        pipeline: whose reports they are; none may change before all is published.
        built: what was built; None where the reports were as they should be.

    Yields:
        What waits for the publication, and raises what it raised. At the end it is waited for.
    """
    if built is None or built.plan is None or not built.plan.changes:
        publish_after_load(pipeline)
        yield lambda: None
        return
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(publish_after_load, pipeline).result


def is_published(pipeline: dlt.Pipeline) -> bool:
    """Whether the reports as they stand are published as the settings say; also where the settings
    say that they are not. What failed or was cut off is not."""
    wanted, parquet = _wanted(pipeline)
    if not wanted:
        return True
    known = _read_note(pipeline)
    known.pop(_BEFORE, None)
    return known == _note(pipeline, parquet)


def _read_note(pipeline: dlt.Pipeline) -> dict[str, object]:
    """What was written down of the last publication; empty where nothing was."""
    try:
        known = json.loads(_note_of(pipeline).read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def is_published_by_runs(pipeline: dlt.Pipeline) -> bool:
    """Whether loads and builds publish the reports, as far as the settings say so: of several
    communities those over all of them, and those of one that somebody published once."""
    return community_of(pipeline) is None or published_file(pipeline).exists()


def _wanted(pipeline: dlt.Pipeline) -> tuple[bool, bool]:
    """Whether to publish, and whether as Parquet, too."""
    wanted = dlt.config.get("reports.publish", bool)
    parquet = bool(dlt.config.get("reports.parquet", bool))
    if wanted is None:
        wanted = parquet or warehouse_file(pipeline) is not None
    return bool(wanted), parquet


def _note_of(pipeline: dlt.Pipeline) -> Path:
    return Path(pipeline.pipelines_dir) / f"{PIPELINE}.published"


def _note(pipeline: dlt.Pipeline, parquet: bool) -> dict[str, object]:
    """What is written down of a publication: which reports, and how the file is on the disk."""
    file = published_file(pipeline).absolute()
    with open_client(pipeline, reports_dataset(pipeline)) as client:
        query = f"SELECT max(load_id) FROM {full_name(client, '_dlt_loads')}"
        ((built,),) = read_rows(client, query)
    return {
        "file": str(file),
        "reports": built,
        **_file_note(file),
        "parquet": _parquet_note(file, parquet),
    }


def _file_note(file: Path) -> dict[str, object]:
    return {**(stamp_of(file) or {"size": None, "written": None})}


def _parquet_note(file: Path, parquet: bool) -> list[str] | None:
    """The Parquet files beside a published file, where they are published, too."""
    names = (path.name for path in file.with_suffix("").glob("*.parquet"))
    return sorted(names) if parquet else None


def publish(pipeline: dlt.Pipeline, parquet: bool = False) -> Published:
    """Publish the reports as they stand; for whoever holds `only_one`.

    Args:
        pipeline: the pipeline whose reports are published, from any destination.
        parquet: whether to write a Parquet file for each report, too.

    Raises:
        CommandError: there are no reports yet, or the file cannot be written.
    """
    import duckdb

    file, folder = published_file(pipeline), None
    if not file.parent.is_dir():
        raise CommandError(
            f"{file} cannot be published: its folder does not exist; make it, or set "
            "REPORTS__FILE to a file elsewhere"
        )
    # A link stays, and what it leads to is written.
    real, real_folder = file.resolve(), file.with_suffix("").resolve()
    draft, draft_folder = drafts_of(file)
    try:
        note_written(pipeline, file)
        with emptied(draft, draft_folder):
            copied = _copy_changes(pipeline, real, draft, parquet)
            schema, files = copied or _copy(pipeline, draft)
            if not files and copied is None:
                raise CommandError("there are no reports to publish; airmeet reports builds them")
            if parquet:
                _write_parquet(draft, schema, files, draft_folder)
            _sync(draft)
            # What a writer left behind belongs to the old file, and would spoil the new one.
            for path in (file, real):
                write_ahead_log(path).unlink(missing_ok=True)
            if earlier := _read_note(pipeline).get("file"):
                forget_previous(Path(str(earlier)).resolve())
            if copied is not None:
                keep_previous(real)
            draft.replace(real)
            if copied is not None:
                _keep_changes(pipeline)
            if parquet:
                move_into(draft_folder, real_folder)
                folder = file.with_suffix("")
            note = {**_note(pipeline, parquet), _BEFORE: stamp_of(previous_of(real))}
            write_whole(_note_of(pipeline), json.dumps(note))
            return Published(file, folder)
    except OSError as error:
        raise CommandError(f"{file} cannot be published: {error.strerror or error}") from error
    except duckdb.IOException as error:
        raise CommandError(f"{file} cannot be published: {one_line(error)}") from error


def published_file(pipeline: dlt.Pipeline) -> Path:
    """Where the reports of a pipeline are published.

    The setting `reports.file`, else `reports.duckdb` beside the DuckDB warehouse or, with another
    destination, in the current folder. A warehouse or dataset of another name is in the file's
    name, so that none takes another's place.
    """
    setting = dlt.config.get("reports.file", str)
    # What it names is over all communities.
    return Path(setting) if setting and not community_of(pipeline) else default_file(pipeline)


def default_file(pipeline: dlt.Pipeline, dataset: str | None = None) -> Path:
    """Where the reports are published without a setting.

    Args:
        pipeline: whose reports they are.
        dataset: as it stands in the file's name; else as dlt names it, so that a dataset that is
            written otherwise has the same file.
    """
    warehouse = warehouse_file(pipeline) or Path(DUCKDB_FILE)
    parts = ["reports"]
    if warehouse.name != DUCKDB_FILE:
        parts.insert(0, warehouse.stem)
    dataset = dataset or stored_dataset(pipeline)
    if dataset != DATASET:
        parts.append(dataset)
    return warehouse.with_name("_".join(parts) + ".duckdb")


def _keep_changes(pipeline: dlt.Pipeline) -> None:
    from .publish_changes import keep_changes

    with open_client(pipeline, reports_dataset(pipeline)) as source:
        keep_changes(source)


def _copy_changes(
    pipeline: dlt.Pipeline, published: Path, draft: Path, parquet: bool
) -> "tuple[str, list[SqlFile]] | None":
    """Copy the published file and bring the copy up, where what the last build changed is all that
    it lacks; or the one that was published before it, without a copy.

    Returns:
        The schema there, and the reports that changed; None where all must be copied.
    """
    from .publish_changes import copy_changes, lacks_last_changes

    known = _read_note(pipeline)
    if not known or write_ahead_log(published).exists():
        return None
    if {**_file_note(published), "parquet": _parquet_note(published, parquet)} != {
        key: known.get(key) for key in ("size", "written", "parquet")
    }:
        return None
    with _client(pipeline, reports_dataset(pipeline)) as source:
        if not lacks_last_changes(source, known.get("reports")):
            return None
        builds = 2 if take_previous(published, known.get(_BEFORE), draft) else 1
        if builds == 1:
            shutil.copyfile(published, draft)
        name = dataset_name(source)
        with _attached(draft, source) as target:
            target.execute("BEGIN")
            files = copy_changes(target, f"{_DRAFT}.{quoted(name)}", source, builds)
            target.execute("COMMIT")
            target.execute(f"CHECKPOINT {_DRAFT}")
    return name, files


def _copy(pipeline: dlt.Pipeline, draft: Path) -> "tuple[str, list[SqlFile]]":
    """Copy the reports that there are into a new DuckDB file, with their descriptions.

    Returns:
        The schema there, which is named as dlt names the dataset; and the reports.
    """
    from .combined import as_it_stands
    from .sql_files import TYPES, sql_files

    dataset = reports_dataset(pipeline)
    wanted = sql_files("reporting")
    with _client(pipeline, dataset) as source, _attached(draft, source) as target:
        name = dataset_name(source)
        schema = f"{_DRAFT}.{quoted(name)}"
        files = [
            as_it_stands(wanted[name], there)
            for name, there in columns_of(source, wanted).items()
            if there
        ]
        target.execute("BEGIN")  # one write to the disk in place of hundreds
        target.execute(f"CREATE SCHEMA {schema}")
        for file in files:
            table = f"{schema}.{quoted(file.name)}"
            columns = ", ".join(f"{quoted(c.name)} {TYPES[c.kind]}" for c in file.columns)
            target.execute(f"CREATE TABLE {table} ({columns})")
            _fill(target, table, source, file)
            _describe(target, table, file)
        target.execute("COMMIT")
        target.execute(f"CHECKPOINT {_DRAFT}")
    return name, files


@contextmanager
def _attached(draft: Path, source: "SqlJobClientBase") -> "Iterator[DuckDBPyConnection]":
    """A connection with a new file attached as `_DRAFT`; to the warehouse where that is a DuckDB
    file, too, so that DuckDB copies by itself."""
    import duckdb

    warehouse = duckdb_connection(source)  # None where it is open for reading alone
    with warehouse.cursor() if warehouse else duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH {literal(str(draft))} AS {_DRAFT}")
        try:
            yield connection
        except BaseException:
            with suppress(duckdb.Error):  # there may be no transaction
                connection.execute("ROLLBACK")
            raise
        finally:
            connection.execute(f"DETACH {_DRAFT}")


@contextmanager
def _client(pipeline: dlt.Pipeline, dataset: str) -> "Iterator[SqlJobClientBase]":
    """An open client of a dataset that is there."""
    with open_client(pipeline, dataset) as client:
        if not client.sql_client.has_dataset():
            raise CommandError("there are no reports to publish; airmeet reports builds them")
        yield client


def _fill(
    target: "DuckDBPyConnection", table: str, source: "SqlJobClientBase", file: "SqlFile"
) -> None:
    """Copy a report's rows; from another engine in batches, whatever its size."""
    names = ", ".join(source.sql_client.escape_column_name(c.name) for c in file.columns)
    query = f"SELECT {names} FROM {full_name(source, file.name)}"
    if duckdb_connection(source):
        target.execute(f"INSERT INTO {table} {query}")
        return
    for rows in read_batches(source, query, _BATCH_ROWS):
        target.register("rows_to_copy", rows)
        target.execute(f"INSERT INTO {table} SELECT * FROM rows_to_copy")
        target.unregister("rows_to_copy")


def _describe(target: "DuckDBPyConnection", table: str, file: "SqlFile") -> None:
    """Hang the header's words onto a table and its columns, where BI tools show them."""
    target.execute(f"COMMENT ON TABLE {table} IS {literal(file.purpose)}")
    for column in file.columns:
        name = f"{table}.{quoted(column.name)}"
        target.execute(f"COMMENT ON COLUMN {name} IS {literal(column.description)}")


def _write_parquet(draft: Path, schema: str, files: "list[SqlFile]", folder: Path) -> None:
    """Write each report of a DuckDB file as Parquet into a folder."""
    import duckdb

    folder.mkdir(exist_ok=True)
    with duckdb.connect(str(draft), read_only=True) as source:
        for file in files:
            table, path = quoted(schema, file.name), folder / f"{file.name}.parquet"
            source.execute(f"COPY {table} TO {literal(str(path))} (FORMAT parquet)")
            _sync(path)


def _sync(file: Path) -> None:
    """See to it that a file is on the disk before it takes another's place."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
