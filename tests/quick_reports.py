"""Compiles each query of reports and checks once for all test processes.

Compiling all of them takes a process four seconds, more than running them on a few rows, and is
done anew wherever the raw tables have other columns or airmeets other time zones.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache, lru_cache, partial
from pathlib import Path

from airmeet_etl.reports import compile as compiling
from airmeet_etl.reports import queries
from airmeet_etl.reports.compile import SqlFile, tables_read

_FOLDER = "AIRMEET_TESTS_COMPILED"
"""The variable with the folder that the processes of one run share."""


def remember_queries(parent: str | None) -> Callable[[], None]:
    """Have a query that another process of this run has compiled read from its file.

    Args:
        parent: where the first process of a run makes the folder; None for where the system would.

    Returns:
        What to call at the end: the first process takes the folder away.
    """
    is_first = _FOLDER not in os.environ
    if is_first:
        os.environ[_FOLDER] = tempfile.mkdtemp(prefix="airmeet-compiled-", dir=parent)
    folder = Path(os.environ[_FOLDER])
    compiled = queries.sql_of

    @lru_cache(maxsize=1000)
    def sql_of(file: SqlFile, facts: queries.Facts) -> str:
        path = folder / _key(file, facts)
        if path.exists():
            return path.read_text(encoding="utf-8")
        query = compiled(file, facts)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(query, encoding="utf-8")
        unfinished.replace(path)
        return query

    queries.sql_of = sql_of
    return partial(shutil.rmtree, folder, ignore_errors=True) if is_first else lambda: None


def _key(file: SqlFile, facts: queries.Facts) -> str:
    """A name for all that the query follows from: of the facts, those about what it reads."""
    read = _read_by(file)
    raw, reports = dict(facts.raw), dict(facts.reports)
    parts = (
        file.name,
        file.sql,
        facts.dialect,
        [(raw[name], sorted(columns)) for name, columns in facts.columns if name in read],
        [reports[name] for name in sorted(reports.keys() & read)],
        facts.zones if "seed_time_zones" in read else (),
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
