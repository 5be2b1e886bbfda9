"""Looks for what is left of a person: in every table beside the raw ones, and in every file known.

It reads what is there, whoever made it, and does not rest on what erasing has done.
"""

import gzip
import html
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from airmeet.privacy.erasure import TABLE as ERASED
from airmeet.schemas import PUSHES, RAW_TABLES
from dlt.destinations.exceptions import DatabaseException

from ..exit_codes import to_command_error
from ..reports.build import reports_dataset
from ..reports.destination import dataset_name, full_name, open_client
from ..reports.sql_files import sql_files
from ..warehouse.columns import columns_of, declared, stored
from ..warehouse.lake import LakeSqlClient
from ..warehouse.statements import as_text, quoted
from .person import Person
from .person_search import MAY_HOLD_ADDRESS

if TYPE_CHECKING:
    from dlt.destinations.job_client_impl import SqlJobClientBase

_NO_TEXT = re.compile(
    r"(?i)(big|small|tiny|huge|u|medium)*int|double|real|float|numeric|decimal|number|bool|time|date"
    r"|uuid|interval|bit|bytea"
)
_WRAPPED = re.compile(r"^(?:Nullable\(|LowCardinality\()+")
"""What ClickHouse writes around a type."""
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
"""What files of these kinds begin with."""
_ROWS_AT_ONCE = 10_000
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def traces_in_destination(
    pipeline: dlt.Pipeline, person: Person, but: Collection[str] = ()
) -> Iterator[str]:
    """What the destination's tables still hold of a person: `table.column (what, in N values)`.

    Of a DuckDB file all tables are read; elsewhere those of the datasets that a load or the
    reports have made, whoever made the tables.

    Args:
        pipeline: whose destination it is.
        person: whom to look for.
        but: datasets, as the destination knows them, of communities that keep the person.
    """
    try:
        with open_client(pipeline, str(pipeline.dataset_name)) as client:
            columns = _columns(pipeline, client)
            if not columns:
                yield "no table of the destination was found that could be searched"
            for column in columns:
                if column.schema in but:
                    continue
                yield from _named(column, _values(client, column, person), person)
    except Exception as error:
        yield f"the tables of the destination could not be searched: {to_command_error(error)}"


@dataclass(frozen=True)
class _Column:
    """A column that may hold texts: its names as they are declared, its type, and its table's name
    and its own as a query writes them."""

    schema: str
    table: str
    name: str
    kind: str
    written_table: str
    written: str


def traces_in_files(files: Iterable[Path], person: Person) -> Iterator[str]:
    """Which files still hold something of a person, and what."""
    for file in files:
        try:
            whats = traces_in_file(file, person)
        except Exception as error:
            yield f"{file} could not be searched ({type(error).__name__})"
            continue
        if whats:
            yield f"{file} ({' and '.join(sorted(whats))})"


def traces_in_file(file: Path, person: Person) -> set[str]:
    """What of a person is in a file.

    Raises:
        Exception: whatever reading it raises.
    """
    return {what for text in _texts_of(file, person) if (what := person.traces_in(text))}


def _columns(pipeline: dlt.Pipeline, client: "SqlJobClientBase") -> list[_Column]:
    names = [dataset_name(client), client.sql_client.staging_dataset_name]
    for name in (reports_dataset(pipeline), f"{reports_dataset(pipeline)}_next"):
        with open_client(pipeline, name) as other:
            names.append(dataset_name(other))
    try:
        if client.capabilities.sqlglot_dialect == "clickhouse":
            found = [*_prefixed_columns(client, names)]
        elif client.capabilities.sqlglot_dialect == "bigquery":
            found = [column for name in names for column in _columns_of_dataset(pipeline, name)]
        else:
            found = [*_listed_columns(client, names)]
    except DatabaseException:  # a database without this list, or with one of its own
        found = []
    return found or [*_our_columns(pipeline)]


def _listed_columns(client: "SqlJobClientBase", datasets: Sequence[str]) -> Iterator[_Column]:
    """The columns that the database lists."""
    known = client.capabilities
    marks = ", ".join(["%s"] * len(datasets))
    where, values = f"t.table_schema IN ({marks})", [stored(known, name) for name in datasets]
    if client.capabilities.sqlglot_dialect == "duckdb":
        where, values = "t.table_catalog = current_database()", []
    # DuckDB has each table of a lake as a view.
    kind_of_table = "VIEW" if isinstance(client.sql_client, LakeSqlClient) else "BASE TABLE"
    query = (
        "SELECT c.table_schema, c.table_name, c.column_name, c.data_type "
        "FROM information_schema.columns c JOIN information_schema.tables t "
        "ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
        "AND t.table_catalog = c.table_catalog "
        f"WHERE t.table_type = '{kind_of_table}' AND {where} ORDER BY 1, 2, 3"
    )
    for schema, table, column, kind in client.sql_client.execute_sql(query, *values) or ():
        written = f"{known.escape_identifier(schema)}.{known.escape_identifier(table)}"
        yield from _text_column(client, (schema, table, column), written, str(kind))


def _columns_of_dataset(pipeline: dlt.Pipeline, dataset: str) -> Iterator[_Column]:
    """The columns that BigQuery lists, which it does in each dataset."""
    with open_client(pipeline, dataset) as client:
        if not client.sql_client.has_dataset():
            return
        listed = f"{client.sql_client.fully_qualified_dataset_name()}.INFORMATION_SCHEMA"
        query = (
            f"SELECT c.table_name, c.column_name, c.data_type FROM {listed}.COLUMNS AS c "
            f"JOIN {listed}.TABLES AS t ON t.table_name = c.table_name "
            "WHERE t.table_type = 'BASE TABLE' ORDER BY 1, 2"
        )
        for table, column, kind in client.sql_client.execute_sql(query) or ():
            names = dataset_name(client), table, column
            yield from _text_column(client, names, full_name(client, table), str(kind))


def _prefixed_columns(client: "SqlJobClientBase", datasets: Sequence[str]) -> Iterator[_Column]:
    """The columns that ClickHouse lists: a dataset is what the names of its tables begin with."""
    config: Any = client.config
    query = "SELECT table, name, type FROM system.columns WHERE database = %s ORDER BY table, name"
    database = client.sql_client.catalog_name(quote=False)
    for full, column, kind in client.sql_client.execute_sql(query, database) or ():
        dataset, prefixed, table = full.partition(config.dataset_table_separator)
        if prefixed and dataset in datasets:
            escaped = client.capabilities.escape_identifier(full)
            written = f"{client.sql_client.catalog_name()}.{escaped}"
            yield from _text_column(
                client, (dataset, table, column), written, _WRAPPED.sub("", kind)
            )


def _text_column(
    client: "SqlJobClientBase", names: tuple[str, str, str], written_table: str, kind: str
) -> Iterator[_Column]:
    """A column of names as the database has them, if it may hold texts and is not dlt's."""
    schema, table, column = (declared(client.capabilities, name) for name in names)
    if not (_NO_TEXT.match(kind) or column.startswith("_dlt") or table == ERASED):
        written = client.capabilities.escape_identifier(names[-1])
        yield _Column(schema, table, column, kind, written_table, written)


def _our_columns(pipeline: dlt.Pipeline) -> Iterator[_Column]:
    """The columns of the tables that we make."""
    for dataset, tables in (
        (str(pipeline.dataset_name), [*RAW_TABLES, PUSHES.name]),
        (reports_dataset(pipeline), [*sql_files("reporting")]),
    ):
        with open_client(pipeline, dataset) as client:
            for table, columns in columns_of(client, tables).items():
                for column, kind in columns.items():
                    if kind in ("text", "json"):
                        names = dataset_name(client), table, column, kind
                        written = client.sql_client.escape_column_name(column)
                        yield _Column(*names, full_name(client, table), written)


def _values(client: "SqlJobClientBase", column: _Column, person: Person) -> list[str]:
    text = as_text(client.sql_client, column.written, column.kind)
    patterns = [*MAY_HOLD_ADDRESS, *map(_pattern, person.names)]
    likes = [f"{text} LIKE %s"] * len(MAY_HOLD_ADDRESS)
    likes += [f"lower({text}) LIKE %s"] * len(person.names)
    if person.ids:
        likes.append(f"{text} IN ({', '.join(['%s'] * len(person.ids))})")
    query = f"SELECT DISTINCT {text} FROM {column.written_table} WHERE {' OR '.join(likes)}"
    rows = client.sql_client.execute_sql(query, *patterns, *sorted(person.ids)) or ()
    return [str(value) for (value,) in rows]


def _pattern(name: str) -> str:
    """A pattern that all writings of a name fit; databases fold letters differently."""
    return "%" + "".join(c if c.isascii() and c.isalnum() else "%" for c in name) + "%"


def _named(column: _Column, values: Iterable[str], person: Person) -> Iterator[str]:
    found: dict[str, int] = {}
    is_ours = column.table in RAW_TABLES or column.table in sql_files("reporting")
    for value in values:
        what = person.traces_in(value)
        # Somebody else may have the same name, and the same id under another address.
        is_somebody_s = is_ours and what != "address" and column.name in _OTHERS_TOO
        if what and not is_somebody_s:
            found[what] = found.get(what, 0) + 1
    place = f"{column.schema}.{column.table}.{column.name}"
    for what, number in found.items():
        yield f"{place} ({what}, in {number:,} {'value' if number == 1 else 'values'})"


_OTHERS_TOO = {
    column.name
    for table in RAW_TABLES.values()
    for column in table.columns
    if column.holds in ("name", "user id") and column.name != "id"
} | {"person"}


def _texts_of(file: Path, person: Person) -> Iterator[str]:
    """The texts that a file holds, packed or not."""
    with file.open("rb") as opened:
        head = opened.read(12)
    if file.suffix == ".parquet" or head[:4] == _PARQUET:
        yield from _parquet_texts(file)
    elif head[:4] == _ZIP:
        yield from _spreadsheet_texts(file)
    elif head[8:] == b"DUCK":
        yield from _duckdb_texts(file)
    else:
        raw = gzip.decompress(file.read_bytes()) if head[:2] == _GZIP else file.read_bytes()
        text = raw.decode(errors="replace")
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        yield html.unescape(text) if "<html" in text[:1000].lower() else text
        yield from person.ids & {*re.findall(r"[\w-]+", text)}


def _spreadsheet_texts(file: Path) -> Iterator[str]:
    """The texts of an exported spreadsheet, cell by cell."""
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode(errors="replace")
            yield from map(html.unescape, re.findall(r"<t(?: [^>]*)?>([^<]*)</t>", text))


def _parquet_texts(file: Path) -> Iterator[str]:
    import pyarrow.parquet as pq

    opened = pq.ParquetFile(file)
    names = [name for name in opened.schema_arrow.names if name not in _OTHERS_TOO - {"person"}]
    for batch in opened.iter_batches(columns=names):
        for column in batch.columns:
            yield from {value for value in column.to_pylist() if isinstance(value, str)}


def _duckdb_texts(file: Path) -> Iterator[str]:
    import duckdb

    with duckdb.connect(str(file), read_only=True) as connection:
        columns = connection.sql(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE NOT internal"
        ).fetchall()
        for *names, column, kind in columns:
            if not _NO_TEXT.match(kind) and column not in _OTHERS_TOO - {"person"}:
                values = connection.execute(
                    f"SELECT DISTINCT CAST({quoted(column)} AS varchar) FROM {quoted(*names)}"
                )
                while rows := values.fetchmany(_ROWS_AT_ONCE):
                    yield from (value for (value,) in rows if value is not None)
