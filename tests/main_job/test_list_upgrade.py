"""A warehouse of an earlier version, whose lists were columns of JSON, is brought up by a load."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import dlt
import duckdb
import pyarrow as pa
import pytest
from airmeet_simulator.simulator import Simulator
from dlt.extract import DltResource

from tests.sweeps import first
from tests.workplace import Workplace, assert_loaded, assert_same_rows, simulated, truth_of

COLUMNS = {
    "sessions": ("host_id", "cohost_ids", "speaker_id", "speaker_list"),
    "custom_fields": ("options",),
    "booths": ("exhibitors", "tags"),
}
LISTS = ("session_people", "custom_field_options", "booth_exhibitors", "booth_tags")
KEYS = {"sessions": "session_id", "custom_fields": "field_id", "booths": "booth_id"}
ODD = 'Say "no" \\ or ¤'


@pytest.fixture(params=first(1, ["gateway", "v1"]))
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def old_warehouse(workplace: Workplace, layout: str) -> Iterator[Simulator]:
    """Airmeets of long ago, all final, in a warehouse as an earlier version left it."""
    with simulated(airmeets=1, registrations=8, prepare_polls=0) as (simulator, address):
        base = address.v1 if layout == "v1" else address.gateway
        workplace.point_at(base, region="v1" if layout == "v1" else "global")
        for days in (60, 70):
            start = datetime.now(UTC) - timedelta(days)
            simulator.add_airmeet(f"{days} days ago", start=start, registrations=5)
        assert workplace.run("load", "--no-reports").code == 0
        make_old(workplace, layout)
        simulator.requests.clear()
        yield simulator


def make_old(workplace: Workplace, layout: str) -> None:
    """Give the tables their old columns, and take the new tables away."""
    people: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    hosts = []
    for row in workplace.rows("session_people"):
        ours = ("person", "_")
        row = {name: value for name, value in row.items() if not name.startswith(ours)}
        airmeet_id, session_id = row.pop("airmeet_id"), row.pop("session_id")
        if session_id is None:
            hosts.append((airmeet_id, row))
        else:
            people[session_id, row.pop("role")].append(row)

    def listed(table: str, key: str, *columns: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for row in workplace.rows(table):
            values = [row[column] for column in columns]
            entry = {"displayValue": values[1], "code": values[0]} if values[1:] else values[0]
            found[row[key]].append(entry)
        return found

    options = listed("custom_field_options", "field_id", "code", "display_value")
    exhibitors = listed("booth_exhibitors", "booth_id", "email")
    tags = listed("booth_tags", "booth_id", "tag")
    lists: dict[str, Callable[[str], tuple[Any, ...]]] = {
        "sessions": lambda id: (
            *([p["id"] for p in people[id, role]] for role in ("host", "cohost", "speaker")),
            people[id, "speaker"],
        ),
        "custom_fields": lambda id: (options[id],),
        "booths": lambda id: (exhibitors[id], tags[id]),
    }
    pipeline = dlt.pipeline("airmeet", destination="duckdb", dataset_name="airmeet")

    @dlt.source(name="airmeet", section="airmeet")
    def as_it_was() -> Iterator[DltResource]:
        for table, columns in COLUMNS.items():
            with duckdb.connect(str(workplace.file), read_only=True) as connection:
                own = "columns(lambda c: c[:4] <> '_dlt')"
                arrow = connection.sql(f"select {own} from airmeet.{table}").to_arrow_table()
            values = [lists[table](id) for id in arrow[KEYS[table]].to_pylist()]
            for column, texts in zip(columns, zip(*values, strict=True), strict=True):
                arrow = arrow.append_column(column, pa.array(map(json.dumps, texts), pa.string()))
            hints: Any = {column: {"data_type": "json"} for column in columns}
            yield dlt.resource([arrow], name=table, columns=hints)

    pipeline.run(as_it_was(), write_disposition="replace", loader_file_format="parquet")
    for table in LISTS:
        workplace.execute(f"delete from airmeet.{table}")
    workplace.execute(
        "update airmeet.feed_syncs set airmeet_version = split_part(airmeet_version, '.', 1)"
    )
    if layout == "v1":
        workplace.execute(f"delete from airmeet.feed_syncs where feed in {LISTS}")
    else:  # it had the people of whole airmeets, and a ledger row for them
        workplace.execute(f"delete from airmeet.feed_syncs where feed in {LISTS[1:]}")
        for airmeet_id, host in hosts:
            values = [airmeet_id, "host", host["id"], host["name"], host["email"]]
            texts = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
            workplace.execute(
                "insert into airmeet.session_people "
                f"(airmeet_id, role, id, name, email) values ({texts})"
            )


def old_columns_are_empty(workplace: Workplace) -> bool:
    return all(
        workplace.sql(f"select count({column}) from airmeet.{table}") == [(0,)]
        for table, columns in COLUMNS.items()
        for column in columns
    )


def as_now(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    old = {column for columns in COLUMNS.values() for column in columns}
    return [{name: value for name, value in row.items() if name not in old} for row in rows]


def asked(simulator: Simulator) -> set[str]:
    """The feeds that were asked for, of airmeets that were final before."""
    live = simulator.airmeets()[0].uid
    return {e.feed for e in simulator.requests.entries if e.airmeet_id not in ("", live)}


@pytest.mark.slow
def test_only_what_fills_the_new_tables_is_fetched_again(workplace: Workplace, layout: str) -> None:
    with old_warehouse(workplace, layout) as simulator:
        assert not old_columns_are_empty(workplace)
        result = workplace.run("load", "--no-reports")
        assert result.code == 0, result.out + result.err
        assert "new fields" not in result.out
        # Polls are asked for again as well: each choice of a list is a row now.
        assert asked(simulator) == {*COLUMNS, "poll_responses"}
        assert old_columns_are_empty(workplace)
        assert_loaded(workplace, simulator, layout=layout)
        simulator.requests.clear()
        assert workplace.run("load", "--no-reports").code == 0
        assert asked(simulator) == set()


@pytest.mark.long
def test_lists_of_airmeets_that_are_not_listed_any_more_are_moved(
    workplace: Workplace, layout: str
) -> None:
    with old_warehouse(workplace, layout) as simulator:
        truth = {table: truth_of(simulator, table, layout) for table in (*COLUMNS, *LISTS)}
        gone = simulator.airmeets()[-1].uid
        field = next(r["field_id"] for r in truth["custom_fields"] if r["airmeet_id"] == gone)
        odd = json.dumps([{"displayValue": ODD, "code": "odd", "order": 1}, "plain"])
        workplace.execute(
            "update airmeet.custom_fields set options = ? where field_id = ?".replace(
                "?", "'" + odd.replace("'", "''") + "'", 1
            ).replace("?", f"'{field}'")
        )
        truth["custom_field_options"] = [
            row for row in truth["custom_field_options"] if row["field_id"] != field
        ] + [
            {
                "airmeet_id": gone,
                "field_id": field,
                "code": "odd",
                "display_value": ODD,
                "order": 1,
            },
            {"airmeet_id": gone, "field_id": field, "code": "plain"},
        ]
        simulator.archive_airmeet(gone)
        result = workplace.run("load")
        assert result.code == 0, result.out + result.err
        assert "moved the lists of 1 airmeet(s)" in result.err
        for table, rows in truth.items():
            assert_same_rows(as_now(workplace.rows(table)), rows)
        assert old_columns_are_empty(workplace)
        assert workplace.sql(
            "select feeds_missing, is_final from airmeet_reports.data_status "
            f"where airmeet_id = '{gone}'"
        ) == [(0, True)]
        again = workplace.run("load", "--no-reports")
        assert "moved" not in again.err


@pytest.mark.slow
def test_a_narrow_load_moves_the_rest_and_leaves_it_due(workplace: Workplace) -> None:
    with old_warehouse(workplace, "v1") as simulator:
        truth = {table: truth_of(simulator, table) for table in (*COLUMNS, *LISTS)}
        result = workplace.run("load", "--no-reports", "--since", "2100-01-01")
        assert result.code == 0 and "moved the lists of 3 airmeet(s)" in result.err, result.err
        for table, rows in truth.items():
            assert_same_rows(as_now(workplace.rows(table)), rows)
        simulator.requests.clear()
        assert workplace.run("load", "--no-reports").code == 0
        # Polls are asked for again as well: each choice of a list is a row now.
        assert asked(simulator) == {*COLUMNS, "poll_responses"}
        assert_loaded(workplace, simulator)


@pytest.mark.slow
def test_a_person_in_old_lists_can_be_erased(workplace: Workplace) -> None:
    with old_warehouse(workplace, "v1") as simulator:
        speaker = next(r for r in truth_of(simulator, "session_people") if r.get("email"))
        exhibitor = truth_of(simulator, "booth_exhibitors")[0]
        for person in (speaker, exhibitor):
            assert workplace.run("erase", "--email", person["email"]).code == 0
        lists = str([workplace.rows(table) for table in COLUMNS]).lower()
        assert speaker["email"].lower() not in lists and speaker["id"].lower() not in lists
        assert exhibitor["email"].lower() not in lists
