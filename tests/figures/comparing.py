"""The SQL's reports beside the twin's, row by row."""

import math
from datetime import datetime
from typing import Any

import dlt
from airmeet.schemas import RAW_TABLES
from airmeet_etl.reports.build import read_report
from airmeet_etl.reports.sql_files import SqlFile, sql_files

from tests.figures.twin import figures
from tests.figures.twin.facts import Raw, Row, Seeds
from tests.reports.raw import Tables, with_people

TOLERANCE = 1e-9


def named(tables: Tables) -> Raw:
    """The tables with the keys of the people in them."""
    return {name: with_people(RAW_TABLES[name], rows) for name, rows in tables.items()}


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
                if column in columns and not same(theirs[key][column], value)
            ]
    return found


def _by_key(file: SqlFile, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[column] for column in file.grain): row for row in rows}


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        if one is None or other is None:
            return one is other
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one == other
    return bool(one == other and type(one) is type(other))
