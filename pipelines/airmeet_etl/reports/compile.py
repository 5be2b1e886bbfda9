"""The SQL files: what their headers say, what they read, and the one query each becomes.

Reports read staging queries, seeds and other reports, never raw tables. Staging queries and seeds
are inlined, so nothing but reports is ever stored. All files are written in DuckDB's dialect.

Headers, above the SELECT:

    -- What one reads here.
    -- grain: key_column, other_key_column
    -- question: What does it answer?
    -- columns:
    --   key_column text: What it holds.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import TopologicalSorter
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from airmeet.schemas import TABLES
from sqlglot import exp, parse_one

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

_COLUMN = re.compile(r"(?P<name>\w+) (?P<kind>\w+): (?P<description>.+)")


@dataclass(frozen=True)
class ReportColumn:
    """A column as the header declares it; `kind` is one of `TYPES`."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True)
class SqlFile:
    """A file of transforms/: its header and its query."""

    name: str
    purpose: str
    grain: tuple[str, ...]
    question: str
    columns: tuple[ReportColumn, ...]
    sql: str

    @cached_property
    def query(self) -> exp.Query:
        """The query, parsed; to be copied before it is changed."""
        query = parse_one(self.sql, dialect=DIALECT)
        assert isinstance(query, exp.Query), f"{self.name}.sql is no query"
        return query


def read_file(name: str, text: str) -> SqlFile:
    """Read a file's header and query.

    Raises:
        ValueError: the header has a line that cannot be understood.
    """
    purpose: list[str] = []
    fields = {"grain": "", "question": ""}
    columns: list[ReportColumn] = []
    in_columns = False
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        content = line[2:].strip()
        key, _, rest = content.partition(": ")
        if in_columns:
            if line.startswith("--     "):  # a description goes on
                last = columns.pop()
                more = f"{last.description} {content}"
                columns.append(ReportColumn(last.name, last.kind, more))
            elif (match := _COLUMN.fullmatch(content)) and match["kind"] in TYPES:
                columns.append(ReportColumn(**match.groupdict()))
            else:
                raise ValueError(f"{name}.sql: no column in {content!r}")
        elif content == "columns:":
            in_columns = True
        elif key in fields:
            fields[key] = rest
        else:
            purpose.append(content)
    grain = tuple(part.strip() for part in fields["grain"].split(",") if part.strip())
    return SqlFile(name, " ".join(purpose), grain, fields["question"], tuple(columns), text)


@cache
def transforms() -> Traversable:
    """The folder of SQL and seeds: data of the package, or `transforms` of the checkout."""
    installed = files(__package__.partition(".")[0]) / "transforms"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "transforms"


@cache
def sql_files(folder: str) -> Mapping[str, SqlFile]:
    """The files of `transforms/<folder>` by name, in alphabetical order."""
    texts = {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
        for entry in (transforms() / folder).iterdir()
        if entry.name.endswith(".sql")
    }
    return {name: read_file(name, texts[name]) for name in sorted(texts)}


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
        raw_columns: the columns that are there, by raw table; what is not reads as empty or null.
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

    def compile(self, file: SqlFile) -> exp.Select:
        """The whole query of a report or check, its columns cast to what the header declares."""
        query = self._with_reports(file.query.copy())
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
                table.replace(self._raw(table.name))
        return query

    def _with_reports(self, query: exp.Query) -> exp.Query:
        for table in _outer_tables(query):
            if table.name in sql_files("reporting"):
                named = self._report_table(table.name)
                table.replace(exp.alias_(named, table.alias_or_name, table=True))
        return query

    def _raw(self, name: str) -> exp.Expr:
        there = self._raw_columns.get(name, ())
        columns = TABLES[name].columns
        if all(column.name in there for column in columns):
            return exp.alias_(self._raw_table(name), name, table=True)
        stand_in = exp.select(
            *(
                exp.column(c.name, quoted=True)
                if c.name in there
                else exp.cast(exp.null(), TYPES[c.kind]).as_(c.name, quoted=True)
                for c in columns
            )
        )
        if there:
            return stand_in.from_(self._raw_table(name)).subquery(name)
        # Some engines take no WHERE without a FROM.
        one = exp.select(exp.convert(1).as_("one")).subquery("nothing")
        return stand_in.from_(one).where("1 = 0").subquery(name)


def _outer_tables(query: exp.Query) -> list[exp.Table]:
    """The tables that a query reads, references to its own CTEs left out."""
    ctes = {cte.alias for cte in query.find_all(exp.CTE)}
    return [table for table in query.find_all(exp.Table) if table.name not in ctes]
