"""The truth: the raw tables that a perfect client has after a load, without any paging.

Columns are the API's in snake_case with the contract's keys; values are as the API writes
them, addresses as typed, but all times are ISO texts. A person is an address, trimmed and in lower
case, or else a user id; a row with neither is a person of its own. Entries of lists within rows are
rows of tables of their own.
"""

import re
from collections.abc import Iterator
from itertools import count

from . import rows
from .access import parts_of, refused, visible
from .event import Event
from .feeds import BY_TABLE, Feed, slice_of
from .options import SimulatorOptions
from .rows import Row

TABLES = (
    "airmeets", "sessions", "session_people", "custom_fields", "custom_field_options",
    "registrations", "participants", "participant_answers", "event_attendance",
    "session_attendance", "booths", "booth_exhibitors", "booth_tags", "booth_attendance",
    "poll_responses", "questions",
)  # fmt: skip
GATEWAY_TABLES = (
    "tracks", "track_sessions", "registration_utms", "session_recordings", "replay_attendance",
    "airmeet_details", "event_series", "event_series_airmeets",
)  # fmt: skip
_LISTS = {
    "sessions": ("host_id", "cohost_ids", "speaker_id", "speakerList"),
    "custom_fields": ("options",),
    "booths": ("exhibitors", "tags"),
    "tracks": ("sessions",),
}
"""Lists within rows, whose entries are rows of other tables."""
_LIST_TABLES = (
    "session_people", "custom_field_options", "booth_exhibitors", "booth_tags", "track_sessions",
)  # fmt: skip
_ID_OF = {"airmeets": "airmeet_id", "booths": "booth_id", "tracks": "track_id"}


def listed_row(row: Row) -> Row:
    """Turn a row of the listing into one of `airmeets`."""
    return _snake(row, "airmeets")


def rows_of(
    event: Event, table: str, options: SimulatorOptions, layout: str = "v1"
) -> Iterator[Row]:
    """Yield one airmeet's rows of a table other than `airmeets`, as a layout serves them."""
    if table == "participant_answers":
        for row in _people(event, BY_TABLE["participants"], options, layout):
            yield from _answers(event, row)
    elif table in ("registrations", "participants"):
        for row in _people(event, BY_TABLE[table], options, layout):
            yield {
                "airmeet_id": event.airmeet.uid,
                **{
                    name: value
                    for name, value in _snake(row, table).items()
                    if name not in ("token", "user_profile")
                },
            }
    elif table in _LIST_TABLES:
        yield from _listed(event, table, options, layout)
    elif table == "airmeet_details":
        about = rows.about(event)
        del about["session_hosts"]
        yield {"airmeet_id": event.airmeet.uid, **about}
    else:
        feed = BY_TABLE[table]
        nameless = count()
        for part in _open_parts(event, feed, options):
            for row in _every(event, feed, part, options):
                yield from _shaped(event, feed, part, row, nameless)


def count_of(event: Event, table: str, options: SimulatorOptions) -> int:
    """Return how many rows `rows_of` yields, without making those that need not be made."""
    if table in ("registrations", "participants"):
        # Whoever gave neither address nor user id is somebody else each time.
        return len(
            {
                ("member", member) if event.hidden(member) == 2 else event.persons[member]
                for member in event.row_set(table).items
            }
        )
    if table in ("participant_answers", "poll_responses", "questions", *_LIST_TABLES):
        return sum(1 for _ in rows_of(event, table, options))
    feed = BY_TABLE[table]
    return sum(len(visible(event, feed, part)) for part in _open_parts(event, feed, options))


def _listed(event: Event, table: str, options: SimulatorOptions, layout: str) -> Iterator[Row]:
    """Yield the rows of a table whose rows are entries of lists."""
    keys: Row = {"airmeet_id": event.airmeet.uid}
    if table == "session_people":
        yield from _session_people(event, options, layout)
    elif table == "track_sessions":
        for track in (event.tracks[place] for place in _places(event, "tracks", options)):
            for position in (place for place in track.sessions if place not in event.deleted):
                session = event.sessions[position].uid
                yield {**keys, "track_id": track.uid, "session_id": session}
    elif table == "custom_field_options":
        for field in (event.fields[place] for place in _places(event, "custom_fields", options)):
            for option in field.options:
                choice: Row = {"code": option, "display_value": option}
                yield {**keys, "field_id": field.uid, **choice}
    else:
        for booth in (event.booths[place] for place in _places(event, "booths", options)):
            addresses = [event.people.person(number).email for number in booth.exhibitors]
            column = "tag" if table == "booth_tags" else "email"
            for value in booth.tags if table == "booth_tags" else addresses:
                yield {**keys, "booth_id": booth.uid, column: value}


def _session_people(event: Event, options: SimulatorOptions, layout: str) -> Iterator[Row]:
    keys: Row = {"airmeet_id": event.airmeet.uid}
    hosts = rows.about(event)["session_hosts"] if layout == "gateway" else []
    assert isinstance(hosts, list)
    for host in hosts:
        yield {**keys, "role": "host", **host}
    for session in (event.sessions[place] for place in _places(event, "sessions", options)):
        for role, numbers in (("host", session.hosts), ("cohost", session.cohosts)):
            for number in numbers:
                user_id = event.people.person(number).user_id
                yield {**keys, "session_id": session.uid, "role": role, "id": user_id}
        for number in dict.fromkeys(session.speakers):
            speaker = rows.described(event.people.person(number))
            yield {**keys, "session_id": session.uid, "role": "speaker", **speaker}


def _places(event: Event, table: str, options: SimulatorOptions) -> Iterator[int]:
    """Yield the positions of the sessions, fields, booths or tracks that a client finds."""
    feed = BY_TABLE[table]
    for part in _open_parts(event, feed, options):
        yield from visible(event, feed, part).items


def _open_parts(event: Event, feed: Feed, options: SimulatorOptions) -> list[int]:
    if feed.table == "booths" and options.booths_null:
        return []
    return [
        part for part in parts_of(event, feed, options) if not refused(event, feed, part, options)
    ]


def _every(
    event: Event, feed: Feed, part: int, options: SimulatorOptions, layout: str = "v1"
) -> list[Row]:
    found = visible(event, feed, part)
    return slice_of(event, feed, part, found, range(len(found)), options, "iso", layout)


def _people(event: Event, feed: Feed, options: SimulatorOptions, layout: str) -> list[Row]:
    """Return one row a person: the earliest date, and the latest value of all else."""
    people: dict[str, list[Row]] = {}
    for number, row in enumerate(sorted(_every(event, feed, 0, options, layout), key=_date)):
        people.setdefault(person_of(row) or f"row {number}", []).append(row)
    return [_merged(rows) for rows in people.values()]


def _merged(rows: list[Row]) -> Row:
    merged = dict(rows[0])
    given: dict[object, list[Row]] = {}
    for row in rows:
        merged |= {key: value for key, value in row.items() if value is not None}
        answers = row.get("user_profile")
        if isinstance(answers, list):
            said = [answer for answer in answers if answer["value"] not in (None, [])]
            fields = {answer["fieldId"] for answer in said}
            given |= {f: [answer for answer in said if answer["fieldId"] == f] for f in fields}
    dates = [row["registrationDate"] for row in rows if row["registrationDate"]]
    merged["registrationDate"] = dates[0] if dates else rows[-1]["registrationDate"]
    if "user_profile" in merged:
        merged["user_profile"] = [answer for answers in given.values() for answer in answers]
    return merged


def person_of(row: Row) -> str | None:
    """Return who a row is about; None if it does not say."""
    if row.get("email") is not None:
        return str(row["email"]).strip().lower()
    return None if row.get("user_id") is None else f"user:{row['user_id']}"


def _date(row: Row) -> str:
    return str(row["registrationDate"] or "")


def _answers(event: Event, row: Row) -> Iterator[Row]:
    answers = row["user_profile"]
    assert isinstance(answers, list)
    for answer in answers:
        value = answer["value"]
        for chosen in value if isinstance(value, list) else [value]:
            if chosen is not None:
                yield {
                    "airmeet_id": event.airmeet.uid,
                    "email": row["email"],
                    "field_id": answer["fieldId"],
                    "value": chosen,
                }


def _shaped(
    event: Event, feed: Feed, part: int, row: Row, nameless: Iterator[int]
) -> Iterator[Row]:
    """Yield the rows of a table that one of a feed becomes.

    Args:
        nameless: counts the entries of people who are not named: these share one list.
    """
    keys: Row = {"airmeet_id": event.airmeet.uid}
    for name in _LISTS.get(feed.table, ()):
        del row[name]
    if feed.table == "session_attendance":
        keys["session_id"] = event.sessions[part].uid
    elif feed.table == "booth_attendance":
        keys["booth_id"] = event.booths[part].uid
    if feed.entries:
        entries = row.pop(feed.entries)
        assert isinstance(entries, list)
        positions = count() if row["user_id"] or row["email"] else nameless
        is_poll = feed.table == "poll_responses"
        for entry in entries:
            # An answer that is a list has a row for each choice.
            chosen = entry.get("answer") if is_poll else None
            choices = chosen or [None] if isinstance(chosen, list) else [chosen]
            first = None
            for choice in choices:
                position = next(positions)
                first = position if first is None else first
                only_polls = {"answer": choice, "response_position": first}
                yield {
                    **keys,
                    **row,
                    "position": position,
                    "session_id": None,
                    **({} if is_poll else {"upvote_count": None}),
                    **_snake(entry, feed.table),
                    **(only_polls if is_poll else {}),
                }
    elif feed.table == "session_recordings":
        del row["download_link"]
        recorded = [event.sessions[position].uid for position in event.recorded]
        yield {**keys, **row, "position": recorded.index(str(row["session_id"]))}
    elif feed.table == "registration_utms":
        utms = row.pop("utms")
        assert isinstance(utms, dict)
        yield {**keys, **_snake(row, feed.table), **utms}
    elif feed.table == "custom_fields":
        kind = row.pop("type")
        assert isinstance(kind, dict)
        yield {**keys, **_snake(row, feed.table), **_snake(kind, feed.table)}
    else:
        yield {**keys, **_snake(row, feed.table)}


def _snake(row: Row, table: str) -> Row:
    return {_column(name, table): value for name, value in row.items()}


def _column(name: str, table: str) -> str:
    if name == "uid":
        return _ID_OF[table]
    if name == "sessionid":
        return "session_id"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
