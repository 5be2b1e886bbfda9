"""A DuckLake's extensions where DuckDB looks for them: from PyPI, without a download."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.workplace import Workplace

_EXTENSIONS = ("ducklake", "sqlite_scanner")


def install_extensions(workplace: Workplace, *others: str) -> None:
    """Give a workplace a home folder that has them; without them the test is skipped."""
    workplace.set(HOME=home_with_extensions(workplace.folder, *others))


def home_with_extensions(folder: Path, *others: str) -> Path:
    """Make a home folder that has them; without them the test is skipped."""
    names = (*_EXTENSIONS, *others)
    for name in names:
        pytest.importorskip(f"duckdb_extension_{name}")
    home = folder / "home"
    platform = duckdb.sql("pragma platform").fetchall()[0][0]
    place = home / ".duckdb" / "extensions" / f"v{duckdb.__version__}" / platform
    place.mkdir(parents=True, exist_ok=True)
    for name in names:
        extensions: Any = files(f"duckdb_extension_{name}") / "extensions"
        [extension] = Path(extensions).rglob(f"{name}.duckdb_extension")
        (place / extension.name).symlink_to(extension)
    return home
