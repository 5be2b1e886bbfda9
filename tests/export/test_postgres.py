"""Another destination: its reports are exported as DuckDB's are."""

import dlt
import pytest
from airmeet_etl.reports.build import build_reports
from airmeet_etl.reports.sql_files import sql_files

from tests.reports import community
from tests.reports.raw import load_raw
from tests.workplace import Workplace


def test_postgres_gives_the_same_files(
    loaded: Workplace, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    loaded.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    pipeline = dlt.pipeline("airmeet", destination="postgres", dataset_name="airmeet")
    load_raw(pipeline, community.TABLES)
    build_reports(pipeline)
    for name in sql_files("reporting"):
        chosen = ("--airmeet", "spring") if name == "attendee_event" else ()
        command = ("export", name, *chosen, "--output", "-", "--format", "json")
        there = loaded.run(*command, "--destination", "postgres")
        assert (there.code, sorted(there.out.splitlines())) == (
            0,
            sorted(loaded.run(*command).out.splitlines()),
        ), name
