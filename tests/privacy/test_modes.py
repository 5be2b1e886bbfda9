"""What each mode stores: nothing personal anywhere, and the reports as they were."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from airmeet.privacy.policy import WITHHELD, Pseudonyms
from airmeet.schemas import TABLES as SCHEMAS
from airmeet_etl.reports.sql_files import sql_files
from airmeet_simulator.answers import Answer
from airmeet_simulator.simulator import Simulator

from tests.privacy.conftest import KEY, Alter
from tests.privacy.traces import traces
from tests.sweeps import first
from tests.workplace import TABLES, Workplace, assert_loaded, truth_of

STRICT = ("pseudonymised", "minimal")
_REWORDED = (
    "person",
    "name",
    "organisation",
    "domain",
    "question",
    "answer",
    "value",
    "user_id",
    "visitor",
    "result_key",
)
"""Columns of reports that a stricter mode may change."""


def load(workplace: Workplace, mode: str, *arguments: str) -> str:
    workplace.setting(privacy=mode, privacy_key=KEY)
    result = workplace.run("load", *arguments)
    assert result.code == 0, result.out + result.err
    return result.out


def fresh(workplace: Workplace, name: str) -> None:
    """Turn to another warehouse and working folder."""
    folder = workplace.folder / name
    folder.mkdir()
    workplace.file = folder / "warehouse.duckdb"
    workplace.set(DLT_DATA_DIR=folder / "dlt", DESTINATION__DUCKDB__CREDENTIALS=workplace.file)


def columns_of(simulator: Simulator, *names: str) -> set[str]:
    """What the simulator sends in these columns, wherever they are."""
    values: set[str] = set()
    for table in set(TABLES) - {"airmeets", "sessions", "booths", "custom_fields"}:
        for row in truth_of(simulator, table, "gateway"):
            values |= {str(row[name]).strip() for name in names if row.get(name)}
    return values


def addresses_of(simulator: Simulator) -> set[str]:
    return columns_of(simulator, "email")


def written_by_people(simulator: Simulator) -> Iterator[str]:
    fields = {row["field_id"]: row["input_type"] for row in truth_of(simulator, "custom_fields")}
    for answer in truth_of(simulator, "participant_answers"):
        if fields[answer["field_id"]] == "text":
            yield answer["value"]
    for question in truth_of(simulator, "questions"):
        yield question["question"]


@pytest.mark.parametrize("mode", first(1, STRICT))
def test_nothing_personal_reaches_any_file(
    mode: str, workplace: Workplace, gateway: Simulator
) -> None:
    simulator = gateway
    fresh(workplace, mode)
    load(workplace, mode, "--no-reports")  # these hold what the raw tables do
    place = Path(workplace.file).parent
    words = {*addresses_of(simulator), *columns_of(simulator, "name", "city")}
    words |= set(written_by_people(simulator))
    if mode == "minimal":
        words |= {f"@{address.rpartition('@')[2]}" for address in words if "@" in address}
        words |= columns_of(simulator, "organisation", "designation", "country", "user_id")
        words.discard("AAAAAAAA")  # the id of person 0: any file's zeros look like it
    else:
        words -= columns_of(simulator, "country")  # Singapore is a city, too
    # A shorter one, such as CTO, may stand in any word of our own.
    words = {word for word in words if len(word) > 5}
    assert len(words) > 100
    assert traces(place, words) == set()


def test_the_reports_count_as_before(workplace: Workplace, simulator: Simulator) -> None:
    kept: dict[str, dict[str, list[str]]] = {}
    for mode in ("plain", *STRICT):
        fresh(workplace, mode)
        load(workplace, mode)  # and the checks of its reports
        kept[mode] = {name: _figures(workplace, name) for name in sql_files("reporting")}
    texts = "registration_answers"  # has fewer rows
    for name in set(sql_files("reporting")) - {texts}:
        assert kept["pseudonymised"][name] == kept["plain"][name], name
    # Without domains all people are of one account; rare answers become one.
    for name in set(sql_files("reporting")) - {texts, "accounts", "booth_leads"}:
        assert kept["minimal"][name] == kept["plain"][name], name


def _figures(workplace: Workplace, name: str) -> list[str]:
    """A report's rows without what a mode changes, and without moments of the run."""
    rows = workplace.rows(name, "airmeet_reports")
    moved = {*_REWORDED, "data_as_of", "last_loaded_at", "last_listed_at"}
    if name == "attendance_curve":  # of what is ongoing, it goes up to the moment of the fetch
        rows = [row for row in rows if row["status"] == "FINISHED"]
    if name == "poll_results":  # rare answers are one
        rows = [{"polls": len({(r["airmeet_id"], r["question"]) for r in rows})}]
    if name == "segments":  # what people say of themselves goes, their number stays
        sums: Counter[tuple[str, str]] = Counter()
        for row in rows:
            if not row["dimension"].startswith("field: "):
                sums[row["airmeet_id"], row["dimension"]] += row["registered"] or 0
        rows = [{"sums": sorted(sums.items())}]
    if name == "follow_up":
        moved |= {"email", "designation", "city", "country"}
        moved |= {"poll_answers", "questions", "custom_answers"}
    if name == "data_status":
        moved |= {column for column in rows[0] if "answers" in column}
    return sorted(
        repr({k: v for k, v in row.items() if k not in moved and not k.startswith("_dlt")})
        for row in rows
    )


def test_a_person_is_one_pseudonym_at_the_same_domain(
    workplace: Workplace, simulator: Simulator
) -> None:
    load(workplace, "pseudonymised", "--no-reports")
    pseudonyms = Pseudonyms(KEY)
    for table in ("registrations", "participants", "event_attendance", "questions"):
        expected = Counter(
            (row["airmeet_id"], row["email"] and pseudonyms.of_address(row["email"], True))
            for row in truth_of(simulator, table)
        )
        stored = Counter((row["airmeet_id"], row["email"]) for row in workplace.rows(table))
        assert stored == expected
    [row] = workplace.sql(
        "select count(*) filter (name is not null or city is not null), "
        "count(country) > 0, count(organisation) > 0 from airmeet.registrations"
    )
    assert row == (0, True, True)
    assert pseudonyms.of_address(" Ada@Example.COM", True) == pseudonyms.of_address(
        "ada@example.com ", True
    )
    assert Pseudonyms("another key than that").of_address("ada@example.com", True) != (
        pseudonyms.of_address("ada@example.com", True)
    )


def test_choices_stay_and_texts_go(workplace: Workplace, simulator: Simulator) -> None:
    load(workplace, "pseudonymised", "--no-reports")
    fields = {row["field_id"]: row["input_type"] for row in truth_of(simulator, "custom_fields")}
    given = truth_of(simulator, "participant_answers")
    chosen = Counter((r["field_id"], r["value"]) for r in given if fields[r["field_id"]] != "text")
    assert chosen and len(given) > chosen.total()
    stored = workplace.rows("participant_answers")
    assert Counter((r["field_id"], r["value"]) for r in stored) == chosen


def test_a_poll_answer_of_one_person_alone_is_withheld(
    workplace: Workplace, simulator: Simulator, alter: Alter
) -> None:
    def say(rows: list[dict[str, Any]]) -> None:
        for number, row in enumerate(rows):
            word = f"I am number {number}" if number == 0 else "Yes"
            row["polls"] = [{"question": "Well?", "answer": word}]

    alter("/polls", say)
    load(workplace, "pseudonymised", "--no-reports")
    answers = Counter(row["answer"] for row in workplace.rows("poll_responses"))
    assert set(answers) == {"Yes", WITHHELD}


@pytest.mark.parametrize("mode", first(1, STRICT))
def test_fields_that_nobody_knows_are_left_out_and_named(
    mode: str, workplace: Workplace, alter: Alter
) -> None:
    new = {"mobileNumber": 4915112345678, "nickname": "Countess", "isMember": True}
    alter("/registrations", lambda rows: [r.update(new) for r in rows])
    alter("/info", lambda rows: [r.update(duration="as Ada likes") for r in rows])
    out = load(workplace, mode, "--no-reports")
    assert (
        "not stored, for privacy: registrations.mobile_number, registrations.nickname, "
        "sessions.duration_text"
    ) in out
    assert traces(workplace.folder, ("4915112345678", "Countess", "as Ada likes")) == set()
    assert workplace.sql("select distinct is_member from airmeet.registrations") == [(True,)]
    [(error,)] = workplace.sql(
        "select distinct error from airmeet.feed_syncs "
        "where feed = 'registrations' and status = 'loaded'"
    )
    assert error == "not stored: mobile_number, nickname"


@pytest.mark.parametrize("mode", first(1, STRICT))
def test_people_where_nobody_expects_them_are_not_stored(
    mode: str,
    workplace: Workplace,
    simulator: Simulator,
    alter: Alter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = ("Ann Plainname", "Bob_Bare", "cy@example.com", '"dot com"@example.com')
    said = f"{' and '.join(people)} must not"
    odd = {"name": people[2], "city": people[3], "organisation": people[2], "country": people[3]}
    alter("/registrations", lambda rows: [r.update(odd, nickname=people[0]) for r in rows])
    alter("/info", lambda rows: [r.update(speakerList=people, type=people[2]) for r in rows])
    respond = simulator.respond

    def refusing(method: str, path: str, *rest: Any, **named: Any) -> Answer:
        answer = respond(method, path, *rest, **named)
        if not path.endswith("/custom-fields"):
            return answer
        body = {"statusCode": 400, "data": {}, "statusMessage": said}
        return replace(answer, status=400, body=orjson.dumps(body))

    monkeypatch.setattr(simulator, "respond", refusing)
    workplace.setting(privacy=mode, privacy_key=KEY)
    feeds = ("registrations", "sessions", "custom_fields")
    only = [part for feed in feeds for part in ("--only", feed)]
    result = workplace.run("load", "--no-reports", "--verbose", *only)
    assert workplace.sql("select count(*) > 0 from airmeet.session_people") == [(True,)]
    errors = {row["error"] for row in workplace.rows("feed_syncs")}
    assert "… and … and (address) and (address) must not" in errors
    assert traces(workplace.folder, people) == set()
    assert not [word for word in people if word in result.out + result.err]


@pytest.mark.parametrize("mode", first(2, ["plain", *STRICT]))
def test_what_lets_its_bearer_in_is_stored_in_no_mode(
    mode: str, workplace: Workplace, alter: Alter
) -> None:
    key = "5f3c9a7e1b2d4c6f"
    way_in = {
        "token": key,
        "accessToken": {"value": key},
        "magicLink": f"https://www.example.com/e/{key}",
        "joinUrl": [f"https://www.example.com/join/{key}"],
        "recordingDownloadLink": f"https://cdn.example.com/{key}.mp4",
        "page": f"https://www.example.com/e?code={key}",
        "nested": {"deep": [{"entryLink": key, "href": f"https://a.example.com/?X-Amz-Sig={key}"}]},
        "seen": f"<a href='https://bob:{key}@b.example.com/x#access_token={key}'>here</a>",
    }
    for ending in ("/registrations", "/participants", "/attendees", "/info"):
        alter(ending, lambda rows: [r.update(way_in) for r in rows])
    alter("/participants", lambda rows: [r.update(profile_url=way_in["page"]) for r in rows])
    alter("/public", lambda rows: [r.update(video=way_in["page"]) for r in rows])
    alter("/info", lambda rows: [r["speakerList"].append({"token": key}) for r in rows])
    out = load(workplace, mode, "--no-reports")
    assert traces(workplace.folder, (key,)) == set()
    assert "registrations.magic_link" in out
    if mode == "plain":
        assert workplace.sql("select distinct page, nested from airmeet.registrations") == [
            ("https://www.example.com/e", '{"deep":[{"href":"https://a.example.com/"}]}')
        ]
        assert ("https://www.example.com/e",) in workplace.sql("select video from airmeet.booths")


def test_a_harmless_link_is_kept_whole(workplace: Workplace, alter: Alter) -> None:
    page = "https://www.example.com/watch?v=dQw4w9WgXcQ&utm_source=a-source-with-a-long-name#part-2"
    alter("/registrations", lambda rows: [r.update(page=page) for r in rows])
    load(workplace, "plain", "--no-reports")
    assert workplace.sql("select distinct page from airmeet.registrations") == [(page,)]


def test_another_mode_fetches_everything_anew(workplace: Workplace, simulator: Simulator) -> None:
    load(workplace, "plain", "--no-reports")
    assert_loaded(workplace, simulator)
    load(workplace, "pseudonymised", "--no-reports")
    stored = {
        row["email"] for table in ("registrations", "questions") for row in workplace.rows(table)
    }
    assert not stored & addresses_of(simulator)
    assert {row["name"] for row in workplace.rows("event_attendance")} == {None}
    before = simulator.requests.total
    load(workplace, "pseudonymised", "--no-reports", "--until", "2020-01-01")
    assert simulator.requests.total - before < 5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"privacy": "secret"}, "privacy 'secret' is unknown; it is one of plain, pseudonymised"),
        ({"privacy": "minimal"}, "privacy = 'minimal' needs a privacy_key of at least 16"),
        ({"privacy": "pseudonymised", "privacy_key": "short"}, "needs a privacy_key"),
    ],
)
def test_settings_without_sense_are_refused_in_one_line(
    settings: dict[str, str], message: str, workplace: Workplace, simulator: Simulator
) -> None:
    workplace.setting(**settings)
    result = workplace.run("load")
    assert result.code == 1
    assert message in result.err and result.err.count("\n") == 1
    assert "short" not in result.err
    assert simulator.requests.total == 0


def test_every_column_that_names_a_person_says_so() -> None:
    telling = {"email", "user_id", "city", "country", "organisation", "designation"}
    silent = [
        f"{table.name}.{column.name}"
        for table in SCHEMAS.values()
        for column in table.columns
        if column.name in telling and column.holds is None
    ]
    assert silent == []
