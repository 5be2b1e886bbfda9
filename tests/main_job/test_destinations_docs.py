"""docs/destinations.md says what is declared, and claims what tests run."""

from pathlib import Path

from airmeet_etl.warehouse.destinations import DESTINATIONS

from tools import destinations_docs
from tools.destinations_docs import PROMISES, SECOND_LOADER, TESTS

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_would_be_written() -> None:
    assert destinations_docs.main(["--check"]) == 0, "run `make docs`"


def test_what_is_claimed_is_run() -> None:
    assert TESTS.keys() | SECOND_LOADER.keys() <= DESTINATIONS.keys()
    for name, tests in TESTS.items():
        assert {*tests} <= {*PROMISES}
        for test in tests.values():
            text = (ROOT / test).read_text()
            assert name == "duckdb" or name in text.lower(), (name, test)


def test_what_runs_nothing_is_parsed_alone() -> None:
    for known in DESTINATIONS.values():
        assert (known.proof == "parsed") == (known.name not in TESTS), known.name
