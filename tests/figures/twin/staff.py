"""Who is staff of an airmeet: by address, by user id, by type."""

from airmeet.person import is_missing_id

from .facts import Community, Event

_ROLES = {"host", "cohost", "speaker"}
_WITH_IDS = (
    "event_attendance",
    "session_attendance",
    "booth_attendance",
    "replay_attendance",
    "poll_responses",
    "questions",
)


def find_staff(community: Community) -> None:
    """Give every airmeet the keys of its staff."""
    for event in community.events:
        event.staff = _staff_of(community, event)


def _staff_of(community: Community, event: Event) -> set[str]:
    listed = [
        row for row in community.of("session_people", event) if (row.get("role")) in _ROLES
    ] + community.of("booth_exhibitors", event)
    people = {row["person"] for row in listed}
    ids = {_id(row.get("id")) for row in listed}
    for row in community.of("participants", event):
        if _plain(row.get("user_type")) in community.seeds.staff_types:
            people.add(row["person"])
    seen = [row for table in _WITH_IDS for row in community.of(table, event)]
    ids |= {_id(row.get("user_id")) for row in seen if row["person"] in people - {None}}
    ids -= {None}
    people |= {row["person"] for row in seen if _id(row.get("user_id")) in ids}
    people |= {f"user:{id}" for id in ids}
    return {person for person in people if person is not None}


def _id(id: object) -> str | None:
    return None if is_missing_id(id) else str(id).strip()


def _plain(user_type: str | None) -> str | None:
    if user_type is None:
        return None
    return user_type.lower().translate(str.maketrans("", "", " -_"))
