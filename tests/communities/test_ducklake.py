"""Several communities in one DuckLake."""

import pytest

from tests.communities.conftest import Agency
from tests.ducklake import install_extensions

pytestmark = [pytest.mark.slow, pytest.mark.engine]


def test_two_communities_in_one_lake(agency: Agency) -> None:
    install_extensions(agency.workplace)
    agency.load("--destination", "ducklake")
    agency.load("--destination", "ducklake")
    for command in (("status",), ("reports",), ("export", "people", "--output", "people.csv")):
        result = agency.workplace.run(*command, "--destination", "ducklake")
        assert result.code == 0, result.out + result.err
    lines = (agency.workplace.folder / "people.csv").read_text().splitlines()
    assert lines[0].startswith("\ufeffcommunity,person") and len(lines) > 100
