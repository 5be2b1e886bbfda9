"""Erasing in a DuckLake: its old snapshots and files go, too."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.privacy.test_erase import erase
from tests.privacy.traces import traces
from tests.workplace import Workplace, simulated, truth_of


def give_extensions(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put DuckLake's extensions, which packages bring, where DuckDB looks for them."""
    for package in ("duckdb_extension_ducklake", "duckdb_extension_sqlite_scanner"):
        pytest.importorskip(package)
    for name in ("ducklake", "sqlite_scanner"):
        extensions: Any = files(f"duckdb_extension_{name}") / "extensions"
        [extension] = Path(extensions).rglob(f"{name}.duckdb_extension")
        platform = duckdb.sql("pragma platform").fetchall()[0][0]
        place = home / ".duckdb" / "extensions" / f"v{duckdb.__version__}" / platform
        place.mkdir(parents=True, exist_ok=True)
        (place / extension.name).symlink_to(extension)
    monkeypatch.setenv("HOME", str(home))


def test_a_ducklake_forgets_what_is_erased(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_extensions(workplace.folder / "home", monkeypatch)
    lake = ("--destination", "ducklake")
    with simulated(airmeets=2, registrations=8) as (simulator, host):
        workplace.point_at(host.v1)
        result = workplace.run("load", "--no-reports", "--only", "registrations", *lake)
        assert result.code == 0, result.err
        person = next(row for row in truth_of(simulator, "registrations") if row["name"])
    address, name = str(person["email"]).strip().lower(), str(person["name"])
    assert traces(workplace.folder, (address,))
    erase(workplace, address, *lake)
    assert traces(workplace.folder, (address, name)) == set()
