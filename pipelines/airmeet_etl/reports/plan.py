"""The statements of a build, compiled once and kept in the pipeline's folder.

Compiling takes longer than many builds take to run, and its result follows from the facts about the
destination, the SQL and the code alone: a digest of these says whether what was kept still holds,
and whether reports that stand were built in the same way.
"""

import hashlib
import json
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from airmeet.atomic_file import write_whole

from .compile import rows_table
from .queries import ROWS, Facts, table_of
from .sql_files import WHOLE, SqlFile, sql_files, stored_files, transforms

if TYPE_CHECKING:
    import dlt

    from .compile import Compiler

_CODE = ("airmeet_etl.reports", "airmeet")
"""The packages whose code decides what becomes of the SQL."""


@dataclass(frozen=True)
class Step:
    """A report or stored model, and the query that fills it.

    Attributes:
        stored: of a model `build` or `kept`; empty where it is a report.
        rebuilt: which of its rows are built anew where only some airmeets changed: those of the
            key that it names, or all (`whole`).
        query: all of its rows; in a plan for changes those of the changed keys, where it has one.
        moved: the rows whose followed columns changed: their grain, and each followed column as
            `new_…`; empty where it follows nothing, and in a plan for all.
        grain: the columns that make a row of a report unique.
        taken: the columns that follow.
        is_model: whether it reads no reports, so that it is made before any of them changes.
        rows: the table in which the changed airmeets' rows stand by themselves for later steps to
            read; empty where none does, and in a plan for all.
    """

    name: str
    stored: str
    rebuilt: str
    query: str
    moved: str = ""
    grain: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    is_model: bool = False
    rows: str = ""

    @property
    def table(self) -> str:
        """The table that it fills; those of models are no reports, and their names say so."""
        return table_of(self.name) if self.stored else self.name


@dataclass(frozen=True)
class Plan:
    """What a build and its checks run.

    Attributes:
        digest: of what the statements follow from; the same for all and for changes.
        changes: whether it builds and checks what changed airmeets touch, or all.
        steps: in order.
        checks: queries by the names of the checks.
        rows: by table, the query of the changed airmeets' rows of a raw table, which the steps and
            the checks of a plan for changes read.
    """

    digest: str
    changes: bool
    steps: tuple[Step, ...]
    checks: dict[str, str]
    rows: dict[str, str]

    def as_json(self) -> str:
        """The plan as it is kept."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> "Plan":
        """A plan that was kept.

        Raises:
            ValueError, TypeError, KeyError: it is none, or another version's.
        """
        kept = json.loads(text)
        steps = tuple(
            Step(**{**step, "grain": tuple(step["grain"]), "taken": tuple(step["taken"])})
            for step in kept["steps"]
        )
        return Plan(**{**kept, "steps": steps})


def plan_of(pipeline: "dlt.Pipeline", facts: Facts, changes: bool) -> Plan:
    """The plan for a destination, as it was kept or compiled anew.

    Raises:
        ValueError: a file of the user's own cannot be used; the message says why.
    """
    plan = kept_plan(pipeline, facts, changes)
    if plan is None:
        plan = _compiled(digest_of(facts), facts, changes)
        with suppress(OSError):  # it is compiled again, then
            write_whole(_file_of(pipeline, changes), plan.as_json())
    return plan


def kept_plan(pipeline: "dlt.Pipeline", facts: Facts, changes: bool) -> Plan | None:
    """The plan for a destination as it was kept; None where the facts were others then."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        plan = Plan.from_json(_file_of(pipeline, changes).read_text(encoding="utf-8"))
        return plan if plan.digest == digest_of(facts) else None
    return None


def _file_of(pipeline: "dlt.Pipeline", changes: bool) -> Path:
    what = "changes" if changes else "all"
    return Path(pipeline.pipelines_dir) / f"{pipeline.pipeline_name}.{what}.reports_sql"


def digest_of(facts: Facts) -> str:
    """Of all that the statements follow from."""
    known = hashlib.sha256()
    for fact in (repr(_sorted(facts)), version("sqlglot"), platform.python_version(), _sources()):
        known.update(fact.encode() + b"\0")
    return known.hexdigest()


def _sorted(facts: Facts) -> tuple[object, ...]:
    """The facts in one order: that of a set differs from process to process."""
    columns = [(table, sorted(names)) for table, names in facts.columns]
    values = asdict(replace(facts, columns=()))
    return (columns, *sorted(values.items()))


@lru_cache(maxsize=1)
def _sources() -> str:
    """A digest of the SQL, the seeds and the code."""
    known = hashlib.sha256()
    folders = [transforms(), *(files(package) for package in _CODE)]
    for folder in folders:
        _add(known.update, folder)
    return known.hexdigest()


def _add(update: Callable[[bytes], None], folder: Traversable) -> None:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            _add(update, entry)
        elif entry.name.endswith((".sql", ".csv", ".py")):
            update(entry.name.encode() + b"\0" + entry.read_bytes())


@lru_cache(maxsize=4)
def _compiled(digest: str, facts: Facts, changes: bool) -> Plan:
    from .dialects import render
    from .queries import compiler_of

    compiler = compiler_of(facts, with_tables=True)

    def sql(file: SqlFile, by: "Compiler" = compiler) -> str:
        narrowed = file.rebuilt if changes and file.rebuilt != WHOLE else ""
        return render(by.compile(file, narrowed), facts.dialect)

    steps = tuple(
        Step(
            name=file.name,
            stored=file.stored,
            rebuilt=file.rebuilt,
            query=sql(file),
            moved=render(compiler.moved(file), facts.dialect) if changes and file.follows else "",
            grain=file.grain,
            taken=tuple(mine for mine, _ in file.follows.taken) if file.follows else (),
            is_model=file.name in sql_files("intermediate"),
        )
        for file in stored_files()
    )
    if changes:
        apart = {name: rows_table(name) for name in compiler.read_apart}
        steps = tuple(replace(step, rows=apart.get(step.name, "")) for step in steps)
    # They run when the models are gone.
    inlined = compiler_of(facts)
    checks = {name: sql(file, inlined) for name, file in sql_files("checks").items()}
    rows = {
        table: render(compiler.changed_rows(name), facts.dialect)
        for name, table in ROWS.items()
        if changes
    }
    return Plan(digest, changes, steps, checks, rows)
