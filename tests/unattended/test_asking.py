"""`airmeet sql`, `airmeet list`, `--json`, and an airmeet by its name."""

import json
import subprocess
import sys
from io import StringIO
from typing import Any

import duckdb
import pytest
from airmeet_simulator.simulator import Simulator

from tests.sweeps import first
from tests.terminal import COLUMNS, at_terminal
from tests.workplace import Result, Workplace, simulated


def answered(result: Result) -> Any:
    assert result.code == 0, result.err
    return json.loads(result.out)


def test_sql_finds_reports_and_raw_tables_by_their_names(
    workplace: Workplace, loaded: Simulator
) -> None:
    events = "select count(*) as n from event_summary"
    assert answered(workplace.run("sql", events, "--format", "json")) == [{"n": 4}]
    rows = "select count(*) as n from airmeet.registrations"
    counted = loaded.counts()["registrations"]
    assert answered(workplace.run("sql", rows, "--format", "json")) == [{"n": counted}]
    assert "| n |\n|---|\n| 4 |\n" in workplace.run("sql", events, "--format", "markdown").out


@pytest.mark.parametrize(
    "statement",
    [
        "drop table airmeet.airmeets",
        "delete from airmeet.airmeets",
        "select 1; select 2",
        "copy event_summary to 'out.csv'",
        "select * from read_csv('secrets.csv')",
        "from 'secrets.csv'",
        "attach 'other.duckdb'",
        "set lock_configuration = false",
        "install httpfs",
        "",
    ],
)
def test_sql_reads_the_warehouse_and_nothing_else(
    workplace: Workplace, loaded: Simulator, statement: str
) -> None:
    (workplace.folder / "secrets.csv").write_text("a\n1\n")
    result = workplace.run("sql", statement)
    assert (result.code, result.out) == (1, "")
    assert result.err.count("\n") == 1
    assert not (workplace.folder / "out.csv").exists()
    assert workplace.sql("select count(*) from airmeet.airmeets") == [(4,)]


def test_sql_says_which_table_was_meant(workplace: Workplace, loaded: Simulator) -> None:
    assert "Did you mean event_summary?" in workplace.run("sql", "from event_sumary").err


@pytest.mark.parametrize(
    "statement", ["select regstered from event_summary", "select e.regstered from event_summary e"]
)
def test_sql_says_which_column_was_meant(
    workplace: Workplace, loaded: Simulator, statement: str
) -> None:
    err = workplace.run("sql", statement).err
    assert err.endswith("Did you mean registered?\n") and err.count("\n") == 1
    assert "mean" not in workplace.run("sql", "select nonsense from event_summary").err


def test_sql_as_csv_runs_no_formula(workplace: Workplace, loaded: Simulator) -> None:
    out = workplace.run("sql", "select '=1+1' as a, -1 as b", "--format", "csv").out
    assert out.splitlines() == ["a,b", "'=1+1,-1"]


def test_the_prompt_goes_on_after_a_refusal(
    workplace: Workplace, loaded: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ".tables\nselect 1 as\n  a;\nnonsense;\nselect 2 as b"
    monkeypatch.setattr(sys, "stdin", StringIO(lines))
    result = workplace.run("sql", "--format", "markdown")
    assert result.code == 1 and result.err.count("\n") == 1
    assert "airmeet_reports.event_summary" in result.out
    assert "| a |" in result.out and "| b |" in result.out


def test_sql_reads_what_is_published_while_the_file_is_held(
    workplace: Workplace, loaded: Simulator
) -> None:
    assert workplace.run("publish").code == 0
    opened = f"c = duckdb.connect({str(workplace.file)!r})"
    hold = f"import duckdb, sys; {opened}; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        holder.stdout.readline()
        result = workplace.run("sql", "select count(*) as n from event_summary", "--format", "json")
        holder.stdin.close()
    assert answered(result) == [{"n": 4}]
    assert "as last published" in result.err
    duckdb.connect(str(workplace.file)).close()


def test_sql_where_nothing_is_loaded(workplace: Workplace) -> None:
    result = workplace.run("sql", "select 1")
    assert result.code == 1 and "airmeet load does that" in result.err
    assert not workplace.file.exists()


def test_list_narrows_by_status_and_day(workplace: Workplace, loaded: Simulator) -> None:
    listed = answered(workplace.run("list", "--json"))["airmeets"]
    assert {a["airmeet_id"] for a in listed} == {a.uid for a in loaded.airmeets()}
    starts = [a["start_time"] for a in listed]
    assert starts == sorted(starts, reverse=True)
    status = listed[0]["status"]
    some = answered(workplace.run("list", "--json", "--status", status.lower()))["airmeets"]
    assert some == [a for a in listed if a["status"] == status]
    day = listed[1]["start_time"][:10]
    some = answered(workplace.run("list", "--json", "--since", day, "--until", day))["airmeets"]
    assert listed[1] in some and all(a["start_time"][:10] == day for a in some)
    assert listed[0]["airmeet_id"][:8] in workplace.run("list").out


@pytest.mark.slow
def test_an_airmeet_is_found_by_its_name_or_a_part_of_it(
    workplace: Workplace, loaded: Simulator
) -> None:
    one, other, *_ = loaded.airmeets()
    loaded.edit_airmeet(one.uid, name="Cloud Conf Spring")
    loaded.edit_airmeet(other.uid, name="Cloud Conf Autumn")
    assert workplace.run("load").code == 0
    for text in ("cloud conf spring", "Spring", one.uid, one.uid[:8]):
        found = answered(workplace.run("explain", text, "--json"))
        assert found["airmeet_id"] == one.uid
    several = workplace.run("explain", "Cloud Conf")
    assert several.code == 2 and several.err.count("\n") == 1
    assert one.uid in several.err and other.uid in several.err
    exported = workplace.run("export", "event_summary", "--airmeet", "Autumn", "--output", "-")
    assert "Cloud Conf Autumn" in exported.out and "Cloud Conf Spring" not in exported.out


def test_status_and_check_as_json(workplace: Workplace, loaded: Simulator) -> None:
    status = answered(workplace.run("status", "--json"))
    assert status["airmeets"] == 4
    assert status["feeds"]["registrations"]["rows"] == loaded.counts()["registrations"]
    found = answered(workplace.run("check", "--json"))["findings"]
    assert found and all(finding["ok"] for finding in found)


def test_a_load_takes_names_also_before_anything_is_loaded(workplace: Workplace) -> None:
    with simulated(airmeets=4) as (simulator, address):
        workplace.point_at(address.v1)
        one, other, *_ = simulator.airmeets()
        simulator.edit_airmeet(one.uid, name="Cloud Conf Spring")
        simulator.edit_airmeet(other.uid, name="Cloud Conf Autumn")
        several = workplace.run("load", "--no-reports", "--airmeet", "cloud conf")
        assert several.code == 2 and several.err.count("\n") == 1
        assert one.uid in several.err and other.uid in several.err
        assert workplace.run("load", "--no-reports", "--airmeet", "spring").code == 0
        unknown = workplace.run("load", "--no-reports", "--airmeet", "Winter")
        assert unknown.code == 2 and "no airmeet Winter is listed" in unknown.err
    assert workplace.sql("select distinct airmeet_id from airmeet.feed_syncs") == [(one.uid,)]


LONG_NAME = "Internationalisation & Accessibility Roundtable 2026"


@pytest.mark.slow
@pytest.mark.parametrize("command", first(2, ["list", "explain", "status", "sql"]))
def test_tables_fit_eighty_columns(workplace: Workplace, loaded: Simulator, command: str) -> None:
    loaded.edit_airmeet(loaded.airmeets()[0].uid, name=LONG_NAME)
    assert workplace.run("load").code == 0
    words = {
        "sql": ["sql", "select 123456789 as n, name, airmeet_id, start_time, * from event_summary"],
        "explain": ["explain", LONG_NAME],
    }.get(command, [command])
    screen = at_terminal(*words)
    assert screen.code == 0
    # Sentences are broken by the terminal itself.
    assert max(len(line) for line in screen.lines if line[:1] == " " and "·" not in line) <= COLUMNS
    if command == "list":
        assert all(word in screen.text for word in LONG_NAME.split())
        assert all(airmeet.uid[:8] in screen.text for airmeet in loaded.airmeets())
    if command == "status":
        assert all(name in screen.text for name in ("participant_answers", "unavailable"))
        assert "not shown: least fresh" in screen.text
    if command == "sql":
        assert "123,456,789" in screen.text and "not shown: " in screen.text


def test_one_row_stands_one_column_below_the_other(workplace: Workplace, loaded: Simulator) -> None:
    screen = at_terminal("sql", "select * from event_summary order by airmeet_id limit 1")
    assert any(line.split()[:1] == ["time_zone"] for line in screen.lines)


@pytest.mark.long
def test_somebody_at_a_terminal_chooses_where_several_fit(
    workplace: Workplace, loaded: Simulator
) -> None:
    one, other, *_ = loaded.airmeets()
    loaded.edit_airmeet(one.uid, name="Cloud Conf Spring")
    loaded.edit_airmeet(other.uid, name="Cloud Conf Autumn")
    assert workplace.run("load").code == 0
    screen = at_terminal("explain", "cloud conf", typed="2\n")
    assert screen.code == 0 and "which of them, 1 to 2?" in screen.text
    listed = [line for line in screen.lines if line.startswith("  2  ")]
    assert len(listed) == 1
    assert listed[0].split("  2  ")[1].split(" on ")[0] in screen.text.split("which of them")[1]
    assert at_terminal("explain", "cloud conf", typed="7\n").code == 2


def test_json_has_null_where_a_number_is_none(workplace: Workplace, loaded: Simulator) -> None:
    query = "select 'nan'::double as n, 'inf'::double as i, '\\xAA'::blob as b"
    found = answered(workplace.run("sql", query, "--format", "json"))
    assert found == [{"n": None, "i": None, "b": "aa"}]


def test_a_shell_completes_commands_and_options(workplace: Workplace) -> None:
    """Bash itself is asked what may follow."""
    script = workplace.run("completion", "bash")
    assert script.code == 0
    ask = script.out + (
        '\nCOMP_WORDS=(airmeet sta); COMP_CWORD=1; _shtab_airmeet; echo "${COMPREPLY[@]}"'
        "\nCOMP_WORDS=(airmeet load --full); COMP_CWORD=2; COMPREPLY=(); _shtab_airmeet"
        '\necho "${COMPREPLY[@]}"\n'
    )
    said = subprocess.run(["bash"], input=ask, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["status", "--full-refresh"]
    assert "airmeet" in workplace.run("completion", "zsh").out
    assert "complete -c airmeet" in workplace.run("completion", "fish").out


def test_the_demo_is_shown_where_nothing_else_is_loaded(
    workplace: Workplace, loaded: Simulator
) -> None:
    workplace.file.rename(workplace.folder / "demo.duckdb")
    elsewhere = workplace.run("list", "--dataset", "mine")
    assert elsewhere.code == 1 and "this is the demo" not in elsewhere.err
    shown = workplace.run("list", "--json")
    assert "this is the demo" in shown.err
    assert len(answered(shown)["airmeets"]) == 4
