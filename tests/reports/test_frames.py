"""Reports as data frames: types, unknown values and order, from a pipeline and from files."""

from pathlib import Path

import dlt
import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from airmeet_etl.reports.frames import read_frame, to_frame
from airmeet_etl.warehouse.warehouse import warehouse_file

from tests.reports import community
from tests.reports.conftest import loaded_and_built


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> dlt.Pipeline:
    return loaded_and_built(tmp_path_factory.mktemp("frames"), community.TABLES)


def test_a_frame_keeps_whole_numbers_and_what_is_unknown(pipeline: dlt.Pipeline) -> None:
    events = read_frame(pipeline, "event_summary").set_index("airmeet_id")
    assert list(events.index) == sorted(events.index)
    assert events.loc["june", "attended"] is pd.NA
    assert events.loc["june", "registered"] == 2
    assert str(events["attended"].dtype) == "int64[pyarrow]"
    assert str(events["start_time"].dtype) == "timestamp[us, tz=UTC][pyarrow]"


def test_a_file_gives_the_same_frame_as_its_pipeline(pipeline: dlt.Pipeline) -> None:
    file = warehouse_file(pipeline)
    assert file
    for name in ("event_summary", "people", "registration_daily"):
        assert read_frame(file, name).equals(read_frame(pipeline, name))


def test_what_is_not_there_is_an_error(pipeline: dlt.Pipeline, tmp_path: Path) -> None:
    for source in (pipeline, str(tmp_path / "none.duckdb")):
        with pytest.raises(KeyError, match="no_such_report"):
            read_frame(source, "no_such_report")
    with pytest.raises(duckdb.Error):
        read_frame(tmp_path / "none.duckdb", "event_summary")
    assert not (tmp_path / "none.duckdb").exists()


def test_destinations_give_the_same_types() -> None:
    table = pa.table(
        {
            "PEOPLE": pa.array([3, None], pa.decimal128(38, 9)),
            "RATE": pa.array([None, "0.5"]).cast(pa.decimal128(38, 9)),
            "NOTHING": pa.nulls(2, pa.decimal128(38, 0)),
        }
    )
    frame = to_frame(table)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "people": "int64[pyarrow]",
        "rate": "double[pyarrow]",
        "nothing": "int64[pyarrow]",
    }
    assert frame["people"].sum() == 3 and frame["rate"].sum() == 0.5
