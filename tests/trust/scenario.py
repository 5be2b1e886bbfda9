"""A simulated Airmeet with a workplace that loads it."""

from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from airmeet.feeds import FEEDS as SPECIFIED
from airmeet_simulator.journal import Entry

from tests.scenario import Scenario
from tests.workplace import TABLES, Result, Workplace, assert_same_rows, first_load, simulated

FEEDS = tuple(SPECIFIED)
"""The feeds that are asked for one airmeet at a time, by the specification."""


class LoadScenario(Scenario):
    """One simulator, one workplace, and what the one asked of the other."""

    def __init__(self, workplace: Workplace, stack: ExitStack, **options: Any) -> None:
        options = {"airmeets": 4, "registrations": 8, **options}
        super().__init__(workplace, *stack.enter_context(simulated(**options)))

    def load(self, *arguments: str, code: int = 0) -> Result:
        """Load without reports; what is asked from here on is counted anew."""
        self.simulator.requests.clear()
        result = self.workplace.run("load", "--no-reports", *arguments)
        assert result.code == code, result
        return result

    def first_load(self) -> Result:
        """As `load()` on a scenario that nobody has changed, from a copy where there is one."""
        return first_load(self.workplace, self.simulator, "--no-reports")

    def truth_is_loaded(self) -> None:
        """Fail where the warehouse is not the simulator's truth."""
        self.truth_of(*TABLES)

    def truth_of(self, *tables: str) -> None:
        """Fail where one of these tables is not the simulator's."""
        with self.workplace.read():
            for table in tables:
                assert_same_rows(self.workplace.rows(table), self.simulator.truth(table))

    def refresh(self) -> None:
        """Let the exports show what changed meanwhile."""
        self.simulator.forget_exports()

    @property
    def entries(self) -> list[Entry]:
        """The requests of the last load."""
        return self.simulator.requests.entries

    def asked(self, airmeet_id: str | None = None) -> Counter[str]:
        """How many requests each feed had in the last load, of one airmeet or of all."""
        return Counter(
            entry.feed for entry in self.entries if airmeet_id in (None, entry.airmeet_id)
        )

    def asked_feeds(self, airmeet_id: str) -> set[str]:
        """The feeds of an airmeet that the last load asked for."""
        return set(self.asked(airmeet_id))

    def ledger(self, airmeet_id: str | None = None) -> dict[tuple[str, str], dict[str, Any]]:
        """The rows of the ledger, by airmeet and feed."""
        return {
            (row["airmeet_id"], row["feed"]): row
            for row in self.workplace.rows("feed_syncs")
            if airmeet_id in (None, row["airmeet_id"])
        }

    def ledger_row(self, airmeet_id: str, feed: str) -> dict[str, Any]:
        """One row of the ledger."""
        return self.ledger()[airmeet_id, feed]

    def count(self, table: str, airmeet_id: str) -> int:
        """How many rows of an airmeet are loaded."""
        query = f"select count(*) from airmeet.{table} where airmeet_id = '{airmeet_id}'"
        return int(self.workplace.sql(query)[0][0])

    def add_old_airmeet(self, registrations: int = 5, status: str = "FINISHED") -> str:
        """An airmeet that ended long ago: one load makes it final."""
        start = datetime.now(UTC) - timedelta(days=60)
        return self.simulator.add_airmeet(
            "Old Meetup", start=start, registrations=registrations, status=status
        )
