"""What Airmeet holds already of what is to be written; read once, and afresh where it matters."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from ..api.client import Client
from ..extract.lifecycle import Airmeet
from ..extract.listing import list_airmeets
from ..extract.reader import FeedReader, FeedRequest
from ..extract.schema_drift import ColumnTypeRegistry
from ..feeds import TABLE_FEEDS
from ..person import person_key
from ..times import as_time
from .operations import Values, Write
from .validation import CheckedRow, milliseconds

Rows = list[Values]

_REACHED = {"ONGOING": ("ONGOING", "FINISHED"), "FINISHED": ("FINISHED",)}
"""The states in which a change of status is done: what has finished is not started again."""


class RemoteState:
    """Reads what is there.

    Reading raises `AirmeetError` as `Client.get` does.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reader = FeedReader(client, ColumnTypeRegistry())
        self._read: dict[tuple[str, str], dict[str, Rows]] = {}

    async def has(self, write: Write, row: CheckedRow) -> bool:
        """Whether nothing is left to do for a row; for a revocation, whether nobody is there."""
        match write.table:
            case "attendees" | "users":
                return row.key in await self.people(row.airmeet_id)
            case "revocations":
                return row.key not in await self.people(row.airmeet_id)
            case "speakers":
                return row.key in await self.speakers(row.airmeet_id)
            case "sessions":
                wanted = row.values["session_title"], row.values["session_start_time"]
                return wanted in await self.sessions(row.airmeet_id)
            case "airmeets":
                return await self.airmeet_id(row) is not None
            case _:
                listed = {str(a["airmeet_id"]): str(a.get("status")) for a in await self.airmeets()}
                return listed.get(row.airmeet_id) in _REACHED[row.values["status"]]

    def forget(self) -> None:
        """Read afresh from here on."""
        self._read.clear()

    async def people(self, airmeet_id: str) -> set[str]:
        """Everybody who is registered, invited or otherwise let in."""
        registered = await self._rows("registrations", airmeet_id)
        invited = await self._rows("participants", airmeet_id)
        return {key for row in registered + invited if (key := person_key(row["email"]))}

    async def speakers(self, airmeet_id: str) -> set[str]:
        """The addresses of all speakers that the API names."""
        people = await self._rows("participants", airmeet_id)
        listed = [row for row in people if str(row.get("user_type")).lower() == "speaker"]
        people = await self._rows("session_people", airmeet_id)
        listed += [row for row in people if row["role"] == "speaker"]
        return {key for row in listed if (key := person_key(row["email"]))}

    async def sessions(self, airmeet_id: str) -> set[tuple[str, int]]:
        """The titles and starts, in milliseconds, of all sessions."""
        return {
            (str(row["name"]), round(row["start_time"].timestamp() * 1000))
            for row in await self._rows("sessions", airmeet_id)
            if row["start_time"] is not None
        }

    async def custom_fields(self, airmeet_id: str) -> Rows:
        """The custom fields of the registration form, each with its rows of `options`."""
        options: dict[str, Rows] = {}
        for option in await self._rows("custom_field_options", airmeet_id):
            options.setdefault(option["field_id"], []).append(option)
        fields = await self._rows("custom_fields", airmeet_id)
        return [{**field, "options": options.get(field["field_id"], [])} for field in fields]

    async def airmeet_id(self, row: CheckedRow) -> str | None:
        """The id of a listed airmeet of the row's name and start."""
        for listed in await self.airmeets():
            try:
                start = milliseconds(as_time(listed.get("start_time")))
            except ValueError:
                continue
            wanted = row.values["event_name"], row.values["start_time"]
            if (listed.get("name"), start) == wanted:
                return str(listed["airmeet_id"])
        return None

    async def airmeets(self) -> Rows:
        """The list of airmeets."""

        async def read() -> dict[str, Rows]:
            rows, _ = await list_airmeets(self._client)
            return {"airmeets": rows}

        return (await self._once("airmeets", "", read))["airmeets"]

    async def _rows(self, table: str, airmeet_id: str) -> Rows:
        """An airmeet's rows of a table."""
        feed = TABLE_FEEDS[table]

        async def read() -> dict[str, Rows]:
            airmeet = Airmeet(airmeet_id, "", "", None, datetime.now(UTC), "")
            request = FeedRequest(feed, airmeet, {}, finished=False)
            tables = (await self._reader.read(request)).tables
            return {name: rows.to_pylist() for name, rows in tables.items()}

        return (await self._once(feed.name, airmeet_id, read))[table]

    async def _once(
        self, feed: str, airmeet_id: str, read: Callable[[], Awaitable[dict[str, Rows]]]
    ) -> dict[str, Rows]:
        if (feed, airmeet_id) not in self._read:
            self._read[feed, airmeet_id] = await read()
        return self._read[feed, airmeet_id]
