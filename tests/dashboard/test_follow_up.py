"""The page Follow-up: its filters, and the file of exactly what is filtered."""

import csv
import io

import pytest
from airmeet_dashboard.event import event_page
from airmeet_dashboard.follow_up import (
    STATUSES,
    PeopleFilter,
    follow_up_csv,
    follow_up_page,
    refusal,
)
from airmeet_dashboard.reading import EventFilter, Reports
from airmeet_etl.exit_codes import CommandError

from tests.dashboard.pages import draw, figures, lines, one_event

ALL = EventFilter()
SPRING = EventFilter(airmeet_id="spring")

FILTERS = [
    (PeopleFilter(), "true"),
    (PeopleFilter(statuses=("No-show", "Walked in")), "person_status in ('no_show', 'walk_in')"),
    (PeopleFilter(statuses=("Not known",)), "person_status is null"),
    (PeopleFilter(wants_contact=True), "wants_contact"),
    (PeopleFilter(least_score=30), "score >= 30"),
    (PeopleFilter(search="ACME"), "person like '%acme%' or lower(organisation) like '%acme%'"),
    (PeopleFilter(search="100%_'"), "false"),
    (
        PeopleFilter(statuses=("Attended",), wants_contact=True, search="acme"),
        "person_status = 'attended' and wants_contact and person like '%acme%'",
    ),
]


def rows(file: bytes) -> list[dict[str, str]]:
    assert file.startswith(b"\xef\xbb\xbf")  # as Excel wants it
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(("people", "condition"), FILTERS)
@pytest.mark.parametrize(
    ("events", "of_events"), [(ALL, "true"), (SPRING, "airmeet_id = 'spring'")]
)
def test_page_and_file_have_what_is_filtered(
    reports: Reports, events: EventFilter, of_events: str, people: PeopleFilter, condition: str
) -> None:
    wanted = reports.frame(
        "select airmeet_id, person from follow_up "
        f"where {of_events} and ({condition}) order by airmeet_id, person"
    )
    page = follow_up_page(reports, events, people)
    assert figures(page)["follow_up_people"] == f"{len(wanted):,}"
    assert ("Nobody matches." in page) == wanted.empty
    if not wanted.empty:
        assert sorted(line[1] for line in lines(page, "follow_up")) == sorted(wanted["person"])
    file = rows(follow_up_csv(reports, events, people))
    assert [(row["airmeet_id"], row["person"]) for row in file] == [
        *wanted.itertuples(index=False, name=None)
    ]


def test_every_status_of_the_report_has_words(reports: Reports) -> None:
    found = reports.frame("select distinct person_status from follow_up")["person_status"]
    assert {*found.dropna()} <= {*STATUSES.values()}
    page = follow_up_page(reports, ALL, PeopleFilter())
    assert {line[2] for line in lines(page, "follow_up")} <= {*STATUSES}


def test_who_asked_for_contact_is_first(reports: Reports) -> None:
    first, *others = lines(follow_up_page(reports, SPRING, PeopleFilter()), "follow_up")
    assert first[1] == "ann@acme.example.com"
    assert first[4] == "Booth 1"
    assert all(line[4] != "Booth 1" for line in others if line[2] != "Staff")


def test_the_file_runs_no_formulas(reports: Reports) -> None:
    class WithFormula(Reports):
        def table(self, query: str):  # type: ignore[no-untyped-def]
            return super().table(query.replace(" event_name,", " '=1+1' as event_name,"))

    risky = WithFormula(reports._client, reports.location)
    assert {row["event_name"] for row in rows(follow_up_csv(risky, SPRING, PeopleFilter()))} == {
        "'=1+1"
    }


def test_a_long_list_says_what_it_leaves_out(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airmeet_dashboard.follow_up._LISTED", 2)
    page = follow_up_page(reports, SPRING, PeopleFilter())
    assert len(lines(page, "follow_up")) == 2
    total = figures(page)["follow_up_people"]
    assert f"2 of {total} people; the file has all of them" in page


def test_privacy_leaves_names_out_and_gives_no_file(
    reports: Reports,
) -> None:
    assert refusal(reports) is None
    private = Reports(reports._client, reports.location, "minimal")
    assert "lets none leave the warehouse" in (refusal(private) or "")
    with pytest.raises(CommandError, match="lets none leave the warehouse"):
        follow_up_csv(private, SPRING, PeopleFilter())
    why = "Names are not stored"
    assert why in follow_up_page(private, SPRING, PeopleFilter())
    assert why in event_page(private, one_event(reports, "spring"), draw)
    assert why not in follow_up_page(reports, SPRING, PeopleFilter())
