"""What a file's query becomes for one destination: all that it reads put in, its columns cast.

A query may be *narrowed* to the rows of the airmeets, people or domains that a build has to make
anew: the keys stand in tables of their own (`CHANGED`), so its text is the same for each build. The
changed airmeets' raw rows are copied once (`changed_rows`), for many queries read them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache

from airmeet.schemas import RAW_TABLES
from sqlglot import exp, parse_one

from .sql_files import DIALECT, EACH, TYPES, SqlFile, sql_files, stored_models

CHANGED = {
    "airmeet_id": "_changed_airmeets",
    "person": "_changed_people",
    "domain": "_changed_domains",
}
"""The tables, beside the reports, that hold which keys a build makes anew."""


def rows_table(table: str) -> str:
    """The table, beside the reports, of the changed airmeets' rows of a raw table or a report."""
    return f"_rows_of_{table}"


class Compiler:
    """Turns files into queries for one destination.

    Args:
        raw_table: a raw table's full name in the destination.
        raw_columns: the columns that exist, by raw table; missing ones read as empty or null.
        report_table: the full name of a report, a stored model or a table of keys.
        seeds: queries by the names under which SQL files read them; one of a model or a report
            takes its place.
        stored: the models that are tables; all others are inlined.
        row_id: what the engine calls a row's place, where an airmeet's rows are found sooner by
            it.
        set_apart: the reports and parts of which the changed airmeets' rows are in tables of their
            own when others read them.
    """

    def __init__(
        self,
        raw_table: Callable[[str], exp.Table],
        raw_columns: Mapping[str, Collection[str]],
        report_table: Callable[[str], exp.Table],
        seeds: Mapping[str, exp.Query],
        stored: Collection[str] = (),
        row_id: str = "",
        set_apart: Collection[str] = (),
    ) -> None:
        self._raw_table = raw_table
        self._raw_columns = raw_columns
        self._report_table = report_table
        self._seeds = seeds
        self._stored = frozenset(stored)
        self._row_id = row_id
        self._set_apart = frozenset(set_apart)
        self.read_apart: set[str] = set()
        """Those of `set_apart` that a compiled query reads there."""
        self._keys = {name: {c.name for c in file.columns} for name, file in _reports().items()}
        self._keys |= {name: {*file.key} for name, file in stored_models().items()}
        self._inlined: dict[tuple[str, str], exp.Query] = {}

    def compile(self, file: SqlFile, narrowed: str = "") -> exp.Select:
        """The whole query of a file, its columns cast to what the header declares.

        Args:
            file: a report, a check or a model.
            narrowed: a key of `CHANGED`: only rows with these keys are read of all that has them;
                `each`: of each report those with the keys by which it is built anew.
        """
        query = self._resolved(file.query.copy(), narrowed)
        columns = [
            exp.cast(exp.column(c.name, table=file.name, quoted=True), TYPES[c.kind]).as_(
                c.name, quoted=True
            )
            for c in file.columns
        ]
        return exp.select(*(columns or [exp.Star()]), copy=False).from_(
            query.subquery(file.name, copy=False), copy=False
        )

    def moved(self, file: SqlFile) -> exp.Query:
        """The rows of a report in which followed columns are not what they should be: its grain,
        and each of these columns as `new_…`."""
        assert file.follows
        grain = ", ".join(f'mine."{name}"' for name in file.grain)
        taken = ", ".join(f'theirs."{b}" as "new_{a}"' for a, b in file.follows.taken)
        same = " and ".join(
            f'(mine."{a}" = theirs."{b}" or (mine."{a}" is null and theirs."{b}" is null))'
            for a, b in file.follows.taken
        )
        text = (
            f"select {grain}, {taken} from {file.name} as mine "
            f"left join {file.follows.table} as theirs on {file.follows.condition} "
            f"where case when {same} then 0 else 1 end = 1"
        )
        query = parse_one(text, dialect=DIALECT)
        assert isinstance(query, exp.Query)
        return self._resolved(query, "")

    def _source(self, name: str, narrowed: str) -> exp.Query | None:
        """The query of a seed, or of a staging file or model that is no table, with all that it
        reads in it; to be copied before it is changed. None where the name is a table's."""
        if (name, narrowed) in self._inlined:
            return self._inlined[name, narrowed]
        if name in self._seeds:
            query = self._seeds[name]
        elif name in _models() and name not in self._stored:
            query = self._resolved(_models()[name].query.copy(), narrowed)
        else:
            return None
        self._inlined[name, narrowed] = query
        return query

    def _resolved(self, query: exp.Query, narrowed: str) -> exp.Query:
        """The query with the full names of the tables that it reads, and with the queries of the
        seeds and models that are no tables in place of their names; it is changed itself."""
        for table in _outer_tables(query):
            name, alias = table.name, table.alias_or_name
            if source := self._source(name, narrowed):
                table.replace(source.subquery(alias))
            elif name in RAW_TABLES:
                if narrowed not in RAW_TABLES[name].by_name:
                    table.replace(self._raw(name, alias))
                elif narrowed == "airmeet_id":
                    rows = self._report_table(rows_table(name))
                    table.replace(exp.alias_(rows, alias, table=True))
                else:
                    table.replace(self._raw_rows(name, narrowed).subquery(alias))
            elif name in _reports() or name in self._stored:
                named = self._report_table(name)
                key = _reports()[name].rebuilt if narrowed == EACH else narrowed
                if key == "airmeet_id" and name in self._set_apart:
                    self.read_apart.add(name)
                    rows = self._report_table(rows_table(name))
                    table.replace(exp.alias_(rows, alias, table=True))
                elif key in self._keys[name]:
                    table.replace(self._narrow(named, key, alias))
                else:
                    table.replace(exp.alias_(named, alias, table=True))
        return query

    def changed_rows(self, name: str) -> exp.Select:
        """A raw table's rows of the changed airmeets, with all columns that it is declared with."""
        return self._raw_rows(name, "airmeet_id")

    def _raw_rows(self, name: str, key: str) -> exp.Select:
        rows = self._as_declared(name) or exp.select("*").from_(self._raw_table(name))
        if key not in self._raw_columns.get(name, ()):
            return rows.where("1 = 0")
        return rows.where(self._is_changed(self._raw_table(name), key))

    def _narrow(self, named: exp.Table, key: str, alias: str) -> exp.Subquery:
        rows = exp.select("*").from_(named)
        return rows.where(self._is_changed(named.copy(), key)).subquery(alias)

    def _is_changed(self, table: exp.Table, key: str) -> exp.Expr:
        """Whether a row of a table has a changed key."""
        column = exp.column(key, quoted=True)
        keys = exp.select(column.copy()).from_(self._report_table(CHANGED[key]))
        condition = column.isin(query=keys)
        if key != "airmeet_id" or not self._row_id:
            return condition
        # An airmeet's rows stand together, a person's do not: of the other columns DuckDB then
        # reads those blocks alone in which such rows are.
        row_id = exp.column(self._row_id)
        return row_id.isin(query=exp.select(row_id.copy()).from_(table).where(condition))

    def _raw(self, name: str, alias: str) -> exp.Expr:
        if rows := self._as_declared(name):
            return rows.subquery(alias)
        return exp.alias_(self._raw_table(name), alias, table=True)

    def _as_declared(self, name: str) -> exp.Select | None:
        """The rows of a raw table that lacks declared columns, with null in their place; None where
        all are there."""
        there = self._raw_columns.get(name, ())
        columns = RAW_TABLES[name].columns
        if all(column.name in there for column in columns):
            return None
        rows = exp.select(
            *(
                exp.column(c.name, quoted=True)
                if c.name in there
                else exp.cast(exp.null(), TYPES[c.kind]).as_(c.name, quoted=True)
                for c in columns
            )
        )
        if there:
            return rows.from_(self._raw_table(name))
        # Some engines take no WHERE without a FROM.
        one = exp.select(exp.convert(1).as_("one")).subquery("nothing")
        return rows.from_(one).where("1 = 0")


def with_reports(query: exp.Query, report_table: Callable[[str], exp.Table]) -> exp.Query:
    """The query with the full names of the reports that it reads; it is changed itself."""
    for table in _outer_tables(query):
        if table.name in _reports():
            named = report_table(table.name)
            table.replace(exp.alias_(named, table.alias_or_name, table=True))
    return query


def _reports() -> Mapping[str, SqlFile]:
    return sql_files("reporting")


@cache
def _models() -> Mapping[str, SqlFile]:
    layers = ("staging", "intermediate", "parts")
    return {name: file for layer in layers for name, file in sql_files(layer).items()}


def _outer_tables(query: exp.Query) -> Iterable[exp.Table]:
    """The tables that a query reads, references to its own CTEs left out."""
    ctes = {cte.alias for cte in query.find_all(exp.CTE)}
    return [table for table in query.find_all(exp.Table) if table.name not in ctes]
