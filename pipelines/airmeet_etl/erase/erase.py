"""`airmeet erase`: removes a person from all that is stored, and keeps the person out.

In this order, so that a run that is cut off is mended by running it again:

1. packages of a load that was cut off are completed;
2. digests of the address, and of the user ids seen beside it, go to `erased_people`, which every
   later load obeys;
3. rows are removed from the raw tables, entries from lists within them, and the ledger's counts are
   lowered, in one transaction;
4. dlt's staging tables go, the reports and what is published of them are made anew;
5. a DuckDB file is written anew: what is deleted in it stays readable until it is overwritten;
6. what dlt keeps of finished packages in its working folder goes.
"""

import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import orjson
from airmeet import token_folder
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from airmeet.feeds import TABLE_FEEDS
from airmeet.person import person_key
from airmeet.privacy.erasure import TABLE, ErasureList, read_erased
from airmeet.privacy.policy import PrivacyPolicy, policy_of
from airmeet.rows import ADDRESS_IN_TEXT

from ..exit_codes import CommandError, Exit
from ..reports.build import build_reports, reports_dataset
from ..reports.publish import publish, published_file, warehouse_file
from ..warehouse.recovery import complete_pending
from .person_search import Cut, Deletion, PersonSearch

if TYPE_CHECKING:
    from dlt.destinations.sql_client import SqlClientBase


@dataclass
class Erasure:
    """What was removed, or would be.

    Attributes:
        rows: rows by table.
        values: texts and lists that the person was cut out of, by `table.column`.
        ids: user ids that were seen beside the address.
        made_anew: what else was made anew or emptied.
        pending: packages of a load that was cut off, which a dry run does not look into.
    """

    rows: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    ids: set[str] = field(default_factory=set)
    made_anew: list[str] = field(default_factory=list)
    pending: int = 0


def read_address(given: str | None) -> str:
    """The address of the person, as given, from standard input, or as asked for on a terminal.

    Raises:
        CommandError: it is none.
    """
    if given is None:
        is_asked = sys.stdin.isatty()
        given = input("Address of the person: ") if is_asked else sys.stdin.readline()
    address = person_key(given)
    if address is None or not ADDRESS_IN_TEXT.fullmatch(address):
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


def erase(
    pipeline: dlt.Pipeline, address: str, policy: PrivacyPolicy, dry_run: bool = False
) -> Erasure:
    """Remove a person from the pipeline's destination and working folder; for whoever holds
    `single_run_lock`.

    Args:
        pipeline: whose destination it is.
        address: in any writing.
        policy: by the settings: it knows what the address may be stored as.
        dry_run: find, and change nothing.

    Raises:
        Exception: whatever dlt or the destination raises; run it again.
    """
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
    erasure.ids = search.ids
    for deletion in deletions:
        erasure.rows[deletion.table] += sum(deletion.rows.values())
    for cut in cuts:
        erasure.values[f"{cut.table}.{cut.column}"] += cut.rows
    if dry_run:
        return erasure
    if rows := known.rows_for(address, search.ids):
        pipeline.run(rows, table_name=TABLE, write_disposition="append", columns=_COLUMNS)
    with pipeline.sql_client() as client, client.begin_transaction():
        _apply(client, deletions, cuts)
    erasure.made_anew = list(_make_anew(pipeline, search.one))
    return erasure


_COLUMNS: Any = {
    "digest": {"data_type": "text", "description": "Keyed digest of an address or user id."},
    "salt": {"data_type": "text", "description": "What the digests are keyed with."},
    "erased_at": {"data_type": "timestamp", "description": "When the person was erased."},
}


def _apply(
    client: "SqlClientBase[Any]", deletions: Iterable[Deletion], cuts: Iterable[Cut]
) -> None:
    ledger = client.make_qualified_table_name(LEDGER_TABLE)
    counted = client.escape_column_name("rows"), client.escape_column_name("expected_rows")
    for deletion in deletions:
        table = client.make_qualified_table_name(deletion.table)
        client.execute_sql(f"DELETE FROM {table} WHERE {deletion.condition}", *deletion.values)
        for airmeet_id, rows in deletion.rows.items() if deletion.table in TABLE_FEEDS else ():
            fewer = ", ".join(f"{column} = {column} - {rows}" for column in counted)
            client.execute_sql(
                f"UPDATE {ledger} SET {fewer} WHERE airmeet_id = %s AND feed = %s",
                airmeet_id,
                deletion.table,
            )
    for cut in cuts:
        table = client.make_qualified_table_name(cut.table)
        column = client.escape_column_name(cut.column)
        client.execute_sql(
            f"UPDATE {table} SET {column} = %s WHERE CAST({column} AS varchar) = %s",
            cut.after,
            cut.before,
        )


def _make_anew(pipeline: dlt.Pipeline, one: ErasureList) -> Iterator[str]:
    """Whatever was made out of the raw tables, without the person; says what."""
    has_reports = False
    with pipeline.sql_client() as client:
        with client.with_staging_dataset() as staging:
            if staging.has_dataset():
                staging.drop_dataset()  # the next load makes it anew
                yield "dlt's staging tables"
        for name in (reports_dataset(pipeline), f"{reports_dataset(pipeline)}_next"):
            with client.with_alternative_dataset_name(name) as other:
                if other.has_dataset():
                    has_reports = True
    if has_reports:
        build_reports(pipeline)
        yield "the reports"
        published = published_file(pipeline)
        if published.exists():
            publish(pipeline, parquet=published.with_suffix("").is_dir())
            yield f"the published reports ({published})"
    file = warehouse_file(pipeline)
    if file is not None:
        _write_anew(file)
        yield f"the DuckDB file ({file})"
    if _sweep(pipeline):
        yield f"dlt's working folder ({pipeline.working_dir})"
    for journal in token_folder().glob("pushes-*.jsonl"):
        if _without_pushes(journal, one):
            yield f"the journal of pushes ({journal})"


def _write_anew(file: Path) -> None:
    """Copy a DuckDB file without what is deleted in it, and put the copy in its place."""
    import duckdb

    draft = file.with_name(f".{file.name}.draft")
    logs = [path.with_name(f"{path.name}.wal") for path in (file, draft)]
    draft.unlink(missing_ok=True)
    logs[1].unlink(missing_ok=True)
    try:
        with duckdb.connect() as connection:
            for path, name in ((file, "before"), (draft, "after")):
                quoted = str(path).replace("'", "''")
                connection.execute(f"ATTACH '{quoted}' AS {name}")
            connection.execute("FORCE CHECKPOINT before")
            connection.execute("COPY FROM DATABASE before TO after")
            connection.execute("CHECKPOINT after")
        shutil.copymode(file, draft)
        draft.replace(file)
        logs[0].unlink(missing_ok=True)
    finally:
        draft.unlink(missing_ok=True)
        logs[1].unlink(missing_ok=True)


def _sweep(pipeline: dlt.Pipeline) -> int:
    """Remove what dlt keeps of packages that are through; returns how many there were."""
    swept = 0
    for name in (pipeline.pipeline_name, f"{pipeline.pipeline_name}_reports"):
        folder = Path(pipeline.pipelines_dir, name)
        # A trace holds messages of errors, and they may hold rows.
        (folder / "trace.pickle").unlink(missing_ok=True)
        for storage in (*folder.glob("load/*/*"), *folder.glob("normalize/*/*")):
            if storage.is_dir():
                shutil.rmtree(storage)
                swept += 1
    return swept


def _without_pushes(journal: Path, one: ErasureList) -> bool:
    """Take the person's lines out of a journal of writes whose fate is not in the destination."""
    lines = journal.read_bytes().splitlines(keepends=True)
    kept = []
    for line in lines:
        text = line.decode(errors="replace")
        if one.without_people(text) == text and not one.has_address(_row_key(line)):
            kept.append(line)
    if len(kept) == len(lines):
        return False
    draft = journal.with_suffix(".draft")
    draft.write_bytes(b"".join(kept))
    draft.chmod(0o600)
    draft.replace(journal)
    return True


def _row_key(line: bytes) -> str:
    try:
        return str(orjson.loads(line).get("row_key"))
    except (orjson.JSONDecodeError, AttributeError):
        return ""
