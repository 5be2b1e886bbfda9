"""A community that changes airmeet by airmeet, as raw tables: each airmeet is as one of several
drawn communities has it, so that a change may be anything that its rows and its ledger can say."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from airmeet.person import person_key
from airmeet.schemas import RAW_TABLES

from tests.figures.communities import community
from tests.figures.vocabulary import AIRMEETS, FETCHED
from tests.reports.raw import Tables

IDS = [f"a{number:02}" for number in range(AIRMEETS)]
SEEDS = (301, 302, 303)

_drawn = cache(community)


@dataclass
class World:
    """What is loaded now.

    Attributes:
        drawn: of each airmeet, the seed of the community in which it is so; 0 where there is none.
        days: of each airmeet, how many days later than there it was fetched.
        unlisted: airmeets that left Airmeet's list.
        erased: who is in no row.
        dropped: tables of airmeets whose rows somebody deleted by hand.
    """

    drawn: dict[str, int] = field(default_factory=lambda: dict.fromkeys(IDS, SEEDS[0]))
    days: dict[str, float] = field(default_factory=lambda: dict.fromkeys(IDS, 0.0))
    unlisted: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    dropped: set[tuple[str, str]] = field(default_factory=set)

    def fetch(self, airmeets: Iterable[str], seed: int, days: float) -> None:
        """These airmeets are fetched anew, days later, and are as in another community."""
        for airmeet in airmeets:
            self.drawn[airmeet] = seed
            self.days[airmeet] += days
            self.dropped = {(table, id) for table, id in self.dropped if id != airmeet}

    def tables(self) -> Tables:
        """The raw tables."""
        tables: dict[str, list[Any]] = {name: [] for name in _drawn(SEEDS[0])[0]}
        latest = FETCHED + timedelta(days=max(self.days.values()))
        for seed in SEEDS:
            for name, rows in _drawn(seed)[0].items():
                tables[name] += (
                    self._as_loaded(name, row, latest)
                    for row in rows
                    if self._is_there(name, row, seed)
                )
        return tables

    def _is_there(self, table: str, row: Any, seed: int) -> bool:
        airmeet = row.get("airmeet_id")  # of what is the community's there is none
        if self.drawn.get(airmeet, SEEDS[0]) != seed or (table, airmeet) in self.dropped:
            return False
        email, user_id = row.get("email"), row.get(RAW_TABLES[table].user_id or "")
        return person_key(email, user_id) not in self.erased

    def _as_loaded(self, table: str, row: Any, latest: Any) -> dict[str, Any]:
        airmeet = row.get("airmeet_id")
        if table == "airmeets":
            missed = timedelta(days=1 if airmeet in self.unlisted else 0)
            return {**row, "last_listed_at": latest - missed}
        if table == "feed_syncs" and row.get("requested_at"):
            return {
                **row,
                "requested_at": row["requested_at"] + timedelta(self.days.get(airmeet, 0)),
            }
        return dict(row)
