"""Settings: trimmed, checked, and their misspellings said with the nearest name."""

from pathlib import Path

import pytest
from airmeet.errors import SettingsError
from airmeet.settings import Settings
from airmeet_etl.configuration import _FURTHER
from airmeet_etl.exit_codes import to_command_error
from airmeet_etl.reports.seeds import CSV_SEEDS
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.configuration.providers import ConfigTomlProvider

from tests.workplace import Workplace, simulated


def resolved(**values: object) -> Settings:
    settings = Settings(**{"access_key": "a", "secret_key": "b", **values})  # type: ignore[arg-type]
    settings.on_resolved()
    return settings


def test_what_is_pasted_with_a_line_break_is_trimmed(workplace: Workplace) -> None:
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        workplace.setting(
            access_key=f"{ACCESS_KEY}\r\n",
            secret_key=f" {SECRET_KEY}\n",
            region="v1\n",
            api_url=f"{address.v1}/\n",
        )
        assert workplace.run("check").code == 0


@pytest.mark.parametrize("key", ["two\nlines", "a\x1b[31mb", "a\x00b"])
def test_a_key_that_no_header_can_carry_is_said_without_it(key: str) -> None:
    with pytest.raises(SettingsError, match=r"^secret_key holds a line break") as said:
        resolved(secret_key=key)
    assert "two" not in str(said.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://airmeet.example.com/api/v1",
        "HTTP://airmeet.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@airmeet.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1:8000",
        "http://0.0.0.0",
    ],
)
def test_http_to_another_machine_is_refused_unless_allowed(url: str) -> None:
    for name in ("api_url", "analytics_url", "bff_url"):
        with pytest.raises(SettingsError, match=rf"^{name} is http:// to .*allow_http = true"):
            resolved(**{name: url})
        resolved(**{name: url}, allow_http=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/api",
        "http://127.0.0.1:1",
        "http://127.1.2.3",
        "http://[::1]:8000",
        "http://airmeet.localhost",
        "HTTPS://airmeet.example.com",
    ],
)
def test_this_machine_and_tls_need_no_permission(url: str) -> None:
    resolved(api_url=url)


@pytest.mark.parametrize("url", ["api.airmeet.com", "ftp://h", "https://", "http://[::1", "//h"])
def test_what_is_no_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^api_url must begin with https://"):
        resolved(api_url=url)
    with pytest.raises(SettingsError) as said:
        resolved(api_url="ftp://ann:password@h")
    assert "password" not in str(said.value)


TOML = """\
regoin = "eu"
[sources.airmeet]
max_concurency = 3
privacy = "plain"
[sources.airmet]
region = "us"
[source.airmeet]
region = "us"
[sources.airtable]
base = "another source of the user's"
[sources.airmeet.extract]
workers = 1
[runtime]
log_level = "ERROR"
"""


def test_misspelt_settings_are_said_with_the_nearest_name(workplace: Workplace) -> None:
    (workplace.folder / ".dlt").mkdir()
    Path(".dlt/config.toml").write_text(TOML)
    workplace.set(
        SOURCES__AIRMEET__REGOIN="secret value",
        MAX_CONCURENCY="3",
        SOURCES_AIRMEET_ACCESS_KEY="secret value",
        AIRMEET_SECRET_KEY="secret value",
        AIRMEET_DASHBOARD_DATASET="another thing",
        sources__airmeet__settle_days="3",
        SOURCES__AIRMEET__EXTRACT__WORKERS="1",
        SOURCES__AIRTABLE__REGOIN="of another source",
    )
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        workplace.setting(max_concurrency=2)
        result = workplace.run("check")
    assert result.code == 0
    ours = "SOURCES__AIRMEET__"
    said = {
        line.removeprefix("airmeet: ").removeprefix(".dlt/config.toml: ")
        for line in result.err.splitlines()
    }
    assert "secret value" not in result.err
    assert said == {
        f"MAX_CONCURENCY is no setting; did you mean {ours}MAX_CONCURRENCY?",
        f"{ours}REGOIN is no setting; did you mean {ours}REGION?",
        f"SOURCES_AIRMEET_ACCESS_KEY is no setting; did you mean {ours}ACCESS_KEY?",
        f"AIRMEET_SECRET_KEY is no setting; did you mean {ours}SECRET_KEY?",
        f"sources__airmeet__settle_days is no setting; did you mean {ours}SETTLE_DAYS?",
        "[sources.airmeet] max_concurency is no setting; did you mean max_concurrency?",
        "regoin is no setting; did you mean [sources.airmeet] region?",
        "[airmet] is no section of ours; did you mean [sources.airmeet]?",
        "[source] is no section of ours; did you mean [sources.airmeet]?",
    }


def test_a_misspelt_key_is_said_before_its_absence_ends_the_load(workplace: Workplace) -> None:
    workplace.set(SOURCES__AIRMEET__ACESS_KEY="a", SOURCES__AIRMEET__SECRET_KEY="b")
    result = workplace.run("load", "--log-format", "json")
    assert result.code == 1
    misspelt, missing = result.err.splitlines()
    assert "did you mean SOURCES__AIRMEET__ACCESS_KEY?" in misspelt and misspelt.startswith("{")
    assert "no access_key" in missing


@pytest.mark.parametrize(
    ("destination", "settings", "says"),
    [
        ("postgres", {}, "set DESTINATION__POSTGRES__CREDENTIALS__DATABASE, "),
        (
            "postgres",
            {"DESTINATION__POSTGRES__CREDENTIALS": "nonsense"},
            "`postgresql://username:(secret)@host:port/database`",
        ),
        ("abacus", {}, "set DESTINATION__ABACUS__DESTINATION_TYPE"),
    ],
)
def test_what_a_destination_lacks_is_said_with_the_whole_mend(
    workplace: Workplace, destination: str, settings: dict[str, str], says: str
) -> None:
    workplace.set(**settings)
    result = workplace.run("status", "--destination", destination)
    assert result.code == 1
    assert says in result.err and result.err.count("\n") == 1


def test_a_file_that_is_no_toml_is_said_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[sources\n")
    with pytest.raises(ConfigurationException) as fault:
        ConfigTomlProvider(str(tmp_path))
    said = str(to_command_error(fault.value))
    assert "config.toml" in said and "at line 1" in said and "\n" not in said


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("settle_days", "soon", "a number"),
        ("retry_seconds", "1,5", "a number"),
        ("max_concurrency", "many", "a whole number"),
        ("allow_http", "perhaps", "true or false"),
    ],
)
def test_a_value_of_another_kind_is_said_with_the_mend(
    workplace: Workplace, name: str, value: str, wanted: str
) -> None:
    workplace.point_at("http://127.0.0.1:1")
    workplace.setting(**{name: value})
    result = workplace.run("load")
    assert result.code == 1
    assert result.err == (
        f"airmeet: the setting {name} must be {wanted}: correct SOURCES__AIRMEET__{name.upper()}, "
        f"or {name} in .dlt/config.toml\n"
    )


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SOURCES__AIRMEET__SETTLE_DAYS", "soon", "the setting settle_days must be a number"),
        ("REPORTS__WAIVED_FEEDS", "nowhere.csv", "nowhere.csv cannot be read: No such file"),
        ("REPORTS__STAFF_TYPES", "nowhere.csv", "nowhere.csv cannot be read: No such file"),
    ],
)
def test_what_reports_cannot_use_is_said_by_them_as_well(
    workplace: Workplace, variable: str, value: str, said: str
) -> None:
    with simulated(airmeets=0) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
    workplace.set(**{variable: value})
    result = workplace.run("reports")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert result.err.startswith(f"airmeet: {said}")


def test_seeds_of_ones_own_are_settings_whose_names_are_known() -> None:
    assert {f"REPORTS__{name.upper()}" for name in CSV_SEEDS} <= {*_FURTHER}
