"""The facts that queries follow from, and single queries in a destination's SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import dlt
from airmeet.schemas import RAW_TABLES
from airmeet.settings import Settings
from dlt.destinations.job_client_impl import SqlJobClientBase
from sqlglot import exp, parse_one

from ..warehouse.columns import columns_of
from .compile import CHANGED, Compiler, rows_table, with_reports
from .destination import dialect_of, full_name, known_zones, open_client, read_arrow, read_rows
from .dialects import render
from .seeds import CSV_SEEDS, seeds, spelled_zones
from .sql_files import DIALECT, SqlFile, sql_files, stored_models

if TYPE_CHECKING:
    import pyarrow as pa

STATES, BUILDS, FINDINGS = "_airmeet_states", "_report_builds", "_check_findings"
DIGESTS = "_row_digests"
ROWS = {
    name: rows_table(name) for name, table in RAW_TABLES.items() if "airmeet_id" in table.by_name
}
"""The tables of the changed airmeets' raw rows, which are there while queries need them."""
BESIDE = (STATES, BUILDS, FINDINGS, *CHANGED.values())
"""Tables beside the reports, in which builds and checks remember what the next one needs."""


def set_apart() -> list[str]:
    """The reports and parts whose rows of the changed airmeets are built anew."""
    files = [*sql_files("reporting").values(), *stored_models().values()]
    return [f.name for f in files if f.rebuilt == "airmeet_id" and f.stored != "build"]


def table_of(model: str) -> str:
    """The table of a stored model."""
    return f"_{model}"


@dataclass(frozen=True)
class Facts:
    """What the queries follow from, beside the SQL files.

    Attributes:
        dialect: sqlglot's name of the destination's SQL.
        raw: the full names of the raw tables.
        columns: the columns that exist, by raw table, of those that it is declared with.
        reports: the full names of the reports, and of what is stored beside them.
        zones: the time zones that airmeets name, and what the destination calls them.
        settle_days: days after an airmeet's end for which its feeds are awaited.
        own_files: the user's seeds by name: the path, and what it holds.
    """

    dialect: str | None
    raw: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, frozenset[str]], ...]
    reports: tuple[tuple[str, str], ...]
    zones: tuple[tuple[str, str], ...]
    settle_days: float
    own_files: tuple[tuple[str, str, bytes], ...]


def facts_of(
    pipeline: dlt.Pipeline,
    reports: str,
    dataset: str | None = None,
    settled: float | None = None,
) -> Facts:
    """The facts for raw tables, with the reports in a dataset.

    Args:
        pipeline: whose destination it is.
        reports: the dataset of the reports.
        dataset: that of the raw tables; the pipeline's without one.
        settled: days after an airmeet's end for which its feeds are awaited; by the setting
            without them.
    """
    with open_client(pipeline, dataset or str(pipeline.dataset_name)) as client:
        columns = columns_of(client, RAW_TABLES)
        dialect = dialect_of(client)
        raw = {name: full_name(client, name) for name in RAW_TABLES}
        zones = {}
        if "timezone" in columns["airmeets"]:
            query = f"SELECT DISTINCT timezone FROM {raw['airmeets']} WHERE timezone IS NOT NULL"
            zones = spelled_zones(str(zone) for (zone,) in read_rows(client, query))
            known = known_zones(client, {*zones.values()})
            zones = {name: zone for name, zone in zones.items() if zone in known}
    with open_client(pipeline, reports) as client:
        ours = (*sql_files("reporting"), *BESIDE, *ROWS.values())
        names = {name: full_name(client, name) for name in ours}
        names |= {name: full_name(client, table_of(name)) for name in stored_models()}
        names |= {table: full_name(client, table) for table in map(rows_table, set_apart())}
    return Facts(
        dialect,
        tuple(raw.items()),
        tuple(
            (name, frozenset(of_table).intersection(RAW_TABLES[name].by_name))
            for name, of_table in columns.items()
        ),
        tuple(names.items()),
        tuple(sorted(zones.items())),
        settle_days() if settled is None else settled,
        tuple((name, path, _content(path)) for name, path in own_files().items()),
    )


def own_files() -> dict[str, str]:
    """The paths of the user's seeds by their names."""
    settings = {name: dlt.config.get(f"reports.{name}", str) for name in CSV_SEEDS}
    return {name: path for name, path in settings.items() if path}


def settle_days() -> float:
    """The setting; its default where there is none."""
    days = dlt.config.get("sources.airmeet.settle_days", float)
    return Settings.settle_days if days is None else days


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""  # `seeds` says what is wrong with it


def read_query(client: SqlJobClientBase, query: str) -> "pa.Table":
    """What a query on reports gives at any destination.

    Args:
        client: of the dataset with the reports.
        query: in DuckDB's SQL; it names reports without their dataset.
    """
    parsed = parse_one(query, dialect=DIALECT)
    assert isinstance(parsed, exp.Query)
    dialect = dialect_of(client)
    named = with_reports(
        parsed, lambda name: exp.to_table(full_name(client, name), dialect=dialect)
    )
    return read_arrow(client, render(named, dialect))


@lru_cache(maxsize=1000)
def sql_of(file: SqlFile, facts: Facts) -> str:
    """The query of a report, a check or a model, with all models inlined.

    Raises:
        ValueError: a file of the user's own cannot be used; the message says why.
    """
    return render(compiler_of(facts).compile(file), facts.dialect)


@lru_cache(maxsize=4)
def compiler_of(facts: Facts, with_tables: bool = False) -> Compiler:
    """What compiles queries for a destination.

    Args:
        facts: about the destination.
        with_tables: whether stored models are tables; else they are inlined as all others.

    Raises:
        ValueError: a file of the user's own cannot be used; the message says why.
    """

    def tables(names: tuple[tuple[str, str], ...]) -> Mapping[str, exp.Table]:
        return {name: exp.to_table(full, dialect=facts.dialect) for name, full in names}

    raw, reports = tables(facts.raw), tables(facts.reports)
    return Compiler(
        lambda name: raw[name].copy(),
        dict(facts.columns),
        lambda name: reports[name].copy(),
        seeds(
            dict(facts.zones),
            {name: path for name, path, _ in facts.own_files},
            facts.settle_days,
        ),
        stored_models() if with_tables else (),
        "rowid" if facts.dialect == "duckdb" else "",
        set_apart() if with_tables else (),
    )
