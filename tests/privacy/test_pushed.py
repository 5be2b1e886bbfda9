"""What was written to Airmeet about a person is erased, too: the table `pushes`, the journal."""

from pathlib import Path
from typing import Any

import dlt
import pytest
from airmeet_simulator.simulator import Simulator

from tests.privacy.test_erase import erase, load
from tests.privacy.traces import traces
from tests.workplace import Workplace, simulated

FIRST, SECOND = "first@push.example.com", "second@push.example.com"


def push(
    workplace: Workplace,
    simulator: Simulator,
    *addresses: str,
    destination: str = "",
    kind: str = "attendees",
) -> int:
    """Write some people to the airmeet that is still to come; their file does not stay."""
    head = "email,name\n" if kind == "attendees" else "email\n"
    file = Path(workplace.folder) / "rows.csv"
    name = ",Per Son" * (kind == "attendees")
    file.write_text("".join([head, *(f"{address}{name}\n" for address in addresses)]))
    airmeet = simulator.airmeets()[-1].uid
    where = ("--destination", destination) if destination else ()
    result = workplace.run("push", kind, str(file), "--airmeet", airmeet, "--apply", *where)
    file.unlink()
    return result.code


def test_the_table_of_pushes(workplace: Workplace, simulator: Simulator) -> None:
    load(workplace)
    assert push(workplace, simulator, FIRST, SECOND) == 0
    assert {row["row_key"] for row in workplace.rows("pushes")} == {FIRST, SECOND}
    said = erase(workplace, FIRST)
    assert "pushes 1" in " ".join(said.split())
    assert {row["row_key"] for row in workplace.rows("pushes")} == {SECOND}
    assert traces(workplace.folder, (FIRST,)) == set()


@pytest.mark.long
def test_who_was_blocked_and_unblocked(workplace: Workplace) -> None:
    with simulated(airmeets=4, registrations=8) as (simulator, address):
        workplace.point_at(address.gateway, "global")
        load(workplace)
        kinds = ("attendees", "blocks", "unblocks")
        for kind in kinds:
            assert push(workplace, simulator, FIRST, SECOND, kind=kind) == 0
        said = erase(workplace, FIRST)
    assert "pushes 3" in " ".join(said.split())
    kept = {(row["kind"], row["row_key"]) for row in workplace.rows("pushes")}
    assert kept == {(kind, SECOND) for kind in kinds}
    assert traces(workplace.folder, (FIRST,)) == set()


def test_the_journal_of_writes_that_no_table_holds_yet(
    workplace: Workplace, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(workplace)
    with monkeypatch.context() as patch:
        patch.setattr(dlt.Pipeline, "run", _interrupted)
        push(workplace, simulator, FIRST, SECOND)
    [journal] = (workplace.folder / "dlt").rglob("pushes-*.jsonl")
    assert FIRST in journal.read_text()
    said = erase(workplace, FIRST)
    assert "the journal of pushes" in said
    assert traces(workplace.folder, (FIRST,)) == set()
    assert SECOND in journal.read_text()
    assert journal.stat().st_mode & 0o777 == 0o600


def _interrupted(*arguments: Any, **named: Any) -> None:
    raise KeyboardInterrupt
