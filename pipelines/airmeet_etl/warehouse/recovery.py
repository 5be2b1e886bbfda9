"""Packages of a run that was cut off: completed before anything else is done.

Leans on the folders and files of dlt's load packages, by the names that dlt's `PackageStorage` has
for them; tested in `tests/trust/test_foreign_internals.py`.
"""

import logging
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import dlt
from airmeet.privacy.erasure import TABLE as ERASED_TABLE
from dlt.common.schema import Schema
from dlt.common.storages.load_package import PackageStorage
from dlt.common.storages.load_storage import LoadStorage
from dlt.common.storages.normalize_storage import NormalizeStorage
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..exit_codes import CommandError, interruption_in, is_disk_full, to_command_error
from .final_feeds import unsettle
from .patience import Notify
from .statements import delete
from .warehouse import PIPELINE, location

_log = logging.getLogger(__name__)

_JOB_FOLDERS = (
    PackageStorage.NEW_JOBS_FOLDER,
    PackageStorage.STARTED_JOBS_FOLDER,
    PackageStorage.COMPLETED_JOBS_FOLDER,
)
_FOLLOW_UPS = (".sql", ".reference")
"""Suffixes of jobs that dlt adds while it loads; it adds them again."""


def complete_pending(pipeline: dlt.Pipeline, notify: Notify = _log.warning) -> int:
    """Load what a run that was cut off had fetched; to be called before anything else is.

    Not by `run`: on a brand-new pipeline it finds no dataset at the destination, takes the working
    folder for stale and deletes the package. A package that was made for another destination, or
    before somebody was erased, or that fails twice although the destination answers, is dropped
    with all of the working folder: the ledger does not know it, so it is fetched again, and dlt has
    its state and schema back from the destination.

    Args:
        pipeline: whose working folder is looked at.
        notify: takes the line that says why packages were dropped.

    Returns:
        How many packages were completed.

    Raises:
        Exception: the destination does not answer, and the packages are kept; or the disk is full.
        KeyboardInterrupt: it was stopped.
    """
    target = Path(pipeline.pipelines_dir) / f"{PIPELINE}.target"
    here = f"{location(pipeline)} {pipeline.dataset_name}, {count_erased(pipeline)} erased"
    elsewhere = target.exists() and target.read_text(errors="replace") != here
    try:
        packages = {
            *pipeline.list_extracted_load_packages(),
            *pipeline.list_normalized_load_packages(),
        }
        if packages and elsewhere:
            pipeline.drop()
            notify(
                f"dropped {len(packages)} package(s) of a run that was cut off: made for another "
                "destination, or before somebody was erased; what they held is fetched again"
            )
            packages = set()
        target.write_text(here)
        if not packages:
            return 0
        _load_or_load_again(pipeline)
    except Exception as failure:
        if stop := interruption_in(failure):
            raise stop from None
        if not _answers(pipeline):
            raise
        pipeline.drop()
        if is_disk_full(failure):
            raise
        notify(
            "dropped what a run that was cut off had fetched, since it cannot be loaded "
            f"({to_command_error(failure)}); it is fetched again"
        )
        return 0
    return len(packages)


def remove_old_packages(pipeline: dlt.Pipeline) -> None:
    """Remove the files of packages that are loaded, and of extractions that were cut off: their
    rows are at the destination, or are fetched again. dlt keeps both for good."""
    folder = Path(pipeline.working_dir)
    whole = folder / "normalize" / NormalizeStorage.EXTRACTED_FOLDER
    cut_off = {path for path in folder.glob("normalize/*") if path.is_dir()} - {whole}
    for path in (*folder.glob(f"load/{LoadStorage.LOADED_FOLDER}/*"), *cut_off):
        shutil.rmtree(path)


def _load_or_load_again(pipeline: dlt.Pipeline) -> None:
    """Load the packages that are there, at the second attempt where the first one fails: the server
    may still have been at work for the run that was cut off."""
    try:
        _load_from_start(pipeline)
    except Exception as failure:
        if interruption_in(failure) or is_disk_full(failure) or not _answers(pipeline):
            raise
        _log.info("what was cut off cannot be loaded yet: %s", to_command_error(failure))
        _load_from_start(pipeline)


def _load_from_start(pipeline: dlt.Pipeline) -> None:
    """Load the packages that are there, each from its start."""
    if pipeline.list_extracted_load_packages():
        pipeline.normalize()
    for load_id in pipeline.list_normalized_load_packages():
        forget_state(pipeline, load_id)
        reset_package(package_folder(pipeline, load_id))
    unsettle(pipeline)
    pipeline.load()


def count_erased(pipeline: dlt.Pipeline) -> int:
    """How many digests of erased people there are; a package that was fetched while there were
    others may hold somebody who must not come back.

    Raises:
        Exception: the destination does not answer.
    """
    with pipeline.sql_client() as client:
        table = client.make_qualified_table_name(ERASED_TABLE)
        try:
            rows = client.execute_sql(f"SELECT count(*) FROM {table}") or ((0,),)
        except DatabaseUndefinedRelation:
            return 0
    return int(rows[0][0])


def require_nobody_erased(pipeline: dlt.Pipeline, erased: int) -> None:
    """Drop what was fetched, with the working folder, where people were erased since.

    Args:
        pipeline: that holds a package.
        erased: `count_erased` as it was before anything in the package was fetched.

    Raises:
        CommandError: somebody was erased.
    """
    if count_erased(pipeline) != erased:
        pipeline.drop()
        raise CommandError(
            "somebody was erased while this load fetched: what it had not loaded yet is dropped; "
            "run it again"
        )


def disown(pipeline: dlt.Pipeline, load_ids: Sequence[str]) -> None:
    """Let packages count as never completed: the ledger's rows of them are no longer valid, and all
    that is in them is due."""
    with pipeline.sql_client() as client:
        loads = client.make_qualified_table_name("_dlt_loads")
        for load_id in load_ids:
            client.execute_sql(f"DELETE FROM {loads} WHERE load_id = %s", load_id)


def _answers(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination can be asked, whatever the working folder holds."""
    dataset = dlt.dataset(pipeline.destination, str(pipeline.dataset_name), Schema(PIPELINE))
    try:
        with dataset.sql_client as client:
            client.execute_sql("SELECT 1")
    except Exception:
        return False
    return True


def package_folder(pipeline: dlt.Pipeline, load_id: str) -> Path:
    """Where dlt keeps a package that is normalized and not yet loaded."""
    return Path(pipeline.working_dir, "load", LoadStorage.NORMALIZED_FOLDER, load_id)


def forget_state(pipeline: dlt.Pipeline, load_id: str) -> None:
    """Delete what a package that was cut off may have written of dlt's state, unless dlt knows that
    it is written: it is written again, and the same row a second time fails the package on
    Postgres."""
    package, table = package_folder(pipeline, load_id), pipeline.default_schema.state_table_name
    folders = (PackageStorage.NEW_JOBS_FOLDER, PackageStorage.STARTED_JOBS_FOLDER)
    if not [job for folder in folders for job in (package / folder).glob(f"{table}.*")]:
        return
    with pipeline.sql_client() as client, suppress(DatabaseUndefinedRelation):
        written = client.make_qualified_table_name(table)
        client.execute_sql(delete(client, written, "_dlt_load_id = %s"), load_id)


def reset_package(package: Path) -> None:
    """Put a package whose load was cut off back to its start.

    dlt records that a staging table is filled after it was filled: killed in between, it would fill
    it twice, and a merge by airmeet takes all that is there. Another loader may have emptied or
    filled staging since. From its start dlt empties staging first, and what is merged already is
    merged again with the same result, as on DuckDB, which has no staging. Nor have dlt's own tables
    (`_dlt…`); their jobs stay as they are.
    """
    new = package / PackageStorage.NEW_JOBS_FOLDER
    for folder in _JOB_FOLDERS:
        for job in (package / folder).glob("[!_]*"):
            if job.suffix in _FOLLOW_UPS:
                job.unlink()
            else:
                job.replace(new / job.name)
    for transition in (package / PackageStorage.PENDING_TRANSITIONS_FOLDER).glob("*"):
        transition.unlink()  # of dlt's state too: what was written of it is forgotten
    # Without this file dlt takes the tables, staging among them, for prepared.
    applied = package / PackageStorage.APPLIED_SCHEMA_UPDATES_FILE_NAME
    if applied.exists():
        applied.replace(package / PackageStorage.SCHEMA_UPDATES_FILE_NAME)
