"""`airmeet erase`: removes a person from all that is stored, and keeps the person out.

In this order, so that a run that is cut off is mended by running it again:

1. packages of a load that was cut off are completed;
2. digests of the address, and of the user ids seen beside it, go to `erased_people`, which every
   later load heeds;
3. rows and list entries go from the raw tables, with the ledger's counts, in one transaction;
4. dlt's staging tables go, the reports and what is published of them are made anew;
5. a DuckDB file is written anew: what is deleted in it stays readable until it is overwritten;
6. what dlt keeps of finished packages in its working folder goes.
"""

import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import orjson
from airmeet import token_folder
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from airmeet.feeds import TABLE_FEEDS
from airmeet.privacy.erasure import ADDRESS, TABLE, ErasureList, person, read_erased
from airmeet.privacy.policy import PrivacyPolicy, policy_of
from airmeet.schemas import PUSHES, TABLES

from ..exit_codes import CommandError, Exit
from ..reports.build import build_reports, reports_dataset
from ..reports.publish import publish, published_file, warehouse_file
from .recovery import complete_pending

if TYPE_CHECKING:
    from dlt.destinations.sql_client import SqlClientBase

_TABLES = {**TABLES, PUSHES.name: PUSHES}
_TEXTS = ("text", "json")


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


@dataclass(frozen=True)
class _Deletion:
    """Rows of a table that go: which they are, and how many of each airmeet."""

    table: str
    condition: str
    values: tuple[str, ...]
    rows: dict[str, int]


@dataclass(frozen=True)
class _Cut:
    """A value that is replaced wherever it stands in a column."""

    table: str
    column: str
    before: str
    after: str
    rows: int


def read_address(given: str | None) -> str:
    """The address of the person, as given, from standard input, or as asked for on a terminal.

    Raises:
        CommandError: it is none.
    """
    if given is None:
        is_asked = sys.stdin.isatty()
        given = input("Address of the person: ") if is_asked else sys.stdin.readline()
    if not ADDRESS.fullmatch(given.strip()):
        raise CommandError("that is no address; write it as name@example.com", Exit.USAGE)
    return person(given)


def configured_guard() -> PrivacyPolicy:
    """What knows how addresses are stored, by the settings of the source; no API key is needed.

    Raises:
        SettingsError: the mode is unknown, or lacks its key.
    """
    mode = dlt.config.get("sources.airmeet.privacy", str) or "plain"
    return policy_of(mode, dlt.secrets.get("sources.airmeet.privacy_key", str))


def erase(
    pipeline: dlt.Pipeline, address: str, guard: PrivacyPolicy, dry_run: bool = False
) -> Erasure:
    """Remove a person from the pipeline's destination and working folder; for whoever holds
    `single_run_lock`.

    Args:
        pipeline: whose destination it is.
        address: in any writing.
        guard: by the settings: it knows what the address may be stored as.
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
    search = _Search(pipeline, known, guard.forms_of(address))
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


class _Search:
    """Finds a person in the raw tables."""

    def __init__(self, pipeline: dlt.Pipeline, known: ErasureList, forms: Sequence[str]) -> None:
        self._pipeline = pipeline
        self._forms = forms
        with pipeline.destination_client() as client:
            there: Any = client
            # Beyond our own tables there may be others that somebody put beside them.
            names = {*_TABLES, *pipeline.default_schema.data_table_names()} - {TABLE}
            self._columns = {
                name: {n: str(c.get("data_type")) for n, c in columns.items()}
                for name, columns in there.get_storage_tables(sorted(names))
                if columns
            }
        self._spellings = {
            (name, column): self._spelled(name, column)
            for name in self._columns
            for column in self._holding(name, "address")
        }
        self.ids = self._ids_in_rows() | self._ids_in_lists()
        self.one = known.only(forms, self.ids)

    def deletions(self) -> Iterator[_Deletion]:
        """The rows that go: the person's by address, or by user id where there is no address."""
        for name in self._columns:
            conditions: list[str] = []
            values: list[str] = []
            with self._pipeline.sql_client() as client:
                addresses = self._holding(name, "address")
                for column in addresses:
                    if found := self._spellings[name, column]:
                        conditions.append(_among(client, column, found))
                        values += found
                bare = [
                    f" AND coalesce(trim({client.escape_column_name(column)}), '') = ''"
                    for column in addresses
                ]
                for column in self._holding(name, "user id") if self.ids else ():
                    conditions.append(f"({_among(client, column, self.ids)}{''.join(bare)})")
                    values += sorted(self.ids)
                if not conditions:
                    continue
                condition = " OR ".join(conditions)
                rows = _select(
                    client,
                    f"SELECT airmeet_id, count(*) FROM {client.make_qualified_table_name(name)} "
                    f"WHERE {condition} GROUP BY airmeet_id",
                    values,
                )
                if rows:
                    yield _Deletion(name, condition, tuple(values), dict(rows))

    def cuts(self) -> Iterator[_Cut]:
        """The values that the person is cut out of: lists of people, and texts."""
        for name, columns in self._columns.items():
            keys = {*self._holding(name, "address"), *self._holding(name, "user id")}
            for column, kind in columns.items():
                if kind not in _TEXTS or column in keys or column.startswith("_dlt"):
                    continue
                is_list = column in self._holding(name, "people")
                wanted = [*self._forms, *(self.ids if is_list else ())]
                for before, rows in self._values_with(name, column, wanted):
                    after = self.one.without_people(before)
                    if after != before:
                        yield _Cut(name, column, before, after, rows)

    def _holding(self, name: str, what: str) -> list[str]:
        columns = _TABLES[name].columns if name in _TABLES else ()
        return [c.name for c in columns if c.holds == what and c.name in self._columns[name]]

    def _values_with(self, name: str, column: str, wanted: Iterable[str]) -> list[tuple[str, int]]:
        """The distinct values of a column that may hold one of these words, and their rows."""
        with self._pipeline.sql_client() as client:
            text = f"CAST({client.escape_column_name(column)} AS varchar)"
            patterns = [f"%{word.lower().replace(chr(92), '_')}%" for word in wanted]
            query = (
                f"SELECT {text}, count(*) FROM {client.make_qualified_table_name(name)} "
                f"WHERE {' OR '.join([f'lower({text}) LIKE %s'] * len(patterns))} GROUP BY {text}"
            )
            return [(str(value), int(rows)) for value, rows in _select(client, query, patterns)]

    def _spelled(self, name: str, column: str) -> list[str]:
        found = self._values_with(name, column, self._forms)
        return [value for value, _ in found if person(value) in self._forms]

    def _ids_in_rows(self) -> set[str]:
        ids: set[str] = set()
        for (name, column), found in self._spellings.items():
            for user in self._holding(name, "user id") if found else ():
                with self._pipeline.sql_client() as client:
                    query = (
                        f"SELECT DISTINCT {client.escape_column_name(user)} "
                        f"FROM {client.make_qualified_table_name(name)} "
                        f"WHERE {_among(client, column, found)}"
                    )
                    ids.update(str(value) for (value,) in _select(client, query, found) if value)
        return ids

    def _ids_in_lists(self) -> set[str]:
        ids: set[str] = set()
        for name in self._columns:
            for column in self._holding(name, "people"):
                for text, _ in self._values_with(name, column, self._forms):
                    document = orjson.loads(text) if text[:1] in "[{" else []
                    for entry in document if isinstance(document, list) else ():
                        if isinstance(entry, dict) and person(entry.get("email")) in self._forms:
                            ids.update(str(entry[k]) for k in ("id", "user_id") if entry.get(k))
        return ids


def _among(client: "SqlClientBase[Any]", column: str, values: Iterable[str]) -> str:
    marks = ", ".join("%s" for _ in values)
    return f"{client.escape_column_name(column)} IN ({marks})"


def _select(client: "SqlClientBase[Any]", query: str, values: Sequence[str]) -> list[Any]:
    return list(client.execute_sql(query, *values) or ())


def _apply(
    client: "SqlClientBase[Any]", deletions: Iterable[_Deletion], cuts: Iterable[_Cut]
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
