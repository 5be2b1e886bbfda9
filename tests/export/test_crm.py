"""follow_up under the headers that a CRM's import expects."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from airmeet_etl.export.crm import CRMS, FIELDS, LEFT_OUT, REPORT, STATUS_WORDS, Crm, for_crm
from airmeet_etl.export.export import ARROW_TYPES
from airmeet_etl.reports.sql_files import sql_files

DOCS = (Path(__file__).parents[2] / "docs" / "export.md").read_text()

COLUMNS = {
    **dict.fromkeys(("airmeet_id", "person", "person_status", "email", "name"), "text"),
    **dict.fromkeys(("organisation", "designation", "city", "country"), "text"),
    **dict.fromkeys(("registered_at", "joined_at", "left_at"), "timestamp"),
    **dict.fromkeys(("minutes_attended", "share_attended", "minutes_on_demand"), "double"),
    "score": "double",
    "sessions_attended": "bigint",
    "sessions": "text",
    "polls_answered": "bigint",
    "poll_answers": "text",
    "questions_asked": "bigint",
    "questions": "text",
    "booths_visited": "bigint",
    "booths": "text",
    "wants_contact": "bool",
    **dict.fromkeys(("wants_contact_at", "utm_source", "utm_medium", "utm_campaign"), "text"),
    **dict.fromkeys(("custom_answers", "next_airmeet_id", "next_event_name"), "text"),
    "next_event_start": "timestamp",
    "domain": "text",
    "is_staff": "bool",
    "event_name": "text",
    "start_date": "date",
    "status": "text",
    "is_final": "bool",
    "cta_clicks": "bigint",
    "resources_opened": "bigint",
    "engagement_score_airmeet": "double",
    "tables_joined": "bigint",
}
SCHEMA = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in COLUMNS.items()])

ANN: dict[str, Any] = {
    "airmeet_id": "spring",
    "person": "ann@acme.example.com",
    "person_status": "attended_late",
    "email": "ann@acme.example.com",
    "name": "Ann Marie  Lee",
    "organisation": "Acme",
    "designation": "CTO",
    "city": "Berlin",
    "country": "Germany",
    "registered_at": datetime(2026, 3, 1, 8, tzinfo=UTC),
    "joined_at": datetime(2026, 3, 10, 9, 15, tzinfo=UTC),
    "left_at": datetime(2026, 3, 10, 10, tzinfo=UTC),
    "minutes_attended": 45.0,
    "share_attended": 0.75,
    "minutes_on_demand": 3.5,
    "score": 61.5,
    "sessions_attended": 2,
    "sessions": "Keynote; Panel",
    "polls_answered": 1,
    "poll_answers": "Ready?: yes",
    "questions_asked": 1,
    "questions": "When?",
    "booths_visited": 1,
    "booths": "Acme booth",
    "wants_contact": True,
    "wants_contact_at": "Acme booth",
    "utm_source": "news",
    "utm_medium": "mail",
    "utm_campaign": "spring",
    "custom_answers": "Size: 10-50",
    "next_airmeet_id": "may",
    "next_event_name": "May Day",
    "next_event_start": datetime(2026, 5, 1, 9, tzinfo=UTC),
    "domain": "acme.example.com",
    "is_staff": False,
    "event_name": "Spring",
    "start_date": date(2026, 3, 10),
    "status": "FINISHED",
    "is_final": True,
    "cta_clicks": 2,
    "resources_opened": 0,
    "engagement_score_airmeet": None,
    "tables_joined": None,
}

OWN = {
    "Event": "Spring",
    "Event date": date(2026, 3, 10),
    "Airmeet ID": "spring",
    "Registered at": ANN["registered_at"],
    "Joined at": ANN["joined_at"],
    "Left at": ANN["left_at"],
    "Minutes attended": 45.0,
    "Share of event attended": 0.75,
    "Minutes on demand": 3.5,
    "Engagement score": 61.5,
    "Number of sessions attended": 2,
    "Sessions attended": "Keynote; Panel",
    "Number of polls answered": 1,
    "Poll answers": "Ready?: yes",
    "Number of questions asked": 1,
    "Questions asked": "When?",
    "Number of booths visited": 1,
    "Booths visited": "Acme booth",
    "Number of clicks on calls to action": 2,
    "Number of resources opened": 0,
    "Number of tables joined": None,
    "Wants contact": True,
    "Wants contact from booths": "Acme booth",
    "UTM source": "news",
    "UTM medium": "mail",
    "UTM campaign": "spring",
    "Registration answers": "Size: 10-50",
    "Next event": "May Day",
    "Next event starts at": ANN["next_event_start"],
}


def exported(crm: Crm, *rows: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    left_out: Counter[str] = Counter()
    people = pa.Table.from_pylist([{**ANN, **row} for row in rows], SCHEMA)
    return for_crm(people, crm, left_out).to_pylist(), dict(left_out)


def test_hubspot() -> None:
    [ann], left_out = exported("hubspot", {})
    expected = {
        "Email": "ann@acme.example.com",
        "First name": "Ann Marie",
        "Last name": "Lee",
        "Company name": "Acme",
        "Job title": "CTO",
        "City": "Berlin",
        "Country/Region": "Germany",
        "Event status": "Attended late",
        **OWN,
    }
    assert list(ann.items()) == list(expected.items())
    assert left_out == {"without an address": 0, "staff": 0}


def test_salesforce() -> None:
    [ann], _ = exported("salesforce", {})
    expected = {
        "Email": "ann@acme.example.com",
        "First Name": "Ann Marie",
        "Last Name": "Lee",
        "Company": "Acme",
        "Title": "CTO",
        "City": "Berlin",
        "Country": "Germany",
        "Member Status": "Attended late",
        **OWN,
    }
    assert list(ann.items()) == list(expected.items())


@pytest.mark.parametrize("crm", CRMS)
def test_who_cannot_be_written_to_and_staff_are_left_out(crm: Crm) -> None:
    people, left_out = exported(
        crm,
        {"email": None, "person": "user:1"},
        {"email": "", "is_staff": True},
        {"email": "host@acme.example.com", "is_staff": True},
        {"email": "bob@acme.example.com", "is_staff": None, "person_status": None},
    )
    assert [(row["Email"], list(row.values())[7]) for row in people] == [
        ("bob@acme.example.com", None)
    ]
    assert left_out == {"without an address": 2, "staff": 1}
    assert exported(crm) == ([], {"without an address": 0, "staff": 0})


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ann Lee", "Ann", "Lee"),
        ("Ada", None, "Ada"),
        (" Ann\u00a0 van  Lee ", "Ann van", "Lee"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_name_is_parted_at_its_last_blank(
    name: str | None, first: str | None, last: str | None
) -> None:
    [row], _ = exported("hubspot", {"name": name})
    assert (row["First name"], row["Last name"]) == (first, last)


def test_statuses_are_words() -> None:
    statuses = "attended attended_late left_early on_demand no_show walk_in registered staff"
    rows, _ = exported("hubspot", *({"person_status": status} for status in statuses.split()))
    assert [row["Event status"] for row in rows] == [
        "Attended",
        "Attended late",
        "Left early",
        "On demand",
        "No-show",
        "Walk-in",
        "Registered",
        "Staff",
    ]


def test_each_column_has_its_place() -> None:
    """And none has two: a CRM would take one of them."""
    columns = [field.column for field in FIELDS]
    assert {*columns, *LEFT_OUT} == {*COLUMNS, "first_name", "last_name"}
    assert len(columns) == len(set(columns)) and not set(columns) & set(LEFT_OUT)
    for crm in CRMS:
        headers = [field.headers[crm].lower() for field in FIELDS]
        assert len(headers) == len(set(headers))


@pytest.mark.skipif(REPORT not in sql_files("reporting"), reason="the report is being built")
def test_the_report_has_these_columns() -> None:
    declared = {column.name: column.kind for column in sql_files("reporting")[REPORT].columns}
    assert declared == COLUMNS


def test_the_documentation_has_the_headers() -> None:
    lines = [
        f"| `{field.column}` | {_shown(field.headers['hubspot'], 'hubspot' in field.standard)} | "
        f"{_shown(field.headers['salesforce'], 'salesforce' in field.standard)} |"
        for field in FIELDS
    ]
    section = DOCS.partition("\n## HubSpot and Salesforce\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `.*$", section, re.MULTILINE) == lines
    words = ", ".join(f"`{status}` {word}" for status, word in STATUS_WORDS.items())
    assert words in " ".join(section.split())


def _shown(header: str, is_standard: bool) -> str:
    return f"**{header}**" if is_standard else header
