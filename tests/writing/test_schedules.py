"""Random schedules of faults and kills: in the end each row is written once, and on record.

SCHEDULES=200 makes more of them; all but the first few are long. A schedule draws a kind, rows,
faults of the network and moments to die from its seed; then come calm runs until one ends well.
"""

import os
from collections import Counter
from random import Random
from typing import Any

import pytest
from airmeet.write.journal import SETTLED
from airmeet_simulator.faults import PASSING, FaultKind, Faults
from airmeet_simulator.programme import Session

from tests.sweeps import first
from tests.trust.killing import Moment, outlived
from tests.writing.gateway import ADDED
from tests.writing.scenario import PushScenario, event_row, person, session_row

FEW = 4
STORMY = 3
CALM = 2
KINDS = (
    "attendees", "users", "revocations", "airmeets", "speakers", "sessions", "status_changes",
    *ADDED,
)  # fmt: skip
SCHEDULES = int(os.environ.get("SCHEDULES", len(KINDS)))
DEADLY = (
    "airmeet.write.journal:Journal.write",
    "airmeet.api.client:Client._send",
    "airmeet.write.journal:Journal.clear",
    "airmeet_etl.push.push:pushes",
    "dlt.load.load:Load.complete_package",
)
FAULTS: tuple[FaultKind, ...] = (*PASSING, "late", "accepted")
TREACHEROUS: tuple[FaultKind, ...] = ("late", "cut", "truncated", "accepted")
"""After the effect."""


def rows_of(scenario: PushScenario, kind: str, count: int) -> list[dict[str, Any]]:
    if kind == "status_changes":
        return [{"status": "ONGOING"}, {"status": "FINISHED"}]
    rows: list[dict[str, Any]] = []
    event = scenario.event(scenario.upcoming)
    for n in range(count):
        match kind:
            case "airmeets":
                rows.append(event_row(event_name=f"Review {n}"))
            case "sessions":
                start = f"2031-03-01T{10 + n}:00:00Z"
                rows.append(
                    session_row(
                        scenario.host(), session_title=f"Talk {n}", session_start_time=start
                    )
                )
            case "revocations" | "blocks" | "unblocks":
                rows.append({"email": person(n)["email"]})
                scenario.simulator.add_registration(scenario.upcoming, rows[-1]["email"])
                if kind == "unblocks":
                    [member] = event.members_of(rows[-1]["email"])
                    event.blocked[member] = True
            case "session_deletions":
                begins = event.airmeet.end + n * 3_600_000
                talk = Session(f"talk-{n}", f"Talk {n}", begins, "CREATED", 30, (0,), (), ())
                scenario.simulator.community.add_session(event.airmeet, talk)
                rows.append({"session_id": talk.uid})
            case "booths":
                rows.append({"name": f"Stand {n}", "exhibitors": f"ann{n}@push.example.com"})
            case "duplications":
                rows.append(
                    {
                        "event_name": f"Review {n}",
                        "start_time": f"2031-03-{10 + n}T10:00",
                        "timezone": "Etc/UTC",
                    }
                )
            case _:
                rows.append(person(n))
    return rows


def written(scenario: PushScenario, kind: str) -> list[str]:
    """What Airmeet holds of the rows, as often as it does."""
    simulator = scenario.simulator
    match kind:
        case "airmeets" | "duplications":
            return [a.name for a in simulator.airmeets() if a.name.startswith("Review ")]
        case "sessions" | "session_deletions":
            titles = [str(row["name"]) for row in simulator.truth("sessions")]
            return [title for title in titles if title.startswith("Talk ")]
        case "speakers":
            event = scenario.event(scenario.upcoming)
            return [event.people.person(number).email for number in event.speakers]
        case "status_changes":
            return [scenario.event(scenario.upcoming).airmeet.status]
        case "booths":
            booths = scenario.event(scenario.upcoming).booths
            return [booth.name for booth in booths if booth.name.startswith("Stand ")]
        case "blocks" | "unblocks":
            event = scenario.event(scenario.upcoming)
            return [
                event.person(member).email for member, blocked in event.blocked.items() if blocked
            ]
    event = scenario.event(scenario.upcoming)
    listed = [event.address(member, 1) for member in event.row_set("registrations").items]
    return [email for email in listed if email and email.endswith("@push.example.com")]


def expected(kind: str, rows: list[dict[str, Any]]) -> list[str]:
    columns = {"sessions": "session_title", "booths": "name"}
    columns |= dict.fromkeys(("airmeets", "duplications"), "event_name")
    column = columns.get(kind, "email")
    if kind == "status_changes":
        return ["FINISHED"]
    taken = ("revocations", "unblocks", "session_deletions")
    return [] if kind in taken else [row[column] for row in rows]


def storm(draw: Random) -> Faults:
    kinds = draw.choice((FAULTS, TREACHEROUS))
    return Faults(
        seed=draw.randrange(1 << 30),
        probability=draw.choice((0.1, 0.3, 0.6)),
        most=draw.choice((3, 20, 100)),
        most_each=draw.choice((1, 2, 8)),
        kinds=tuple(draw.sample(kinds, draw.randint(1, len(kinds)))),
        retry_after_seconds=0,
    )


@pytest.mark.parametrize("seed", first(FEW, range(SCHEDULES)))
def test_whatever_happens_each_row_is_written_once(scenario: PushScenario, seed: int) -> None:
    draw = Random(seed)
    kind = KINDS[seed % len(KINDS)]
    layout = draw.choice(("v1", "gateway"))
    scenario.use("gateway" if kind in ADDED else layout)
    rows = rows_of(scenario, kind, draw.randint(2, 12))
    where = () if kind == "airmeets" else ("--airmeet", scenario.upcoming)
    arguments = ("push", kind, scenario.file(rows), *where, "--apply")
    codes: list[int | None] = []
    for _ in range(STORMY):
        scenario.simulator.set_faults(storm(draw))
        if draw.random() < 0.5:
            moment = Moment(draw.choice(DEADLY), draw.random() < 0.5, call=draw.randint(1, 12))
            codes.append(outlived(moment, arguments))
        else:
            codes.append(scenario.workplace.run(*arguments).code)
    scenario.simulator.set_faults(None)
    for _ in range(CALM):
        result = scenario.workplace.run(*arguments)
        codes.append(result.code)
    assert codes[-1] == 0, (codes, result.err)
    assert Counter(written(scenario, kind)) == Counter(expected(kind, rows)), codes
    lines = scenario.ledger()
    assert len(lines) == len(rows), codes
    assert {line["outcome"] for line in lines} <= SETTLED, codes
    assert not list(scenario.workplace.folder.rglob("pushes-*.jsonl"))
    scenario.simulator.requests.clear()
    assert (scenario.workplace.run(*arguments).code, scenario.writes) == (0, 0)
