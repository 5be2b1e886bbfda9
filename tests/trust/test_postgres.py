"""On Postgres: the same lifecycle, deletes and kills, and text that it does not take."""

from typing import Any

import pytest

from tests.postgres_server import query
from tests.trust.conftest import MakeScenario
from tests.trust.killing import MOMENTS, Moment, killed
from tests.trust.scenario import LoadScenario
from tests.trust.tampered import tamper
from tests.workplace import TABLES, Result, assert_same_rows


class PostgresScenario:
    """A scenario whose warehouse is a database of its own."""

    def __init__(self, scenario: LoadScenario, database: str) -> None:
        self.scenario = scenario
        self.address = database
        scenario.workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)

    def load(self, *arguments: str, code: int = 0) -> Result:
        return self.scenario.load("--destination", "postgres", *arguments, code=code)

    def rows(self, table: str) -> list[dict[str, Any]]:
        return query(self.address, f"select * from airmeet.{table}")

    def truth_is_loaded(self) -> None:
        for table in TABLES:
            assert_same_rows(self.rows(table), self.scenario.simulator.truth(table))


@pytest.fixture
def postgres(make_scenario: MakeScenario, database: str) -> PostgresScenario:
    return PostgresScenario(make_scenario(airmeets=2), database)


def test_lifecycle_and_deletes(postgres: PostgresScenario) -> None:
    scenario, simulator = postgres.scenario, postgres.scenario.simulator
    postgres.load()
    postgres.truth_is_loaded()
    assert all(line["is_final"] for line in postgres.rows("feed_syncs"))
    postgres.load()
    assert scenario.asked() == {"airmeets": 1}
    first, second = scenario.ids
    simulator.edit_airmeet(first, name="Called otherwise")
    simulator.remove_registration(first, str(simulator.truth("registrations")[0]["email"]))
    simulator.clear_feed(first, "session_attendance")
    simulator.break_feed(first, "questions", "500")
    simulator.archive_airmeet(second)
    scenario.refresh()
    questions, kept = postgres.rows("questions"), len(postgres.rows("airmeets"))
    postgres.load(code=3)
    assert postgres.rows("questions") == questions
    assert len(postgres.rows("airmeets")) == kept
    simulator.mend_feed(first, "questions")
    simulator.archive_airmeet(second, archived=False)
    scenario.workplace.set(DLT_DATA_DIR=scenario.workplace.folder / "new_machine")
    postgres.load()
    assert scenario.asked_feeds(first) == {"questions"}
    assert scenario.asked_feeds(second) == set()
    postgres.truth_is_loaded()


@pytest.mark.parametrize(
    "moment",
    [
        MOMENTS["inside dlt's extract"],
        MOMENTS["inside dlt's normalize"],
        MOMENTS["with the ledger merged first"],
        MOMENTS["with some rows merged"],
        Moment(
            "dlt.destinations.impl.postgres.postgres:PostgresCsvCopyJob.run", True, "registrations"
        ),
        Moment(
            "dlt.destinations.insert_job_client:InsertValuesLoadJob.run",
            True,
            "_dlt_pipeline_state",
        ),
        MOMENTS["with all merged and not committed"],
    ],
    ids=lambda moment: f"{moment.where.partition(':')[2]}-{moment.table}",
)
def test_a_load_that_is_killed_is_gone_on_with(postgres: PostgresScenario, moment: Moment) -> None:
    killed(moment, ("load", "--no-reports", "--destination", "postgres"))
    result = postgres.load()
    extracting = moment == MOMENTS["inside dlt's extract"]
    assert (postgres.scenario.asked().total() > 2) == extracting, result
    postgres.truth_is_loaded()


def _nul(path: str, body: dict[str, Any]) -> None:
    """What a form lets people paste: a character that Postgres has no place for."""
    for row in body.get("data", []) if path.endswith(("/registrations", "/airmeets")) else []:
        row["name"] = "it's \x00 \"quoted\" \\ '); drop table x; -- \n\t 🎉"


def test_characters_that_postgres_does_not_take_stop_nothing(postgres: PostgresScenario) -> None:
    tamper(postgres.scenario.simulator, _nul)
    postgres.load()
    names = {row["name"] for row in postgres.rows("registrations")}
    assert names == {"it's  \"quoted\" \\ '); drop table x; -- \n\t 🎉"}


def test_what_was_deleted_by_hand_is_fetched_again(postgres: PostgresScenario) -> None:
    scenario = postgres.scenario
    postgres.load()
    damaged, _ = scenario.ids
    query(postgres.address, f"delete from airmeet.questions where airmeet_id = '{damaged}'")
    load = "load", "--destination", "postgres"
    first = scenario.workplace.run(*load)
    assert first.code == 3
    assert f"fetches again what is damaged: questions of {damaged}" in first.out + first.err
    lines = {line["feed"]: line["is_final"] for line in postgres.rows("feed_syncs")
             if line["airmeet_id"] == damaged}  # fmt: skip
    assert [feed for feed, is_final in lines.items() if not is_final] == ["questions"]
    assert scenario.workplace.run(*load).code == 0
    postgres.truth_is_loaded()


def _refuse(postgres: PostgresScenario, times: int) -> None:
    """Let the database refuse so many attempts to write registrations, for a reason for which dlt
    gives up at once; each is counted, also where its transaction is rolled back."""
    query(postgres.address, "create sequence attempts")
    query(
        postgres.address,
        "create function refuse() returns trigger language plpgsql as $$ begin "
        f"if nextval('attempts') <= {times} then raise unique_violation "
        "using message = 'come back later'; end if; return null; end $$",
    )
    query(
        postgres.address,
        "create trigger refuse before insert on airmeet.registrations execute function refuse()",
    )


KILLED_EARLY = "load", "--no-reports", "--destination", "postgres"


def test_what_a_cut_off_run_fetched_is_tried_twice(postgres: PostgresScenario) -> None:
    killed(MOMENTS["with the destination prepared"], KILLED_EARLY)
    _refuse(postgres, times=1)
    postgres.load()
    assert set(postgres.scenario.asked()) <= {"airmeets", "auth"}
    postgres.truth_is_loaded()


def test_what_fails_twice_is_dropped_by_name_and_fetched_again(postgres: PostgresScenario) -> None:
    killed(MOMENTS["with the destination prepared"], KILLED_EARLY)
    _refuse(postgres, times=2)
    loaded = postgres.scenario.workplace.run("load", "--destination", "postgres")
    said = loaded.out + loaded.err
    assert loaded.code == 0, said
    assert said.count("cut off had fetched, since it cannot be loaded (come back later") == 1, said
    postgres.truth_is_loaded()
