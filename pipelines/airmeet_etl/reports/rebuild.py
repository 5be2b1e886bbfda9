"""Builds the reports anew for the airmeets that changed since they were last built.

`int_airmeet_states` says of each airmeet all that its reports follow from, but for the rows
themselves, with which a load writes the ledger. What it said at the last build is kept beside the
reports: airmeets of which it says something else are built anew, and so are the people and the
domains that are in them, or were.

A load notes here that it begins to write, and that it has written: one that was killed in between
may have left rows that the ledger does not know yet, and all is built anew then. So it is where the
SQL, a seed, a setting, the time zones or the version changed, since the statements of the last
build were others (`plan`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ..warehouse.columns import columns_of
from .compile import CHANGED
from .destination import dialect_of, full_name, is_atomic, open_client, read_rows
from .plan import Plan, Step
from .queries import BUILDS, ROWS, STATES, table_of
from .sql_files import STATES_MODEL, WHOLE, sql_files, stored_models
from .tables import (
    before_table,
    drop_table,
    kinds_of,
    make_table,
    moved_table,
    replace_rows,
    replace_table,
    update_followed,
)

if TYPE_CHECKING:
    import dlt
    from dlt.destinations.job_client_impl import SqlJobClientBase

ENGINES = {"duckdb", "postgres"}
"""Whose reports can be built for some airmeets alone: sqlglot's names of those on which that is
tested."""

_PEOPLE = "attendee_event"
"""The report that says who is in an airmeet, and of which domain."""
_POOLED = ("person", "domain")
_FEW = 20
"""Airmeets up to which a build of those that changed is as quick, however many did."""


@dataclass(frozen=True)
class LastBuild:
    """What is known of the last build.

    Attributes:
        digest: of the plan.
        load_id: which of dlt's loads it was.
        before: which one the build before it was.
        is_whole: whether all was built anew.
        checked: which build the checks last ran on.
        checked_on: on which day (in UTC) all of them did.
        loading: empty; `loaded` where something was loaded since; `open` while a load writes;
            `cut off` once another one began to write after one that did not end.
    """

    digest: str
    load_id: str
    before: str
    is_whole: bool
    checked: str
    checked_on: date | None
    loading: str


_WRITTEN = ("", "loaded")
"""What is noted while no load writes."""

_COLUMNS = ("digest", "load_id", "before", "is_whole", "checked", "checked_on", "loading")


def last_build(client: "SqlJobClientBase") -> LastBuild | None:
    """What is known of the last build; None where nothing is."""
    if not set(_COLUMNS) <= columns_of(client, [BUILDS])[BUILDS].keys():
        return None
    rows = read_rows(client, f"SELECT {', '.join(_COLUMNS)} FROM {full_name(client, BUILDS)}")
    return LastBuild(*rows[0]) if len(rows) == 1 else None


def note_build(client: "SqlJobClientBase", build: LastBuild) -> None:
    """Write down what is known of a build."""
    day = f"'{build.checked_on.isoformat()}'" if build.checked_on else "NULL"
    make_table(
        client,
        BUILDS,
        f"SELECT '{build.digest}' AS digest, '{build.load_id}' AS load_id, "
        f"'{build.before}' AS before, {str(build.is_whole).lower()} AS is_whole, "
        f"'{build.checked}' AS checked, CAST({day} AS date) AS checked_on, "
        f"'{build.loading}' AS loading",
    )


@contextmanager
def noted_load(
    pipeline: "dlt.Pipeline", reports: str, changed: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """Note beside the reports that a load writes; that it has written, unless packages are left.

    For whoever holds the destination's lock, and only while it does: a note that is found, then, is
    that of a load which died while it wrote. Nothing is noted where there are no reports.

    Args:
        pipeline: that loads.
        reports: the dataset of the reports.
        changed: whether what was written changes any report.
    """
    from dlt.destinations.exceptions import DatabaseUndefinedRelation
    from dlt.destinations.job_client_impl import SqlJobClientBase

    if not issubclass(pipeline.destination.client_class, SqlJobClientBase):
        yield
        return

    def note(after: Callable[[str], str]) -> str:
        """Set the note by what it was; which that is, is returned."""
        with open_client(pipeline, reports) as client:
            if dialect_of(client) in ENGINES:
                with suppress(DatabaseUndefinedRelation):
                    table = full_name(client, BUILDS)
                    for (before,) in read_rows(client, f"SELECT loading FROM {table}"):
                        client.sql_client.execute_sql(
                            f"UPDATE {table} SET loading = '{after(before)}'"
                        )
                        return str(before)
        return ""

    before = note(lambda before: "open" if before in _WRITTEN else "cut off")
    try:
        yield
    finally:
        if not pipeline.has_pending_data and before in _WRITTEN:
            note(lambda _: "loaded" if changed() else before)


@dataclass(frozen=True)
class Scope:
    """What a build makes anew: all because of `why`, or what `changed` of `airmeets` touch."""

    why: str
    changed: int = 0
    airmeets: int = 0

    @property
    def is_whole(self) -> bool:
        return bool(self.why)

    def __str__(self) -> str:
        if self.why:
            return f"all built anew ({self.why})"
        return f"built anew for {self.changed} of {self.airmeets} airmeets"


def why_all(client: "SqlJobClientBase", digest: str, last: LastBuild | None) -> str:
    """Why all must be built anew; empty where what changed is enough.

    Args:
        client: open client of the reports' dataset, which exists.
        digest: of what the statements follow from now.
        last: the last build.
    """
    if last is None:
        return "no earlier build is known"
    if last.digest != digest:
        return "the SQL, a seed, a setting, the time zones or the version changed"
    if last.loading not in _WRITTEN:
        return "a load was cut off"
    kept = [table_of(name) for name, file in stored_models().items() if file.stored == "kept"]
    there = columns_of(client, [STATES, *kept, *sql_files("reporting")])
    for name, file in sql_files("reporting").items():
        if there[name] != kinds_of(file):
            return f"{name} was changed by hand"
    return next((f"{name} is gone" for name in (STATES, *kept) if not there[name]), "")


def find_changed(client: "SqlJobClientBase", plan: Plan, more: str = "") -> Scope:
    """Note which airmeets changed; where most did, all are built anew.

    Makes the models that a plan for changes makes for all airmeets.

    Args:
        client: open client of the reports' dataset.
        plan: for changes.
        more: a query for airmeets that changed beside those whose state did.
    """
    for step in plan.steps:
        if step.is_model and step.rebuilt == WHOLE:
            make_table(client, step.table, step.query)
    new, old = full_name(client, table_of(STATES_MODEL)), full_name(client, STATES)
    make_table(
        client,
        CHANGED["airmeet_id"],
        f"SELECT DISTINCT coalesce(new.airmeet_id, old.airmeet_id) AS airmeet_id "
        f"FROM {new} AS new FULL JOIN {old} AS old "
        "ON new.airmeet_id = old.airmeet_id AND new.part = old.part "
        "WHERE coalesce(new.state, '') <> coalesce(old.state, '')"
        + (f" UNION {more}" if more else ""),
    )
    changed = full_name(client, CHANGED["airmeet_id"])
    ((count,),) = read_rows(client, f"SELECT count(*) FROM {changed}")
    ((airmeets,),) = read_rows(client, f"SELECT count(DISTINCT airmeet_id) FROM {new}")
    if airmeets > _FEW and count * 2 > airmeets:
        return Scope("most airmeets changed")
    return Scope("", int(count), int(airmeets))


@contextmanager
def changed_rows(client: "SqlJobClientBase", plan: Plan) -> Iterator[None]:
    """While the context lasts, the changed airmeets' raw rows are there as a plan's queries read
    them."""
    try:
        for table, query in plan.rows.items():
            make_table(client, table, query)
        yield
    finally:
        with suppress(Exception):  # what is left is dropped by the next build
            for table in plan.rows:
                drop_table(client, table)


@contextmanager
def made_models(client: "SqlJobClientBase", plan: Plan) -> Iterator[None]:
    """Make the stored models, which no reader uses; those of a build go when the context ends."""
    try:
        for step in plan.steps:
            if step.is_model and not (plan.changes and step.rebuilt == WHOLE):  # these are made
                make_table(client, step.table, step.query)
        yield
    finally:
        with suppress(Exception):  # what is left is dropped by the next build
            for step in plan.steps:
                if step.stored == "build":
                    drop_table(client, step.table)


def rebuild(client: "SqlJobClientBase", plan: Plan) -> None:
    """Build the reports, or the changed parts of them, from the models; within a transaction of the
    caller's."""
    if plan.changes:
        for key in _POOLED:
            make_table(client, CHANGED[key], _keys(client, key))
    else:
        follow = [
            moved_table(file.name) for file in sql_files("reporting").values() if file.follows
        ]
        # What they name is nothing that changed now.
        for name in (*CHANGED.values(), *follow):
            drop_table(client, before_table(name))
        for name in (*CHANGED.values(), *ROWS.values(), *follow):
            drop_table(client, name)
    steps = [step for step in plan.steps if not step.is_model]
    there = columns_of(client, [step.table for step in steps])
    for step in steps:
        fill(client, step, there[step.table], plan.changes)
        if plan.changes and step.name == _PEOPLE:
            for key in _POOLED:
                _add_keys(client, key, step)
    for step in steps:
        if step.rows:
            drop_table(client, step.rows)
    make_table(client, STATES, f"SELECT * FROM {full_name(client, table_of(STATES_MODEL))}")


def _keys(client: "SqlJobClientBase", key: str) -> str:
    """The people, or the domains, of the changed airmeets as attendee_event stands."""
    airmeets = f"SELECT airmeet_id FROM {full_name(client, CHANGED['airmeet_id'])}"
    return (
        f"SELECT DISTINCT {key} FROM {full_name(client, _PEOPLE)} "
        f"WHERE airmeet_id IN ({airmeets}) AND {key} IS NOT NULL"
    )


def _add_keys(client: "SqlJobClientBase", key: str, step: Step) -> None:
    """Add those that came into the changed airmeets."""
    table = full_name(client, CHANGED[key])
    client.sql_client.execute_sql(
        f"INSERT INTO {table} SELECT DISTINCT {key} FROM {full_name(client, step.rows)} "
        f"WHERE {key} IS NOT NULL AND {key} NOT IN (SELECT {key} FROM {table})"
    )


def fill(
    client: "SqlJobClientBase", step: Step, there: dict[str, str | None], changes: bool
) -> None:
    """Fill a report or a part, whose columns are `there`, or as far as changes touch it."""
    if changes and step.stored != "build" and step.rebuilt != WHOLE:
        replace_rows(client, step)
        if step.moved:
            update_followed(client, step)
    elif file := sql_files("reporting").get(step.name):
        replace_table(client, file, step.query, there)
    else:
        make_table(client, step.table, step.query)


def is_incremental(client: "SqlJobClientBase") -> bool:
    """Whether a destination's reports can be built for some airmeets alone."""
    return is_atomic(client) and dialect_of(client) in ENGINES
