"""The drawing of the house: which module may import which.

An import under `if TYPE_CHECKING` is not counted: it is for type checkers alone.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

DECLARATIONS = (
    "airmeet.times",
    "airmeet.person",
    "airmeet.addresses",
    "airmeet.errors",
    "airmeet.nearest",
    "airmeet.safe_text",
    "airmeet.rows",
    "airmeet.schemas",
    "airmeet.settings",
    "airmeet.feeds",
)

_BELOW = ("airmeet", "airmeet_etl.exit_codes", "airmeet_etl.warehouse")
_ROOMS = ("load", "push", "reports", "inspection", "erase", "export", "recordings", "webhooks")
_RUNS = tuple(f"airmeet_etl.{room}" for room in _ROOMS)

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    # The source and destination, usable alone.
    **dict.fromkeys(DECLARATIONS, DECLARATIONS),
    "airmeet.atomic_file": (),
    "airmeet.api": (*DECLARATIONS, "airmeet.atomic_file"),
    "airmeet.privacy": DECLARATIONS,
    "airmeet.extract": (*DECLARATIONS, "airmeet.api", "airmeet.privacy"),
    "airmeet.dlt_tables": DECLARATIONS,
    "airmeet.parquet_files": DECLARATIONS,
    "airmeet.write": (*DECLARATIONS, "airmeet.api", "airmeet.extract", "airmeet.dlt_tables"),
    "airmeet.resources": (
        *DECLARATIONS,
        "airmeet.dlt_tables",
        "airmeet.extract",
        "airmeet.parquet_files",
        "airmeet.privacy",
    ),
    "airmeet.source": ("airmeet",),
    "airmeet": ("airmeet",),
    # A local Airmeet. The rest is tested against it, so it shares nothing with the rest.
    "airmeet_simulator": (),
    # The command and its runs.
    "airmeet_etl": (),
    "airmeet_etl.exit_codes": ("airmeet",),
    "airmeet_etl.configuration": (
        "airmeet.nearest",
        "airmeet.settings",
        "airmeet_etl.exit_codes",
    ),
    "airmeet_etl.communities": (
        "airmeet.nearest",
        "airmeet.settings",
        "airmeet_etl.configuration",
        "airmeet_etl.exit_codes",
    ),
    "airmeet_etl.known_secrets": ("airmeet.safe_text", "airmeet_etl.configuration"),
    "airmeet_etl.runtime": ("airmeet_etl.exit_codes",),
    "airmeet_etl.warehouse": ("airmeet", "airmeet_etl.exit_codes"),
    "airmeet_etl.webhooks": _BELOW,
    "airmeet_etl.load": (*_BELOW, "airmeet_etl.webhooks"),
    "airmeet_etl.push": _BELOW,
    "airmeet_etl.reports": _BELOW,
    "airmeet_etl.recordings": _BELOW,
    "airmeet_etl.inspection": (*_BELOW, "airmeet_etl.reports"),
    "airmeet_etl.erase": (*_BELOW, "airmeet_etl.reports", "airmeet_etl.webhooks"),
    "airmeet_etl.export": (*_BELOW, "airmeet_etl.reports"),
    "airmeet_etl.terminal_tables": ("airmeet.safe_text",),
    "airmeet_etl.terminal": (*_BELOW, *_RUNS, "airmeet_etl.terminal_tables"),
    "airmeet_etl.terminal_answers": (
        *_BELOW,
        *_RUNS,
        "airmeet_etl.terminal",
        "airmeet_etl.terminal_tables",
    ),
    "airmeet_etl.commands": (
        *_BELOW,
        *_RUNS,
        "airmeet_etl.communities",
        "airmeet_etl.configuration",
        "airmeet_etl.runtime",
        "airmeet_etl.terminal",
        "airmeet_etl.terminal_answers",
        "airmeet_etl.terminal_tables",
        "airmeet_dashboard",
        "airmeet_simulator",
    ),
    "airmeet_etl.cli": (
        *_BELOW,
        *_RUNS,
        "airmeet_etl.communities",
        "airmeet_etl.configuration",
        "airmeet_etl.known_secrets",
        "airmeet_etl.runtime",
        "airmeet_etl.terminal",
        "airmeet_etl.terminal_answers",
        "airmeet_etl.terminal_tables",
        "airmeet_etl.commands",
        "airmeet_dashboard",
        "airmeet_simulator",
    ),
    "airmeet_etl.__main__": ("airmeet_etl.cli",),
    # The pages over the reports.
    "airmeet_dashboard": (
        "airmeet.atomic_file",
        "airmeet.feeds",
        "airmeet.nearest",
        "airmeet.settings",
        "airmeet_etl.communities",
        "airmeet_etl.exit_codes",
        "airmeet_etl.export",
        "airmeet_etl.reports",
        "airmeet_etl.warehouse",
    ),
}
"""A room, and what its modules may import besides each other. The longest name that fits counts."""

_IMPORTED_AS = {"vl_convert_python": "vl_convert"}
"""Requirements that are imported by another name."""

LONG = {"airmeet.schemas"}
"""One list of tables: may be longer than 400 lines."""

FOLDERS = {
    "airmeet": ROOT / "sources",
    "airmeet_simulator": ROOT / "simulator",
    "airmeet_etl": ROOT / "pipelines",
    "airmeet_dashboard": ROOT / "dashboard",
}


@cache
def modules() -> dict[str, Path]:
    """All modules that are shipped, by name."""
    found = {}
    for package, folder in FOLDERS.items():
        for path in sorted((folder / package).rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str) -> set[str]:
    """What a module imports, absolute: ours by module, others by their top name."""
    path = modules()[name]
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found: set[str] = set()
    for node in _seen_when_run(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                found.add(inner if inner in modules() else module)
    return {target if target in modules() else target.partition(".")[0] for target in found}


def _seen_when_run(node: ast.AST) -> Iterator[ast.AST]:
    """A tree's nodes, without what stands under `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _seen_when_run(child)


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def room_of(module: str) -> str:
    """The room that a module is in; `airmeet` and `airmeet_etl` are for their `__init__` alone."""
    rooms = [room for room in MAY_IMPORT if within(module, room)]
    return max(rooms, key=len)


@pytest.mark.parametrize("name", modules())
def test_imports_go_one_way(name: str) -> None:
    room = room_of(name)
    allowed = (room, *MAY_IMPORT[room])
    for target in imports(name):
        if target in modules():
            assert any(within(target, other) for other in allowed), (
                f"{name} imports {target}, which {room} may not know"
            )


@pytest.mark.parametrize("name", modules())
def test_each_module_of_a_package_with_rooms_has_one(name: str) -> None:
    """A new file at the top of `airmeet` or `airmeet_etl` gets a line in the table."""
    if room_of(name) in {"airmeet", "airmeet_etl"}:
        assert name == room_of(name), f"{name} has no line in MAY_IMPORT"


def test_no_circle_among_the_modules() -> None:
    ours = {name: imports(name) & set(modules()) for name in modules()}
    TopologicalSorter(ours).prepare()  # raises CycleError, which names the circle


def test_declarations_need_nothing_but_python_and_dlts_types() -> None:
    for name in DECLARATIONS:
        foreign = imports(name) - set(modules()) - set(sys.stdlib_module_names)
        assert foreign <= {"dlt", "orjson", "pyarrow"}, name


def foreign(package: str) -> set[str]:
    """Top names that a package imports and that are neither Python's nor ours."""
    found: set[str] = set()
    for name in modules():
        if within(name, package):
            found |= imports(name)
    return found - set(modules()) - set(sys.stdlib_module_names)


def named(requirements: Iterable[str]) -> set[str]:
    """The names under which requirements are imported."""
    names = {re.split(r"[^\w-]", line)[0].replace("-", "_") for line in requirements}
    return {_IMPORTED_AS.get(name, name) for name in names}


def test_what_is_imported_is_required() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = named(project["dependencies"])
    for package in FOLDERS:
        extra = {"airmeet_dashboard": "dashboard", "airmeet_etl": "lake"}.get(package)
        more = named(project["optional-dependencies"][extra]) if extra else set()
        assert foreign(package) <= required | more, package


def test_the_source_says_what_it_needs() -> None:
    """`dlt init` hands its `requirements.txt` on: plain lines, each of them the project's own."""
    lines = (ROOT / "sources" / "airmeet" / "requirements.txt").read_text().splitlines()
    assert all(line and "#" not in line for line in lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(lines) <= set(project["dependencies"])
    assert foreign("airmeet") <= named(lines)


@pytest.mark.parametrize("name", modules())
def test_no_file_is_long(name: str) -> None:
    lines = len(modules()[name].read_text().splitlines())
    assert lines <= 400 or name in LONG, f"{name} has {lines} lines"


@pytest.mark.parametrize("name", [n for n, p in modules().items() if p.name == "__init__.py"])
def test_each_package_says_what_it_is(name: str) -> None:
    docstring = ast.get_docstring(ast.parse(modules()[name].read_text()))
    assert docstring
    first, *_ = docstring.splitlines()
    assert first.endswith("."), f"{name}: the first line is the whole sentence"
