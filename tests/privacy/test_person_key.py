"""A person is one key to the engine, to SQL, to the modes of privacy and to erase."""

import random
from typing import Any

import pytest
from airmeet.person import address_key
from airmeet.privacy.policy import PrivacyPolicy
from airmeet_simulator.simulator import Simulator

from tests.postgres_server import query
from tests.privacy.conftest import KEY, Alter
from tests.sweeps import on_engines
from tests.workplace import Workplace

_WHITE = [chr(c) for c in range(0x3001) if chr(c).isspace()]
_LETTERS = "abcxyz019+-_%'.äößéñøπσςωджя名前"
_PEOPLE = 1000


def _addresses(seed: int) -> list[tuple[str, str]]:
    """Two spellings each of many addresses; within the first all are different people."""
    random_ = random.Random(seed)

    def spelled(address: str) -> str:
        letters = [random_.choice([c, c.upper() if len(c.upper()) == 1 else c]) for c in address]
        pads = ["".join(random_.choices(_WHITE, k=random_.randrange(3))) for _ in range(2)]
        return pads[0] + "".join(letters).replace("I", random_.choice("Iİ")) + pads[1]

    people: dict[str, tuple[str, str]] = {}
    while len(people) < _PEOPLE:
        local = "".join(random_.choices(_LETTERS, k=random_.randint(1, 8))) + "i"
        address = f"{local}@{random_.choice(['a', 'b'])}.example.com"
        people.setdefault(address.replace("ς", "σ"), (spelled(address), spelled(address)))
    return [*people.values()]


@pytest.mark.parametrize("destination", ["duckdb", *on_engines("postgres")])
def test_all_agree_about_a_thousand_addresses(
    workplace: Workplace,
    simulator: Simulator,
    alter: Alter,
    request: pytest.FixtureRequest,
    destination: str,
) -> None:
    people = _addresses(1)
    workplace.setting(region="v1")

    def rows(place: int) -> Any:
        def change(rows: list[dict[str, Any]]) -> None:
            rows[:] = [
                {"id": n, "email": spelled[place], "name": "x"} for n, spelled in enumerate(people)
            ]

        return change

    alter("/registrations", rows(0))
    alter("/attendees", rows(1))
    url = ""
    if destination == "postgres":
        url = request.getfixturevalue("database")
        workplace.set(DESTINATION__POSTGRES__CREDENTIALS=url)
    uid = str(simulator.airmeets()[0].uid)

    def run(*arguments: str) -> None:
        result = workplace.run(*arguments, "--destination", destination)
        assert result.code in (0, 3), result.out + result.err

    def count(condition: str) -> int:
        statement = f"select count(*) as n from {condition}"
        if url:
            return int(query(url, statement)[0]["n"])
        return int(workplace.sql(statement)[0][0])

    feeds = ("registrations", "event_attendance", "session_attendance", "sessions", "booths")
    run("load", "--airmeet", uid, *(word for feed in feeds for word in ("--only", feed)))
    keys = {address_key(first) for first, _ in people}
    assert len(keys) == _PEOPLE == len({address_key(second) for _, second in people} & keys)
    # The engine: one row a person, and SQL joins on what it stored.
    assert count("airmeet.registrations") == _PEOPLE
    assert count("airmeet.registrations join airmeet.event_attendance using (person)") == _PEOPLE
    both = "registered = 1 and staff_attended + attended = 1"
    assert count(f"airmeet_reports.attendee_event where {both}") == _PEOPLE
    if not url:
        white = "".join(_WHITE).replace("'", "''")
        same = f"replace(lower(trim(email, '{white}')), 'ς', 'σ') = person"
        assert count(f"airmeet.registrations where {same}") == _PEOPLE
    # The pseudonyms, and whom erase finds and keeps out.
    pseudonyms = PrivacyPolicy("pseudonymised", KEY).pseudonyms
    assert all(pseudonyms.of_address(a, True) == pseudonyms.of_address(b, True) for a, b in people)
    for n in (0, 1):
        run("erase", "--email", people[n][1])
        for table in ("registrations", "event_attendance"):
            assert count(f"airmeet.{table}") == _PEOPLE - n - 1
    run("load", "--full-refresh", "--airmeet", uid, "--only", "registrations", "--no-reports")
    assert count("airmeet.registrations") == _PEOPLE - 2
