"""The SQL files: what their headers say, and what they read.

Files lie in five layers, and `MAY_READ` says which layer reads which. Staging and seeds are inlined
wherever they are read; reports are stored; of the others a header says. All files are written in
DuckDB's dialect; what `generated` writes from declarations joins them.

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

What is stored says how much of it is built anew when some airmeets changed:

    -- rebuilt: airmeet_id     the rows of these airmeets, which follow from nothing else; so it is
                               of checks that do not say `whole`
    -- rebuilt: person         the rows of the people who are or were in these airmeets
    -- rebuilt: whole          all rows
    -- rebuilt: each           of a check: of each report the rows that were built anew
    -- follows: table on theirs.x = mine.x: y = theirs.y
                               in the rows that are not built anew, these columns alone
    -- stored: build           a model is a table while the reports are built
    -- stored: kept            it stays, since the next build needs it
    -- key: airmeet_id         the columns of a stored model that `rebuilt` of its readers may name
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from graphlib import TopologicalSorter
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from airmeet.feeds import FEED_NAMES, TABLE_FEEDS
from airmeet.schemas import RAW_TABLES, TABLES
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

LAYERS = ("staging", "intermediate", "parts", "reporting", "checks")
"""The folders of transforms/ that hold SQL."""

MAY_READ = {
    "staging": {"raw"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "parts": {"staging", "intermediate", "seeds", "reporting", "parts"},
    "reporting": {"staging", "intermediate", "seeds", "reporting", "parts"},
    "checks": {"raw", "staging", "intermediate", "seeds", "reporting"},
}
"""What the files of each layer may read."""

EXECUTED = "executed: columns are cast to the types given here, the grain is checked for duplicates"
"""The line of a header that says that it is executed; wherever columns are declared."""

SEVERITIES = ("failure", "warning")
"""What a check may say: a failure changes the exit code, a warning is only worth a look."""

WHOLE = "whole"
"""What `rebuilt` says where all rows are built anew."""

EACH = "each"
"""What `rebuilt` of a check says where it reads of each report the rows that were built anew."""

STATES_MODEL = "int_airmeet_states"
"""The model that says what reports on an airmeet follow from."""

STORED = ("build", "kept")
"""What `stored` says: while the reports are built, or until the next build."""

_KEYS = {
    *("grain", "question", "generated", "severity", "mend", "executed", "columns"),
    *("rebuilt", "follows", "stored", "key"),
}
_KEY = re.compile(r"(?P<key>\w+):(?: (?P<value>.*))?")
_COLUMN = re.compile(r"(?P<name>\w+) (?P<kind>\w+): (?P<description>.+)")
_FOLLOWS = re.compile(r"(?P<table>\w+) on (?P<condition>.+): (?P<taken>.+)")
_TAKEN = re.compile(r"(\w+) = theirs\.(\w+)")


@dataclass(frozen=True)
class ReportColumn:
    """A column as the header declares it; `kind` is one of `TYPES`."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True)
class Follows:
    """Columns that a report takes from a stored table, whatever airmeets changed.

    Attributes:
        table: the stored table, `theirs`.
        condition: which of its rows is the one for a row of the report, `mine`.
        taken: its columns by the report's.
    """

    table: str
    condition: str
    taken: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SqlFile:
    """A file of transforms/, or one that is generated: its header and its query.

    Attributes:
        generated: from which declarations it, or parts of it, are generated; empty where none are.
        severity: of a check, one of `SEVERITIES`.
        mend: of a check, what to do when it finds something.
        rebuilt: of what is stored, how much is built anew when airmeets changed.
        follows: of a report, the columns that change in other rows, too.
        stored: of a model, one of `STORED`; empty where it is inlined.
        key: of a stored model, the columns by which readers may take some rows alone.
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
    rebuilt: str = ""
    follows: Follows | None = None
    stored: str = ""
    key: tuple[str, ...] = ()

    @cached_property
    def query(self) -> exp.Query:
        """The query, parsed; to be copied before it is changed."""
        query = parse_one(self.sql, dialect=DIALECT)
        assert isinstance(query, exp.Query), f"{self.name}.sql is no query"
        return query

    @cached_property
    def reads(self) -> frozenset[str]:
        """The names of the tables that it reads, its own CTEs left out."""
        ctes = {cte.alias for cte in self.query.find_all(exp.CTE)}
        return frozenset({table.name for table in self.query.find_all(exp.Table)} - ctes)


def read_file(name: str, text: str) -> SqlFile:
    """Read a file's header and query.

    Raises:
        ValueError: the header has an unknown key, a line that cannot be understood, an unknown
            severity, or columns without the line `EXECUTED`.
    """
    purpose: list[str] = []
    fields: dict[str, str] = {}
    columns: list[ReportColumn] = []
    key = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        content = line[2:].strip()
        if "columns" in fields:
            columns.append(_column(name, line, columns))
        elif fields and line.startswith("--     "):
            fields[key] += f" {content}"
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
    if (stored := fields.get("stored", "")) not in ("", *STORED):
        raise ValueError(f"{name}.sql: it is stored as none of {', '.join(STORED)}")
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
        fields.get("rebuilt", ""),
        _follows(name, fields.get("follows")),
        stored,
        tuple(part.strip() for part in fields.get("key", "").split(",") if part.strip()),
    )


def _follows(name: str, text: str | None) -> Follows | None:
    if text is None:
        return None
    match = _FOLLOWS.fullmatch(text)
    taken = match and _TAKEN.findall(match["taken"])
    if match is None or not taken or len(taken) != match["taken"].count(",") + 1:
        raise ValueError(f"{name}.sql: what it follows cannot be understood: {text!r}")
    return Follows(match["table"], match["condition"], tuple(taken))


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
        texts = {f"stg_{n}": generated.staging(table) for n, table in RAW_TABLES.items()} | texts
    elif layer == "intermediate":
        tables = [name for name in FEED_NAMES if name != "airmeets"]
        texts["int_table_rows"] = generated.table_rows(tables)
        texts["int_unnamed_rows"] = generated.unnamed_rows()
    elif layer == "checks":
        texts |= _generated_checks(_files("reporting"))
    found = {name: read_file(name, texts[name]) for name in sorted(texts)}
    if layer == "checks":
        found = {n: replace(f, rebuilt=f.rebuilt or "airmeet_id") for n, f in found.items()}
    return found


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
    return found or ("raw" if name in RAW_TABLES else None)


def levels() -> Iterator[list[SqlFile]]:
    """The reports in groups, each of which reads only reports of those before it."""
    yield from _levels(sql_files("reporting"))


def reports() -> list[SqlFile]:
    """The reports, each behind those that it reads."""
    return [file for level in levels() for file in level]


def stored_models() -> dict[str, SqlFile]:
    """The models that are tables while reports are built, by name."""
    models = {**sql_files("intermediate"), **sql_files("parts")}
    return {name: file for name, file in models.items() if file.stored}


def stored_files() -> list[SqlFile]:
    """The reports and the stored models that they or builds need, each behind those it reads."""
    wanted = _read_by({**sql_files("reporting"), STATES_MODEL: stored_models()[STATES_MODEL]})
    wanted.add(STATES_MODEL)
    models = {name: file for name, file in stored_models().items() if name in wanted}
    return [file for level in _levels({**models, **sql_files("reporting")}) for file in level]


def _levels(found: Mapping[str, SqlFile]) -> Iterator[list[SqlFile]]:
    sorter = TopologicalSorter(
        {name: _read_by({name: file}) & found.keys() for name, file in found.items()}
    )
    sorter.prepare()
    while sorter.is_active():
        level = sorted(sorter.get_ready())
        yield [found[name] for name in level]
        sorter.done(*level)


def _read_by(files: Mapping[str, SqlFile]) -> set[str]:
    """What files read, by themselves, through models or by what they follow."""
    models = {**sql_files("intermediate"), **sql_files("parts")}
    read: set[str] = set()
    unread = [*files.values()]
    while unread:
        file = unread.pop()
        names = file.reads | ({file.follows.table} if file.follows else set())
        unread += [models[name] for name in names - read if name in models]
        read |= names
    return read
