"""Events beside others: the previous one, the median of the last ones, a second one of choice."""

import pytest
from airmeet_dashboard.compare import compare_page, other_event
from airmeet_dashboard.differences import FIGURES, in_words
from airmeet_dashboard.event import event_page
from airmeet_dashboard.reading import Reports

from tests.dashboard.pages import draw, lines, one_event


@pytest.mark.parametrize(
    ("figure", "value", "other", "words"),
    [
        ("attended", 24, 8, "16 more (+200%)"),
        ("attended", 8, 24, "16 fewer (\N{MINUS SIGN}67%)"),
        ("attended", 3, 0, "3 more"),
        ("attended", 8, 8, "the same"),
        ("attended", 9, 7.5, "1.5 more (+20%)"),
        ("attendance_rate", 0.447, 0.7, "25.3 points lower"),
        ("attendance_rate", 0.5, 0.49999, "the same"),
        ("average_minutes", 181.0, 81.0, "100 min longer"),
        ("average_minutes", 20.2, 200.4, "3 h 00 min shorter"),
        ("attended", None, 8, "–"),
        ("attended", 8, None, "–"),
    ],
)
def test_a_change_is_said_in_words(
    figure: str, value: float | None, other: float | None, words: str
) -> None:
    found = in_words(FIGURES[figure], value, other)
    assert words in found
    assert ("▲" in found, "▼" in found) == (
        any(more in words for more in ("more", "longer", "higher")),
        any(less in words for less in ("fewer", "shorter", "lower")),
    )


def test_an_event_is_beside_the_median_of_earlier_ones(reports: Reports) -> None:
    page = event_page(reports, one_event(reports, "late"), draw)
    shown = {line[0]: line[1:] for line in lines(page, "comparison")}
    report = reports.frame(
        "select figure, value, median_of_last from event_comparison where airmeet_id = 'late'"
    ).set_index("figure")
    value, median = report.loc["attended", ["value", "median_of_last"]]
    assert (value, median) == (5, 2)  # of four in Spring, two in Night and in May
    # Beside the one before in its series, which had as many, and the median.
    assert shown["Attended"] == ["5", "5", "the same", "2", "▲ 3 more (+150%)"]
    assert shown["Average stay"][0] == "unknown"
    assert "The median is that of the latest" in page


def test_without_an_earlier_event_the_page_says_so(reports: Reports) -> None:
    page = event_page(reports, one_event(reports, "spring"), draw)
    assert "No earlier event has this name" in page
    assert "No earlier event is over." in page
    assert "It is not over yet." in event_page(reports, one_event(reports, "next"), draw)


def test_two_events_are_side_by_side(reports: Reports) -> None:
    night, may = one_event(reports, "night"), one_event(reports, "may")
    shown = {line[0]: line[1:] for line in lines(compare_page(may, night), "compare")}
    assert shown["Attended"] == [str(may["attended"]), str(night["attended"]), "the same"]
    assert shown["Average stay"] == ["75 min", "unknown", "–"]
    to_come = {
        line[0]: line[1:]
        for line in lines(compare_page(one_event(reports, "next"), may), "compare")
    }
    assert to_come["Registrations"][0] == "1"
    assert to_come["Attendance rate"][0] == to_come["Attended"][0] == "–"


def test_unless_one_is_chosen_the_other_event_is_the_one_before_or_the_latest_held(
    reports: Reports,
) -> None:
    events = reports.events()
    assert other_event(reports, one_event(reports, "late"), events) == "spring"  # of its series
    assert other_event(reports, one_event(reports, "june"), events) == "may"
    assert other_event(reports, one_event(reports, "spring"), events) == "late"
    alone = events[events["airmeet_id"] == "spring"]
    assert other_event(reports, one_event(reports, "spring"), alone) is None
    assert "no other event" in compare_page(one_event(reports, "late"), None)
