"""The figures of all reports a second time, in plain Python, from what docs/tables.md says.

It shares with the SQL the seeds, the names of the feeds and the key of a person; nothing else.
"""

from . import (
    across,
    attendees,
    booths,
    following,
    groups,
    months,
    pace,
    registrations,
    said,
    series,
    stays,
    summary,
    webhooks,
)
from .facts import Community, Raw, Row, Seeds
from .staff import find_staff


def figures(raw: Raw, seeds: Seeds) -> dict[str, list[Row]]:
    """The rows of every report.

    Args:
        raw: the raw tables, with the column `person` where they have it.
        seeds: the small tables and settings.
    """
    community = Community(raw, seeds)
    find_staff(community)
    people = attendees.attendee_event(community)
    in_sessions = stays.session_attendee(community, people)
    curve = stays.attendance_curve(community, people, in_sessions)
    summaries = summary.event_summary(community, people, curve)
    answers = registrations.registration_answers(community)
    leads = booths.booth_leads(community, people)
    return {
        "accounts": across.accounts(community, people),
        "attendance_curve": curve,
        "attendee_event": people,
        "booth_leads": leads,
        "booth_summary": booths.booth_summary(community, leads, summaries),
        "cohort_retention": months.cohort_retention(community, people),
        "certificates": following.certificates(community, people),
        "conversion_trend": months.conversion_trend(community, summaries),
        "cta_performance": webhooks.cta_performance(community, people, summaries),
        "data_status": summary.data_status(community),
        "event_comparison": pace.event_comparison(community, summaries),
        "event_funnel": summary.event_funnel(community, people, summaries),
        "event_summary": summaries,
        "follow_up": following.follow_up(community, people, answers),
        "people": across.people(community, people),
        "poll_results": said.poll_results(community, summaries),
        "question_log": said.question_log(community),
        "registration_answers": answers,
        "registration_daily": registrations.registration_daily(community, people),
        "registration_pace": pace.registration_pace(community, people, summaries),
        "segments": groups.segments(community, people, answers),
        "series_summary": series.series_summary(community, people, summaries),
        "session_flow": groups.session_flow(community, in_sessions),
        "session_attendee": in_sessions,
        "session_engagement": said.session_engagement(community, summaries, in_sessions),
        "utm_attribution": registrations.utm_attribution(community, people),
    }
