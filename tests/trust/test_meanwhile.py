"""What another loader did between a load's steps: rows and the ledger stay together, the erased
stay away, and no build misses what came after it."""

from typing import Any

import pytest
from airmeet.extract.ledger import read_ledger
from airmeet_etl.load import load as loading
from airmeet_etl.warehouse.final_feeds import note_places

from tests.postgres_server import query
from tests.trust.conftest import MakeScenario
from tests.trust.killing import MOMENTS
from tests.trust.several import Loaders

pytestmark = pytest.mark.slow
LOAD = "load --no-reports"


@pytest.fixture
def loaders(make_scenario: MakeScenario, database: str) -> Loaders:
    scenario = make_scenario(airmeets=2)
    scenario.workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    return Loaders(scenario, "postgres")


def ledger(loaders: Loaders, table: str, airmeet: str) -> dict[str, Any]:
    [line] = [
        line
        for line in loaders.rows("feed_syncs")
        if line["feed"] == table and line["airmeet_id"] == airmeet
    ]
    return line


def test_what_a_dead_loader_put_over_final_rows_is_fetched_again(loaders: Loaders) -> None:
    """Its disk is gone with it, so nobody completes its package."""
    simulator = loaders.scenario.simulator
    assert loaders.at_once(LOAD) == [0]
    first, _ = loaders.scenario.ids
    assert ledger(loaders, "registrations", first)["is_final"]
    gone = str(simulator.truth("registrations")[0]["email"])
    simulator.remove_registration(first, gone)
    dying = MOMENTS["with rows merged and not noted"]
    refresh = f"{LOAD} --full-refresh --airmeet {first}"
    assert loaders.at_once(refresh, dying=[dying], first_folder=1) == [None]
    assert gone not in {row["email"] for row in loaders.rows("registrations")}
    # Its own line may be merged already; of a package that is not completed it counts for none.
    known = read_ledger(loaders.pipeline()).get((first, "registrations"))
    assert known is None or not known.is_final
    assert loaders.at_once(LOAD) == [0]
    loaders.truth_is_loaded()
    assert ledger(loaders, "registrations", first)["is_final"]


def test_a_package_that_was_fetched_before_an_erasure_is_not_loaded(loaders: Loaders) -> None:
    assert loaders.at_once(LOAD) == [0]
    simulator, workplace = loaders.scenario.simulator, loaders.scenario.workplace
    person = str(simulator.truth("registrations")[0]["email"])
    dying = [MOMENTS["before dlt's load"]]
    assert loaders.at_once(f"{LOAD} --full-refresh", dying=dying, first_folder=1) == [None]
    erase = workplace.run("erase", "--email", person, "--yes", "--destination", "postgres")
    assert erase.code == 0, erase.out + erase.err
    assert loaders.at_once(LOAD, first_folder=1) == [0], loaders.said()
    assert person not in {row["email"] for row in loaders.rows("registrations")}


def test_an_erasure_while_a_load_fetches_stops_it(loaders: Loaders) -> None:
    workplace, simulator = loaders.scenario.workplace, loaders.scenario.simulator
    assert loaders.at_once(LOAD) == [0]
    person = str(simulator.truth("registrations")[0]["email"])
    codes: list[int | None] = []

    def erased(*arguments: Any) -> None:
        note_places(*arguments)
        codes.extend(loaders.at_once(f"erase --yes --email {person}", first_folder=1))

    words = f"{LOAD} --full-refresh --destination postgres".split()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "note_places", erased)
        result = workplace.run(*words)
    assert (codes, result.code) == ([0], 1), result.err
    assert "somebody was erased while this load fetched" in result.err
    assert person not in {row["email"] for row in loaders.rows("registrations")}


def test_a_build_knows_what_landed_after_another_loaders_build(
    loaders: Loaders, database: str
) -> None:
    """Its own loader died before it could build, and had asked before that build."""
    simulator = loaders.scenario.simulator
    first, _ = loaders.scenario.ids
    assert loaders.at_once("load") == [0]
    gone = str(simulator.truth("registrations")[0]["email"])
    simulator.remove_registration(first, gone)
    refresh = f"load --full-refresh --airmeet {first}"
    dying = [MOMENTS["while the reports are built"]]
    assert loaders.at_once(refresh, dying=dying, first_folder=1) == [None]
    query(database, "update airmeet.feed_syncs set requested_at = requested_at - interval '1 day'")
    before = loaders.reports()
    query(database, "update airmeet.feed_syncs set is_final = true")
    assert loaders.at_once("load") == [0], loaders.said()
    assert loaders.reports() != before
    loaders.reports_are_of_a_full_build()


@pytest.mark.parametrize("moment", ["with rows merged and not noted", "once committed"])
def test_who_died_between_a_load_and_its_build_is_in_the_reports(
    loaders: Loaders, moment: str
) -> None:
    """In the middle of a package, or after it; the working folder is gone as well."""
    simulator, workplace = loaders.scenario.simulator, loaders.scenario.workplace
    first, second = loaders.scenario.ids
    workplace.run("load", "--destination", "postgres")
    simulator.remove_registration(first, str(simulator.truth("registrations")[0]["email"]))
    simulator.edit_airmeet(second, name="Called otherwise")
    loaders.scenario.refresh()
    codes: list[int | None] = []
    load = loading.load

    def then_another_one(*arguments: Any) -> Any:
        done = load(*arguments)
        refresh = f"{LOAD} --full-refresh --airmeet {first}"
        codes.extend(loaders.at_once(refresh, dying=[MOMENTS[moment]], first_folder=1))
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "load", then_another_one)
        result = workplace.run("load", "--destination", "postgres")
    assert codes == [None], result.err
    # Of a package that was cut off the ledger may count other rows than are there.
    loaders.reports_are_of_a_full_build(3)
