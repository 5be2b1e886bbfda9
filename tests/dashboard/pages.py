"""What the tests of pages read in them."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
from airmeet_dashboard.charts import Chart
from airmeet_dashboard.reading import EventFilter, ReportRow, Reports, rows_of
from markupsafe import Markup


def draw(chart: Chart) -> Markup:
    return Markup('<div class="chart">{}</div>').format(chart.to_json())


def figures(page: str) -> dict[str, str]:
    """The figures of a page by their names, as text."""
    found = re.findall(r'data-figure="(\w+)">(.*?)</div>', page)
    return {key: unescape(re.sub("<.*?>", "", value)) for key, value in found}


def lines(page: str, table: str) -> list[list[str]]:
    """The lines of a table as text."""
    match = re.search(rf'data-table="{table}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert match, f"no table {table}"
    return [
        [
            unescape(re.sub("<.*?>", "", re.sub('<div class="narrow">.*?</div>', "", cell)))
            for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", match[1], re.DOTALL)
    ]


def sql(published: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set schema = 'airmeet_reports'; set timezone = 'UTC'")
        return connection.sql(query).fetchall()


def one_event(reports: Reports, airmeet_id: str) -> ReportRow:
    (event,) = rows_of(EventFilter(airmeet_id=airmeet_id).apply(reports.events()))
    return event
