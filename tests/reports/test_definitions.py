"""What each report says of the community in `community.py`: `expected/` holds the right rows,
worked out by hand."""

from pathlib import Path

import dlt
import pytest
from airmeet_etl.reports.build import read_report
from airmeet_etl.reports.sql_files import sql_files

from tests.reports.table_text import as_csv

EXPECTED = Path(__file__).parent / "expected"


@pytest.mark.parametrize("name", sql_files("reporting"))
def test_report(built: dlt.Pipeline, name: str) -> None:
    expected = (EXPECTED / f"{name}.csv").read_text(encoding="utf-8")
    assert as_csv(read_report(built, name)).splitlines() == expected.splitlines()
