"""Compiles each query of reports and checks once for all test processes.

Compiling all of them takes a process four seconds, more than running them on a few rows, and is
done anew wherever the raw tables have other columns or airmeets other time zones. Here the zones,
other ones in each community, are put into a query that is compiled with another zone.
"""

import hashlib
import os
from dataclasses import replace
from functools import cache, lru_cache

from airmeet_etl.reports import compile as compiling
from airmeet_etl.reports import queries
from airmeet_etl.reports.compile import SqlFile, tables_read
from airmeet_etl.reports.dialects import render
from airmeet_etl.reports.seeds import seeds

from tests.made_once import shared_folder

Zones = tuple[tuple[str, str], ...]

_ANY_ZONE: Zones = (("Of/Nobody", "UTC"),)


def remember_queries() -> None:
    """Have a query that another process of this run has compiled read from its file."""
    folder = shared_folder()
    compiled = queries.sql_of

    @lru_cache(maxsize=1000)
    def sql_of(file: SqlFile, facts: queries.Facts) -> str:
        query = stored(file, replace(facts, zones=_ANY_ZONE))
        any_zone, zones = (_said_zones(z, facts.dialect) for z in (_ANY_ZONE, facts.zones))
        return query.replace(any_zone, zones)

    @lru_cache(maxsize=1000)
    def stored(file: SqlFile, facts: queries.Facts) -> str:
        path = folder / f"{_key(file, facts)}.sql"
        if path.exists():
            return path.read_text(encoding="utf-8")
        query = compiled(file, facts)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(query, encoding="utf-8")
        unfinished.replace(path)
        return query

    queries.sql_of = sql_of


@cache
def _said_zones(zones: Zones, dialect: str | None) -> str:
    """The seed of time zones as it stands in a query."""
    return render(seeds(dict(zones), {}, 0)["seed_time_zones"], dialect)


def _key(file: SqlFile, facts: queries.Facts) -> str:
    """A name for what the query follows from beside zones: of the facts, those of what it reads."""
    read = _read_by(file)
    raw, reports = dict(facts.raw), dict(facts.reports)
    parts = (
        file.name,
        file.sql,
        facts.dialect,
        [(raw[name], sorted(columns)) for name, columns in facts.columns if name in read],
        [reports[name] for name in sorted(reports.keys() & read)],
        facts.settle_days if "seed_settle_seconds" in read else None,
        [(name, content) for name, _, content in facts.own_files if f"seed_{name}" in read],
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def _read_by(file: SqlFile) -> frozenset[str]:
    """What a file reads: reports, and raw tables and seeds by way of whatever models."""
    models = {**compiling.sql_files("staging"), **compiling.sql_files("intermediate")}
    names = tables_read(file.query)
    return frozenset(names.union(*(_read_by(models[name]) for name in names & models.keys())))
