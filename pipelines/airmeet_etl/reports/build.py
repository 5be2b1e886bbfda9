"""Builds the reports inside the destination, and reads them.

Every query of transforms/reporting runs in the destination, through dlt's client of it, and all
that changes does so in one transaction: a crash before its end leaves the old reports as they were.
"""

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..warehouse.columns import columns_of
from ..warehouse.connection import giving_memory_back
from .dependent_views import make_way
from .destination import (
    full_name,
    is_transactional,
    note_load,
    open_client,
    prepare_load_note,
    read_arrow,
    read_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import dlt
    import pyarrow as pa
    from dlt.destinations.job_client_impl import SqlJobClientBase

    from .plan import Plan
    from .rebuild import Scope
    from .sql_files import SqlFile


def reports_dataset(pipeline: "dlt.Pipeline") -> str:
    """The dataset that holds the reports of a pipeline."""
    return f"{pipeline.dataset_name}_reports"


@dataclass(frozen=True)
class Built:
    """What a build did.

    Attributes:
        rows: of each report, in the order in which they were built.
        how: in words, how much was built anew, and why all of it if so.
        plan: what it ran; None at destinations where all is built each time.
    """

    rows: dict[str, int]
    how: str
    plan: "Plan | None" = None


def build_reports(pipeline: "dlt.Pipeline", full: bool = False) -> dict[str, int]:
    """Build all reports from what is loaded; see `building`.

    Returns:
        The rows of each report, in the order in which they were built.
    """
    return build(pipeline, full).rows


def build(pipeline: "dlt.Pipeline", full: bool = False, compare: bool = False) -> Built:
    """Build the reports, and leave nothing but them; see `building`."""
    with building(pipeline, full, compare) as built:
        return built


@contextmanager
def building(
    pipeline: "dlt.Pipeline", full: bool = False, compare: bool = False
) -> "Iterator[Built]":
    """Build the reports from what is loaded: anew for the airmeets that changed since they were
    last built, or all of them.

    Raw tables and columns that are missing count as empty.

    Args:
        pipeline: the pipeline that loads the raw tables; only its names, folders and destination
            are used.
        full: whether to build all anew; so it is also where nothing is known of the last build,
            where it was built in another way, and at destinations without transactions.
        compare: whether to look for raw rows that somebody changed by hand (on DuckDB).

    Yields:
        What was built. The changed airmeets' rows that its plan names stay until the context ends:
        checks read them, too.

    Raises:
        Exception: what dlt or the destination raises; the reports are then as they were.
    """
    from .rebuild import is_incremental

    with open_client(pipeline, reports_dataset(pipeline)) as client, ExitStack() as stack:
        if not client.sql_client.has_dataset():
            client.sql_client.create_dataset()
        plan = None
        if is_incremental(client):
            scope, plan = _rebuild(pipeline, client, full, compare, stack)
            names = [step.name for step in plan.steps if not step.stored]
            how = str(scope)
        else:
            why, names = _build_all(pipeline, client)
            how = f"all built anew ({why})"
            prepare_load_note(client)
            note_load(client)
        yield Built({name: count_rows(client, name) for name in names}, how, plan)


def _rebuild(
    pipeline: "dlt.Pipeline",
    client: "SqlJobClientBase",
    full: bool,
    compare: bool,
    working: ExitStack,
) -> "tuple[Scope, Plan]":
    """Build what changed, or all; returns which it was, and by which plan, the rows of which are
    there until `working` ends."""
    from . import rebuild
    from .plan import digest_of, plan_of
    from .queries import facts_of
    from .row_digests import can_compare, changed_by_hand, keep_digests

    facts = facts_of(pipeline, reports_dataset(pipeline))
    last, digest = rebuild.last_build(client), digest_of(facts)
    scope = rebuild.Scope("as asked" if full else rebuild.why_all(client, digest, last))
    more: str | None = ""
    loaded = [table for table, columns in facts.columns if "airmeet_id" in columns]
    if compare and not scope.is_whole and can_compare(client):
        more = changed_by_hand(client, facts.raw, loaded)
        if more is None:
            scope = rebuild.Scope("raw rows were never compared before")
    if not scope.is_whole:
        plan = plan_of(pipeline, facts, changes=True)
        scope = rebuild.find_changed(client, plan, more or "")
    if scope.is_whole:
        plan = plan_of(pipeline, facts, changes=False)
        working.enter_context(giving_memory_back(pipeline, client.sql_client))
    make_way(pipeline, _with_other_columns(client))
    working.enter_context(rebuild.changed_rows(client, plan))
    with rebuild.made_models(client, plan):
        prepare_load_note(client)
        with client.sql_client.begin_transaction():
            rebuild.rebuild(client, plan)
            rebuild.note_build(
                client,
                rebuild.LastBuild(
                    digest,
                    load_id=note_load(client),
                    before=last.load_id if last else "",
                    is_whole=scope.is_whole,
                    checked=last.checked if last else "",
                    checked_on=last.checked_on if last else None,
                    loading="",
                ),
            )
    if can_compare(client) and (compare or scope.is_whole):
        keep_digests(client, facts.raw, loaded)
    return scope, plan


def _with_other_columns(client: "SqlJobClientBase") -> list[str]:
    """The reports that are there with other columns than they are to have."""
    from .sql_files import sql_files
    from .tables import kinds_of

    reports = sql_files("reporting")
    there = columns_of(client, reports)
    return [name for name, file in reports.items() if there[name] not in ({}, kinds_of(file))]


def _build_all(pipeline: "dlt.Pipeline", client: "SqlJobClientBase") -> tuple[str, list[str]]:
    """Build all reports where that is the only way; returns why it is, and the reports in order."""
    from .sql_files import reports
    from .tables import replace_tables

    files = reports()
    names = [file.name for file in files]
    if is_transactional(client):
        replace_tables(client, queries_of(pipeline, reports_dataset(pipeline), files))
        return "at this destination they always are", names
    _replace_by_way_of(f"{reports_dataset(pipeline)}_next", pipeline, client, files)
    return "this destination has no transactions", names


def are_current(pipeline: "dlt.Pipeline", now: datetime | None = None) -> bool:
    """Whether the reports were built today (in UTC; some reports count back from today), all of
    them are there, and nothing was fetched since."""
    from dlt.destinations.exceptions import DatabaseUndefinedRelation

    from .rebuild import last_build
    from .sql_files import sql_files

    with open_client(pipeline, reports_dataset(pipeline)) as client:
        there = columns_of(client, sql_files("reporting"))
        last = last_build(client)
    if last is not None and last.loading:
        return False  # what another loader fetched before that build may have come after it
    for name, file in sql_files("reporting").items():
        if not {column.name for column in file.columns} <= there.get(name, {}).keys():
            return False
    moments = []
    for dataset, table, column in (
        (reports_dataset(pipeline), "_dlt_loads", "inserted_at"),
        (str(pipeline.dataset_name), "feed_syncs", "requested_at"),
    ):
        with open_client(pipeline, dataset) as client:
            try:
                query = f"SELECT max({column}) FROM {full_name(client, table)}"
                ((moment,),) = read_rows(client, query)
            except DatabaseUndefinedRelation:
                return False
        moments.append(moment)
    built, fetched = moments
    today = (now or datetime.now(UTC)).date()
    return bool(built and fetched and fetched <= built and built.astimezone(UTC).date() == today)


def read_report(pipeline: "dlt.Pipeline", name: str) -> "pa.Table":
    """A report as it stands, as an Arrow table sorted by the columns of its grain.

    Raises:
        KeyError: there is no report of this name.
    """
    from .sql_files import sql_files

    grain = ", ".join(sql_files("reporting")[name].grain)
    with open_client(pipeline, reports_dataset(pipeline)) as client:
        return read_arrow(client, f"SELECT * FROM {full_name(client, name)} ORDER BY {grain}")


def _replace_by_way_of(
    scratch: str, pipeline: "dlt.Pipeline", client: "SqlJobClientBase", files: "list[SqlFile]"
) -> None:
    """Replace reports where there are no transactions: built in a scratch dataset first, they take
    the old ones' place within moments."""
    from .tables import replace_tables

    with open_client(pipeline, scratch) as built:
        if built.sql_client.has_dataset():
            built.sql_client.drop_dataset()
        built.sql_client.create_dataset()
        replace_tables(built, queries_of(pipeline, scratch, files))
        copies = {file: f"SELECT * FROM {full_name(built, file.name)}" for file in files}
        replace_tables(client, copies)
        built.sql_client.drop_dataset()


def queries_of(
    pipeline: "dlt.Pipeline", dataset: str, files: "list[SqlFile]"
) -> "dict[SqlFile, str]":
    """Each file's query in the destination's SQL, to be run where reports are in a dataset."""
    from .queries import facts_of, sql_of

    facts = facts_of(pipeline, dataset)
    return {file: sql_of(file, facts) for file in files}


def count_rows(client: "SqlJobClientBase", table: str) -> int:
    """How many rows a table of the client's dataset has."""
    ((rows,),) = read_rows(client, f"SELECT count(*) FROM {full_name(client, table)}")
    return int(rows)
