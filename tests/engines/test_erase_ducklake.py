"""Erasing in a DuckLake: its old snapshots and files go, too."""

from tests.ducklake import install_extensions
from tests.privacy.test_erase import erase
from tests.privacy.traces import traces
from tests.workplace import Workplace, simulated, truth_of


def test_a_ducklake_forgets_what_is_erased(workplace: Workplace) -> None:
    install_extensions(workplace)
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
