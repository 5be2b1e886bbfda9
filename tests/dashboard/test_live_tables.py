"""The app's tables: what a cell is, and that a downloaded file runs nothing."""

import base64
import csv
import io
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("marimo")

from airmeet_dashboard import markup
from airmeet_dashboard.certificates import certificates_panel
from airmeet_dashboard.event import event_page
from airmeet_dashboard.event_contents import Known
from airmeet_dashboard.live_table import LiveTables
from airmeet_dashboard.reading import Reports
from airmeet_dashboard.report import latest_over
from airmeet_dashboard.tables import Column, Table, plain_column, static_table
from marimo._plugins.ui._impl.table import DownloadAsArgs, SearchTableArgs

from tests.dashboard.pages import draw, lines, one_event, sql

PICTURE = "https://evil.example.com/x.png"
ROWS = pd.DataFrame(
    {"airmeet_id": ["a", "b"], "name": [PICTURE, "=1+1"], "people": [1, None], "rate": [0.5, None]}
)
TABLE = Table(
    ROWS,
    [
        Column("Event", lambda r: markup.name(r["name"]), "name", markup.name, is_number=False),
        plain_column("People", "people", markup.count),
        Column("Rate", lambda r: markup.rate(r["rate"]), "rate", markup.rate),
    ],
    "events",
    "none",
    opens="airmeet_id",
)


def made() -> tuple[LiveTables, list[str]]:
    opened: list[str] = []
    tables = LiveTables(opened.append)
    tables.show(TABLE)
    return tables, opened


def test_a_cell_is_html_that_we_escaped_and_never_a_link_or_picture() -> None:
    tables, _ = made()
    answer = tables._made[0]._search(SearchTableArgs(page_size=5, page_number=0))
    assert "text/html" in str(answer.data)
    assert f"<bdi>{PICTURE}</bdi>" in str(answer.data)
    assert "50.0%" in str(answer.data)


@pytest.mark.parametrize("query", [None, "evil", "1+1"])
def test_a_file_of_a_table_runs_nothing_in_a_spreadsheet(query: str | None) -> None:
    tables, _ = made()
    table = tables._made[0]
    if query:
        table._search(SearchTableArgs(page_size=5, page_number=0, query=query.replace("+", r"\+")))
    answer = table._download_as(DownloadAsArgs(format="csv"))
    assert answer.filename == "events.csv"
    text = base64.b64decode(answer.url.partition(",")[2]).decode()
    names = [row["Event"] for row in csv.DictReader(io.StringIO(text))]
    found = {"evil": [PICTURE], "1+1": ["'=1+1"]}.get(query or "", [PICTURE, "'=1+1"])
    assert names == found


def test_a_click_opens_the_event_of_its_row_whatever_the_order() -> None:
    tables, opened = made()
    table = tables._made[0]
    table._search(SearchTableArgs(page_size=5, page_number=0, query="1"))
    table._update([{"rowId": "1", "columnName": "Event"}])
    assert opened == ["b"]


def test_certificates_equal_the_report(reports: Reports) -> None:
    for event in ("spring", "night", "may"):
        where = f"where airmeet_id = '{event}'"
        known = Known(reports, where, one_event(reports, event))
        panel = certificates_panel(reports, where, known, True, static_table)
        rows = reports.frame(f"select qualifies, missing from certificates {where}")
        earned = int(rows["qualifies"].fillna(False).sum())
        if known.is_over and len(rows) and not (rows["missing"] == "no rule").all():
            assert f"{earned} of {len(rows)} attendees" in panel
            assert len(lines(panel, "certificates")) == len(rows)
        nameless = certificates_panel(reports, where, known, False, static_table)
        assert "example.com" not in nameless


def test_the_ways_between_sessions_equal_the_report(reports: Reports, published: Path) -> None:
    page = event_page(reports, one_event(reports, "spring"), draw)
    ways = sql(published, "select people from session_flow where airmeet_id = 'spring'")
    assert sorted(int(line[2]) for line in lines(page, "session_flow")) == sorted(
        people for (people,) in ways
    )


def test_the_event_that_opens_first_is_the_latest_finished_one(reports: Reports) -> None:
    events = reports.events()
    first = latest_over(events)
    assert first["is_over"] and first["start_time"] == events[events["is_over"]]["start_time"].max()
    to_come = events[events["is_to_come"]]
    assert latest_over(to_come)["airmeet_id"] == to_come["airmeet_id"].iloc[0]
