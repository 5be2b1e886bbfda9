"""The page Pace: what is expected of the events to come, and why nothing is."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
from airmeet_dashboard.pace import few_comparable, pace_page
from airmeet_dashboard.reading import EventFilter, Reports, open_reports
from airmeet_dashboard.report import report

from tests.dashboard.pages import draw, figures, lines


def test_with_few_comparable_events_nothing_is_expected(reports: Reports) -> None:
    page = pace_page(reports, EventFilter(), draw)
    ((_, _, registered, expected, coming, comparable),) = lines(page, "pace")
    assert registered == "1"
    assert expected == coming == "–"
    assert comparable.startswith("fewer than five comparable events")
    assert "No forecast: fewer than five comparable events" in page
    assert figures(page)["pace_expected"] == "–"


def test_without_events_to_come_the_page_says_so(reports: Reports) -> None:
    page = pace_page(reports, EventFilter(airmeet_id="spring"), draw)
    assert "No event to come is among those selected." in page


def test_the_words_for_few_events() -> None:
    assert few_comparable(4) == "fewer than five comparable events (4)"
    assert few_comparable(0) == few_comparable(None)


class Foreseen(Reports):
    """Reports with a forecast, which takes more past events than the community has."""

    def frame(self, query: str) -> pd.DataFrame:
        if "from registration_pace" not in query:
            return super().frame(query)
        start = date(2026, 7, 10)
        days: list[dict[str, Any]] = [
            {
                "airmeet_id": "next",
                "day": start - timedelta(days=left),
                "registered": so_far,
                "days_before_start": left,
                "comparable_events": 12,
                "expected_registrations": 2 * so_far,
                "expected_registrations_low": so_far + 1,
                "expected_registrations_high": 3 * so_far,
                "expected_attendance": so_far,
                "expected_attendance_low": so_far - 1,
                "expected_attendance_high": 2 * so_far,
                "event_name": "Next",
                "start_date": start,
            }
            for left, so_far in ((3, 10), (2, 20))
        ]
        return pd.DataFrame(days)


def test_what_is_expected_has_its_range(reports: Reports) -> None:
    page = pace_page(Foreseen(reports._client, reports.location), EventFilter(), draw)
    ((name, _, registered, expected, coming, comparable),) = lines(page, "pace")
    assert name.startswith("Next")
    assert (registered, comparable) == ("20", "12")
    assert (expected, coming) == ("4021 to 60", "2019 to 40")
    assert "20 so far, 40 expected: from 21 to 60 as the middle half of 12" in page
    cards = figures(page)
    assert (cards["pace_expected"], cards["pace_attendance"]) == ("40", "20")
    assert cards["pace_next"] == "in 2 days"
    assert page.count('class="chart"') == 1


def test_the_mailed_report_has_no_chart_of_it(reports: Reports) -> None:
    page = pace_page(Foreseen(reports._client, reports.location), EventFilter(), None)
    assert 'class="chart"' not in page and "expected" in page.lower()


def test_the_mailed_report_has_it_where_events_are_to_come(reports: Reports) -> None:
    assert 'data-page="pace"' in report(open_reports(), EventFilter())
    assert 'data-page="pace"' not in report(open_reports(), EventFilter(airmeet_id="spring"))
