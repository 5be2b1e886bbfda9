"""The command's rows reach dlt as Parquet files: whole, once, and gone when they are taken over."""

from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from airmeet import resources
from airmeet.parquet_files import FOLDER, parquet_folder
from airmeet_etl.load import load
from airmeet_etl.warehouse.warehouse import open_pipeline
from dlt.normalize.items_normalizers.arrow import ArrowItemsNormalizer

from tests.conftest import Alter
from tests.privacy.test_erase import erase, somebody
from tests.trust.killing import Moment, killed
from tests.workplace import Workplace, assert_loaded, assert_same_rows, simulated, truth_of


@pytest.fixture
def rewritten(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables whose files dlt reads and writes anew, instead of taking them over."""
    tables: list[str] = []
    rewrite = ArrowItemsNormalizer._write_with_dlt_columns

    def noted(self: Any, file: str, table: str, add_dlt_id: bool) -> Any:
        tables.append(table)
        return rewrite(self, file, table, add_dlt_id)

    monkeypatch.setattr(ArrowItemsNormalizer, "_write_with_dlt_columns", noted)
    return tables


def files_left(workplace: Workplace) -> list[Path]:
    return [*workplace.folder.glob(f"dlt/pipelines/*/{FOLDER}/*")]


def test_dlt_takes_the_files_over_as_they_are(workplace: Workplace, rewritten: list[str]) -> None:
    workplace.set(DATA_WRITER__COMPRESSION="zstd")
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        for arguments in ((), ("--full-refresh",)):
            assert workplace.run("load", "--no-reports", *arguments).code == 0
        assert_loaded(workplace, simulator)
    assert not rewritten and not files_left(workplace)
    files = [*workplace.folder.glob("dlt/pipelines/*/load/loaded/*/*/registrations.*.parquet")]
    assert files
    for file in files:
        column = pq.read_metadata(file).row_group(0).column(0)
        assert column.compression == "ZSTD"


@pytest.mark.parametrize("package_rows", [60, 1_000_000])
def test_fields_that_come_and_go_lose_nothing(
    workplace: Workplace,
    alter: Alter,
    monkeypatch: pytest.MonkeyPatch,
    rewritten: list[str],
    package_rows: int,
) -> None:
    """They are in some batches of a package and not in others, in any order."""
    monkeypatch.setattr(load, "PACKAGE_ROWS", package_rows)
    monkeypatch.setattr(resources, "_BATCH_ROWS", 10)
    pages = count()

    def add(rows: list[dict[str, Any]]) -> None:
        page = next(pages)
        for row in rows:
            for letter in ("Red", "Green", "Blue")[page % 4 :]:
                row[f"in{letter}"] = f"{letter} {row['email']}"

    with simulated(airmeets=8) as (simulator, address):
        workplace.point_at(address.v1)
        alter(simulator, "/registrations", add)
        assert workplace.run("load", "--no-reports").code == 0
        rewritten.clear()  # dlt's for what was written before a field first came
        assert workplace.run("load", "--no-reports", "--full-refresh").code == 0
        truth = truth_of(simulator, "registrations")
    assert not rewritten
    rows = workplace.rows("registrations")
    colours = [[row.pop(f"in_{colour}") for colour in ("red", "green", "blue")] for row in rows]
    assert_same_rows(rows, truth)
    for row, found in zip(rows, colours, strict=True):
        expected = [f"{colour} {row['email']}" for colour in ("Red", "Green", "Blue")]
        brought = sum(value is not None for value in found)
        assert found == [None] * (3 - brought) + expected[3 - brought :]
    assert {sum(value is not None for value in found) for found in colours} == {0, 1, 2, 3}


def test_a_load_id_that_dlt_is_to_add_is_there(workplace: Workplace) -> None:
    workplace.set(NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID="true")
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
        ids = workplace.sql("select distinct _dlt_load_id from airmeet.registrations")
        assert ids == workplace.sql("select load_id from airmeet._dlt_loads")
        assert_loaded(workplace, simulator)


def test_files_of_a_run_that_was_killed_go_with_the_next_or_with_an_erasure(
    workplace: Workplace,
) -> None:
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        person, _ = somebody(simulator)
        assert workplace.run("load", "--no-reports").code == 0
        written = Moment("airmeet.parquet_files:_TableFiles.imports", late=True)
        for ending in ("erase", "load"):
            killed(written, ("load", "--no-reports", "--full-refresh"))
            assert files_left(workplace)
            if ending == "erase":
                erase(workplace, person)
            else:
                assert workplace.run("load", "--no-reports").code == 0
            assert not files_left(workplace)


def test_the_folder_goes_whatever_ends_the_extraction(workplace: Workplace) -> None:
    pipeline = open_pipeline()
    with pytest.raises(KeyboardInterrupt), parquet_folder(pipeline) as folder:
        (folder / "registrations.0.parquet").touch()
        raise KeyboardInterrupt
    assert not folder.exists()
