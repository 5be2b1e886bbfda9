"""What the wheel holds, and what it does not."""

import ast
import tarfile
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.packaging.conftest import ROOT, build

PACKAGES = {"airmeet", "airmeet_etl", "airmeet_simulator", "airmeet_dashboard"}
FOR_DEVELOPERS = {"benchmarks", "tests", "tools"}


@pytest.fixture
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_import_name_begins_with_airmeet(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_each_package_has_types(names: set[str]) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= names


def test_the_sql_comes_along(names: set[str]) -> None:
    folder = ROOT / "transforms"
    files = [path for path in folder.rglob("*") if path.suffix in {".sql", ".csv"}]
    assert files
    assert {f"airmeet_etl/transforms/{file.relative_to(folder)}" for file in files} <= names


def test_every_module_comes_along(names: set[str]) -> None:
    for room in ("sources", "pipelines", "simulator", "dashboard"):
        for package in PACKAGES & {path.name for path in (ROOT / room).iterdir()}:
            for path in (ROOT / room / package).rglob("*.py"):
                assert str(path.relative_to(ROOT / room)) in names


def test_the_license_comes_along(names: set[str]) -> None:
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]


def test_nothing_comes_along_that_developers_alone_use(names: set[str]) -> None:
    for name in names:
        path = Path(name)
        assert not FOR_DEVELOPERS & set(path.parts), name
        assert not path.name.startswith(("test_", "conftest")), name
        assert path.suffix not in {".pyc", ".lock", ".duckdb"}, name


def test_no_module_needs_what_is_left_out(wheel: Path, names: set[str]) -> None:
    with ZipFile(wheel) as archive:
        for name in names:
            if not name.endswith(".py"):
                continue
            for node in ast.walk(ast.parse(archive.read(name))):
                match node:
                    case ast.Import(names=aliases):
                        imported = {alias.name.partition(".")[0] for alias in aliases}
                    case ast.ImportFrom(module=str(module), level=0):
                        imported = {module.partition(".")[0]}
                    case _:
                        continue
                assert not imported & {*FOR_DEVELOPERS, "pytest", "playwright"}, name


def test_the_one_command_is_airmeet(wheel: Path, names: set[str]) -> None:
    [file] = (name for name in names if name.endswith("/entry_points.txt"))
    parser = ConfigParser()
    with ZipFile(wheel) as archive:
        parser.read_string(archive.read(file).decode())
    assert set(parser["console_scripts"]) == {"airmeet"}
    assert parser["console_scripts"]["airmeet"].startswith("airmeet_etl.")


def test_the_wheel_of_the_sdist_is_the_same(wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    [tree] = (tmp_path / "unpacked").iterdir()
    again = build("wheel", tree, tmp_path / "again")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()
