"""registration_answers, registration_daily and utm_attribution."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from .facts import Community, Event, Row, ratio

_DAYS_THAT_CAN_BE = 366
Tags = tuple[str | None, str | None, str | None]
"""Source, medium and campaign, each where the link says it."""
_UNTAGGED = ("(untagged)", "(untagged)", "(untagged)")


def registration_answers(community: Community) -> list[Row]:
    found = []
    for event in community.events:
        labels = {row["field_id"]: row.get("label") for row in community.of("custom_fields", event)}
        options = {
            (row["field_id"], row["code"]): row.get("display_value")
            for row in community.of("custom_field_options", event)
        }
        given = {
            (row["person"], row["field_id"], row["value"])
            for row in community.of("participant_answers", event)
            if row["person"] is not None
        }
        for person, field_id, value in given:
            found.append(
                {
                    "airmeet_id": event.id,
                    "person": person,
                    "field_id": field_id,
                    "label": labels.get(field_id),
                    "value": value,
                    "answer": options.get((field_id, value)) or value,
                    **event.tail,
                }
            )
    return found


def registration_daily(community: Community, attendees: list[Row]) -> list[Row]:
    found = []
    for event in community.events:
        registered = [
            row for row in attendees if row["airmeet_id"] == event.id and row["registered"]
        ]
        days = Counter(
            day for row in registered if (day := event.day(row["registered_at"])) is not None
        )
        if not days:
            continue
        first, last = min(days), max(days)
        end = event.day(event.ends_at)
        last = max(last, end or last)
        every = _every_day(first, last, sorted(days))
        so_far = 0
        for day in every:
            so_far += days[day]
            found.append(
                {
                    "airmeet_id": event.id,
                    "day": day,
                    "registrations": days[day],
                    "cumulative_registrations": so_far,
                    "days_before_start": (event.start_date - day).days
                    if event.start_date
                    else None,
                    "share_of_final": ratio(so_far, len(registered)),
                    **event.tail,
                }
            )
    return found


def _every_day(first: date, last: date, with_registrations: list[date]) -> list[date]:
    """All days of the span but those of stretches without registrations that are too long."""
    found = [first]
    for day in (*with_registrations[1:], last + timedelta(days=1)):
        between = (day - found[-1]).days - 1
        if between <= _DAYS_THAT_CAN_BE:
            found += [found[-1] + timedelta(days=n) for n in range(1, between + 1)]
        if day <= last:
            found.append(day)
    return found


def utm_attribution(community: Community, attendees: list[Row]) -> list[Row]:
    found = []
    for event in community.events:
        if event.status_of("registration_utms") != "loaded":
            continue
        tags = last_tags(community, event)
        groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in attendees:
            if row["airmeet_id"] == event.id and row["registered"] and not row["is_staff"]:
                groups[_shown(tags.get(row["person"]))].append(row)
        found += [_attribution(event, tag, people) for tag, people in groups.items()]
    return found


def last_tags(community: Community, event: Event) -> dict[str, Tags]:
    """The tags of each person's last link that has any; none where tags are not loaded."""
    tags: dict[str, Tags] = {}
    if event.status_of("registration_utms") == "loaded":
        for row in sorted(community.of("registration_utms", event), key=lambda row: row["id"]):
            source, medium, campaign = (
                (row.get(f"utm_{part}") or "").strip().lower() or None
                for part in ("source", "medium", "campaign")
            )
            if source or medium or campaign:
                tags[row["person"]] = source, medium, campaign
    return tags


def _shown(tags: Tags | None) -> tuple[str, str, str]:
    if tags is None:
        return _UNTAGGED
    source, medium, campaign = (tag or "(none)" for tag in tags)
    return source, medium, campaign


def _attribution(event: Event, tag: tuple[str, str, str], people: list[Row]) -> Row:
    source, medium, campaign = tag
    registered = len(people) if event.are_staff_known else None
    attended = sum(row["attended"] for row in people) if event.is_attendance_known else None
    after = [row["registered_after_end"] for row in people]
    after_end = None if None in after or registered is None else sum(after)
    rate = None
    if event.is_over and registered is not None and after_end is not None:
        rate = ratio(attended, registered - after_end)
    return {
        "airmeet_id": event.id,
        "source": source,
        "medium": medium,
        "campaign": campaign,
        "registered": registered,
        "attended": attended,
        "attendance_rate": rate,
        "registered_after_end": after_end,
        **event.tail,
    }
