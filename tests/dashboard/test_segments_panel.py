"""Groups on the page of an event: which dimensions are shown, and what privacy pools."""

from typing import Any

import pytest
from airmeet_dashboard.event import event_page
from airmeet_dashboard.reading import Reports
from airmeet_dashboard.segments import read_segments, segments_panel, telling

from tests.dashboard.pages import draw, lines, one_event


def group(dimension: str, value: str, registered: int, rate: float | None) -> dict[str, Any]:
    return {
        "dimension": dimension,
        "value": value,
        "registered": registered,
        "attended": registered,
        "attendance_rate": rate,
        "engagement_rate": 0.5,
        "average_minutes": 30.0,
        "group_count": 2,
    }


ROWS = [
    group("country", "India", 50, 0.5),
    group("country", "Kenya", 50, 0.52),
    group("role_group", "director", 50, 0.9),
    group("role_group", "student", 50, 0.1),
    group("campaign", "spring", 40, 0.6),
    group("campaign", "autumn", 40, 0.4),
    group("domain_kind", "business", 4, 1.0),  # of four people who all came nobody learns much
    group("domain_kind", "free mail", 96, 0.5),
    group("field: Diet", "(none)", 90, 0.1),
    group("field: Diet", "Vegan", 10, 0.9),
]
EVENT = {"registered": 100}


def test_dimensions_come_by_what_they_tell_of_attendance() -> None:
    assert telling(ROWS)[:3] == ["role_group", "campaign", "country"]
    assert {*telling(ROWS)[3:]} == {"domain_kind", "field: Diet"}


def test_three_dimensions_are_shown_or_the_one_that_is_chosen() -> None:
    page = segments_panel(ROWS, EVENT, None)
    assert [page.count(f"<bdi>{title}</bdi>") for title in ("Role", "Campaign", "Country")] == [
        1
    ] * 3
    assert "Of 5 ways to group people" in page and "Vegan" not in page
    chosen = segments_panel(ROWS, EVENT, "field: Diet")
    assert lines(chosen, "segments") == [
        ["Vegan", "10", "90.0%", "50.0%", "10", "30 min"],
        ["not given", "90", "10.0%", "50.0%", "90", "30 min"],
    ]


def test_small_dimensions_are_whole_and_large_ones_say_what_is_left_out() -> None:
    many = [group("country", f"Land {n:02}", 100 - n, 0.5) for n in range(10)]
    many.append(group("country", "(none)", 200, 0.5))
    page = segments_panel([{**row, "group_count": 11} for row in many], EVENT, None)
    assert [line[0] for line in lines(page, "segments")] == [
        *(f"Land {n:02}" for n in range(8)),
        "not given",
    ]
    assert "8 of 10 groups, the largest" in page


def test_of_many_small_groups_few_are_read(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airmeet_dashboard.segments._LISTED", 1)
    spring = one_event(reports, "spring")
    rows = [r for r in read_segments(reports, spring) if r["dimension"] == "organisation"]
    (counted,) = reports.frame(
        "select count(*) as rows from segments where airmeet_id = 'spring' "
        "and dimension = 'organisation'"
    )["rows"]
    assert {row["group_count"] for row in rows} == {counted}
    assert len([row for row in rows if row["value"] != "(none)"]) <= 2


def test_privacy_and_mail_pool_small_groups(reports: Reports) -> None:
    event = one_event(reports, "spring")
    whole = read_segments(reports, event)
    assert any(row["value"] == "Acme" for row in whole)
    private = Reports(reports._client, reports.location, "pseudonymised")
    for rows in (read_segments(private, event), read_segments(reports, event, with_people=False)):
        sizes = {row["value"] for row in rows if row["dimension"] == "organisation"}
        assert sizes == {"(small groups)"}
    assert "groups of fewer than 5" in event_page(reports, event, draw, with_people=False)


def test_without_groups_the_panel_says_why() -> None:
    assert "registrations are not loaded" in segments_panel([], {"registered": None}, None)
    assert "Nothing was asked for" in segments_panel([], {"registered": 3}, None)
