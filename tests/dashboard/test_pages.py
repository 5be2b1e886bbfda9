"""The pages' figures against the reports, without a browser."""

import shutil
import subprocess
import sys
from datetime import date
from html import unescape
from pathlib import Path

import duckdb
import pytest
from airmeet_dashboard import app
from airmeet_dashboard.event import event_page
from airmeet_dashboard.figures import Sum, by_month, pooled
from airmeet_dashboard.health import health_page
from airmeet_dashboard.people import people_page
from airmeet_dashboard.portfolio import portfolio_page
from airmeet_dashboard.reading import (
    EventFilter,
    NoReportsError,
    Reports,
    open_reports,
)

from tests.dashboard.conftest import ANSWER, NAME, QUESTION
from tests.dashboard.pages import draw, figures, lines, one_event, sql
from tests.workplace import Workplace

FILTERS = [
    EventFilter(),
    EventFilter(since=date(2026, 4, 1)),
    EventFilter(until=date(2026, 5, 28)),
    EventFilter(since=date(2026, 5, 5), until=date(2026, 6, 10)),
    EventFilter(statuses=frozenset({"CREATED"})),
    EventFilter(date(2026, 6, 1), None, frozenset({"FINISHED", "ONGOING"})),
    EventFilter(airmeet_id="june"),
    EventFilter(airmeet_id="o'brien"),
]


@pytest.mark.parametrize("event_filter", FILTERS)
def test_a_filter_means_the_same_in_python_and_sql(
    reports: Reports, event_filter: EventFilter
) -> None:
    in_sql = reports.frame(f"select airmeet_id from event_summary where {event_filter.sql}")
    in_python = event_filter.apply(reports.events())
    assert sorted(in_python["airmeet_id"]) == sorted(in_sql["airmeet_id"])


def test_portfolio_says_what_is_known_and_what_is_not(reports: Reports) -> None:
    page = figures(portfolio_page(reports.events(), draw))
    # June's attendance is lost: it is left out of what rests on it.
    assert page == {
        "events": "7",
        "registered": "12",
        "attended": "14",
        "attendance_rate": "80.0%",
        "engagement_rate": "64.3%",
        "no_shows": "1",
    }


def test_portfolio_equals_the_report_where_all_is_known(reports: Reports, published: Path) -> None:
    events = reports.events()
    held = events[events["airmeet_id"].isin(("spring", "night"))]
    ((registered, attended, rate, engagement),) = sql(
        published,
        """select sum(registered), sum(attended), sum(attended_registered)
        / sum(registered - staff_registered - registered_after_end),
        sum(engaged) / sum(attended) from event_summary where airmeet_id in ('spring', 'night')""",
    )
    page = figures(portfolio_page(held, draw))
    assert page["registered"] == str(registered)
    assert page["attended"] == str(attended)
    assert page["attendance_rate"] == f"{100 * rate:.1f}%"
    assert page["engagement_rate"] == f"{100 * engagement:.1f}%"


def test_months_equal_the_conversion_trend(reports: Reports, published: Path) -> None:
    # Among them an event that starts on 31 March in New York, when it is April in UTC.
    trend = sql(
        published,
        """select month, events, registered, attended, attendance_rate, engagement_rate, is_final
        from conversion_trend order by month""",
    )
    months = [
        (
            month,
            figures.events,
            figures.registered.value,
            figures.attended.value if figures.begun else None,
            figures.attendance_rate,
            figures.engagement_rate,
            figures.provisional == 0,
        )
        for month, figures in by_month(reports.events())
    ]
    assert months == trend


def test_a_sum_is_unknown_where_a_part_is(reports: Reports) -> None:
    assert Sum(3, 1).value is None
    assert Sum(0).value == 0
    assert pooled(reports.events()[:0]).attendance_rate is None


def test_people_equal_the_report(reports: Reports, published: Path) -> None:
    page = people_page(reports, EventFilter(), draw)
    shown = {line[1]: line[3:] for line in lines(page, "people")}
    report = sql(
        published,
        "select person, events_registered, events_attended, show_rate, mean_score from people",
    )
    assert shown.keys() == {person for person, *_ in report}
    for person, registered, attended, show_rate, mean_score in report:
        line = shown[person]
        assert line[:2] == [known(registered), known(attended)], person
        assert line[2] in ([f"{100 * show_rate:.1f}%"] if show_rate is not None else "–unknown")
        if mean_score is not None:
            assert line[3] == f"{mean_score:.0f}", person
        elif attended != 0:
            assert line[3] == "unknown", person
    ((people, repeats),) = sql(
        published, "select count(*), count(*) filter (where is_repeat) from people"
    )
    cards = figures(page)
    assert cards["people"] == str(people)
    assert cards["people_repeats"] == f"≥ {repeats}"


def known(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"


def test_search_finds_by_name_address_and_organisation(reports: Reports) -> None:
    def found(search: str) -> set[str]:
        page = people_page(reports, EventFilter(), draw, search=search)
        return {line[1] for line in lines(page, "people")}

    assert found("ACME") == {"ann@acme.example.com", "bob@acme.example.com"}
    assert found("birch & co") == {"cyd@birch.example.com"}
    assert "Nobody matches." in people_page(reports, EventFilter(), draw, search="100%_'")


def test_one_event_equals_its_rows(reports: Reports, published: Path) -> None:
    event = one_event(reports, "spring")
    page = event_page(reports, event, draw)
    ((registered, attended, rate, no_shows, walk_ins, staff),) = sql(
        published,
        """select registered, attended, attendance_rate, no_shows, walk_ins, staff_attended
        from event_summary where airmeet_id = 'spring'""",
    )
    cards = figures(page)
    assert cards["registered"] == str(registered)
    assert cards["attended"] == str(attended)
    assert cards["attendance_rate"] == f"{100 * rate:.1f}%"
    assert (cards["no_shows"], cards["walk_ins"]) == (str(no_shows), str(walk_ins))
    assert f"and {staff} of the staff" in page
    assert {line[0]: line[3] for line in lines(page, "sessions")} == {
        name: str(attendees)
        for name, attendees in sql(
            published,
            "select name, attendees from session_engagement where airmeet_id = 'spring'",
        )
    }
    assert [line[-1] for line in lines(page, "booths")] == [
        str(leads)
        for (leads,) in sql(
            published,
            """select leads from booth_summary where airmeet_id = 'spring'
            order by visitors desc nulls last, name""",
        )
    ]
    assert len(lines(page, "event_people")) == attended
    assert "data-table" in page and "provisional" not in page


def test_what_is_not_loaded_is_unknown_never_zero(reports: Reports) -> None:
    event = one_event(reports, "june")
    page = event_page(reports, event, draw)
    cards = figures(page)
    assert cards["registered"] == "2"
    assert {cards[name] for name in ("attended", "attendance_rate", "no_shows", "walk_ins")} == {
        "unknown"
    }
    assert "These figures are provisional" in page
    assert "Not known: questions failed." in page
    assert "Not known: event attendance pending." in page
    assert lines(page, "sessions")[0][4] == "unknown"


def test_an_event_not_held_has_no_attendance(reports: Reports) -> None:
    event = one_event(reports, "off")
    page = event_page(reports, event, draw)
    assert figures(page)["attended"] == "–"
    assert "Airmeet has no attendance of this event" in page
    assert "was not held yet" in event_page(reports, one_event(reports, "next"), draw)


def test_names_are_escaped(reports: Reports) -> None:
    event = one_event(reports, "spring")
    spring = EventFilter(airmeet_id="spring").apply(reports.events())
    page = event_page(reports, event, draw) + portfolio_page(spring, draw)
    assert "<img" not in page and "<script" not in page and ANSWER not in page
    for text in (NAME, QUESTION, ANSWER):
        assert text in unescape(page)


def test_health_equals_the_report(reports: Reports, published: Path) -> None:
    page = health_page(reports, EventFilter())
    ((final, events, pending, failed),) = sql(
        published,
        """select count(*) filter (where is_final), count(*), sum(feeds_pending),
        sum(feeds_failed) from data_status""",
    )
    cards = figures(page)
    assert cards["final"] == f"{final} of {events}"
    assert (cards["pending"], cards["failed"]) == (str(pending), str(failed))
    assert sorted(line[1:] for line in lines(page, "unfinished")) == [
        ["event attendance", "pending"],
        ["questions", "failed"],
    ]


def test_pages_on_no_event_say_so(reports: Reports) -> None:
    nothing = EventFilter(airmeet_id="none")
    assert "No event is selected." in portfolio_page(nothing.apply(reports.events()), draw)
    assert "No event is selected." in health_page(reports, nothing)
    assert figures(people_page(reports, nothing, draw))["people"] == "0"


def test_the_app_runs_without_a_browser(reports: Reports) -> None:
    # marimo runs the file by its path: imports in it cannot be relative.
    result = subprocess.run([sys.executable, app.__file__], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_without_a_warehouse_the_error_says_what_to_do(workplace: Workplace) -> None:
    with pytest.raises(NoReportsError, match=r"Nothing is loaded yet.*make load"):
        open_reports()
    assert not workplace.file.exists()


def test_without_reports_the_error_says_what_to_do(workplace: Workplace) -> None:
    duckdb.connect(str(workplace.file)).close()
    with pytest.raises(NoReportsError, match="make reports"):
        open_reports()


def test_reports_of_an_earlier_version_are_named(workplace: Workplace, published: Path) -> None:
    shutil.copy(published.with_name("warehouse.duckdb"), workplace.file)
    with duckdb.connect(str(workplace.file)) as warehouse:
        warehouse.execute("alter table airmeet_reports.event_summary drop column engaged")
    with pytest.raises(NoReportsError, match=r"earlier version \(event_summary\).*make reports"):
        open_reports()
