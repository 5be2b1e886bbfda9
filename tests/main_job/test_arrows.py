"""Imports go one way: declarations know no machinery, the source does not know the command."""

import ast
from collections.abc import Iterator
from pathlib import Path

import airmeet
import pytest

SOURCE = Path(airmeet.__file__).parent
DECLARATIONS = ("errors", "rows", "settings", "schemas", "feeds")


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports; relative ones by their path within the source."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            folder = file.relative_to(SOURCE).parent.parts
            above = folder[: len(folder) - node.level + 1] if node.level else ("",)
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                yield ".".join(["airmeet", *above, name]) if node.level else name


@pytest.mark.parametrize("name", DECLARATIONS)
def test_a_declaration_imports_declarations_alone(name: str) -> None:
    ours = {module for module in imported(SOURCE / f"{name}.py") if module.startswith("airmeet")}
    assert ours <= {f"airmeet.{other}" for other in DECLARATIONS}


def test_the_source_does_not_know_the_command() -> None:
    for file in SOURCE.rglob("*.py"):
        modules = {module.partition(".")[0] for module in imported(file)}
        assert not modules & {"airmeet_etl", "airmeet_simulator", "airmeet_dashboard"}, file
