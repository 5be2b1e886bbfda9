"""`airmeet erase`: removes a person from all that is stored, and keeps the person out.

In this order, so that a run that is cut off is mended by running it again:

1. packages of a load that was cut off are completed;
2. digests of the address, and of the user ids seen beside it, go to `erased_people`, which every
   later load obeys;
3. rows are removed from the raw tables, entries from lists within them, and the ledger's counts are
   lowered; a table that refuses is named, and the rest is done;
4. dlt's staging tables go, the reports and what is published of them are made anew; files that were
   published or written before go where they hold the person;
5. a DuckDB file is written anew and a DuckLake cleaned up: what is deleted in them stays readable;
6. what dlt keeps of finished packages in its working folder goes, and what killed runs have left;
7. all of it is searched, and what is left is said.
"""

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from airmeet.addresses import is_address
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from airmeet.feeds import FEED_NAMES
from airmeet.person import person_key
from airmeet.privacy.erasure import TABLE, read_erased
from airmeet.privacy.policy import PrivacyPolicy, policy_of
from dlt.destinations.exceptions import DatabaseException

from ..exit_codes import CommandError, Exit, to_command_error
from ..reports.build import build_reports, reports_dataset
from ..reports.destination import open_client
from ..reports.publish import publish
from ..warehouse.recovery import complete_pending
from ..warehouse.statements import as_text, delete, placeholder, update
from .known_files import KnownFiles, journals, remove, without_deliveries, without_pushes
from .person import Person
from .person_search import Cut, Deletion, PersonSearch
from .storage import clean_lake, is_lake, lake_files, write_anew
from .trace_search import traces_in_destination, traces_in_files

if TYPE_CHECKING:
    from dlt.destinations.sql_client import SqlClientBase


@dataclass
class Erasure:
    """What was removed, or would be.

    Attributes:
        rows: rows by table.
        values: texts and lists that the person was cut out of, by `table.column`.
        deliveries: of webhooks that wait in the inbox or cannot be read, and are about the person.
        ids: user ids that were seen beside the address.
        files: files of an earlier setting, or written for mail, that hold the person.
        made_anew: what else was made anew or emptied.
        refused: what could not be done, and why.
        left: where something of the person still is.
        pending: packages of a load that was cut off, which a dry run does not look into.
        person: whom it is about.
    """

    rows: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    deliveries: int = 0
    ids: frozenset[str] = frozenset()
    files: list[Path] = field(default_factory=list)
    made_anew: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    pending: int = 0
    person: Person | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left."""
        return not self.refused and not self.left


def read_address(given: str | None) -> str:
    """The address of the person, as given, from standard input, or as asked for on a terminal.

    Raises:
        CommandError: it is none.
    """
    if given is None:
        is_asked = sys.stdin.isatty()
        given = input("Address of the person: ") if is_asked else sys.stdin.readline()
    address = person_key(given)
    if address is None or not is_address(address):
        raise CommandError("that is no address; write it as name@example.com", Exit.USAGE)
    return address


def configured_policy() -> PrivacyPolicy:
    """The policy that the source's settings make: it knows how addresses are stored. No API key is
    needed.

    Raises:
        SettingsError: the mode is unknown, or lacks its key.
    """
    mode = dlt.config.get("sources.airmeet.privacy", str) or "plain"
    return policy_of(mode, dlt.secrets.get("sources.airmeet.privacy_key", str))


Step = tuple[str, Callable[[], object]]
"""Something that is made anew or removed: what it is, and what does so; it returns whether there
was something."""


def erase(
    pipeline: dlt.Pipeline,
    address: str,
    policy: PrivacyPolicy,
    dry_run: bool = False,
    over_all: Sequence[Step] | None = None,
) -> Erasure:
    """Remove a person from the pipeline's destination and working folder; for whoever holds
    `single_run_lock` and the lock of the destination.

    Args:
        pipeline: whose destination it is.
        address: in any writing.
        policy: by the settings: it knows what the address may be stored as.
        dry_run: find, and change nothing.
        over_all: of one of several communities: what is made anew of all of them, once its own
            reports are; nothing is searched, then, until the last one is done (`search_again`).

    Raises:
        Exception: whatever dlt or the destination raises before anything is removed; run it again.
    """
    _require_rows(pipeline)
    pipeline.activate()
    erasure = Erasure()
    if dry_run:
        pending = pipeline.list_extracted_load_packages, pipeline.list_normalized_load_packages
        erasure.pending = sum(len(packages()) for packages in pending)
    else:
        complete_pending(pipeline)
    pipeline.sync_destination()
    known = read_erased(pipeline)
    # One connection for the hundred queries of a search: dlt resolves its settings for each anew.
    with pipeline.sql_client() as client:
        search = PersonSearch(pipeline, client, known, policy.forms_of(address))
        deletions, cuts = list(search.deletions()), list(search.cuts())
    person = search.person
    erasure.person, erasure.ids = person, person.ids
    files = KnownFiles(pipeline)
    erasure.files = files.earlier_with(person)
    if dry_run and files.inbox is not None:
        erasure.deliveries = without_deliveries(files.inbox, person, search.one, dry_run)
    if not dry_run:
        if rows := known.rows_for(address, person.ids):
            pipeline.run(rows, table_name=TABLE, write_disposition="append", columns=_COLUMNS)
        deletions, cuts = _apply(pipeline, deletions, cuts, erasure)
    for deletion in deletions:
        erasure.rows[deletion.table] += sum(deletion.rows.values())
    for cut in cuts:
        erasure.values[f"{cut.table}.{cut.column}"] += cut.rows
    if dry_run:
        return erasure
    _remove(erasure.files, erasure)
    if files.warehouse and files.warehouse.stat().st_nlink > 1:
        what = f"the other name (a hard link) that {files.warehouse} has keeps what it held"
        erasure.left.append(what)
    for journal in journals():
        if without_pushes(journal, search.one):
            erasure.made_anew.append(f"the journal of pushes ({journal})")
    if (inbox := files.inbox) is not None:

        def take_out() -> int:
            erasure.deliveries = without_deliveries(inbox, person, search.one)
            return erasure.deliveries

        if _attempt(f"the inbox {inbox.folder} is not changed", take_out, erasure):
            erasure.made_anew.append(f"the inbox of webhooks ({inbox.folder})")
    for what, act in _steps(pipeline, files, over_all or ()):
        if _attempt(f"{what} is not made anew", act, erasure):
            erasure.made_anew.append(what)
    if over_all is None:
        search_again(pipeline, erasure)
    return erasure


def search_again(
    pipeline: dlt.Pipeline,
    erasure: Erasure,
    keeping: Collection[str] = (),
    over_all: dlt.Pipeline | None = None,
) -> None:
    """Search all that is stored, and note what is left.

    Args:
        pipeline: whose destination it is.
        erasure: what was done; gains what is left.
        keeping: datasets of communities that the person was not erased from; files, which they
            share, are not searched, then.
        over_all: of several communities, the pipeline whose reports are over all of them.
    """
    assert erasure.person is not None
    erasure.left += traces_in_destination(pipeline, erasure.person, keeping)
    if not keeping:
        known_files = KnownFiles(pipeline).all_of_them()
        known_files += KnownFiles(over_all).all_of_them() if over_all else []
        known_files += lake_files(pipeline) if is_lake(pipeline) else []
        erasure.left += traces_in_files(dict.fromkeys(known_files), erasure.person)


def remove_earlier(pipeline: dlt.Pipeline, erasure: Erasure) -> None:
    """Remove files that were made out of a pipeline's reports before and hold the person."""
    assert erasure.person is not None
    found = KnownFiles(pipeline).earlier_with(erasure.person)
    erasure.files += found
    _remove(found, erasure)


def _remove(found: list[Path], erasure: Erasure) -> None:
    for file in found:
        _attempt(f"{file} is not removed", partial(remove, file), erasure)


def _require_rows(pipeline: dlt.Pipeline) -> None:
    from dlt.destinations.job_client_impl import SqlJobClientBase

    if not isinstance(pipeline.destination_client(), SqlJobClientBase):
        raise CommandError(
            f"rows cannot be taken out of files ({pipeline.destination.destination_name}): remove "
            f"the files of the dataset {pipeline.dataset_name} by hand, and load into a database"
        )


_COLUMNS: Any = {
    "digest": {"data_type": "text", "description": "Keyed digest of an address or user id."},
    "salt": {"data_type": "text", "description": "What the digests are keyed with."},
    "erased_at": {"data_type": "timestamp", "description": "When the person was erased."},
}


def _attempt(what: str, act: Callable[[], object], erasure: Erasure) -> bool:
    """Do something; where it fails, note that and why. Returns whether something was done."""
    try:
        done = act()
    except Exception as error:
        erasure.refused.append(f"{what}: {_why(error)}")
        return False
    return done is None or bool(done)


def _why(error: Exception) -> str:
    return str(to_command_error(error)).removesuffix(" (--verbose shows where)")


def _apply(
    pipeline: dlt.Pipeline, deletions: list[Deletion], cuts: list[Cut], erasure: Erasure
) -> tuple[list[Deletion], list[Cut]]:
    """Change the raw tables, each in a transaction of its own; returns what was done."""
    done: list[Deletion] = []
    done_cuts: list[Cut] = []
    with pipeline.sql_client() as client:
        for deletion in deletions:
            what = f"{sum(deletion.rows.values()):,} rows of {deletion.table} are not removed"
            if _attempt(what, partial(_delete, client, deletion), erasure):
                done.append(deletion)
        for table in dict.fromkeys(cut.table for cut in cuts):
            of_table = [cut for cut in cuts if cut.table == table]
            what = f"the texts of {table} are not changed"
            if _attempt(what, partial(_cut, client, of_table), erasure):
                done_cuts += of_table
    return done, done_cuts


def _delete(client: "SqlClientBase[Any]", deletion: Deletion) -> None:
    ledger = client.make_qualified_table_name(LEDGER_TABLE)
    counted = client.escape_column_name("rows"), client.escape_column_name("expected_rows")
    table = client.make_qualified_table_name(deletion.table)
    with client.begin_transaction():
        client.execute_sql(delete(client, table, deletion.condition), *deletion.values)
        for airmeet_id, rows in deletion.rows.items() if deletion.table in FEED_NAMES else ():
            fewer = ", ".join(f"{column} = {column} - {rows}" for column in counted)
            client.execute_sql(
                update(client, ledger, fewer, "airmeet_id = %s AND feed = %s"),
                airmeet_id,
                deletion.table,
            )


def _cut(client: "SqlClientBase[Any]", cuts: list[Cut]) -> None:
    """Replace values of one table."""
    with client.begin_transaction():
        for cut in cuts:
            column = client.escape_column_name(cut.column)
            table = client.make_qualified_table_name(cut.table)
            given = f"{column} = {placeholder(client, cut.kind)}"
            found = f"{as_text(client, column, cut.kind)} = %s"
            client.execute_sql(update(client, table, given, found), cut.after, cut.before)


def _steps(pipeline: dlt.Pipeline, files: KnownFiles, over_all: Sequence[Step]) -> Iterator[Step]:
    """Whatever was made out of the raw tables."""
    yield "dlt's staging tables", partial(_drop_staging, pipeline)
    if has_reports(pipeline):
        yield "the reports", partial(build_reports, pipeline, full=True)
        if parts := files.published_parts:
            parquet = any(part.suffix == ".parquet" for part in parts)
            yield f"the published reports ({files.published})", partial(publish, pipeline, parquet)
    yield from over_all
    if files.warehouse:
        yield f"the DuckDB file ({files.warehouse})", partial(write_anew, files.warehouse)
    elif is_lake(pipeline):
        yield "the lake, without its old versions", partial(clean_lake, pipeline)
    yield "what killed runs have left", files.remove_drafts
    yield f"dlt's working folder ({pipeline.working_dir})", files.sweep


def _drop_staging(pipeline: dlt.Pipeline) -> bool:
    with pipeline.destination_client() as client:
        there: Any = client
        with there.sql_client.with_staging_dataset() as staging:
            if not staging.has_dataset():
                return False
            try:
                staging.drop_dataset()  # the next load makes it anew
            except DatabaseException:
                # An administrator made it, and it is theirs; the next load makes the tables anew.
                staging.drop_tables(*there.schema.tables)
    return True


def has_reports(pipeline: dlt.Pipeline) -> bool:
    """Whether there are reports of a pipeline, or parts of them that a killed build has left."""
    for name in (reports_dataset(pipeline), f"{reports_dataset(pipeline)}_next"):
        with open_client(pipeline, name) as client:
            if client.sql_client.has_dataset():
                return True
    return False
