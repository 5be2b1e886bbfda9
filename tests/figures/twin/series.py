"""series_summary: the airmeets of each series side by side; and which series airmeets are in."""

from collections import defaultdict
from typing import Any

from .facts import Community, Event, Row, ratio, total

_SUMMED = (
    "start_date", "status", "phase", "registered", "attended", "attendance_rate", "no_shows",
    "engagement_rate", "average_minutes", "attended_on_demand", "is_final",
)  # fmt: skip


def series_of(community: Community) -> dict[str, set[str]]:
    """The series of each airmeet."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in community.editions:
        found[row["airmeet_id"]].add(row["series_id"])
    return found


def series_summary(community: Community, attendees: list[Row], summaries: list[Row]) -> list[Row]:
    events = {event.id: event for event in community.events}
    figures = {summary["airmeet_id"]: summary for summary in summaries}
    came, signed = (_people(attendees, column) for column in ("attended", "registered"))
    names = {
        row["series_id"]: _trimmed(row.get("name")) for row in community.of("event_series", "")
    }
    by_series: dict[str, list[Row]] = defaultdict(list)
    for row in community.editions:
        by_series[row["series_id"]].append(row)
    found: list[Row] = []
    for series_id, listed in by_series.items():
        members = [_member(row, events.get(row["airmeet_id"])) for row in listed]
        editions = sorted(
            (m for m in members if m["is_edition"]),
            key=lambda m: (m["start_time"], m["airmeet_id"]),
        )
        ids = [edition["airmeet_id"] for edition in editions]
        about = {
            "series_id": series_id,
            "series_name": names.get(series_id),
            "editions": len(ids),
            "first_start_time": editions[0]["start_time"] if editions else None,
            "last_start_time": editions[-1]["start_time"] if editions else None,
            **_together(ids, figures, came, signed),
        }
        for member in members:
            found.append(about | _row(member, ids, figures, came))
    return found


def _trimmed(name: str | None) -> str | None:
    return (name or "").strip(" ") or None


def _people(attendees: list[Row], column: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in attendees:
        if row[column]:
            found[row["airmeet_id"]].add(row["person"])
    return found


def _member(row: Row, event: Event | None) -> Row:
    if event is not None:
        start = event.start
        is_held = event.phase not in ("cancelled", "withdrawn")
    else:
        start = row.get("start_time")
        status = (row.get("status") or "").strip(" ").upper()
        is_held = status not in ("CANCELLED", "CANCELED")
    return {
        "airmeet_id": row["airmeet_id"],
        "event_name": (event and event.name) or _trimmed(row.get("name")),
        "start_time": start,
        "is_edition": is_held and start is not None,
    }


def _together(
    ids: list[str],
    figures: dict[str, Row],
    came: dict[str, set[str]],
    signed: dict[str, set[str]],
) -> Row:
    """What is the same in all rows of a series."""
    known = [figures[id] for id in ids if id in figures]
    times: dict[str, int] = defaultdict(int)
    for id in ids:
        for person in came[id]:
            times[person] += 1
    has_attendance = any(row["attended"] is not None for row in known)
    has_registrations = any(row["registered"] is not None for row in known)
    rated = [row for row in known if row["attendance_rate"] is not None]
    expected = total(
        row["registered"] - row["staff_registered"] - row["registered_after_end"] for row in rated
    )
    return {
        "series_registrants": len(set().union(*(signed[id] for id in ids)))
        if has_registrations
        else None,
        "series_attendees": len(times) if has_attendance else None,
        "series_returning": sum(n > 1 for n in times.values()) if has_attendance else None,
        "series_attendance_rate": ratio(
            total(row["attended_registered"] for row in rated), expected
        ),
    }


def _row(member: Row, ids: list[str], figures: dict[str, Row], came: dict[str, set[str]]) -> Row:
    id = member["airmeet_id"]
    own: Any = figures.get(id, {})
    number = ids.index(id) + 1 if member["is_edition"] else None
    earlier = ids[: number - 1] if number else []
    before: Any = figures.get(earlier[-1], {}) if earlier else {}
    known = [e for e in earlier if figures.get(e, {}).get("attended") is not None]
    attended = own.get("attended")
    both_over = own.get("phase") == "over" and before.get("phase") == "over"

    def change(column: str) -> float | None:
        value, value_before = own.get(column), before.get(column)
        is_known = both_over and value is not None and value_before is not None
        return value - value_before if is_known else None

    returning = kept = None
    if attended is not None and known:
        returning = len(came[id] & set[str]().union(*(came[e] for e in earlier)))
    if attended is not None and before.get("attended") is not None:
        kept = len(came[id] & came[earlier[-1]])
    return {
        "airmeet_id": id,
        "event_name": member["event_name"],
        "start_time": member["start_time"],
        "edition_number": number,
        **{column: own.get(column) for column in _SUMMED},
        "previous_airmeet_id": earlier[-1] if earlier else None,
        **{f"{c}_change": change(c) for c in ("registered", "attended", "attendance_rate")},
        "earlier_known": len(known) if number else None,
        "returning_attendees": returning,
        "new_attendees": None if returning is None else attended - returning,
        "returning_share": ratio(returning, attended),
        "kept_attendees": kept,
        "kept_share": ratio(kept, before.get("attended")) if own.get("phase") == "over" else None,
    }
