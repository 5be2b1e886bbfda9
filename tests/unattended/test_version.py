"""`airmeet --version` and the list of commands."""

from importlib.metadata import version

from airmeet_etl.cli import COMMANDS

from tests.workplace import Workplace


def test_the_version_is_the_package_s(workplace: Workplace) -> None:
    result = workplace.run("--version")
    assert (result.code, result.out.split()) == (0, ["airmeet", version("airmeet-pipeline")])


def test_help_names_every_command(workplace: Workplace) -> None:
    result = workplace.run("--help")
    assert result.code == 0
    assert all(f"    {name}" in result.out for name in COMMANDS)
