"""How far `airmeet erase` reaches: odd addresses, links, other settings, others' tables; and what
it says of what is left."""

import io
from pathlib import Path

import pytest
from airmeet_dashboard.reading import open_reports
from airmeet_etl.reports.publish import default_file, publish, published_file
from airmeet_etl.warehouse.warehouse import open_pipeline
from airmeet_etl.warehouse.written_files import note_written, written_files
from airmeet_simulator.simulator import Simulator

from tests.privacy.test_erase import erase, somebody
from tests.privacy.traces import traces
from tests.workplace import Workplace, first_load, simulated, truth_of


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def count(workplace: Workplace, table: str = "registrations") -> int:
    return int(workplace.sql(f"select count(*) from airmeet.{table}")[0][0])


def test_a_link_stays_and_what_it_leads_to_is_written(
    workplace: Workplace, simulator: Simulator
) -> None:
    address, name = somebody(simulator)
    first_load(workplace, simulator, "--no-reports")
    real = workplace.folder / "disk" / "real.duckdb"
    real.parent.mkdir()
    workplace.file.rename(real)
    workplace.file.symlink_to(real)
    erase(workplace, address)
    assert workplace.file.is_symlink() and workplace.file.resolve() == real
    assert traces(workplace.folder, (address, name)) == set()


def test_a_file_of_two_names_is_said_to_keep_what_it_held(
    workplace: Workplace, simulator: Simulator
) -> None:
    address, _ = somebody(simulator)
    first_load(workplace, simulator, "--no-reports")
    (workplace.folder / "copy").hardlink_to(workplace.file)
    result = workplace.run("erase", "--email", address)
    assert result.code == 3 and "hard link" in result.out


def test_addresses_with_quotes_and_wildcards_are_found_and_no_others(
    workplace: Workplace, simulator: Simulator
) -> None:
    odd = ('"ann b\'s"@example.com', "100%_é=o'n@[192.0.2.1]")
    like = ('"annxb\'s"@example.com', "100abé=o'n@[192.0.2.1]", "x100%_é=o'n@[192.0.2.1]")
    first_load(workplace, simulator, "--no-reports")
    before = count(workplace)
    for address in (*odd, *like):
        written = f"\t{address.upper()}\u00a0".replace("'", "''")
        workplace.execute(
            "insert into airmeet.registrations by name select * replace "
            f"('{written}' as email) from airmeet.registrations limit 1"
        )
        text = f"ask {address}!".replace("'", "''")
        workplace.execute(
            "insert into airmeet.sessions by name select * replace "
            f"('{text}' as summary) from airmeet.sessions limit 1"
        )
    for email in (f"'{odd[1]}'".replace("o'n", "o''n"), "'	'"):
        workplace.execute(
            f"insert into airmeet.event_attendance by name select * replace ({email} as email, "
            "'undefined' as user_id) from airmeet.event_attendance limit 1"
        )
    for address in odd:
        erase(workplace, address)
    nobody = "select email from airmeet.event_attendance where user_id = 'undefined'"
    assert workplace.sql(nobody) == [("\t",)], "whom nobody knows is not this person"
    assert count(workplace) == before + len(like)
    summaries = {text for (text,) in workplace.sql("select summary from airmeet.sessions")}
    assert {"ask (erased)!", *(f"ask {address}!" for address in like)} <= summaries
    assert traces(workplace.folder, odd[:1]) == set()


def test_on_a_terminal_it_asks_first(
    workplace: Workplace, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = somebody(simulator)
    first_load(workplace, simulator, "--no-reports")
    before = workplace.file.read_bytes()
    for answer in ("no\n", "\n", ""):
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        result = workplace.run("erase", "--email", address)
        assert result.code == 1
        assert result.err.startswith("airmeet: nothing is removed")
        assert "Would be removed" in result.out
    assert workplace.file.read_bytes() == before
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert workplace.run("erase", "--email", address).code == 0
    monkeypatch.setattr("sys.stdin", Terminal())
    assert workplace.run("erase", "--email", address, "--yes").code == 0


def test_a_table_of_others_that_refuses_is_named_and_the_rest_is_done(
    workplace: Workplace, simulator: Simulator
) -> None:
    address, _ = somebody(simulator)
    first_load(workplace, simulator, "--no-reports")
    workplace.execute("delete from airmeet.registrations where email is null")
    workplace.execute("alter table airmeet.registrations add primary key (airmeet_id, email)")
    workplace.execute(
        "create table airmeet.a_note (airmeet_id varchar, email varchar, foreign key (airmeet_id, "
        "email) references airmeet.registrations (airmeet_id, email))"
    )
    workplace.execute(
        "insert into airmeet.a_note select airmeet_id, email from airmeet.registrations"
    )
    result = workplace.run("erase", "--email", address)
    assert result.code == 3
    said = " ".join(result.out.split())
    assert "refused: 1 rows of registrations are not removed: " in said
    assert "still there: airmeet.registrations.email (address, in 1 value)" in said
    assert "still there: airmeet.a_note.email (address, in 1 value)" in said
    assert address not in said.lower()
    assert workplace.sql(
        f"select count(*) from airmeet.participants where lower(trim(email)) = '{address}'"
    ) == [(0,)]
    workplace.execute("drop table airmeet.a_note")
    assert "registrations 1" in " ".join(erase(workplace, address).split())


def test_a_name_that_is_left_in_somebody_s_words_is_said(
    workplace: Workplace, simulator: Simulator
) -> None:
    address, name = somebody(simulator)
    assert " " in name
    first_load(workplace, simulator, "--no-reports")
    workplace.execute(f"update airmeet.sessions set summary = 'With {name}, live'")
    workplace.execute(f"create table guests as select '{name}' as name, 'x{name}' as nobody")
    result = workplace.run("erase", "--email", address)
    assert result.code == 3
    assert [line for line in result.out.splitlines() if line.startswith("still there")] == [
        "still there: airmeet.sessions.summary (name, in 1 value)",
        "still there: main.guests.name (name, in 1 value)",
    ]


@pytest.mark.long
def test_files_of_earlier_settings_and_of_killed_runs_go(
    workplace: Workplace, simulator: Simulator
) -> None:
    address, name = somebody(simulator)
    first_load(workplace, simulator)
    pipeline = open_pipeline()
    links = workplace.folder / "links"
    links.mkdir()
    link = links / "old.duckdb"
    link.symlink_to(workplace.folder / "real.duckdb")
    workplace.set(REPORTS__FILE=link)
    assert published_file(pipeline) == link
    publish(pipeline, parquet=True)
    assert link.is_symlink(), "publishing follows links, too"
    workplace.unset("REPORTS__FILE")
    mailed, unnoted = workplace.folder / "mailed.html", workplace.folder / "report.html"
    note_written(pipeline, mailed)
    for page in (mailed, unnoted):
        page.write_text(f"<html><title>Airmeet report, May</title>{name} {address}")
    for draft in (".reports.duckdb.draft", ".warehouse.duckdb.draft", ".mailed.html.7.draft"):
        (workplace.folder / draft).write_text(address)
    spilled = workplace.folder / "warehouse.duckdb.tmp"
    spilled.mkdir()
    (spilled / "block").write_text(address)
    gone = workplace.folder / "reports"
    gone.mkdir()
    source = workplace.folder / "real"
    assert (source / "people.parquet").exists() or (links / "old" / "people.parquet").exists()

    planned = workplace.run("erase", "--email", address, "--dry-run").out
    assert f"would be removed: {link}" in planned and link.exists()
    result = workplace.run("erase", "--email", address)
    assert result.code == 3
    assert [line for line in result.out.splitlines() if line.startswith("still there")] == [
        f"still there: {unnoted} (address)"
    ]
    assert traces(workplace.folder, (address, name)) == {
        f"report.html: {address}",
        f"report.html: {name}",
    }
    assert (workplace.folder / "reports.duckdb").exists()


def test_what_was_written_is_remembered_by_dataset(workplace: Workplace) -> None:
    here, other = open_pipeline(), open_pipeline(dataset="Other Things")
    for _ in range(2):
        note_written(here, Path("a.duckdb"))
    note_written(other, Path("b.duckdb"))
    assert written_files(here) == [workplace.folder / "a.duckdb"]
    assert written_files(open_pipeline(dataset="other_things")) == [workplace.folder / "b.duckdb"]


@pytest.mark.long
def test_a_dataset_is_found_by_the_name_that_was_given(workplace: Workplace) -> None:
    dataset = "2026 My-Events"
    with simulated(airmeets=2, registrations=8) as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--dataset", dataset).code == 0
        person, name = somebody(simulator)
        [first, *_] = truth_of(simulator, "airmeets")
    explained = workplace.run("explain", str(first["airmeet_id"]), "--dataset", dataset)
    assert explained.code == 0 and str(first["name"]) in explained.out
    assert "0 rows, 0 distinct" not in explained.out.split("registered", 1)[1].split("\n")[0]
    with open_reports(dataset=dataset) as reports:
        assert len(reports.events()) == 2
    # As an earlier version named the file.
    published = published_file(open_pipeline(dataset=dataset))
    earlier = default_file(open_pipeline(dataset=dataset), dataset)
    earlier.write_bytes(published.read_bytes())
    assert traces(workplace.folder, (person,))
    erase(workplace, person, "--dataset", dataset)
    assert published.exists() and not earlier.exists()
    assert traces(workplace.folder, (person, name)) == set()
