"""Writes docs/pace.md: how well registration_pace would have foretold a simulated community's past.

python -m tools.pace_backtest          minutes; --airmeets and --registrations for another community

A simulated Airmeet is loaded and its reports are built as always. Then each past airmeet, at each
of `HORIZONS`, is taken for one to come: registration_pace.sql runs on what was there at that
moment, and its last day is compared with what came of the airmeet.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import dlt
import duckdb
from airmeet_etl.reports.build import reports_dataset
from airmeet_etl.reports.queries import facts_of, sql_of
from airmeet_etl.reports.sql_files import sql_files

from benchmarks.measuring import load
from benchmarks.served import Community, served
from tools.generated_page import grid

FILE = Path(__file__).parent.parent / "docs" / "pace.md"
HORIZONS = (30, 14, 7, 3, 1)
"""Days before the start."""

FIGURES = ("registrations", "attendance")

_MODELS = ("int_schedule", "int_numbers")
_REPORTS = {"all_events": "event_summary", "all_days": "registration_daily"}
"""The reports whose rows of each moment registration_pace reads, by the name of the whole."""

_PAST = """
create table past as
select
    airmeet_id,
    any_value(events.start_time) as start_time,
    any_value(events.start_date) as start_date,
    sum(days.rated_registrations) as registrations,
    any_value(events.attended_registered) as attendance
from all_events as events
inner join all_days as days using (airmeet_id)
where events.attendance_rate is not null and events.start_date is not null
group by airmeet_id
having sum(days.rated_registrations) > 0
"""

_AS_OF = (
    """
    create or replace table event_summary as
    select * replace (
        case when airmeet_id = $airmeet then 'upcoming' else phase end as phase,
        case when airmeet_id <> $airmeet then attendance_rate end as attendance_rate
    )
    from all_events
    where airmeet_id = $airmeet or (phase = 'over' and ends_at <= $moment)
    """,
    """
    create or replace table registration_daily as
    select * from all_days
    where airmeet_id <> $airmeet or days_before_start >= $horizon
    """,
    """
    create or replace table stg_feed_syncs as
    select $airmeet as airmeet_id, 'registrations' as feed, $moment as requested_at
    """,
)
"""What registration_pace reads at a moment, with one airmeet to come."""


@dataclass(frozen=True)
class Forecast:
    """What was expected of an airmeet, and what came of it.

    Attributes:
        registered: people who had registered by then.
        expected: by figure of `FIGURES` the low end, the expectation and the high end; empty where
            fewer than five airmeets were comparable.
        came: by figure what came of it.
    """

    registered: int
    expected: dict[str, tuple[int, int, int]]
    came: dict[str, int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the page; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.pace_backtest")
    parser.add_argument("--airmeets", type=int, default=160, help="(%(default)s)")
    parser.add_argument(
        "--registrations", type=int, default=100, help="mean of an airmeet (%(default)s)"
    )
    args = parser.parse_args(arguments)
    with TemporaryDirectory() as place:
        folder = Path(place)
        with served(Community(args.airmeets, args.registrations)) as server:
            load((str(Path(sys.executable).parent / "airmeet"), "load"), folder, server)
        connection = past_of(folder)
        found = {horizon: [*forecasts(connection, horizon)] for horizon in HORIZONS}
    command = "python -m tools.pace_backtest"
    command += f" --airmeets {args.airmeets} --registrations {args.registrations}"
    FILE.write_text(page(found, command, datetime.now(UTC).date()), encoding="utf-8")
    return 0


def past_of(folder: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory with what registration_pace reads, of the airmeets in a warehouse."""
    warehouse = folder / "warehouse.duckdb"
    pipeline = dlt.pipeline(
        "airmeet",
        pipelines_dir=str(folder / "backtest"),
        destination=dlt.destinations.duckdb(str(warehouse)),
        dataset_name="airmeet",
    )
    reports = reports_dataset(pipeline)
    facts = facts_of(pipeline, reports)
    queries = {name: sql_of(sql_files("intermediate")[name], facts) for name in _MODELS}
    queries |= {stored: f"select * from {reports}.{name}" for stored, name in _REPORTS.items()}
    with duckdb.connect(str(warehouse), read_only=True) as source:
        tables = {name: source.sql(query).to_arrow_table() for name, query in queries.items()}
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for name, table in tables.items():
        connection.register("incoming", table)
        connection.execute(f"create table {name} as from incoming")
    connection.execute(_PAST)
    return connection


def forecasts(connection: duckdb.DuckDBPyConnection, horizon: int) -> Iterator[Forecast]:
    """What registration_pace says of each past airmeet, so many days before its start."""
    columns = [f"expected_{figure}{end}" for figure in FIGURES for end in ("_low", "", "_high")]
    query = (
        f"select registered, {', '.join(columns)}"
        f" from ({sql_files('reporting')['registration_pace'].sql}) where days_before_start = ?"
    )
    past = connection.execute(
        f"select airmeet_id, start_time - interval {horizon} day, {', '.join(FIGURES)} from past"
    ).fetchall()
    for airmeet, moment, *came in past:
        for statement in _AS_OF:
            names = {"airmeet": airmeet, "moment": moment, "horizon": horizon}
            used = {name: value for name, value in names.items() if f"${name}" in statement}
            connection.execute(statement, used)
        row = connection.execute(query, [horizon]).fetchone()
        if row is None:
            continue  # nobody had registered yet
        registered, *figures = row
        told = {} if None in figures else {FIGURES[0]: figures[:3], FIGURES[1]: figures[3:]}
        yield Forecast(
            int(registered),
            {figure: (low, expected, high) for figure, (low, expected, high) in told.items()},
            dict(zip(FIGURES, map(int, came), strict=True)),
        )


def page(found: Mapping[int, Sequence[Forecast]], command: str, day: date) -> str:
    """The page: what was measured, how, and what it is worth."""
    lines = [line(horizon, forecasts) for horizon, forecasts in found.items()]
    return _PAGE.format(command=command, day=day, table=grid(_HEADS, lines))


_HEADS = (
    "days before",
    "airmeets",
    "of these with an expectation",
    "registrations: error",
    "within the range",
    "attendance: error",
    "within the range",
    "registered so far: error",
)


def line(horizon: int, forecasts: Sequence[Forecast]) -> list[str]:
    """The line of a horizon: how many there are, then the median errors and the shares within."""
    told = [forecast for forecast in forecasts if forecast.expected]
    cells = [str(horizon), str(len(forecasts)), str(len(told))]
    for figure in FIGURES:
        pairs = [(forecast.expected[figure], forecast.came[figure]) for forecast in told]
        cells.append(_median_error((expected, came) for (_, expected, _), came in pairs))
        within = [low <= came <= high for (low, _, high), came in pairs]
        cells.append(f"{sum(within) / len(within):.0%}" if within else "–")
    so_far = ((forecast.registered, forecast.came[FIGURES[0]]) for forecast in told)
    return [*cells, _median_error(so_far)]


def _median_error(pairs: Iterable[tuple[int, int]]) -> str:
    """Of what was expected and what came, where any came."""
    errors = [abs(expected - came) / came for expected, came in pairs if came]
    return f"{median(errors):.0%}" if errors else "–"


_PAGE = """\
# How good are the expectations of registration_pace?

Written by `{command}` on {day}; it is not part of `make docs`, as it takes minutes.

Each past airmeet of a simulated community is taken for one to come, so many days before its start:
the report's own SQL runs on the registrations that were there at the end of that day, beside the
airmeets that were over by then. What it expects is compared with what came of the airmeet.

{table}
- *airmeets*: those with a registration by then. *With an expectation*: those with five comparable
  airmeets or more; the other figures are of these.
- *error*: the median over airmeets of |expected − came| ÷ came. *Registered so far* is the error of
  expecting nobody more: what the report must beat.
- *within the range*: the share of airmeets of which what came lies from `_low` to `_high`. The
  range of registrations is that of the middle half of comparable airmeets, so about half are to be
  expected in it; that of attendance multiplies two such ranges.
- Registrations are people who are no staff and registered with a date up to the end; attendance is
  those who came of all that had registered.

The figures are those of a simulated community. Its airmeets differ in size, in how long before the
start registration opens (3 to 45 days) and in the share that comes (35 to 75 percent), all drawn at
random; people register along one and the same curve. Real ones differ in more than that: in
audience, price, promotion and season. So the figures show that the report does what it says and how
its error shrinks as the start comes near; that of attendance cannot, as nothing tells beforehand
what was drawn. They promise nothing of a real community, whose own past tells.

The last day of the report is counted as far as it was fetched, and here to its end: in the last
days before a start, when many register, a fetch in the morning sees fewer.
"""

if __name__ == "__main__":
    sys.exit(main())
