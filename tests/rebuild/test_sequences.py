"""After any sequence of changes the reports are those of a full build, row by row."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import dlt
import pytest
from airmeet_etl.reports.build import build, build_reports, read_report
from airmeet_etl.reports.sql_files import sql_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.figures.comparing import same
from tests.rebuild.world import IDS, SEEDS, World
from tests.reports.conftest import new_pipeline
from tests.reports.raw import load_raw

SEQUENCES = int(os.environ.get("SEQUENCES", 6))

some = st.lists(st.sampled_from(IDS), min_size=1, max_size=5)
Change = Callable[[World], None]


def fetched(airmeets: list[str], seed: int, days: float) -> Change:
    return lambda world: world.fetch(airmeets, seed, days)


def unlisted(airmeets: list[str]) -> Change:
    return lambda world: world.unlisted.symmetric_difference_update(airmeets)


def erased(person: int) -> Change:
    domains = ("acme.example.com", "birch.example.com", "mail.example.com")
    return lambda world: world.erased.update(f"p{person}@{domain}" for domain in domains)


def dropped(airmeets: list[str], table: str) -> Change:
    return lambda world: world.dropped.update((table, airmeet) for airmeet in airmeets)


changes = st.one_of(
    st.builds(fetched, some, st.sampled_from(SEEDS), st.sampled_from((0.0, 0.04, 1.0, 8.0, 40.0))),
    st.builds(unlisted, some),
    st.builds(erased, st.integers(0, 29)),
    st.builds(
        dropped, some, st.sampled_from(("registrations", "poll_responses", "booth_attendance"))
    ),
)


@pytest.mark.slow
@settings(
    max_examples=SEQUENCES, deadline=None, suppress_health_check=[*HealthCheck], database=None
)
@given(st.lists(st.lists(changes, min_size=1, max_size=3), min_size=1, max_size=4))
def test_on_duckdb(sequence: list[list[Change]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        pipeline = new_pipeline(folder)
        world = World()
        load_raw(pipeline, world.tables())
        build_reports(pipeline)
        for step in sequence:
            for change in step:
                change(world)
            load_raw(pipeline, world.tables())
            how = build(pipeline).how
            print(how)
            assert "of 40 airmeets" in how
        copy = folder / "copy"
        copy.mkdir()
        shutil.copy(folder / "warehouse.duckdb", copy / "warehouse.duckdb")
        whole = new_pipeline(copy)
        build_reports(whole, full=True)
        assert differences(pipeline, whole) == []


def differences(changed: dlt.Pipeline, whole: dlt.Pipeline) -> list[str]:
    found = []
    for name in sql_files("reporting"):
        ours, theirs = (read_report(each, name).to_pylist() for each in (changed, whole))
        grain = sql_files("reporting")[name].grain
        if len(ours) != len(theirs):
            found.append(f"{name}: {len(ours)} rows, of a full build {len(theirs)}")
        for mine, right in zip(ours, theirs, strict=False):
            found += [
                f"{name} {[right[key] for key in grain]} {column}: {mine[column]!r}, "
                f"of a full build {value!r}"
                for column, value in right.items()
                if not same(mine[column], value)
            ]
    return found[:20]
