"""`airmeet webhooks` against the simulator: every operation, and its refusals."""

from collections.abc import Callable
from pathlib import Path

import pytest
from airmeet_simulator.simulator import Simulator

from tests.webhooks.conftest import SECRET, Listener
from tests.workplace import Workplace, simulated

URL = "https://hooks.example.com/airmeet"
CLICK = "attendee.clicked_cta"


def register(workplace: Workplace, *arguments: str, url: str = URL) -> str:
    result = workplace.run("webhooks", "register", *arguments, "--url", url)
    assert result.code == 0, result.err
    return result.out + result.err


@pytest.mark.parametrize("shape", ["data", "top", "named"])
def test_registered_once_listed_without_a_secret_and_removed(
    shape: str, workplace: Workplace, simulator: Simulator, inbox: Path
) -> None:
    simulator.set_options(webhooks_listed=shape)
    assert "2 registered, 0 were there already" in register(workplace, CLICK, "airmeet.created")
    assert "0 registered, 2 were there already" in register(workplace, CLICK, "airmeet.created")
    urls = {hook.url for hook in simulator.webhooks.registered}
    assert urls == {f"{URL}/{SECRET}/trigger.{name}" for name in (CLICK, "airmeet.created")}
    assert {hook.trigger for hook in simulator.webhooks.registered} == {
        f"trigger.{CLICK}",
        "trigger.airmeet.created",
    }
    listed = workplace.run("webhooks", "list")
    assert "2 registered, 2 of them ours" in listed.out
    assert f"trigger.{CLICK}" in listed.out and "hooks.example.com" in listed.out
    assert SECRET not in listed.out + listed.err
    first, second = simulator.webhooks.registered
    assert workplace.run("webhooks", "remove", first.id).code == 0
    assert simulator.webhooks.registered == [second]
    missing = workplace.run("webhooks", "remove", "no-such-id")
    assert (missing.code, "not registered" in missing.err) == (1, True)
    assert "1 removed" in workplace.run("webhooks", "remove", "--all").out
    assert simulator.webhooks.registered == []


def test_all_but_those_that_need_an_airmeet(
    workplace: Workplace, simulator: Simulator, inbox: Path
) -> None:
    said = register(workplace, "--all")
    assert "19 registered" in said
    assert "left out" in said and "trigger.airmeet.registrant.added" in said
    airmeet = simulator.airmeets()[0].uid
    register(workplace, "airmeet.registrant.added", "--airmeet", airmeet)
    hook = simulator.webhooks.registered[-1]
    assert (hook.airmeet_id, hook.url.rpartition("/")[2]) == (airmeet, airmeet)


def test_a_secret_is_made_where_there_is_none(workplace: Workplace, simulator: Simulator) -> None:
    said = register(workplace, CLICK)
    secrets = (workplace.folder / ".dlt" / "secrets.toml").read_text()
    secret = simulator.webhooks.registered[0].url.split("/")[-2]
    assert len(secret) >= 32 and secret in secrets
    assert secret not in said
    assert (workplace.folder / ".dlt" / "secrets.toml").stat().st_mode & 0o077 == 0
    workplace.setting(webhook_secret=secret)  # dlt reads its files once a process
    assert "0 registered, 1 were there already" in register(workplace, CLICK)


def test_somebody_else_s_webhook_stays(
    workplace: Workplace, simulator: Simulator, inbox: Path
) -> None:
    register(workplace, CLICK)
    workplace.setting(webhook_secret="another-secret-than-before")
    assert "0 removed" in workplace.run("webhooks", "remove", "--all").out
    assert "1 registered, 0 of them ours" in workplace.run("webhooks", "list").out
    assert SECRET not in workplace.run("webhooks", "list").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["register", "no.such", "--url", URL], 2, "there is no trigger no.such"),
        (["register", CLICK], 2, "--url"),
        (["register", "--url", URL], 2, "takes triggers, or --all"),
        (["register", CLICK, "--url", "hooks.example.com"], 2, "public address"),
        (["register", CLICK, "--url", "http://hooks.example.com"], 2, "travel readable"),
        (["register", "airmeet.registrant.added", "--url", URL], 2, "--airmeet ID"),
        (["register", CLICK, "--airmeet", "nowhere", "--url", URL], 1, "airmeetId is invalid"),
        (["remove"], 2, "takes ids, or --all"),
        (["sample"], 2, "takes a trigger"),
        (["list", "x"], 2, "takes no names"),
    ],
)
def test_what_is_not_in_order_is_one_line(
    arguments: list[str],
    code: int,
    words: str,
    workplace: Workplace,
    simulator: Simulator,
    inbox: Path,
) -> None:
    result = workplace.run("webhooks", *arguments)
    assert (result.code, words in result.err) == (code, True), result.err
    assert result.err.count("\n") == 1
    assert SECRET not in result.err
    assert simulator.webhooks.registered == []


def test_keys_that_are_not_accepted(
    workplace: Workplace, simulator: Simulator, inbox: Path
) -> None:
    workplace.setting(access_key="no-longer-valid")
    result = workplace.run("webhooks", "list")
    assert (result.code, "not allowed (401)" in result.err) == (1, True), result.err


def test_the_specification_s_hosts_serve_none(workplace: Workplace) -> None:
    with simulated(airmeets=1) as (simulator, address):
        workplace.point_at(address.v1)
        for arguments in (["list"], ["register", CLICK, "--url", URL], ["sample", CLICK]):
            result = workplace.run("webhooks", *arguments)
            assert (result.code, "only Airmeet's gateway" in result.err) == (1, True)
        assert simulator.requests.total == 0
        assert not (workplace.folder / ".dlt").exists()


def test_a_sample_is_shown(workplace: Workplace, simulator: Simulator) -> None:
    result = workplace.run("webhooks", "sample", CLICK)
    assert (result.code, '"cta_text": "Book a demo"' in result.out) == (0, True)


def test_from_registration_to_reports(
    workplace: Workplace, simulator: Simulator, inbox: Path, listen: Callable[..., Listener]
) -> None:
    """Delivered twice, out of order and in part: each that came is there once."""
    listener = listen()
    register(workplace, "--all", url=listener.url)
    simulator.set_options(webhooks_twice=0.5, webhooks_shuffled=True, webhooks_lost=0.2)
    sent = simulator.deliver()
    assert {*sent.statuses} == {200}
    clicks = {
        (payload["email"], payload["click"])
        for trigger, payload in sent.deliveries
        if trigger == f"trigger.{CLICK}"
    }
    assert clicks
    result = workplace.run("load")
    assert result.code == 0, result.out + result.err
    distinct = {(trigger, tuple(map(str, payload.items()))) for trigger, payload in sent.deliveries}
    assert workplace.sql("select count(*) from airmeet.webhook_events") == [(len(distinct),)]
    assert workplace.sql("select count(*) from airmeet.cta_clicks") == [(len(clicks),)]
    assert workplace.sql("select sum(clicks) from airmeet_reports.cta_performance") == [
        (len(clicks),)
    ]
    scores = workplace.sql(
        "select count(engagement_score_airmeet) from airmeet_reports.attendee_event"
    )
    assert scores[0][0] > 0
    # No entry link is stored.
    held = workplace.sql("select payload from airmeet.webhook_events where payload like '%entry%'")
    assert held == []
