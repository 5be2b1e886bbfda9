"""Queries in the SQL of an engine: what sqlglot alone does not translate correctly."""

from typing import TypeVar

from sqlglot import exp

Node = TypeVar("Node", bound=exp.Expr)

_CLICKHOUSE_SETTINGS = ", ".join(
    (
        # A row without a match joins as nulls, not as zeros and empty texts.
        "join_use_nulls = 1",
        # In `sum(x) as x` the inner x is the column.
        "prefer_column_name_to_alias = 1",
        # Each airmeet has its own time zone.
        "allow_nonconst_timezone_arguments = 1",
    )
)

_SEMICOLON = r"\x3b"
"""As ClickHouse reads it in a text."""

_REPLACE_ALL = {"bigquery", "clickhouse", "redshift", "snowflake"}
"""Whose regexp_replace replaces every match by itself, and takes no `g`."""


def render(query: exp.Query, dialect: str | None) -> str:
    """A query in the SQL of an engine, without comments; the query is changed.

    Args:
        query: in the portable subset that the SQL files are written in.
        dialect: sqlglot's name of the engine's SQL.
    """
    if dialect in _REPLACE_ALL:
        for replace in query.find_all(exp.RegexpReplace):
            replace.set("modifiers", None)
    if dialect == "clickhouse":
        _for_clickhouse(query)
        written = query.sql(dialect, comments=False, copy=False)
        # What is left of semicolons is in texts, and dlt would cut the statement there.
        return f"{written.replace(';', _SEMICOLON)} SETTINGS {_CLICKHOUSE_SETTINGS}"
    if dialect == "snowflake":
        for name in query.find_all(exp.Identifier):
            if name.quoted:  # all of ours are stored in capitals
                name.set("this", name.this.upper())
    if dialect in ("spark", "databricks"):
        _name_ctes_apart(query)
    if dialect == "bigquery":
        for moment in query.find_all(exp.TimeToUnix):
            moment.replace(exp.func("UNIX_SECONDS", moment.this))
        for split in _innermost_first(query, exp.SplitPart):
            parts = exp.func("SPLIT", split.this, split.args["delimiter"])
            place = exp.func("SAFE_ORDINAL", split.args["part_index"])
            split.replace(exp.Bracket(this=parts, expressions=[place]))
        for ordered in _listing_orders(query):
            # No key is null; an aggregate takes no word on where nulls go.
            ordered.set("nulls_first", True)
    if dialect == "redshift":
        for listing in _innermost_first(query, exp.GroupConcat):
            order = listing.this.copy()
            listing.set("this", order.this.copy())
            order.set("this", None)
            listing.replace(exp.WithinGroup(this=listing.copy(), expression=order))
    return query.sql(dialect, comments=False, copy=False)


def _listing_orders(query: exp.Query) -> list[exp.Ordered]:
    """The keys by which texts are put in order within `string_agg`."""
    listings = query.find_all(exp.GroupConcat)
    return [key for listing in listings for key in listing.this.expressions]


def _for_clickhouse(query: exp.Query) -> None:
    _write_stars_out(query)
    for select in query.find_all(exp.Select):
        # Of two tables with a column of one name, a bare `a.x` is not called `x` outside.
        for column in select.expressions:
            if isinstance(column, exp.Column) and column.table and not column.is_star:
                column.replace(exp.alias_(column.copy(), column.name, quoted=True))
    for split in _innermost_first(query, exp.SplitPart):
        text = exp.func("ifNull", split.this, exp.convert(""))
        parts = exp.func("splitByString", split.args["delimiter"], text)
        split.replace(exp.func("arrayElement", parts, split.args["part_index"]))
    for listing in _innermost_first(query, exp.GroupConcat):
        # Its aggregates take no order: keys and texts are listed together, then put in order.
        order = listing.this
        rows = exp.Tuple(expressions=[*(key.this for key in order.expressions), order.this])
        part = exp.to_identifier("part")
        text = exp.func("tupleElement", part, exp.convert(len(rows.expressions)))
        listed = exp.Anonymous(
            this="arraySort", expressions=[exp.Anonymous(this="groupArray", expressions=[rows])]
        )
        texts = exp.Anonymous(
            this="arrayMap", expressions=[exp.Lambda(this=text, expressions=[part]), listed]
        )
        listing.replace(exp.func("arrayStringConcat", texts, listing.args["separator"]))
    for lower in _innermost_first(query, exp.Lower):
        # Its own knows the letters of ASCII alone.
        lower.replace(exp.func("lowerUTF8", lower.this))
    for letters in _innermost_first(query, exp.Translate):
        # Its names of functions keep their case.
        letters.replace(exp.Anonymous(this="translate", expressions=[*letters.iter_expressions()]))
    for zoned in query.find_all(exp.AtTimeZone):
        # A time's zone is part of its type there: one that differs by row works on texts only.
        local = exp.func("toString", zoned.this, zoned.args["zone"])
        zoned.replace(exp.func("toDateTime64OrNull", local, exp.convert(6), exp.convert("UTC")))
    for moment in query.find_all(exp.TimeToUnix):
        micros = exp.func("toUnixTimestamp64Micro", moment.this)
        moment.replace(exp.paren(exp.Div(this=micros, expression=exp.convert(1_000_000))))
    for product in query.find_all(exp.Mul):
        if isinstance(product.expression, exp.Interval):
            unit = product.expression.text("unit").capitalize()
            product.replace(exp.func(f"toInterval{unit}", product.this))
    for kind in query.find_all(exp.DataType):
        if kind.this == exp.DType.TIMESTAMPTZ:
            kind.replace(exp.DataType.build("Nullable(DateTime64(6, 'UTC'))", "clickhouse"))


def _write_stars_out(query: exp.Query) -> None:
    """Name the columns of each `a.*`: in a join, columns of one name are not called so outside."""
    for select in list(query.find_all(exp.Select)):
        written: list[exp.Expr] = []
        for column in select.expressions:
            if isinstance(column, exp.Column) and column.is_star:
                names = _names_of(_source(select, column.table))
                written += [exp.column(name, column.table) for name in names]
            else:
                written.append(column)
        select.set("expressions", written)


def _source(select: exp.Select, alias: str) -> exp.Expr:
    """The query that stands behind a name in a FROM or JOIN."""
    [found] = [table for table in _tables(select) if table.alias_or_name == alias]
    if isinstance(found, exp.Subquery):
        inner: exp.Expr = found.this
        return inner
    scope: exp.Expr | None = select
    while scope is not None:
        for cte in scope.ctes if isinstance(scope, exp.Query) else ():
            if cte.alias == found.name:
                model: exp.Expr = cte.this
                return model
        scope = scope.parent
    raise LookupError(f"nothing is called {found.name}")


def _tables(select: exp.Select) -> list[exp.Expr]:
    """What stands in the FROM and the JOINs of a query."""
    clauses = (select.find(exp.From, bfs=True), *(select.args.get("joins") or ()))
    return [clause.this for clause in clauses if clause is not None]


def _names_of(query: exp.Expr) -> list[str]:
    """The names of a query's columns."""
    select = query
    while not isinstance(select, exp.Select):
        select = select.this
    names: list[str] = []
    for column in select.expressions:
        if isinstance(column, exp.Column) and column.is_star:
            names += _names_of(_source(select, column.table))
        elif column.is_star:
            names += _names_of(_source(select, _tables(select)[0].alias_or_name))
        else:
            names.append(column.alias_or_name)
    return names


def _name_ctes_apart(query: exp.Query) -> None:
    """Give all CTEs names of their own: for these engines sqlglot moves them all to the top."""
    for number, clause in enumerate(_innermost_first(query, exp.With)):
        scope = clause.parent
        assert scope is not None
        for cte in clause.expressions:
            name = cte.alias
            for table in list(scope.find_all(exp.Table)):
                if table.name == name and not table.db:
                    named = exp.to_table(f"{name}_{number}")
                    table.replace(exp.alias_(named, table.alias_or_name, table=True))
            cte.set("alias", exp.TableAlias(this=exp.to_identifier(f"{name}_{number}")))


def _innermost_first(query: exp.Query, kind: type[Node]) -> list[Node]:
    return list(query.find_all(kind))[::-1]
