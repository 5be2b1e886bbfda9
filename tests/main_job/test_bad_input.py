"""Bad input ends in one line that says what and how to mend it; never in a traceback or a key."""

import logging
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from airmeet_simulator.server import Address
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

from tests.workplace import Workplace, simulated

Arrange = Callable[[Workplace, Simulator, Address], tuple[str, ...]]


def _no_keys(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    workplace.unset("SOURCES__AIRMEET__ACCESS_KEY", "SOURCES__AIRMEET__SECRET_KEY")
    return ("load",)


def _empty_key(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    workplace.setting(access_key="")
    return ("load",)


def _wrong_key(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    workplace.setting(secret_key="not-the-secret-key")
    return ("load",)


def _revoked(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    simulator.revoke()
    return ("load",)


def _no_host(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        workplace.setting(api_url=f"http://127.0.0.1:{free.getsockname()[1]}/api/v1")
    return ("load",)


def _wrong_host(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    workplace.setting(api_url=address.root)
    return ("load",)


def _no_url(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    workplace.setting(api_url="api.airmeet.com")
    return ("load",)


def _wrong_region(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    workplace.setting(region="mars")
    return ("load",)


def _no_number(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    workplace.setting(max_concurrency="many")
    return ("load",)


def _no_folder(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    workplace.set(DESTINATION__DUCKDB__CREDENTIALS="/nowhere/at/all.duckdb")
    return ("load",)


def _no_database(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    Path("broken.duckdb").write_text("this is no database, not at all\n" * 1000)
    workplace.set(DESTINATION__DUCKDB__CREDENTIALS="broken.duckdb")
    return ("load",)


def _ambiguous(workplace: Workplace, simulator: Simulator, address: Address) -> tuple[str, ...]:
    workplace.set(DESTINATION__DUCKDB__CREDENTIALS="airmeet.duckdb")
    return ("load",)


def _asks(*arguments: str) -> Arrange:
    return lambda workplace, simulator, address: arguments


CASES: dict[str, tuple[Arrange, int, str]] = {
    "no keys": (_no_keys, 1, "SOURCES__AIRMEET__ACCESS_KEY"),
    "an empty key": (_empty_key, 1, "access_key is empty"),
    "a wrong key": (_wrong_key, 1, "does not accept the keys"),
    "revoked keys": (_revoked, 1, "revoked these keys (403)"),
    "an unreachable host": (_no_host, 1, "no connection"),
    "a host that is another": (_wrong_host, 1, "keys"),
    "a host that is no URL": (_no_url, 1, "api_url must begin with https://"),
    "an unknown region": (_wrong_region, 1, "v1, global, eu, us"),
    "a setting that is no number": (_no_number, 1, "max_concurrency"),
    "a folder that is not there": (_no_folder, 1, "does not exist"),
    "a file that is no database": (_no_database, 1, "broken.duckdb"),
    "a file named like the dataset": (_ambiguous, 1, "ambiguous"),
    "an unknown destination": (_asks("load", "--destination", "abacus"), 1, "abacus"),
    "an unknown feed": (_asks("load", "--only", "gossip"), 2, "gossip"),
    "an unknown airmeet": (_asks("load", "--airmeet", "none-such"), 2, "none-such"),
    "a date that is none": (_asks("load", "--since", "2026-02-30"), 2, "2026-02-30"),
    "a period that ends before it begins": (
        _asks("load", "--since", "2026-02-02", "--until", "2026-01-01"),
        2,
        "later than",
    ),
    "no command": (_asks(), 2, "COMMAND"),
    "an unknown option": (_asks("load", "--quick"), 2, "--quick"),
    "reports of nothing": (_asks("reports"), 1, "airmeet load"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_ends_in_one_line(
    case: str, workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    arrange, code, says = CASES[case]
    with simulated(airmeets=1) as (simulator, address), caplog.at_level(logging.DEBUG):
        workplace.point_at(address.v1)
        result = workplace.run(*arrange(workplace, simulator, address))
    assert result.code == code
    assert says in result.err
    lines = [line for line in result.err.splitlines() if line.startswith("airmeet")]
    assert len(lines) == 1, result.err
    everything = result.out + result.err + caplog.text
    assert "Traceback" not in everything
    for secret in (ACCESS_KEY, SECRET_KEY, "not-the-secret-key"):
        assert secret not in everything


def test_a_port_in_use_is_said(workplace: Workplace) -> None:
    with simulated(airmeets=1) as (_, address):
        result = workplace.run("simulate", "--port", str(address.port))
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "--port 0" in result.err


def test_verbose_shows_where_it_came_from(workplace: Workplace) -> None:
    workplace.point_at("http://127.0.0.1:1", region="mars")
    result = workplace.run("load", "--verbose")
    assert result.code == 1
    assert "Traceback" in result.err and "settings.py" in result.err
    assert result.err.splitlines()[-1].startswith("airmeet: region 'mars' is unknown")


@pytest.mark.parametrize(
    ("file", "dataset"),
    [("airmeet", "airmeet"), ("Airmeet", "airmeet"), ("my_events", "My-Events"), ("x", "X")],
)
def test_a_file_named_like_the_dataset_is_refused_however_it_is_written(
    file: str, dataset: str, workplace: Workplace
) -> None:
    workplace.set(DESTINATION__DUCKDB__CREDENTIALS=workplace.folder / f"{file}.duckdb")
    result = workplace.run("status", "--dataset", dataset)
    assert result.code == 1 and "named like the dataset" in result.err


def test_what_is_misspelt_is_answered_with_what_was_meant(workplace: Workplace) -> None:
    result = workplace.run("statsu")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "no command statsu: did you mean status?" in result.err
    assert "there are check, load" in workplace.run("zzzz").err
    workplace.setting(access_key="key", secret_key="secret")
    result = workplace.run("load", "--only", "registration")
    assert (result.code, "did you mean registrations?" in result.err) == (2, True)
