"""The page on one event."""

import pandas as pd
from markupsafe import Markup

from . import charts, markup
from .charts import Draw
from .figures import has_expected
from .markup import Card, Column
from .reading import ReportRow, Reports, quoted, rows_of

_NOT_HELD = {
    "upcoming": "This event was not held yet.",
    "cancelled": "This event was cancelled.",
    "withdrawn": "This event left Airmeet's list before it was held.",
    "over": "Airmeet has no attendance of this event.",
}
"""What is said of an event without attendance, by its phase."""

_LISTED = 15
_ASKED = 25


def event_page(reports: Reports, event: ReportRow, draw: Draw, with_people: bool = True) -> Markup:
    """One event: its funnel, registrations, sessions, polls, questions, booths, people, accounts.

    Args:
        reports: where to read.
        event: its row of `Reports.events`.
        draw: draws the charts.
        with_people: whether people are named.
    """
    where = f"where airmeet_id = {quoted(event['airmeet_id'])}"
    stages = reports.frame(f"select * from event_funnel {where} order by stage_number")
    days = reports.frame(f"select * from registration_daily {where} order by day")
    known = _Known(reports, where, event)
    top = [
        markup.panel(
            "Accounts", _accounts(reports, where, known), hint="Free-mail addresses left out."
        ),
    ]
    if with_people:
        top.insert(
            0, markup.panel("People", _people(reports, where, known), hint="The most engaged.")
        )
    return markup.page(
        "event",
        _heading(event),
        markup.cards(_cards(event)),
        markup.side_by_side(
            markup.panel(
                "Funnel",
                markup.note("Not known: nothing is loaded yet.")
                if stages.empty
                else draw(charts.funnel(stages)),
                hint="Each stage counts those who passed all before it.",
            ),
            markup.panel(
                "Registrations so far",
                _curve(days, draw, known),
                hint="Day by day, in the event's time zone.",
            ),
        ),
        markup.panel("Sessions", _sessions(reports, where, known)),
        markup.side_by_side(
            markup.panel("Polls", _polls(reports, where, known)),
            markup.panel("Questions", _questions(reports, where, known, with_people)),
        ),
        markup.panel("Booths", _booths(reports, where, known)),
        markup.side_by_side(*top),
    )


class _Known:
    """What is loaded of an event: an empty list means nothing, or that it is not known."""

    def __init__(self, reports: Reports, where: str, event: ReportRow) -> None:
        self.has_attendees = event["attended"] != 0
        rows = rows_of(reports.frame(f"select * from data_status {where}"))
        self._status = rows[0] if rows else {}

    def nothing(self, text: str, feed: str) -> str:
        """The text for a feed without rows: `text` if it is loaded, else that it is not known."""
        status = self._status.get(f"{feed}_status")
        if status in ("loaded", "unavailable"):
            return text
        return f"Not known: {feed.replace('_', ' ')} {status or 'not loaded yet'}."


def _heading(event: ReportRow) -> Markup:
    heading = Markup('<h2 data-event="{}">{}</h2><p class="hint">{} · {} · {} {}</p>').format(
        event["airmeet_id"],
        markup.name(event["name"], "no name"),
        markup.moment(event["start_time"]),
        event["status"] or "no status",
        "data as of" if event["data_as_of"] else "",
        markup.moment(event["data_as_of"]) if event["data_as_of"] else "not loaded",
    )
    if event["is_to_come"]:
        heading += markup.banner(_NOT_HELD.get(event["phase"], _NOT_HELD["over"]))
    elif not event["is_final"]:
        heading += markup.banner("These figures are provisional: they may still change.")
    return heading


def _cards(event: ReportRow) -> list[Card]:
    def begun(value: Markup) -> Markup:
        return markup.NONE if event["is_to_come"] else value

    def over(value: Markup) -> Markup:
        return value if event["is_over"] else markup.NONE

    staff, registered_staff = event["staff_attended"], event["staff_registered"]
    return [
        Card(
            "registered",
            "Registrations",
            markup.count(event["registered"]),
            f"{registered_staff:,} of them staff" if registered_staff else "",
        ),
        Card(
            "attended",
            "Attended",
            begun(markup.count(event["attended"])),
            f"and {staff:,} of the staff" if staff else "",
        ),
        Card(
            "attendance_rate",
            "Attendance rate",
            over(markup.rate(event["attendance_rate"], has_expected(event))),
            "registered people who came",
        ),
        Card(
            "engagement_rate",
            "Engagement rate",
            over(markup.rate(event["engagement_rate"], event["attended"] != 0)),
            "attendees who took part",
        ),
        Card("no_shows", "No-shows", over(markup.count(event["no_shows"]))),
        Card("walk_ins", "Walk-ins", begun(markup.count(event["walk_ins"])), "came unregistered"),
    ]


def _curve(days: pd.DataFrame, draw: Draw, known: _Known) -> Markup:
    if days.empty:
        return markup.note(known.nothing("No registration has a date.", "registrations"))
    start = days.loc[(days["days_before_start"] == 0).fillna(False), "day"]
    return draw(charts.registration_curve(days, None if start.empty else start.iloc[0]))


def _sessions(reports: Reports, where: str, known: _Known) -> Markup:
    rows = reports.frame(
        f"select * from session_engagement {where} order by start_time, name, session_id"
    )
    columns = [
        Column("Session", lambda s: markup.name(s["name"], "no name"), is_number=False),
        Column("Minutes", lambda s: markup.score(s["minutes"]), is_extra=True),
        Column("Speakers", lambda s: markup.count(s["speakers"]), is_extra=True),
        Column("Attendees", lambda s: markup.count(s["attendees"])),
        Column(
            "Share of attendees",
            lambda s: markup.bar(s["reach"], markup.rate(s["reach"], known.has_attendees)),
            is_number=False,
        ),
        Column("Questions", lambda s: markup.count(s["questions"]), is_extra=True),
    ]
    return markup.table(
        rows, columns, "sessions", known.nothing("There are no sessions.", "sessions")
    )


def _polls(reports: Reports, where: str, known: _Known) -> Markup:
    rows = reports.frame(
        f"select * from poll_results {where} "
        "order by question, session_id, respondents desc, answer"
    )
    if rows.empty:
        return markup.note(known.nothing("No poll was answered.", "poll_responses"))
    polls = rows.groupby(["question", "session_id"], sort=False, dropna=False)
    return Markup("").join(_poll(rows_of(answers)) for _, answers in polls)


def _poll(answers: list[ReportRow]) -> Markup:
    lines = Markup("").join(
        Markup('<div class="answer"><div>{}</div>{}</div>').format(
            markup.name(row["answer"]),
            markup.bar(
                row["share"],
                Markup("{} · {}").format(
                    markup.count(row["respondents"]), markup.rate(row["share"])
                ),
            ),
        )
        for row in answers
        if row["is_answered"]
    )
    silent = sum(row["respondents"] or 0 for row in answers if not row["is_answered"])
    participation = answers[0]["participation"]
    notes = [] if participation is None else [f"{100 * participation:.0f}% of attendees answered"]
    notes += [f"{silent:,} left it unanswered"] if silent else []
    return Markup('<div class="poll"><h4>{}</h4>{}{}</div>').format(
        _poll_name(answers[0]), lines, markup.note(", ".join(notes))
    )


def _poll_name(poll: ReportRow) -> Markup:
    name = markup.name(poll["question"], "no question")
    if not poll["session"]:
        return name
    return Markup('{} <span class="hint">{}</span>').format(name, markup.name(poll["session"]))


def _questions(reports: Reports, where: str, known: _Known, with_people: bool) -> Markup:
    rows = reports.frame(
        f"select * from question_log {where} "
        "order by upvotes desc nulls last, question, user_id, question_number"
    )
    columns = [
        Column("Question", lambda q: markup.name(q["question"]), is_number=False),
        Column("Session", lambda q: markup.name(q["session"]), is_number=False, is_extra=True),
        Column("Votes", lambda q: markup.count(q["upvotes"])),
    ]
    if with_people:
        asked = Column("Asked by", lambda q: markup.name(q["name"]), is_number=False, is_extra=True)
        columns.insert(1, asked)
    more = markup.left_out(_ASKED, len(rows), "questions, most votes first")
    return markup.table(
        rows[:_ASKED],
        columns,
        "questions",
        known.nothing("No question was asked.", "questions"),
        more,
    )


def _booths(reports: Reports, where: str, known: _Known) -> Markup:
    rows = reports.frame(
        f"select * from booth_summary {where} order by visitors desc nulls last, name, booth_id"
    )
    columns = [
        Column("Booth", lambda b: markup.name(b["name"], "no name"), is_number=False),
        Column("Visitors", lambda b: markup.count(b["visitors"])),
        Column(
            "Share of attendees",
            lambda b: markup.bar(
                b["share_of_attended"], markup.rate(b["share_of_attended"], known.has_attendees)
            ),
            is_number=False,
        ),
        Column("Visits", lambda b: markup.count(b["visits"]), is_extra=True),
        Column("Ask for contact", lambda b: markup.count(b["leads"])),
    ]
    return markup.table(rows, columns, "booths", known.nothing("There are no booths.", "booths"))


def _people(reports: Reports, where: str, known: _Known) -> Markup:
    rows = reports.frame(
        f"select * from attendee_event {where} and attended = 1 "
        f"order by score desc nulls last, sessions_attended desc, person limit {_LISTED}"
    )
    columns = [
        Column("Name", lambda p: markup.name(p["name"] or p["person"]), is_number=False),
        Column(
            "Organisation",
            lambda p: markup.name(p["organisation"]),
            is_number=False,
            is_extra=True,
        ),
        Column("Sessions", lambda p: markup.count(p["sessions_attended"])),
        Column("Polls", lambda p: markup.count(p["polls_answered"]), is_extra=True),
        Column("Questions", lambda p: markup.count(p["questions_asked"]), is_extra=True),
        Column("Booths", lambda p: markup.count(p["booths_visited"]), is_extra=True),
        Column("Score", lambda p: _known_score(p["score"])),
    ]
    return markup.table(
        rows, columns, "event_people", known.nothing("Nobody attended.", "event_attendance")
    )


def _accounts(reports: Reports, where: str, known: _Known) -> Markup:
    rows = reports.frame(f"""
        select
            by_domain.domain, by_domain.people, by_domain.attended, by_domain.engaged,
            by_domain.best_score
        from (
            select
                domain,
                count(*) as people,
                case when count(*) = count(attended) then sum(attended) end as attended,
                case when count(*) = count(engaged) then sum(engaged) end as engaged,
                max(score) as best_score
            from attendee_event
            {where} and domain is not null and (is_stranger = false or is_stranger is null)
            group by domain
        ) as by_domain
        left join accounts on by_domain.domain = accounts.domain
        where coalesce(accounts.is_free_mail, false) = false
        order by
            by_domain.engaged desc nulls last, by_domain.people desc, by_domain.domain
        limit {_LISTED}
    """)
    columns = [
        Column("Domain", lambda a: markup.domain(a["domain"]), is_number=False),
        Column("People", lambda a: markup.count(a["people"])),
        Column("Attended", lambda a: markup.count(a["attended"]), is_extra=True),
        Column("Engaged", lambda a: markup.count(a["engaged"])),
        Column("Best score", lambda a: markup.score(a["best_score"]), is_extra=True),
    ]
    return markup.table(rows, columns, "event_accounts", known.nothing("Nobody.", "registrations"))


def _known_score(value: float | None) -> Markup:
    """The score of a person who attended: never a dash."""
    return markup.UNKNOWN if value is None else markup.score(value)
