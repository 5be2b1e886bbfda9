"""docs/walkthrough.md: every line is typed at a terminal, in its order."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from airmeet_simulator.simulator import Simulator

from tests.terminal import Screen, at_terminal
from tests.workplace import Workplace, simulated

PAGE = (Path(__file__).parents[2] / "docs/walkthrough.md").read_text()
_LINE = re.compile(
    r"^\| (?P<to>[^|]+) \| `airmeet (?P<typed>[^`]+)` \| (?P<seen>.+) \| (?P<code>\d) \|$"
)


def lines(section: str) -> list[dict[str, str]]:
    """The lines of a section of the page, or of all."""
    of_section = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0] if section else PAGE
    return [match.groupdict() for line in of_section.splitlines() if (match := _LINE.match(line))]


def typed(line: dict[str, str]) -> Screen:
    # Whoever is asked which of several has nothing to say.
    return at_terminal(*shlex.split(line["typed"]), typed="\n")


def tried(section: str) -> list[str]:
    """The lines of a section that are not as the page says, with what was seen."""
    wrong = []
    for line in lines(section):
        screen = typed(line)
        seen, flowing = line["seen"].replace("\\|", "|"), " ".join(screen.text.split())
        is_seen = seen in screen.text or seen in flowing
        if screen.code != int(line["code"]) or not is_seen or "Traceback" in screen.text:
            wrong.append(f"airmeet {line['typed']}: {screen.code}\n{screen.text}")
    return wrong


@pytest.fixture
def community(workplace: Workplace) -> Iterator[Simulator]:
    with simulated(airmeets=5, recording_bytes=10_000) as (simulator, address):
        workplace.point_at(address.gateway, "global")
        first, second = [a.uid for a in simulator.airmeets() if a.status == "FINISHED"][:2]
        simulator.edit_airmeet(first, name="Cloud Conf Spring")
        simulator.edit_airmeet(second, name="Cloud Conf Autumn")
        upcoming = simulator.airmeets()[-1].uid
        people = f"airmeet_id,email,name\n{upcoming},ann@example.com,Ann\n"
        (workplace.folder / "people.csv").write_text(people)
        yield simulator


def test_there_are_forty_tasks_and_more() -> None:
    assert len(lines("")) >= 40
    assert len(lines("")) == PAGE.count("| `airmeet ")


@pytest.mark.slow
def test_before_there_are_keys(workplace: Workplace) -> None:
    wrong = tried("Before there are keys")
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_the_rest(community: Simulator) -> None:
    sections = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)[1:]
    wrong = [line for section in sections for line in tried(section)]
    assert not wrong, "\n".join(wrong)
