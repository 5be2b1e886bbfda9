"""Reports as pandas data frames: for notebooks and the dashboard, never used by a load."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dlt
import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .build import read_report
from .sql_files import sql_files


def read_frame(
    source: "dlt.Pipeline | Path | str", name: str, dataset: str = "airmeet_reports"
) -> pd.DataFrame:
    """A report as a data frame, sorted by the columns of its grain.

    ```python
    from airmeet_etl.reports.frames import read_frame

    read_frame("reports.duckdb", "event_summary").plot(x="start_time", y="attended")
    ```

    Column types are Arrow's: a whole number stays whole where others are unknown. Unknown values
    are `pd.NA`, never 0. Times are in UTC.

    Args:
        source: the pipeline that loads, for reports at any destination; or a DuckDB file, which
            is opened to read only: the published `reports.duckdb`, or the warehouse.
        name: of the report, for example `event_summary`.
        dataset: that holds the reports in a file; a pipeline knows its own.

    Raises:
        KeyError: there is no report of this name.
        duckdb.Error: the file is missing, is being written to, or has no such report yet.
    """
    if isinstance(source, dlt.Pipeline):
        return to_frame(read_report(source, name))
    grain = ", ".join(sql_files("reporting")[name].grain)
    with _read_only(source) as connection:
        query = f'SELECT * FROM "{dataset}"."{name}" ORDER BY {grain}'
        return to_frame(connection.sql(query).to_arrow_table())


def to_frame(table: pa.Table) -> pd.DataFrame:
    """A table as a data frame that is alike for every destination.

    Names are in lower case, sums and counts whole numbers, other decimals floats, times in UTC.
    """
    columns = {name.lower(): _alike(column) for name, column in _columns(table)}
    frame: pd.DataFrame = pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _columns(table: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
    yield from zip(table.column_names, table.columns, strict=True)


def _alike(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_decimal(column.type):
        is_whole = pc.all(pc.equal(column, pc.floor(column))).as_py()
        return column.cast(pa.int64() if is_whole is not False else pa.float64())
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", tz="UTC"))
    return column


@contextmanager
def _read_only(file: "Path | str") -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        yield connection
