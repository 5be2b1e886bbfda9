"""What matters of one event: who came, how long they stayed, what they did."""

from collections.abc import Mapping
from dataclasses import replace

from markupsafe import Markup

from . import markup
from .attendance import Attendance
from .attendance_panel import local_moment, no_times
from .figures import has_expected
from .markup import Card
from .reading import ReportRow


def main_figures(
    event: ReportRow,
    held: Attendance,
    wanting_contact: int | None,
    changes: Mapping[str, Markup],
) -> Markup:
    """Three groups of figures side by side.

    Args:
        event: its row of `Reports.events`.
        held: its curve.
        wanting_contact: people who asked for contact at a booth; None is unknown.
        changes: how figures differ from those of the previous event, by their names.
    """

    def changed(cards: list[Card]) -> list[Card]:
        return [replace(card, change=changes.get(card.key, Markup())) for card in cards]

    return markup.side_by_side(
        markup.group("Came", changed(_came(event))),
        markup.group("Stayed", changed(_stayed(event, held))),
        markup.group("Took part", changed(_took_part(event, wanting_contact))),
        in_threes=True,
    )


def _begun(event: ReportRow, value: Markup) -> Markup:
    return markup.NONE if event["is_to_come"] else value


def _over(event: ReportRow, value: Markup) -> Markup:
    return value if event["is_over"] else markup.NONE


def _if_any(event: ReportRow, people: int | None) -> Markup:
    """A count of what Airmeet tells when an event is over: until then none is no news."""
    return _begun(event, markup.count(people) if people or event["is_over"] else markup.NONE)


def _came(event: ReportRow) -> list[Card]:
    staff, registered_staff = event["staff_attended"], event["staff_registered"]
    not_over = "" if event["is_over"] else "not over yet"
    return [
        Card(
            "attendance_rate",
            "Attendance rate",
            _over(event, markup.rate(event["attendance_rate"], has_expected(event))),
            not_over or "registered people who came: no walk-ins, no staff",
        ),
        Card(
            "registered",
            "Registrations",
            markup.count(event["registered"]),
            f"{registered_staff:,} of them staff" if registered_staff else "",
        ),
        Card(
            "attended",
            "Attended",
            _begun(event, markup.count(event["attended"])),
            f"and {staff:,} of the staff" if staff else "",
        ),
        Card(
            "walk_ins", "Walk-ins", _begun(event, markup.count(event["walk_ins"])), "unregistered"
        ),
        Card(
            "no_shows",
            "No-shows",
            _over(event, markup.count(event["no_shows"])),
            not_over or "no staff, nobody who registered later",
        ),
    ]


def _whose_times(event: ReportRow) -> str:
    if not event["timed_attendees"]:
        return no_times(event)
    so_far = "" if event["is_over"] else "so far; "
    return f"{so_far}times of {event['timed_attendees']:,} of {event['attended']:,} are known"


def _stayed(event: ReportRow, held: Attendance) -> list[Card]:
    def timed(value: Markup | None) -> Markup:
        """A figure of those whose times are known; a dash where there can be none."""
        if value is not None:
            return value
        return markup.NONE if event["is_to_come"] or event["attended"] == 0 else markup.UNKNOWN

    length = event["held_minutes"]
    share, why = event["stayed_share"], ""
    if share is None and event["timed_attendees"]:
        why = "its end is not known" if event["is_over"] else "not over yet"
    elif length:
        why = f"of {markup.duration_words(length)}"
    peak = held.peak and event["peak_attendees"] is not None
    return [
        Card(
            "average_minutes",
            "Average stay",
            timed(_duration(event["average_minutes"])),
            _whose_times(event),
        ),
        Card("median_minutes", "Median stay", timed(_duration(event["median_minutes"]))),
        Card(
            "stayed_share",
            "Stayed 80% or more",
            timed(None if share is None else markup.rate(share)),
            why,
        ),
        Card(
            "peak_attendees",
            "Most at a time",
            timed(markup.count(event["peak_attendees"]) if peak else None),
            f"at {local_moment(held, held.peak)}" if peak and held.peak else "",
        ),
    ]


def _duration(minutes: float | None) -> Markup | None:
    return None if minutes is None else Markup(markup.duration_words(minutes))


def _took_part(event: ReportRow, wanting_contact: int | None) -> list[Card]:
    replays = _if_any(event, event["attended_on_demand"])
    watched = event["average_minutes_on_demand"]
    if event["replay_viewers"] is None:
        about = "replays are not known"
    elif watched is not None:
        about = f"replays watched for {markup.duration_words(watched)} on average"
    else:
        about = ""
    return [
        Card(
            "engagement_rate",
            "Engagement rate",
            _over(event, markup.rate(event["engagement_rate"], event["attended"] != 0)),
            "attendees who took part" if event["is_over"] else "not over yet",
        ),
        Card(
            "poll_respondents",
            "Answered polls",
            _begun(event, markup.count(event["poll_respondents"])),
        ),
        Card(
            "questions_asked",
            "Questions",
            _begun(event, markup.count(event["questions_asked"])),
        ),
        Card(
            "wanting_contact",
            "Asked for contact",
            _if_any(event, wanting_contact),
            "people, at booths",
        ),
        Card("on_demand", "Came on demand alone", replays, about),
    ]
