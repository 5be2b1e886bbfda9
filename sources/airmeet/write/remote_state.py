"""What Airmeet holds already of what is to be written; read once, and afresh where it matters."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from ..api.client import Client
from ..api.pagination import Page
from ..errors import FeedError, Pending, Unavailable
from ..extract.lifecycle import Airmeet
from ..extract.listing import list_airmeets
from ..extract.reader import FeedReader, FeedRequest
from ..extract.schema_drift import ColumnTypeRegistry
from ..feeds import TABLE_FEEDS, path_part
from ..person import person_key
from ..rows import find_key
from ..times import as_time
from .declaration import Values, Write
from .validation import CheckedRow, milliseconds

Rows = list[Values]

_ARCHIVED = ("ARCHIVE", "ARCHIVED")
_REACHED = {
    "ONGOING": ("ONGOING", "FINISHED", *_ARCHIVED),
    "PAUSED": ("PAUSED", "FINISHED", *_ARCHIVED),
    "FINISHED": ("FINISHED", *_ARCHIVED),
    "ARCHIVE": _ARCHIVED,
}
"""The states in which a change of status is done: what has finished is not started again."""


_BLOCKED = ("is_blocked", "blocked")
"""Columns that may say it: which one does was not seen."""


class RemoteState:
    """Reads what is there.

    Reading raises `AirmeetError` as `Client.get` does.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reader = FeedReader(client, ColumnTypeRegistry())
        self._read: dict[tuple[str, str], dict[str, Rows]] = {}
        self._is_afresh = False

    async def has(self, write: Write, row: CheckedRow) -> bool:
        """Whether nothing is left to do for a row; for what is taken away, whether it is not there.

        Where the participants do not say who is blocked, nobody counts as blocked or unblocked:
        doing it again changes nothing.
        """
        match write.table:
            case "attendees" if row.values.get("register_attendee"):
                return row.key in await self.people(row.airmeet_id, registered_only=True)
            case "attendees" | "users":
                found = self._is_afresh and await self._is_participant(row)
                return found or row.key in await self.people(row.airmeet_id)
            case "revocations":
                return row.key not in await self.people(row.airmeet_id)
            case "speakers":
                return row.key in await self.speakers(row.airmeet_id)
            case "sessions":
                wanted = row.values["session_title"], row.values["session_start_time"]
                return wanted in await self.sessions(row.airmeet_id)
            case "blocks":
                return (await self.blocks(row.airmeet_id)).get(row.key) is True
            case "unblocks":
                return (await self.blocks(row.airmeet_id)).get(row.key) is False
            case "session_deletions":
                listed = await self._rows("sessions", row.airmeet_id)
                return row.key not in {str(session["session_id"]) for session in listed}
            case "booths":
                listed = await self._rows("booths", row.airmeet_id)
                return row.key in {str(booth.get("name")).strip() for booth in listed}
            case "airmeets" | "duplications":
                return await self.airmeet_id(row) is not None
            case "status_changes":
                status = (await self._statuses()).get(row.airmeet_id)
                return status in _REACHED[row.values["status"]]
            case _:
                raise AssertionError(f"{write.table} is not looked up")

    def forget(self) -> None:
        """Read afresh from here on: what is looked up then is mostly about one row."""
        self._read.clear()
        self._is_afresh = True

    async def _is_participant(self, row: CheckedRow) -> bool:
        """Whether the gateway has a person among the participants when it is asked for this one
        alone; false says nothing, for it may answer otherwise than is known of it."""
        if self._client.hosts.layout != "gateway":
            return False
        path = f"/airmeet/{path_part(row.airmeet_id)}/participants"
        try:
            body = await self._client.get("api", path, {"emailIds": str(row.values["email"])})
            found = Page.of(TABLE_FEEDS["participants"], body).rows
        except (FeedError, Unavailable, Pending):
            return False
        return row.key in {person_key(each.get(find_key(each, "email") or "")) for each in found}

    async def people(self, airmeet_id: str, registered_only: bool = False) -> set[str]:
        """Everybody who is registered; invited or otherwise let in, too, unless told otherwise."""
        registered = await self._rows("registrations", airmeet_id)
        invited = [] if registered_only else await self._rows("participants", airmeet_id)
        return {key for row in registered + invited if (key := person_key(row["email"]))}

    async def blocks(self, airmeet_id: str) -> dict[str, bool]:
        """Who is blocked, of the participants of whom the API says whether they are."""
        known: dict[str, bool] = {}
        for row in await self._rows("participants", airmeet_id):
            said = next((row[name] for name in _BLOCKED if row.get(name) is not None), None)
            if said is not None and (key := person_key(row["email"])):
                known[key] = str(said).lower() in ("true", "1")
        return known

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
        """The id of a listed airmeet of the row's name and start, other than the row's own."""
        for listed in await self.airmeets():
            if str(listed["airmeet_id"]) == row.airmeet_id:
                continue
            try:
                start = milliseconds(as_time(listed.get("start_time")))
            except ValueError:
                continue
            wanted = row.values["event_name"], row.values["start_time"]
            if (listed.get("name"), start) == wanted:
                return str(listed["airmeet_id"])
        return None

    async def lists(self, airmeet_id: str) -> bool:
        """Whether an airmeet is among the listed ones: archived ones are not."""
        return airmeet_id in await self._statuses()

    async def _statuses(self) -> dict[str, str]:
        return {str(a["airmeet_id"]): str(a.get("status")) for a in await self.airmeets()}

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
