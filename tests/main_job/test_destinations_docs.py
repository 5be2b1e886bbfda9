"""docs/destinations.md says what is declared, and claims what the conformance suite ran."""

import re
from pathlib import Path

from airmeet_etl.warehouse.destinations import DESTINATIONS

from tests.engines.conformance.places import PLACES, STEPS
from tools import destinations_docs
from tools.destinations_docs import SECOND_LOADER, results

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_would_be_written() -> None:
    assert destinations_docs.main(["--check"]) == 0, "run `make docs`"


def test_every_step_was_run_on_every_destination() -> None:
    """Or is declared as not run, with the reason; `make test-engines` writes the file."""
    expected = {
        place.name: {
            step: f"not run: {place.not_run[step]}" if step in place.not_run else "passed"
            for step in STEPS
        }
        for place in PLACES
    }
    assert {name: ran["steps"] for name, ran in results().items()} == expected
    assert {*destinations_docs.STEPS} == {*STEPS}


def test_the_proof_that_is_declared_is_the_one_that_was_run() -> None:
    ran = results()
    assert ran.keys() | SECOND_LOADER.keys() <= DESTINATIONS.keys()
    for known in DESTINATIONS.values():
        if known.name not in ran:
            assert known.proof == "parsed", known.name
            continue
        real = not ran[known.name]["emulator"]
        assert known.proof == ("run for real" if real else "run on an emulator"), known.name


def test_the_readme_claims_no_more() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    claim = re.search(
        r"Loads and reports run for real on (.+?), and on (.+?) by an emulator; for (.+?) the SQL "
        r"was only",
        text,
    )
    assert claim, "the README says how far destinations are tested"
    said = dict(zip(("run for real", "run on an emulator", "parsed"), claim.groups(), strict=True))
    ran = results()
    for proof, words in said.items():
        for known in DESTINATIONS.values():
            if re.search(rf"\b{known.title.split(' in ')[0]}\b", words):
                assert known.proof == proof, known.name
                if proof != "parsed":
                    steps = ran[known.name]["steps"]
                    assert steps["load"] == steps["reports"] == "passed", known.name
