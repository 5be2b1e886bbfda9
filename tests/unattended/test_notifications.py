"""How others learn how a run went: summary, metrics, webhook, log lines, freshness."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from airmeet_etl.load.summary import message_of, summary_of
from airmeet_etl.reports.checks import CheckResult
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

from tests.privacy.traces import traces
from tests.workplace import Workplace, simulated, truth_of


def test_a_summary_says_how_the_run_went(workplace: Workplace) -> None:
    with simulated() as (simulator, address):
        workplace.point_at(address.v1)
        broken = simulator.airmeets()[0].uid
        simulator.break_feed(broken, "poll_responses", "500")
        files = ("--summary", "run.json", "--metrics", "run.prom")
        result = workplace.run("load", "--no-reports", *files)
        counts = simulator.counts()
        requests = simulator.requests.total
    assert result.code == 3
    summary = json.loads((workplace.folder / "run.json").read_text())
    assert (summary["exit_code"], summary["feeds_failed"], summary["error"]) == (3, 1, None)
    assert (summary["airmeets"], summary["requests"]) == (counts["airmeets"], requests)
    assert summary["rows"]["registrations"] == counts["registrations"]
    [unfinished] = summary["unfinished"]
    assert (unfinished["airmeet_id"], unfinished["feed"]) == (broken, "poll_responses")
    metrics = (workplace.folder / "run.prom").read_text()
    assert "airmeet_load_feeds_failed 1\n" in metrics
    assert f'airmeet_load_rows{{feed="registrations"}} {counts["registrations"]}\n' in metrics
    line = re.compile(r"(# (HELP|TYPE) \w+ .+|\w+(\{\w+=\"\w+\"\})? -?[\d.e+]+)")
    assert all(line.fullmatch(text) for text in metrics.splitlines())


def test_a_run_that_ends_well_posts_nothing(
    workplace: Workplace, inbox: tuple[str, list[Any]]
) -> None:
    url, posted = inbox
    workplace.set(AIRMEET__WEBHOOK_URL=url)
    with simulated(airmeets=2) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
    assert posted == []


@pytest.mark.slow
def test_a_failure_is_posted_without_anything_of_a_person(
    workplace: Workplace, inbox: tuple[str, list[Any]]
) -> None:
    url, posted = inbox
    workplace.set(AIRMEET__WEBHOOK_URL=url)
    with simulated() as (simulator, address):
        workplace.point_at(address.v1)
        simulator.break_feed(simulator.airmeets()[0].uid, "registrations", "500")
        assert workplace.run("load", "--no-reports").code == 3
        simulator.revoke()
        simulator.expire_tokens()
        assert workplace.run("load", "--no-reports").code == 1
        people = {row["email"] for row in truth_of(simulator, "participants") if row["email"]}
    first, second = (message["text"] for message in posted)
    assert first.startswith("airmeet load: loaded in part\nregistrations of ")
    assert "revoked" in second
    for text in (first, second):
        assert not any(secret in text for secret in (ACCESS_KEY, SECRET_KEY, *people))


def test_an_address_in_the_apis_own_words_is_not_posted(
    workplace: Workplace, inbox: tuple[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, posted = inbox
    workplace.set(AIRMEET__WEBHOOK_URL=url)
    words = b'{"statusCode": 500, "statusMessage": "no rows for Ada@Example.com there"}'
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        respond = simulator.respond

        def refusing(method: str, path: str, *others: Any, **named: Any) -> Any:
            answer = respond(method, path, *others, **named)
            refuses = path.endswith("/registrations")
            return replace(answer, status=401, body=words) if refuses else answer

        monkeypatch.setattr(simulator, "respond", refusing)
        files = ("--summary", "run.json", "--metrics", "run.prom")
        assert workplace.run("load", "--no-reports", *files).code == 3
    [message] = posted
    assert "no rows for (address) there" in message["text"]
    assert traces(workplace.folder, ("ada@example.com",)) == set()


def test_a_webhook_that_is_gone_changes_no_exit_code(workplace: Workplace) -> None:
    workplace.set(AIRMEET__WEBHOOK_URL="http://127.0.0.1:9/secret-path")
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        simulator.break_feed(simulator.airmeets()[0].uid, "registrations", "500")
        result = workplace.run("load", "--no-reports")
    assert result.code == 3
    assert "webhook could not be reached" in result.err
    assert "secret-path" not in result.err


@pytest.mark.slow
def test_log_lines_as_json(workplace: Workplace) -> None:
    with simulated(airmeets=2) as (_, address):
        workplace.point_at(address.v1)
        result = workplace.run("load", "--log-format", "json")
    lines = [json.loads(line) for line in result.err.splitlines()]
    assert [line["event"] for line in lines][-2:] == [
        "building the reports",
        "publishing the reports",
    ]
    assert lines[-1]["requests"] > 0


@pytest.mark.slow
def test_what_a_load_came_to_is_the_last_event_on_standard_output(workplace: Workplace) -> None:
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        broken = simulator.airmeets()[0].uid
        simulator.break_feed(broken, "registrations", "500")
        result = workplace.run("load", "--log-format", "json")
        days = ("--since", "2030-01-01", "--until", "2020-01-01")
        nothing = workplace.run("load", "--log-format", "json", *days)
    *events, last = [json.loads(line) for line in result.out.splitlines()]
    assert (result.code, last["event"], last["exit_code"]) == (3, "ended", 3)
    [(loaded,)] = workplace.sql("select sum(rows) from airmeet.feed_syncs where status = 'loaded'")
    assert last["rows"] >= loaded and last["seconds"] > 0
    assert [e["level"] for e in events if f"registrations of {broken} failed" in e["event"]] == [
        "warning"
    ]
    [last] = [json.loads(line) for line in nothing.out.splitlines()]
    assert (nothing.code, last["exit_code"], last["rows"]) == (2, 2, 0)


def test_errors_are_json_too_and_the_summary_says_why(workplace: Workplace) -> None:
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        simulator.revoke()
        result = workplace.run("load", "--log-format", "json", "--summary", "run.json")
    assert result.code == 1
    lines = [json.loads(line) for line in result.err.splitlines()]
    assert [line["event"] for line in lines if line["level"] == "error"] == [lines[-1]["event"]]
    summary = json.loads((workplace.folder / "run.json").read_text())
    assert (summary["exit_code"], summary["error"]) == (1, lines[-1]["event"])
    assert "revoked" in summary["error"]
    assert summary["rows"] == {}


@pytest.mark.parametrize(("age", "code"), [("26h", 0), ("1d", 0), ("0s", 3), ("soon", 2), ("h", 2)])
def test_status_tells_freshness_by_its_exit_code(workplace: Workplace, age: str, code: int) -> None:
    with simulated(airmeets=2) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
    assert workplace.run("status", "--max-age", age).code == code


def test_nothing_loaded_is_not_fresh(workplace: Workplace) -> None:
    assert workplace.run("status").code == 0
    assert workplace.run("status", "--max-age", "26h").code == 1


def test_a_message_names_the_checks_that_failed_and_no_warnings() -> None:
    failed = CheckResult("people_add_up", 2, ("a",), ("registrations",), (), "load it.", True)
    checks = [failed, replace(failed, name="staff_majority", is_failure=False)]
    summary = summary_of(None, 3, 1.0, None, [check.as_json() for check in checks])
    assert message_of(summary).splitlines()[1:] == [
        "the check people_add_up failed (2 row(s)): load it."
    ]
