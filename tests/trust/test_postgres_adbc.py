"""Postgres where the driver of ADBC is installed, as dlt advises: loads go on as without it.

dlt would copy Parquet by that driver then, which takes no file without rows, as a table has that is
new and empty: no load into this database would ever end well again.
"""

from importlib.util import find_spec

import pytest

from tests.postgres_server import query
from tests.workplace import Workplace, simulated


@pytest.fixture(params=["as if it were", "really"])
def installed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """ADBC's driver of Postgres."""
    if request.param == "really":
        if find_spec("adbc_driver_postgresql") is None:
            pytest.skip("adbc_driver_postgresql is not installed")
    else:
        found = lambda driver: (True, None)  # noqa: E731
        monkeypatch.setattr("dlt.destinations._adbc_jobs.has_adbc_driver", found)


@pytest.mark.usefixtures("installed")
def test_a_community_without_airmeets_is_loaded_and_the_first_one_then(
    workplace: Workplace, database: str
) -> None:
    workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    load = ("load", "--no-reports", "--destination", "postgres")
    for airmeets in (0, 1):
        with simulated(airmeets=airmeets) as (simulator, address):
            workplace.point_at(address.v1)
            result = workplace.run(*load)
            assert result.code == 0, result.err
            rows = query(database, "select count(*) as n from airmeet.registrations")
            assert rows == [{"n": len(list(simulator.truth("registrations")))}]
