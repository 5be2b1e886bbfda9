"""A simulated Airmeet, a workplace, and files to push."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from airmeet_simulator.event import Event
from airmeet_simulator.writes import NAMES

from tests.scenario import Scenario
from tests.workplace import Result


class PushScenario(Scenario):
    """Pushes files to a simulator."""

    @property
    def upcoming(self) -> str:
        """The airmeet that is still to come."""
        return self.ids[-1]

    @property
    def first(self) -> str:
        """The airmeet that has some of everything, custom fields too."""
        return self.ids[0]

    @property
    def foreign(self) -> str:
        """The airmeet of another community."""
        return self.simulator.community.foreign.uid

    def event(self, airmeet_id: str) -> Event:
        """What happens at an airmeet."""
        return self.simulator.community.event(airmeet_id)

    def host(self) -> str:
        """Somebody who may host sessions."""
        return next(iter(self.simulator.community.people.team()))

    def file(self, rows: Iterable[Mapping[str, Any]], name: str = "rows.csv") -> str:
        """A CSV file of rows."""
        rows = list(rows)
        path = Path(self.workplace.folder) / name
        with path.open("w", encoding="utf-8", newline="") as text:
            columns = list(dict.fromkeys(column for row in rows for column in row))
            writer = csv.DictWriter(text, columns)
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    def push(self, kind: str, rows: Iterable[Mapping[str, Any]], *more: str) -> Result:
        """Run `airmeet push` on rows; what is asked from here on is counted anew."""
        self.simulator.requests.clear()
        return self.workplace.run("push", kind, self.file(rows), *more)

    @property
    def writes(self) -> int:
        """Writes that reached the simulator since the last push began."""
        feeds = self.simulator.requests.feeds()
        return sum(feeds[name] for name in NAMES)

    def ledger(self) -> list[dict[str, Any]]:
        """The rows of `pushes`."""
        return self.workplace.rows("pushes")


def person(number: int, **more: Any) -> dict[str, Any]:
    """Somebody to push."""
    return {"email": f"person{number}@push.example.com", "name": f"Per Son {number}", **more}


def event_row(**changes: Any) -> dict[str, Any]:
    """An airmeet to create."""
    row = {
        "host_email": "host@push.example.com",
        "event_name": "Monthly review",
        "short_desc": "What we did",
        "timezone": "Asia/Kolkata",
        "start_time": "2027-03-01T10:00",
        "end_time": "2027-03-01T12:00",
    }
    return row | changes


def session_row(host: str, **changes: Any) -> dict[str, Any]:
    """A session to create, long after all others."""
    row = {
        "session_title": "Deep dive",
        "session_start_time": "2031-03-01T10:00:00+00:00",
        "session_duration": 1800,
        "host_email": host,
    }
    return row | changes
