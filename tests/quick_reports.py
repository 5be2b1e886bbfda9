"""Compiles the statements of builds and checks once for all test processes.

Compiling all of them takes a process some seconds, more than running them on a few rows, and is
done anew wherever the raw tables have other columns or airmeets other time zones. Here the zones,
other ones in each community, are put into statements that are compiled with another zone.
"""

import hashlib
import os
from dataclasses import replace
from functools import cache, lru_cache

from airmeet_etl.reports import plan as plans
from airmeet_etl.reports import sql_files as files
from airmeet_etl.reports.dialects import render
from airmeet_etl.reports.plan import Plan
from airmeet_etl.reports.queries import Facts
from airmeet_etl.reports.seeds import seeds

from tests.made_once import shared_folder

Zones = tuple[tuple[str, str], ...]

_ANY_ZONE: Zones = (("Of/Nobody", "UTC"),)


def remember_plans() -> None:
    """Have a plan that another process of this run has compiled read from its file."""
    folder = shared_folder()
    compiled = plans._compiled

    def plan_of(digest: str, facts: Facts, changes: bool) -> Plan:
        return plan_of_files(_files(), digest, facts, changes)

    @lru_cache(maxsize=100)
    def plan_of_files(_: tuple[str, ...], digest: str, facts: Facts, changes: bool) -> Plan:
        plan = stored(replace(facts, zones=_ANY_ZONE), changes)
        any_zone, zones = (_said_zones(z, facts.dialect) for z in (_ANY_ZONE, facts.zones))
        steps = tuple(
            replace(step, query=step.query.replace(any_zone, zones)) for step in plan.steps
        )
        checks = {name: query.replace(any_zone, zones) for name, query in plan.checks.items()}
        return replace(plan, digest=digest, steps=steps, checks=checks)

    def stored(facts: Facts, changes: bool) -> Plan:
        path = folder / f"{_key(facts, changes)}.plan"
        if path.exists():
            return Plan.from_json(path.read_text(encoding="utf-8"))
        plan = compiled("", facts, changes)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(plan.as_json(), encoding="utf-8")
        unfinished.replace(path)
        return plan

    plans._compiled = plan_of  # type: ignore[assignment]


def _files() -> tuple[str, ...]:
    """What is built: some tests build a few reports alone."""
    return tuple(file.name for file in files.stored_files())


@cache
def _said_zones(zones: Zones, dialect: str | None) -> str:
    """The seed of time zones as it stands in a query."""
    return render(seeds(dict(zones), {}, 0)["seed_time_zones"], dialect)


def _key(facts: Facts, changes: bool) -> str:
    """A name for what the statements follow from: of own files what they hold, not where."""
    parts = (
        _files(),
        facts.dialect,
        facts.raw,
        [(name, sorted(columns)) for name, columns in facts.columns],
        facts.reports,
        facts.settle_days,
        [(name, content) for name, _, content in facts.own_files],
        changes,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()
