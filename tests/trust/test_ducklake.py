"""On DuckLake: a reader never sees a table in the middle of a merge."""

import threading

import dlt
import pytest
from airmeet_etl.reports.destination import full_name, open_client, read_rows
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.ducklake import install_extensions
from tests.trust.conftest import MakeScenario

LAKE = ("--destination", "ducklake")
TABLE = "registrations"


@pytest.mark.slow
@pytest.mark.engine
def test_merges_are_transactions(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=2)
    install_extensions(scenario.workplace)
    scenario.load(*LAKE, "--only", TABLE)
    seen: set[int] = set()
    with open_client(open_pipeline("ducklake"), "airmeet") as client:
        query = f"SELECT count(*) FROM {full_name(client, TABLE)}"
        ((rows,),) = read_rows(client, query)
    assert rows
    ended = threading.Event()
    reader = threading.Thread(target=_watch, args=(ended, seen))
    reader.start()
    try:
        for _ in range(2):
            scenario.load(*LAKE, "--only", TABLE, "--full-refresh")
    finally:
        ended.set()
        reader.join()
    assert seen == {rows}


def _watch(ended: threading.Event, seen: set[int]) -> None:
    """Count the rows again and again; what a busy catalog refuses is asked for again."""
    target = dlt.destinations.ducklake()
    pipeline = dlt.pipeline("reader", destination=target, dataset_name="airmeet")
    while not ended.is_set():
        try:
            with open_client(pipeline, "airmeet") as client:
                query = f"SELECT count(*) FROM {full_name(client, TABLE)}"
                while not ended.is_set():
                    ((rows,),) = read_rows(client, query)
                    seen.add(int(rows))
        except Exception:
            continue
