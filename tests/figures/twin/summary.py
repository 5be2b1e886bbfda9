"""event_summary, event_funnel and data_status: one airmeet at a time."""

from collections import defaultdict
from statistics import fmean

from airmeet.feeds import TABLE_FEEDS

from .facts import Community, Event, Row, largest, ratio, smallest, visits_of
from .times import held_event, length, timed

_NAMED = (
    "registrations",
    "event_attendance",
    "session_attendance",
    "booth_attendance",
    "replay_attendance",
    "poll_responses",
    "questions",
)
STAGES = ("registered", "attended", "attended_session", "interacted", "visited_booth")


def event_summary(community: Community, attendees: list[Row], curve: list[Row]) -> list[Row]:
    people, steps = (defaultdict(list) for _ in range(2))
    for row in attendees:
        people[row["airmeet_id"]].append(row)
    for row in curve:
        if row["scope"] == "event":
            steps[row["airmeet_id"]].append(row)
    return [
        {
            **_summary(community, event, people[event.id]),
            **_times(community, event, people[event.id], steps[event.id]),
        }
        for event in community.events
    ]


def _times(community: Community, event: Event, people: list[Row], steps: list[Row]) -> Row:
    held = held_event(community, event)
    peak = largest(row["people_present"] for row in steps)
    viewed = [
        row["minutes_on_demand"] for row in people if row["replays_watched"] and not row["is_staff"]
    ]
    knows = event.are_staff_known and viewed and None not in viewed
    return {
        "held_minutes": None if held is None else length(held) / 60,
        **timed(event, people),
        **_by_type(event, people),
        "peak_attendees": peak,
        "peak_at": smallest(row["step_at"] for row in steps if row["people_present"] == peak),
        "average_minutes_on_demand": fmean(viewed) if knows else None,
    }


def _by_type(event: Event, people: list[Row]) -> Row:
    """How many attend in person and virtually, where that is said of a registrant."""
    is_hybrid = any(row["registered"] and row["attendance_type"] for row in people)
    found: Row = {}
    for column, knows in (("registered", True), ("attended", event.is_attendance_known)):
        for way in ("in person", "virtual"):
            count = sum(bool(row[column]) and row["attendance_type"] == way for row in people)
            name = f"{column}_{way.replace(' ', '_')}"
            found[name] = count if is_hybrid and knows else None
    return found


def _count(people: list[Row], column: str, is_known: bool) -> int | None:
    """How many have 1 there; null where that is null of somebody."""
    if not is_known or any(row[column] is None for row in people):
        return None
    return sum(int(row[column]) for row in people)


def _summary(community: Community, event: Event, people: list[Row]) -> Row:
    has_registrations = event.has("registrations")
    knows = event.is_attendance_known
    has_replays = event.has("replay_attendance")
    came_registered = [row for row in people if row["registered"] and row["attended"]]
    staff_registered = sum(1 for row in people if row["registered"] and row["is_staff"])
    registered = _count(people, "registered", has_registrations)
    attended = _count(people, "attended", knows)
    attended_registered = len(came_registered) if knows and has_registrations else None
    after_end = _count(people, "registered_after_end", has_registrations and event.are_staff_known)
    on_demand = _count(people, "attended_on_demand", knows and has_replays)
    engaged = _count(people, "engaged", event.is_engagement_known)
    staff = staff_registered if event.are_staff_known and has_registrations else None
    expected = None
    if registered is not None and staff is not None and after_end is not None:
        expected = registered - staff - after_end
    no_shows = None
    if event.is_over and expected is not None and attended_registered is not None:
        no_shows = expected - attended_registered
    booths, questions = (community.of(t, event) for t in ("booth_attendance", "questions"))
    answered = {row["person"] for row in community.answers(event)}
    return {
        "airmeet_id": event.id,
        "name": event.name,
        "status": event.status,
        "start_time": event.start,
        "end_time": event.row.get("end_time"),
        "registered": registered,
        "attended": attended,
        "attended_registered": attended_registered,
        "walk_ins": None
        if attended is None or attended_registered is None
        else attended - attended_registered,
        "no_shows": no_shows,
        "attendance_rate": ratio(attended_registered, expected) if event.is_over else None,
        "sessions": len(community.of("sessions", event)) if event.has("sessions") else None,
        "booth_visits": sum(map(visits_of, booths)) if event.has("booth_attendance") else None,
        "poll_respondents": len(answered - {None}) if event.has("poll_responses") else None,
        "questions_asked": len(questions) if event.has("questions") else None,
        "data_as_of": event.data_as_of,
        "staff_attended": _count(people, "staff_attended", knows),
        "engaged": engaged,
        "engagement_rate": ratio(engaged, attended) if event.is_over else None,
        "replay_viewers": sum(1 for row in people if row["replays_watched"])
        if has_replays
        else None,
        "staff_registered": staff,
        "registered_after_end": after_end,
        "attended_on_demand": on_demand,
        "total_audience": None if attended is None or on_demand is None else attended + on_demand,
        "without_identity": sum(
            row["person"] is None for table in _NAMED for row in community.of(table, event)
        ),
        "is_listed": event.is_listed,
        "last_listed_at": event.row.get("last_listed_at"),
        "ends_at": event.ends_at,
        "phase": event.phase,
        "registration_state": event.registration_state,
        "attendance_state": event.attendance_state,
        "engagement_state": event.engagement_state,
        "is_time_zone_known": event.zone is not None,
        "time_zone": "UTC" if event.zone is None else event.zone.key,
        **event.tail,
    }


def event_funnel(community: Community, attendees: list[Row], summaries: list[Row]) -> list[Row]:
    found: list[Row] = []
    for event, summary in zip(community.events, summaries, strict=True):
        reached = [
            row
            for row in attendees
            if row["airmeet_id"] == event.id
            and row["registered"]
            and not row["is_staff"]
            and not row["registered_after_end"]
        ]
        parts = (summary[name] for name in ("registered", "staff_registered"))
        knows = None not in parts and summary["registered_after_end"] is not None
        first: int | None = None
        before: int | None = None
        for number, stage in enumerate(STAGES, start=1):
            reached = [row for row in reached if _reaches(row, stage)]
            knows = knows and _is_known(event, stage)
            people = len(reached) if knows else None
            first = people if number == 1 else first
            found.append(
                {
                    "airmeet_id": event.id,
                    "stage": stage,
                    "stage_number": number,
                    "people": people,
                    "share_of_registered": ratio(people, first) if event.is_over else None,
                    "share_of_previous": ratio(people, before)
                    if event.is_over and number > 1
                    else None,
                    **event.tail,
                }
            )
            before = people
    return found


def _reaches(row: Row, stage: str) -> bool:
    columns = {
        "registered": ("registered",),
        "attended": ("attended",),
        "attended_session": ("sessions_attended",),
        "interacted": ("polls_answered", "questions_asked"),
        "visited_booth": ("booths_visited",),
    }
    return any(row[column] for column in columns[stage])


def _is_known(event: Event, stage: str) -> bool:
    if stage == "attended":
        return event.is_attendance_known
    feeds = {"interacted": ("poll_responses", "questions"), "visited_booth": ("booth_attendance",)}
    return event.has(*feeds.get(stage, ()))


def data_status(community: Community) -> list[Row]:
    return [_status(event) for event in community.events]


def _status(event: Event) -> Row:
    ledger = event.ledger.values()
    row = {
        "airmeet_id": event.id,
        "name": event.name,
        **{
            f"feeds_{status}": sum(row["status"] == status for row in ledger)
            for status in ("loaded", "unavailable", "pending", "failed")
        },
        "feeds_missing": len(TABLE_FEEDS.keys() - event.ledger.keys()),
        "data_as_of": event.data_as_of,
        "last_loaded_at": largest(row.get("loaded_at") for row in ledger),
        "is_listed": event.is_listed,
        "last_listed_at": event.row.get("last_listed_at"),
        **event.tail,
    }
    for feed in TABLE_FEEDS:
        sync = event.ledger.get(feed, {})
        for column in ("status", "rows", "expected_rows"):
            row[f"{feed}_{column}"] = sync.get(column)
    return row
