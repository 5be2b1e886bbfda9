"""Segments: people in, figures by what they say of themselves out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pytest
from airmeet_etl.reports.build import build_reports
from airmeet_etl.reports.checks import check_reports, failed_checks
from airmeet_etl.reports.seeds import read_seed, seeds

from tests.reports.conftest import building, loaded_and_built, new_pipeline, report
from tests.reports.raw import Row, Tables, at, load_raw, rows, synced

FETCHED = at("2026-06-20 06:00")
START, END = at("2026-06-01 09:00"), at("2026-06-01 10:00")
BEFORE, AFTER = at("2026-05-20 09:00"), at("2026-06-02 09:00")
ANN, BOB, CYD, DAN, EVE = (
    f"{name}@acme.example.com" for name in ("ann", "bob", "cyd", "dan", "eve")
)
HAL, MIA = "hal@stage.example.com", "mia@post.example.com"
GUS = "user:u-gus"

NAMES = ("past", "other", "coming", "no staff", "no registrations", "no participants", "titles")


def event(airmeet_id: str, **facts: Any) -> Row:
    told = {"status": "FINISHED", "timezone": "UTC", "start_time": START, "end_time": END}
    return {"airmeet_id": airmeet_id, "last_listed_at": FETCHED, **told, **facts}


ROLES = {
    "Vice President, Marketing": "executive",
    "Assistant Vice-President (Sales)": "director",
    "CTO": "executive",
    "Co-Founder & CEO": "executive",
    "Managing   Director": "executive",
    "Chief Marketing Officer": "executive",
    "Director": "director",
    "Sr. director/sales": "director",
    "Head of Octopus Research": "director",
    "Assistant Manager": "manager",
    "Manager to the Director": "director",
    "Product Owner": "specialist",
    "Executive Assistant to the CEO": "specialist",
    "Sales Executive": "specialist",
    "Software_Engineer": "specialist",
    "Team Lead": "manager",
    "PhD Student": "student",
    "Internal Affairs": "other",
    "Geschäftsführerin": "other",
    "部长": "other",
    " - ": "other",
    "  ": "(none)",
    "": "(none)",
}
"""Designations, and the role group of whoever has them."""

RAW: Tables = {
    "airmeets": [
        *(event(name) for name in NAMES if name != "coming"),
        event("coming", status="CREATED", start_time=at("2026-07-01 09:00"), end_time=None),
    ],
    "sessions": rows("airmeet_id", "session_id", "name")(("past", "s1", "One")),
    "session_people": rows("airmeet_id", "session_id", "role", "email")(
        ("past", "s1", "host", HAL),
        ("no staff", "s1", "host", HAL),
    ),
    "registrations": [
        *rows("airmeet_id", "email", "country", "organisation", "registration_date")(
            ("past", ANN, "India", "Acme", BEFORE),
            ("past", ANN, "  Nepal ", " Birch", BEFORE),  # once more: the last in the alphabet
            ("past", BOB, "nepal", " ", BEFORE),
            ("past", CYD, "NEPAL", None, AFTER),  # and stayed away
            ("past", DAN, None, "Acme", BEFORE),
            ("past", HAL, "India", "Stage", BEFORE),
            ("other", BOB, "nepal", "acme", BEFORE),
            ("other", CYD, "nepal", "ACME", BEFORE),
            ("coming", ANN, "Nepal", "Acme", BEFORE),
            ("no staff", ANN, "Nepal", None, BEFORE),
            ("no staff", HAL, "Chile", None, BEFORE),
            ("no registrations", ANN, "Nepal", None, BEFORE),
            ("no participants", ANN, "Nepal", None, BEFORE),
        ),
        *(
            {"airmeet_id": "titles", "email": f"{n}@acme.example.com", "designation": title}
            for n, title in enumerate(ROLES)
        ),
    ],
    "participants": rows("airmeet_id", "email", "country", "organisation", "designation")(
        ("past", BOB, "Peru", "Cove", "CTO"),  # gives what the registration does not
        ("past", MIA, "Peru", None, None),
        ("past", EVE, "Chile", "Far", "CEO"),  # was invited, and neither registered nor came
    ),
    "custom_fields": rows("airmeet_id", "field_id", "label")(
        ("past", "f1", "Role"),
        ("past", "f2", " Role "),
        ("past", "f3", None),
        ("past", "f4", "Asked in vain"),
        ("no participants", "f1", "Role"),
    ),
    "custom_field_options": rows("airmeet_id", "field_id", "code", "display_value")(
        ("past", "f1", "dev", "Developer"),
    ),
    "participant_answers": rows("airmeet_id", "email", "field_id", "value")(
        ("past", ANN, "f1", "dev"),
        ("past", ANN, "f2", " developer "),
        ("past", ANN, "f2", "Ops"),
        ("past", BOB, "f1", "dev"),
        ("past", BOB, "f3", "  "),
        ("past", DAN, "f3", "yes"),
        ("past", CYD, "f3", "Yes"),
        ("past", HAL, "f4", "staff"),
        ("no participants", ANN, "f1", "dev"),
    ),
    "registration_utms": rows("airmeet_id", "id", "email", "utm_source", "utm_campaign")(
        ("past", 1, ANN, "letter", "June"),
        ("past", 2, BOB, "letter", None),
    ),
    "event_attendance": rows(
        "airmeet_id", "id", "email", "user_id", "time_stamp", "time_spent",
    )(
        ("past", 1, ANN, None, START, 30 * 60_000),
        ("past", 2, BOB, None, START, 50 * 60_000),
        ("past", 3, MIA, None, None, None),  # not registered
        ("past", 4, None, "u-gus", START, 60 * 60_000),
        ("past", 5, HAL, None, START, 60 * 60_000),
        ("other", 6, BOB, None, None, None),
        ("no staff", 7, ANN, None, None, None),
        ("no registrations", 8, ANN, None, None, None),
        ("no participants", 9, ANN, None, None, None),
    ),
    "session_attendance": rows("airmeet_id", "session_id", "id", "email")(
        ("past", "s1", 1, ANN),
    ),
    "questions": rows("airmeet_id", "user_id", "position", "email", "question")(
        ("past", "u-stray", 0, "stray@acme.example.com", "Why?"),  # left a trace, and is nobody
    ),
    "feed_syncs": [
        *(row for name in ("past", "other", "titles") for row in synced(name, FETCHED)),
        *synced("coming", FETCHED, event_attendance="unavailable"),
        *synced("no staff", FETCHED, booths="failed"),
        *synced("no registrations", FETCHED, registrations="failed"),
        *synced("no participants", FETCHED, participants="failed"),
        {"airmeet_id": "past", "feed": "registration_utms", "status": "loaded"},
    ],
}  # fmt: skip

COUNTS = (
    "registered", "attended", "attended_registered", "registered_after_end", "attendance_rate",
    "engaged", "engagement_rate", "timed_attendees", "average_minutes",
)  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    folder: Path = tmp_path_factory.mktemp("segments")
    free_mail = folder / "free_mail.csv"
    free_mail.write_text("domain\npost.example.com\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORTS__FREE_MAIL_DOMAINS", str(free_mail))
        yield loaded_and_built(folder, RAW)


def values(
    built: dlt.Pipeline, airmeet_id: str, dimension: str, *columns: str
) -> dict[str, tuple[Any, ...]]:
    found = report(built, "segments", "airmeet_id", "dimension", "value", *columns)
    return {row[2]: row[3:] for row in found if row[:2] == (airmeet_id, dimension)}


def test_a_segment_has_the_figures_of_its_people(built: dlt.Pipeline) -> None:
    assert values(built, "past", "country", *COUNTS) == {
        # Ann, Bob and Cyd, who registered after the end; Ann was in a session.
        "Nepal": (3, 2, 2, 1, 1.0, 1, 0.5, 2, 40.0),
        # Mia came without registering and is a participant; nobody knows for how long.
        "Peru": (0, 1, 0, 0, None, 0, 0.0, 0, None),
        # Dan stayed away, Gus has no address; Hal is staff, Eve and the stray one are not there.
        "(none)": (1, 1, 0, 0, 0.0, 0, 0.0, 1, 60.0),
    }


def test_values_are_of_one_spelling_the_one_of_most_people_anywhere(built: dlt.Pipeline) -> None:
    # Ann writes Nepal in five airmeets; nepal is written three times, NEPAL once.
    assert values(built, "other", "country", "registered") == {"Nepal": (2,)}
    # Acme by Dan, and by Ann of the coming one; acme and ACME once each.
    assert values(built, "other", "organisation", "registered") == {"Acme": (2,)}
    # Yes and yes once each.
    assert values(built, "past", "field: f3", "registered") == {"Yes": (2,), "(none)": (2,)}


def test_the_last_registration_counts_and_then_the_participant(built: dlt.Pipeline) -> None:
    assert values(built, "past", "organisation", "registered", "attended") == {
        "Acme": (1, 0),
        "Birch": (1, 1),
        "Cove": (1, 1),
        "(none)": (1, 2),
    }
    found = values(built, "past", "role_group", "registered", "attended")
    assert found == {"executive": (1, 1), "(none)": (3, 3)}


def test_domains_are_of_companies_or_free_or_not_there(built: dlt.Pipeline) -> None:
    assert values(built, "past", "domain_kind", "registered", "attended") == {
        "business": (4, 2), "free mail": (0, 1), "none": (0, 1),
    }  # fmt: skip


def test_campaigns_are_there_where_tags_are_loaded(built: dlt.Pipeline) -> None:
    assert values(built, "past", "campaign", "registered", "attended") == {
        "june": (1, 1), "(none)": (3, 3),
    }  # fmt: skip
    assert values(built, "other", "campaign") == {}


def test_a_person_is_in_each_answer_once_and_fields_of_one_label_are_one(
    built: dlt.Pipeline,
) -> None:
    assert values(built, "past", "field: Role", "registered", "attended") == {
        "Developer": (2, 2), "Ops": (1, 1), "(none)": (2, 2),
    }  # fmt: skip
    dimensions = {row[1] for row in report(built, "segments", "airmeet_id", "dimension")}
    assert {name for name in dimensions if name.startswith("field")} == {"field: Role", "field: f3"}


def test_what_is_not_known_or_not_yet_is_null(built: dlt.Pipeline) -> None:
    coming = (1, None, None, 0, None, None, None, None, None)
    assert values(built, "coming", "country", *COUNTS) == {"Nepal": coming}
    unknown = (None,) * len(COUNTS)
    # Hal is staff for certain, Ann may be.
    assert values(built, "no staff", "country", *COUNTS) == {"Nepal": unknown}
    came = (None, 1, None, None, None, 0, 0.0, 0, None)
    assert values(built, "no registrations", "country", *COUNTS) == {"Nepal": came}
    assert values(built, "no participants", "country", "registered") == {"Nepal": (1,)}
    assert values(built, "no participants", "field: Role") == {}


def test_a_role_is_the_first_keyword_that_stands_in_the_designation(built: dlt.Pipeline) -> None:
    expected: dict[str, tuple[int]] = {}
    for role in ROLES.values():
        expected[role] = (expected.get(role, (0,))[0] + 1,)
    assert values(built, "titles", "role_group", "registered") == expected


def test_segments_of_a_dimension_add_up(built: dlt.Pipeline) -> None:
    assert "totals_tie" not in failed_checks(check_reports(built))


@pytest.mark.slow
def test_roles_of_ones_own_take_the_place_of_the_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = tmp_path / "roles.csv"
    roles.write_text("keyword,role_group\n C-LEVEL ,boss\nGeschäftsführerin,boss\n部长,Führung\n")
    monkeypatch.setenv("REPORTS__ROLE_GROUPS", str(roles))
    pipeline = new_pipeline(tmp_path)
    titles = ("C level", "geschäftsführerin", "部长", "CTO")
    raw: Tables = {
        "airmeets": [event("own")],
        "registrations": [
            {"airmeet_id": "own", "email": f"{n}@acme.example.com", "designation": title}
            for n, title in enumerate(titles)
        ],
        "feed_syncs": synced("own", FETCHED),
    }
    load_raw(pipeline, raw)
    with building("segments"):
        build_reports(pipeline)
    assert values(pipeline, "own", "role_group", "registered") == {
        "boss": (2,), "Führung": (1,), "other": (1,),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("", "has no rows"),
        ("ceo,", "row 1 must have a keyword and a role_group"),
        ("ceo,executive\n - ,other", "row 2 must have a keyword and a role_group"),
        ("Vice President,a\nvice-president,b", "the keyword vice president is there twice"),
    ],
)
def test_roles_that_cannot_be_used_are_an_error(tmp_path: Path, lines: str, fault: str) -> None:
    roles = tmp_path / "roles.csv"
    roles.write_text(f"keyword,role_group\n{lines}\n")
    with pytest.raises(ValueError, match=rf"roles\.csv:? {fault}$"):
        seeds({}, {"role_groups": str(roles)}, 7)


def test_the_shipped_keywords_are_as_designations_are_compared() -> None:
    shipped = Path(__file__).parents[2] / "transforms" / "seeds" / "role_groups.csv"
    written = [line.split(",") for line in shipped.read_text(encoding="utf-8").splitlines()[1:]]
    assert written == [[*row.values()] for row in read_seed("role_groups", {})]
