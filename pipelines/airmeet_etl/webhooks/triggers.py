"""What Airmeet sends webhooks about: one declaration a trigger."""

from dataclasses import dataclass
from typing import Literal

Scope = Literal["community", "any", "airmeet", "session"]
"""What a webhook is registered for: the community alone; it or one airmeet; one airmeet; one
session of an airmeet."""


@dataclass(frozen=True)
class Trigger:
    """A trigger.

    Attributes:
        name: Airmeet's name of it, which is also its `triggerMetaInfoId`.
        about: when Airmeet sends it.
        scope: what it is registered for.
        table: the table of its own that its deliveries fill beside `webhook_events`.
        hints: tables of the airmeet that are due again once it was delivered.
    """

    name: str
    about: str
    scope: Scope = "any"
    table: str = ""
    hints: tuple[str, ...] = ()


_ATTENDANCE = ("event_attendance", "session_attendance", "booth_attendance")

TRIGGERS = {
    trigger.name: trigger
    for trigger in (
        Trigger("trigger.airmeet.created", "an airmeet is created", "community"),
        Trigger("trigger.airmeet.started", "an airmeet starts"),
        Trigger(
            "trigger.airmeet.finished",
            "an airmeet ends",
            hints=(*_ATTENDANCE, "poll_responses", "questions"),
        ),
        Trigger("trigger.airmeet.reminder", "an airmeet is about to start"),
        Trigger(
            "trigger.airmeet.recording.available",
            "a recording is ready",
            hints=("session_recordings",),
        ),
        Trigger(
            "trigger.airmeet.attendee.added",
            "somebody registers for any airmeet",
            "community",
            hints=("registrations",),
        ),
        Trigger(
            "trigger.airmeet.registrant.added",
            "somebody registers for one airmeet",
            "airmeet",
            hints=("registrations",),
        ),
        Trigger(
            "trigger.airmeet.attendee.joined",
            "an attendee joins an airmeet",
            hints=("event_attendance",),
        ),
        Trigger(
            "trigger.session.attendee.joined",
            "an attendee joins one session",
            "session",
            hints=("session_attendance",),
        ),
        Trigger("trigger.airmeet.polls", "a poll is answered", hints=("poll_responses",)),
        Trigger("trigger.airmeet.questions", "a question is asked", hints=("questions",)),
        Trigger(
            "trigger.attendee.entered_airmeet",
            "an attendee enters an airmeet",
            hints=("event_attendance",),
        ),
        Trigger(
            "trigger.attendee.clicked_cta",
            "an attendee clicks on a call to action",
            table="cta_clicks",
        ),
        Trigger(
            "trigger.attendee.engagement_score",
            "Airmeet gives an attendee an engagement score",
            table="engagement_scores",
        ),
        Trigger(
            "trigger.attendee.joined_booth",
            "an attendee joins a booth",
            hints=("booth_attendance",),
        ),
        Trigger(
            "trigger.attendee.joined_table",
            "an attendee joins a table of the lounge",
            table="table_visits",
        ),
        Trigger("trigger.attendee.joined_stage", "an attendee joins the stage"),
        Trigger(
            "trigger.attendee.joined_session",
            "an attendee joins a session",
            hints=("session_attendance",),
        ),
        Trigger(
            "trigger.attendee.opened_resource",
            "an attendee opens a resource",
            table="resource_views",
        ),
        Trigger(
            "trigger.attendee.ondemand_session_attendance",
            "an attendee watches a session on demand",
            hints=("replay_attendance",),
        ),
        Trigger("trigger.leaderboard.scoreboard", "the leaderboard changes"),
    )
}


def trigger_named(text: str) -> str | None:
    """The name of the trigger that a text means, in any case and with or without `trigger.` before
    it; None where it is none."""
    name = text.strip().lower()
    return next((n for n in (name, f"trigger.{name}") if n in TRIGGERS), None)
