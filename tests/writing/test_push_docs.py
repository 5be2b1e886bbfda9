"""docs/push.md and the help of `airmeet push` name what is declared, and their examples run."""

import re
from itertools import product
from pathlib import Path

import pytest
from airmeet.write.operations import GATEWAY_WRITES
from airmeet_etl.commands import push
from airmeet_simulator.programme import Session

from tests.sweeps import each_once
from tests.writing.scenario import PushScenario
from tools import push_docs

PAGE = push_docs.FILE.read_text(encoding="utf-8")
EXAMPLES: dict[str, str] = dict(re.findall(r"^## (\w+)\n.*?```csv\n(.*?)```", PAGE, re.M | re.S))


def test_the_page_is_what_would_be_written() -> None:
    assert push_docs.main(["--check"]) == 0, "run `make docs`"


def test_each_kind_has_its_columns_and_its_example() -> None:
    assert [*EXAMPLES] == [*GATEWAY_WRITES]
    for kind, write in GATEWAY_WRITES.items():
        section = PAGE.partition(f"\n## {kind}\n")[2].partition("\n## ")[0]
        for field in write.fields:
            assert f"| `{field.column}`" in section, (kind, field.column)


def test_the_help_lists_each_kind_once_and_no_other() -> None:
    listed = re.findall(r"^  (\w+)  ", push.KINDS, re.M)
    assert sorted(listed) == sorted(GATEWAY_WRITES)
    of_all, _, of_the_gateway = push.KINDS.partition("and on Airmeet's gateway")
    for kind, write in GATEWAY_WRITES.items():
        assert f"  {kind} " in (of_the_gateway if write.gateway_only else of_all)


def prepared(scenario: PushScenario, kind: str) -> str:
    """The airmeet that an example is for, with what the example takes for granted."""
    simulator, airmeet = scenario.simulator, scenario.upcoming
    if kind == "sessions":
        assert run(scenario, "airmeets", "", "--apply") == 0
        airmeet = scenario.ids[-1]
        assert run(scenario, "speakers", airmeet, "--apply") == 0
    elif kind in ("revocations", "blocks", "unblocks"):
        simulator.add_registration(airmeet, EXAMPLES[kind].split()[1])
    elif kind == "session_deletions":
        event = scenario.event(airmeet)
        uid = EXAMPLES[kind].split()[1]
        talk = Session(uid, "Talk", event.airmeet.end, "CREATED", 30, (0,), (), ())
        simulator.community.add_session(event.airmeet, talk)
    return "" if kind == "airmeets" else airmeet


def run(scenario: PushScenario, kind: str, airmeet: str, *more: str) -> int | None:
    """Push an example as it is printed."""
    file = Path(scenario.workplace.folder) / f"{kind}.csv"
    file.write_text(EXAMPLES[kind], encoding="utf-8")
    where = ("--airmeet", airmeet) if airmeet else ()
    scenario.simulator.requests.clear()
    return scenario.workplace.run("push", kind, str(file), *where, *more).code


@pytest.mark.parametrize(("kind", "layout"), each_once(product(EXAMPLES, ["v1", "gateway"])))
def test_each_example_is_pushed(scenario: PushScenario, kind: str, layout: str) -> None:
    if GATEWAY_WRITES[kind].gateway_only and layout == "v1":
        assert run(scenario, kind, scenario.upcoming) == 2, "refused, as the page says"
        return
    scenario.use(layout)
    airmeet = prepared(scenario, kind)
    rows = len(EXAMPLES[kind].splitlines()) - 1
    assert (run(scenario, kind, airmeet), scenario.writes) == (0, 0)
    assert (run(scenario, kind, airmeet, "--apply"), scenario.writes) == (0, rows)
    lines = [line for line in scenario.ledger() if line["kind"] == kind]
    assert [line["outcome"] for line in lines] == ["done"] * rows
