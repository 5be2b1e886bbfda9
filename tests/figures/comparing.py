"""The SQL's reports beside the twin's, row by row."""

import csv
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import dlt
from airmeet.schemas import TABLES
from airmeet_etl.reports.build import read_report
from airmeet_etl.reports.compile import SqlFile, sql_files

from tests.figures.twin import figures
from tests.figures.twin.facts import Raw, Row, Seeds
from tests.reports.raw import Tables, with_people

SEEDS = Path(__file__).parents[2] / "transforms" / "seeds"
TOLERANCE = 1e-9


def shipped_seeds(
    settle_days: float,
    free_mail: Iterable[str] = (),
    waived: Iterable[tuple[str, str]] = (),
) -> Seeds:
    """The seeds of the project, with these domains and waived feeds in place of its own."""
    weights = _lines("score_weights")
    return Seeds(
        settle_days=settle_days,
        free_mail=frozenset(free_mail),
        staff_types=frozenset(row["user_type"] for row in _lines("staff_types")),
        weights={
            row["component"]: (float(row["weight"]), float(row["cap"]) if row["cap"] else None)
            for row in weights
        },
        score_version=weights[0]["score_version"],
        waived=frozenset(waived),
    )


def _lines(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def named(tables: Tables) -> Raw:
    """The tables with the keys of the people in them."""
    return {name: with_people(TABLES[name], rows) for name, rows in tables.items()}


def differences(pipeline: dlt.Pipeline, tables: Tables, seeds: Seeds) -> list[str]:
    """What the reports in the destination say otherwise than the twin, one line each."""
    twin = figures(named(tables), seeds)
    found: list[str] = []
    for name, file in sql_files("reporting").items():
        found += _differences(file, read_report(pipeline, name).to_pylist(), twin[name])
    return found


def _differences(file: SqlFile, built: list[Row], expected: list[Row]) -> list[str]:
    columns = {column.name for column in file.columns}
    found = [
        f"{file.name}: columns {sorted(row.keys() ^ columns)}"
        for row in expected[:1]
        if row.keys() != columns
    ]
    ours, theirs = _by_key(file, expected), _by_key(file, built)
    if len(ours) != len(expected) or len(theirs) != len(built):
        found.append(f"{file.name}: a key has several rows")
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        if key not in theirs:
            found.append(f"{file.name} {key}: only the twin has it: {ours[key]}")
        elif key not in ours:
            found.append(f"{file.name} {key}: only the report has it: {theirs[key]}")
        else:
            found += [
                f"{file.name} {key} {column}: report {theirs[key][column]!r}, twin {value!r}"
                for column, value in ours[key].items()
                if column in columns and not _same(theirs[key][column], value)
            ]
    return found


def _by_key(file: SqlFile, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[column] for column in file.grain): row for row in rows}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        if one is None or other is None:
            return one is other
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one == other
    return bool(one == other and type(one) is type(other))


def environment(folder: Path, seeds: Seeds) -> Mapping[str, str]:
    """The settings that give a build of reports these seeds."""
    files = {
        "free_mail_domains": ["domain", *sorted(seeds.free_mail)],
        "waived_feeds": [
            "airmeet_id,feed,reason",
            *(f"{airmeet},{feed},test" for airmeet, feed in sorted(seeds.waived)),
        ],
    }
    found = {"SOURCES__AIRMEET__SETTLE_DAYS": str(seeds.settle_days)}
    for name, lines in files.items():
        path = folder / f"{name}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        found[f"REPORTS__{name.upper()}"] = str(path)
    return found
