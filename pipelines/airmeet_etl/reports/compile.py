"""The SQL files: what their headers say, what they read, and the query that each becomes.

Files lie in four layers, and `MAY_READ` says which layer reads which. Staging, intermediate models
and seeds are inlined, so only reports are stored. All files are written in DuckDB's dialect; what
`generated` writes from declarations joins them.

Headers, above the SELECT, are executed:

    -- What a row is, in one or more lines.
    -- grain: key_column, other_key_column
    -- question: Which question does it answer?
    -- executed: columns are cast to the types given here, the grain is checked for duplicates
    -- columns:
    --   key_column text: What it holds.

A staging or intermediate model needs the first line alone. `-- generated:` says from which
declarations a file, or the lines of it with `each_feed`, are generated. A check says with
`-- mend:` what to do when it finds something; `-- severity: warning` leaves the exit code alone.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import TopologicalSorter
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from airmeet.feeds import FEED_NAMES, TABLE_FEEDS
from airmeet.schemas import TABLES
from sqlglot import exp, parse_one

from . import generated, generated_checks, plausibility_checks

DIALECT = "duckdb"

TYPES = {
    "text": "varchar",
    "bigint": "bigint",
    "double": "double",
    "bool": "boolean",
    "timestamp": "timestamptz",
    "date": "date",
    "json": "varchar",
}
"""DuckDB's type for each kind of column."""

LAYERS = ("staging", "intermediate", "reporting", "checks")
"""The folders of transforms/ that hold SQL."""

MAY_READ = {
    "staging": {"raw"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "reporting": {"staging", "intermediate", "seeds", "reporting"},
    "checks": {"raw", "staging", "intermediate", "seeds", "reporting"},
}
"""What the files of each layer may read."""

EXECUTED = "executed: columns are cast to the types given here, the grain is checked for duplicates"
"""The line of a header that says that it is executed; wherever columns are declared."""

SEVERITIES = ("failure", "warning")
"""What a check may say: a failure changes the exit code, a warning is only worth a look."""

_KEYS = {"grain", "question", "generated", "severity", "mend", "executed", "columns"}
_KEY = re.compile(r"(?P<key>\w+):(?: (?P<value>.*))?")
_COLUMN = re.compile(r"(?P<name>\w+) (?P<kind>\w+): (?P<description>.+)")


@dataclass(frozen=True)
class ReportColumn:
    """A column as the header declares it; `kind` is one of `TYPES`."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True)
class SqlFile:
    """A file of transforms/, or one that is generated: its header and its query.

    Attributes:
        generated: from which declarations it, or parts of it, are generated; empty where none are.
        severity: of a check, one of `SEVERITIES`.
        mend: of a check, what to do when it finds something.
    """

    name: str
    purpose: str
    grain: tuple[str, ...]
    question: str
    columns: tuple[ReportColumn, ...]
    sql: str
    generated: str = ""
    severity: str = SEVERITIES[0]
    mend: str = ""

    @cached_property
    def query(self) -> exp.Query:
        """The query, parsed; to be copied before it is changed."""
        query = parse_one(self.sql, dialect=DIALECT)
        assert isinstance(query, exp.Query), f"{self.name}.sql is no query"
        return query


def read_file(name: str, text: str) -> SqlFile:
    """Read a file's header and query.

    Raises:
        ValueError: the header has an unknown key, a line that cannot be understood, an unknown
            severity, or columns without the line `EXECUTED`.
    """
    purpose: list[str] = []
    fields: dict[str, str] = {}
    columns: list[ReportColumn] = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        content = line[2:].strip()
        if "columns" in fields:
            columns.append(_column(name, line, columns))
        elif match := _KEY.fullmatch(content):
            key = match["key"]
            if key not in _KEYS or key in fields:
                fault = "given twice" if key in fields else "unknown"
                raise ValueError(f"{name}.sql: the header's key {key!r} is {fault}")
            fields[key] = match["value"] or ""
        else:
            purpose.append(content)
    if columns and f"executed: {fields.get('executed')}" != EXECUTED:
        raise ValueError(f"{name}.sql: above its columns the header must say {EXECUTED!r}")
    grain = tuple(part.strip() for part in fields.get("grain", "").split(",") if part.strip())
    if missing := set(grain) - {column.name for column in columns}:
        raise ValueError(f"{name}.sql: no column of its grain: {', '.join(sorted(missing))}")
    if (severity := fields.get("severity", SEVERITIES[0])) not in SEVERITIES:
        raise ValueError(f"{name}.sql: its severity is none of {', '.join(SEVERITIES)}")
    return SqlFile(
        name,
        " ".join(purpose),
        grain,
        fields.get("question", ""),
        tuple(columns),
        text,
        fields.get("generated", ""),
        severity,
        fields.get("mend", ""),
    )


def _column(name: str, line: str, columns: list[ReportColumn]) -> ReportColumn:
    """The column of a header's line; of a line that goes on, the last column with more words."""
    content = line[2:].strip()
    if columns and line.startswith("--     "):
        last = columns.pop()
        return ReportColumn(last.name, last.kind, f"{last.description} {content}")
    match = _COLUMN.fullmatch(content)
    if match is None or match["kind"] not in TYPES:
        raise ValueError(f"{name}.sql: no column in {content!r}")
    return ReportColumn(**match.groupdict())


@cache
def transforms() -> Traversable:
    """The folder of SQL and seeds: data of the package, or `transforms` of the checkout."""
    installed = files(__package__.partition(".")[0]) / "transforms"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "transforms"


def sql_files(layer: str) -> Mapping[str, SqlFile]:
    """The files of a layer by name, in alphabetical order: `transforms/<layer>` and what is
    generated."""
    return _files(layer)


@cache
def _files(layer: str) -> dict[str, SqlFile]:
    texts = {
        entry.name.removesuffix(".sql"): generated.repeat_for_feeds(
            entry.read_text(encoding="utf-8"), [*TABLE_FEEDS]
        )
        for entry in (transforms() / layer).iterdir()
        if entry.name.endswith(".sql")
    }
    if layer == "staging":
        texts = {f"stg_{n}": generated.staging(table) for n, table in TABLES.items()} | texts
    elif layer == "intermediate":
        tables = [name for name in FEED_NAMES if name != "airmeets"]
        texts["int_table_rows"] = generated.table_rows(tables)
        texts["int_unnamed_rows"] = generated.unnamed_rows()
    elif layer == "checks":
        texts |= _generated_checks(_files("reporting"))
    return {name: read_file(name, texts[name]) for name in sorted(texts)}


def _generated_checks(reports: Mapping[str, SqlFile]) -> dict[str, str]:
    columns = {
        name: [(column.name, column.kind) for column in file.columns]
        for name, file in reports.items()
    }
    grains = {name: file.grain for name, file in reports.items()}
    texts = {
        "keys_unique": generated.keys_unique(grains, EXECUTED),
        "values_in_bounds": generated_checks.values_in_bounds(columns, grains, EXECUTED),
    }
    for check in (generated_checks.rows_have_parents, generated_checks.ids_known):
        texts[check.__name__] = check(TABLES, EXECUTED)
    for of_tables in plausibility_checks.OF_TABLES:
        texts[of_tables.__name__] = of_tables(TABLES.values(), EXECUTED)
    return texts


def layer_of(name: str) -> str | None:
    """The layer of what a file reads: a key of `MAY_READ`, raw or seeds; None where it is unknown.

    A report of the same name as a raw table would hide it: nothing but staging reads raw tables.
    """
    if name.startswith("seed_"):
        return "seeds"
    found = next((layer for layer in LAYERS if name in _files(layer)), None)
    return found or ("raw" if name in TABLES else None)


def levels() -> Iterator[list[SqlFile]]:
    """The reports in groups, each of which reads only reports of those before it."""
    found = sql_files("reporting")
    sorter = TopologicalSorter(
        {name: tables_read(file.query) & found.keys() for name, file in found.items()}
    )
    sorter.prepare()
    while sorter.is_active():
        level = sorted(sorter.get_ready())
        yield [found[name] for name in level]
        sorter.done(*level)


def reports() -> list[SqlFile]:
    """The reports, each behind those that it reads."""
    return [file for level in levels() for file in level]


def tables_read(query: exp.Query) -> set[str]:
    """The names of the tables that a query reads, its own CTEs left out."""
    ctes = {cte.alias for cte in query.find_all(exp.CTE)}
    return {table.name for table in query.find_all(exp.Table)} - ctes


class Compiler:
    """Turns files into queries for one destination.

    Args:
        raw_table: a raw table's full name in the destination.
        raw_columns: the columns that exist, by raw table; missing ones read as empty or null.
        report_table: a report's full name in the destination.
        seeds: queries by the names under which SQL files read them.
    """

    def __init__(
        self,
        raw_table: Callable[[str], exp.Table],
        raw_columns: Mapping[str, Collection[str]],
        report_table: Callable[[str], exp.Table],
        seeds: Mapping[str, exp.Query],
    ) -> None:
        self._raw_table = raw_table
        self._raw_columns = raw_columns
        self._report_table = report_table
        self._sources: dict[str, exp.Query | Callable[[], exp.Query]] = {**seeds}
        for name, file in sql_files("staging").items():
            self._sources[name] = self._with_raw_tables(file.query.copy())
        for name, file in sql_files("intermediate").items():
            self._sources[name] = file.query.copy()

    def compile(self, file: SqlFile) -> exp.Select:
        """The whole query of a report or check, its columns cast to what the header declares."""
        query = with_reports(self._with_raw_tables(file.query.copy()), self._report_table)
        expanded = exp.expand(query, self._sources, dialect=DIALECT, copy=False)
        columns = [
            exp.cast(exp.column(c.name, table=file.name, quoted=True), TYPES[c.kind]).as_(
                c.name, quoted=True
            )
            for c in file.columns
        ]
        assert isinstance(expanded, exp.Query)
        return exp.select(*(columns or [exp.Star()])).from_(
            expanded.subquery(file.name, copy=False)
        )

    def _with_raw_tables(self, query: exp.Query) -> exp.Query:
        for table in _outer_tables(query):
            if table.name in TABLES:
                table.replace(self._raw(table.name, table.alias_or_name))
        return query

    def _raw(self, name: str, alias: str) -> exp.Expr:
        there = self._raw_columns.get(name, ())
        columns = TABLES[name].columns
        if all(column.name in there for column in columns):
            return exp.alias_(self._raw_table(name), alias, table=True)
        stand_in = exp.select(
            *(
                exp.column(c.name, quoted=True)
                if c.name in there
                else exp.cast(exp.null(), TYPES[c.kind]).as_(c.name, quoted=True)
                for c in columns
            )
        )
        if there:
            return stand_in.from_(self._raw_table(name)).subquery(alias)
        # Some engines take no WHERE without a FROM.
        one = exp.select(exp.convert(1).as_("one")).subquery("nothing")
        return stand_in.from_(one).where("1 = 0").subquery(alias)


def with_reports(query: exp.Query, report_table: Callable[[str], exp.Table]) -> exp.Query:
    """The query with the full names of the reports that it reads; it is changed itself."""
    for table in _outer_tables(query):
        if table.name in sql_files("reporting"):
            named = report_table(table.name)
            table.replace(exp.alias_(named, table.alias_or_name, table=True))
    return query


def _outer_tables(query: exp.Query) -> list[exp.Table]:
    """The tables that a query reads, references to its own CTEs left out."""
    ctes = {cte.alias for cte in query.find_all(exp.CTE)}
    return [table for table in query.find_all(exp.Table) if table.name not in ctes]
