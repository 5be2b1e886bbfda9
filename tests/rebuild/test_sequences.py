"""After any sequence of changes the reports are those of a full build, row by row."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import dlt
import pytest
from airmeet_etl.reports.build import build, build_reports
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.rebuild.comparing import differences
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


@pytest.mark.long
@settings(
    max_examples=SEQUENCES,
    phases=[Phase.generate],  # each example takes seconds: a smaller one is found by hand
    deadline=None,
    suppress_health_check=[*HealthCheck],
    database=None,
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
            assert build(pipeline).how.endswith((" of 40 airmeets", "(most airmeets changed)"))
        copy = folder / "copy"
        copy.mkdir()
        shutil.copy(folder / "warehouse.duckdb", copy / "warehouse.duckdb")
        whole = new_pipeline(copy)
        build_reports(whole, full=True)
        assert differences(pipeline, whole) == []


@pytest.mark.slow
def test_on_postgres(database: str, tmp_path: Path) -> None:
    pytest.importorskip("psycopg2")
    changed, whole = (
        dlt.pipeline(
            "airmeet",
            pipelines_dir=str(tmp_path / name),
            destination=dlt.destinations.postgres(database),
            dataset_name=name,
        )
        for name in ("changed", "whole")
    )
    world = World()
    load_raw(changed, world.tables())
    build_reports(changed)
    for change in (
        fetched(IDS[3:8], SEEDS[1], 0.04),
        unlisted(IDS[:2]),
        erased(8),  # who was at fewer than half of them
        fetched(IDS[6:9], SEEDS[2], 8.0),
        dropped(IDS[20:22], "registrations"),
    ):
        change(world)
        load_raw(changed, world.tables())
        assert "of 40 airmeets" in build(changed).how
    load_raw(whole, world.tables())
    build_reports(whole, full=True)
    assert differences(changed, whole) == []
