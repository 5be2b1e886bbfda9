"""The reports over several communities.

Each community has reports of its own, built from its own tables. Here they stand together: a view
a report, with a column `community`, so that nothing is stored twice and whoever reads sees what
the last build of each community made. `people` and `accounts` are counted anew over all of them:
whoever is in two communities is one person.

Which communities there are is known where the reports are, for another machine may load some.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from ..warehouse.columns import columns_of
from .build import Built, count_rows, reports_dataset
from .compile import Compiler
from .destination import dialect_of, full_name, note_load, open_client, prepare_load_note, read_rows
from .dialects import render
from .queries import facts_of, own_files
from .rebuild import is_incremental, last_build
from .seeds import seeds
from .sql_files import TYPES, ReportColumn, SqlFile, sql_files
from .tables import kinds_of

if TYPE_CHECKING:
    import dlt
    from dlt.destinations.job_client_impl import SqlJobClientBase

COMMUNITY = "community"
POOLED = ("people", "accounts")
"""The reports that are counted anew over all communities."""
_KEYS = {"people": "person", "accounts": "domain"}
_PEOPLE, _EVENTS = "attendee_event", "int_events"
_OF_EVENTS = (
    *("airmeet_id", "registration_state", "attendance_state", "engagement_state"),
    *("has_rates", "is_recent"),
)
"""What `POOLED` reads of it."""
_MEMBERS = "_communities"
_COLUMNS = (COMMUNITY, "dataset", "settle_days", "built")


@dataclass(frozen=True)
class Member:
    """One of the communities.

    Attributes:
        name: the community's.
        dataset: its raw dataset.
        settle_days: its setting, on which it hangs for how long its feeds are awaited.
        built: which build of its reports the combined ones have; empty where none.
    """

    name: str
    dataset: str
    settle_days: float
    built: str = ""

    @property
    def reports(self) -> str:
        """The dataset of its reports."""
        return f"{self.dataset}_reports"


def in_community(file: SqlFile) -> SqlFile:
    """A report as it stands over several communities: with their names."""
    words = (
        "The communities in which any of it is, in alphabetical order, joined by a comma."
        if file.name in POOLED
        else "The community."
    )
    columns = (ReportColumn(COMMUNITY, "text", words), *file.columns)
    grain = file.grain if file.name in POOLED else (COMMUNITY, *file.grain)
    return replace(file, columns=columns, grain=grain)


def as_it_stands(file: SqlFile, there: Collection[str]) -> SqlFile:
    """A report with the columns that it has at a destination, as an earlier version built it, or
    over several communities."""
    whole = in_community(file) if COMMUNITY in there else file
    return replace(whole, columns=tuple(c for c in whole.columns if c.name in there))


def members_of(client: "SqlJobClientBase") -> list[Member]:
    """The communities that were ever loaded, in alphabetical order.

    Args:
        client: open client of the combined reports' dataset.
    """
    if not set(_COLUMNS) <= columns_of(client, [_MEMBERS])[_MEMBERS].keys():
        return []
    query = f"SELECT {', '.join(_COLUMNS)} FROM {full_name(client, _MEMBERS)} ORDER BY 1"
    return [Member(*row) for row in read_rows(client, query)]


def note_member(client: "SqlJobClientBase", member: Member) -> None:
    """Write down one community, in the place of what was known of it."""
    execute = client.sql_client.execute_sql
    table = full_name(client, _MEMBERS)
    execute(
        f"CREATE TABLE IF NOT EXISTS {table} "
        f"({COMMUNITY} varchar, dataset varchar, settle_days double precision, built varchar)"
    )
    execute(f"DELETE FROM {table} WHERE {COMMUNITY} = %s", member.name)
    execute(
        f"INSERT INTO {table} ({', '.join(_COLUMNS)}) VALUES (%s, %s, {member.settle_days}, %s)",
        member.name,
        member.dataset,
        member.built,
    )


def can_combine(pipeline: "dlt.Pipeline") -> bool:
    """Whether the reports of several communities can stand together at a destination: where that
    is tested."""
    with open_client(pipeline, reports_dataset(pipeline)) as client:
        return is_incremental(client)


def combine(
    pipeline: "dlt.Pipeline", loaded: "Mapping[str, dlt.Pipeline]", settle_days: Mapping[str, float]
) -> Built | None:
    """Build the reports over all communities, unless nothing was built anew in any of them.

    Args:
        pipeline: the one without a community, in whose reports' dataset they are.
        loaded: by the community's name, the pipelines that this run has to do with.
        settle_days: the setting of these.

    Returns:
        The rows of each report; None where they are as they should be.

    Raises:
        Exception: what dlt or the destination raises; the combined reports are then as they were.
    """
    with open_client(pipeline, reports_dataset(pipeline)) as client:
        if not client.sql_client.has_dataset():
            client.sql_client.create_dataset()
        known = {member.name: member for member in members_of(client)}
        for name, of_community in loaded.items():
            before = known.get(name, Member(name, "", 0.0))
            known[name] = replace(
                before, dataset=str(of_community.dataset_name), settle_days=settle_days[name]
            )
        members, changed = _with_reports(pipeline, [known[name] for name in sorted(known)])
        if not changed and _are_there(client):
            return None
        prepare_load_note(client)
        with client.sql_client.begin_transaction():
            _replace_all(pipeline, client, members)
            for member in members:
                note_member(client, member)
            note_load(client)
        rows = {name: count_rows(client, name) for name in sql_files("reporting")}
    return Built(rows, f"over {len(members)} communities: {', '.join(m.name for m in members)}")


def _with_reports(pipeline: "dlt.Pipeline", members: Sequence[Member]) -> tuple[list[Member], bool]:
    """Those of whom there are reports, and whether any of these was built anew."""
    found, changed = [], False
    for member in members:
        with open_client(pipeline, member.reports) as client:
            last = last_build(client) if client.sql_client.has_dataset() else None
            if last is None:
                changed |= bool(member.built)
                continue
            found.append(replace(member, built=last.load_id))
            changed |= member.built != last.load_id
    return found, changed


def _are_there(client: "SqlJobClientBase") -> bool:
    reports = {name: in_community(file) for name, file in sql_files("reporting").items()}
    there = columns_of(client, reports)
    return all(there[name].keys() == kinds_of(file).keys() for name, file in reports.items())


def _replace_all(
    pipeline: "dlt.Pipeline", client: "SqlJobClientBase", members: Sequence[Member]
) -> None:
    """Make the views, and the tables of what is counted over all."""
    kinds = _kinds_there(client)
    pooled = _pooled_queries(pipeline, client, members)
    for name, file in sql_files("reporting").items():
        if name in kinds:
            kind = "VIEW" if kinds[name].upper() == "VIEW" else "TABLE"
            client.sql_client.execute_sql(f"DROP {kind} {full_name(client, name)}")
        table = full_name(client, name)
        if name in pooled:
            client.sql_client.execute_sql(f"CREATE TABLE {table} AS {pooled[name]}")
        else:
            query = _rendered(client, _union(pipeline, file, members))
            client.sql_client.execute_sql(f"CREATE VIEW {table} AS {query}")


def _kinds_there(client: "SqlJobClientBase") -> dict[str, str]:
    """What stands under the names of reports: tables, as a single key pair has them, or views."""
    query = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = %s"
    dataset = client.sql_client.dataset_name
    rows = client.sql_client.execute_sql(query, dataset) or ()
    return {str(name): str(kind) for name, kind in rows}


def _union(
    pipeline: "dlt.Pipeline",
    file: SqlFile,
    members: Sequence[Member],
    apart: bool = False,
) -> exp.Query:
    """A report's rows of all communities, with their names.

    Args:
        pipeline: any of the destination.
        file: the report.
        members: the communities.
        apart: whether an airmeet's id says which community it is of, so that none is two's.
    """
    parts: list[exp.Query] = []
    for member in members:
        with open_client(pipeline, member.reports) as client:
            table = exp.to_table(full_name(client, file.name), dialect=dialect_of(client))
        columns = [
            _apart(member) if apart and c.name == "airmeet_id" else exp.column(c.name, quoted=True)
            for c in file.columns
        ]
        parts.append(exp.select(_name_of(member), *columns).from_(table, copy=False))
    return _all_of(parts, in_community(file))


def _all_of(parts: Sequence[exp.Query], file: SqlFile) -> exp.Query:
    if not parts:
        nothing = exp.select(exp.convert(1).as_("one")).subquery("nothing")
        columns = (
            exp.cast(exp.null(), TYPES[c.kind]).as_(c.name, quoted=True) for c in file.columns
        )
        return exp.select(*columns).from_(nothing).where("1 = 0")
    query = parts[0]
    for part in parts[1:]:
        query = exp.union(query, part, distinct=False, copy=False)
    return query


def _name_of(member: Member) -> exp.Expr:
    text = exp.cast(exp.Literal.string(member.name), TYPES["text"])
    return exp.alias_(text, COMMUNITY, quoted=True)


def _apart(member: Member) -> exp.Expr:
    id = exp.column("airmeet_id", quoted=True)
    apart = exp.DPipe(this=exp.Literal.string(f"{member.name}/"), expression=id)
    return exp.alias_(apart, "airmeet_id", quoted=True)


def _pooled_queries(
    pipeline: "dlt.Pipeline", client: "SqlJobClientBase", members: Sequence[Member]
) -> dict[str, str]:
    """The queries of `POOLED`: those of a single community, over everybody's appearances."""
    appearances = _union(pipeline, sql_files("reporting")[_PEOPLE], members, apart=True)
    read = {_PEOPLE: appearances, _EVENTS: _events(pipeline, members)}
    compiler = Compiler(exp.to_table, {}, exp.to_table, {**seeds({}, own_files(), 0.0), **read})
    queries = {}
    for name in POOLED:
        file, key = sql_files("reporting")[name], _KEYS[name]
        query = compiler.compile(file).subquery("counted", copy=False)
        named = _names(appearances.copy(), key, members).subquery("named")
        same = exp.column(key, "counted", quoted=True).eq(exp.column(key, "named", quoted=True))
        columns = [exp.column(c.name, "counted", quoted=True) for c in file.columns]
        with_names = exp.select(exp.column(COMMUNITY, "named", quoted=True), *columns)
        joined = with_names.from_(query, copy=False).join(named, on=same, copy=False)
        queries[name] = _rendered(client, joined)
    return queries


def _events(pipeline: "dlt.Pipeline", members: Sequence[Member]) -> exp.Query:
    """`int_events` over all communities, each by its own settings."""
    from .queries import compiler_of

    parts: list[exp.Query] = []
    file, names = sql_files("intermediate")[_EVENTS], _OF_EVENTS
    for member in members:
        facts = facts_of(pipeline, member.reports, member.dataset, member.settle_days)
        events = compiler_of(facts).compile(file).subquery("events", copy=False)
        columns = [
            _apart(member) if name == "airmeet_id" else exp.column(name, quoted=True)
            for name in names
        ]
        parts.append(exp.select(*columns).from_(events, copy=False))
    if not parts:
        columns = [exp.null().as_(name, quoted=True) for name in names]
        nothing = exp.select(exp.convert(1).as_("one")).subquery("nothing")
        return exp.select(*columns).from_(nothing).where("1 = 0")
    return _all_of(parts, file)


def _names(appearances: exp.Query, key: str, members: Sequence[Member]) -> exp.Query:
    """By key, the names of the communities in which it is, joined by commas."""
    community = exp.column(COMMUNITY, quoted=True)
    each = [
        exp.func(
            "max",
            exp.case()
            .when(community.eq(member.name), exp.Literal.string(f", {member.name}"))
            .else_(exp.Literal.string("")),
        )
        for member in members
    ]
    joined: exp.Expr = exp.Literal.string("")
    for part in each:
        joined = exp.DPipe(this=joined, expression=part)
    text = exp.func("substr", joined, exp.Literal.number(3))
    column = exp.column(key, quoted=True)
    counted = "is_stranger = false or is_stranger is null"
    return (
        exp.select(column.copy(), exp.alias_(text, COMMUNITY, quoted=True))
        .from_(appearances.subquery("appearances"))
        .where(counted)
        .where(column.copy().is_(exp.null()).not_())
        .group_by(column.copy())
    )


def _rendered(client: "SqlJobClientBase", query: exp.Query) -> str:
    return render(query, dialect_of(client))
