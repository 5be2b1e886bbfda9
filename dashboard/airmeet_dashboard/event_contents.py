"""The parts of an event's page on what it offered: sessions, polls, questions, booths."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from . import markup
from .reading import ReportRow, Reports, rows_of
from .tables import Column, ShowTable, Table, plain_column

_ASKED = 25


class Known:
    """What is loaded of an event: an empty list means nothing, or that it is not known."""

    def __init__(self, reports: Reports, where: str, event: ReportRow) -> None:
        self.has_attendees = event["attended"] != 0
        self.is_over = event["phase"] == "over"
        rows = rows_of(reports.frame(f"select * from data_status {where}"))
        self._status = rows[0] if rows else {}

    def nothing(self, text: str, feed: str) -> str:
        """The text for a feed without rows: `text` if it is loaded, else that it is not known."""
        status = self._status.get(f"{feed}_status")
        if status in ("loaded", "unavailable"):
            return text
        return f"Not known: {feed.replace('_', ' ')} {status or 'not loaded yet'}."


def sessions(rows: pd.DataFrame, known: Known, show: ShowTable) -> Markup:
    """Its sessions: how many came to each, and how long they stayed.

    Args:
        rows: of session_engagement, in the order to show.
        known: what is loaded of the event.
        show: shows the table.
    """

    def held(session: ReportRow, value: Markup) -> Markup:
        """A figure of a session; a dash before it is over, as nobody can have been counted."""
        is_early = not known.is_over and session["session_status"] != "FINISHED"
        return markup.NONE if is_early and not session["attendees"] else value

    def reach(session: ReportRow) -> Markup:
        share = session["reach"]
        return markup.bar(share, markup.rate(share, known.has_attendees))

    columns = [
        Column(
            "Session",
            lambda s: markup.name(s["name"], "no name"),
            "name",
            markup.name,
            is_number=False,
        ),
        plain_column("Length", "minutes", markup.minutes, is_extra=True),
        plain_column("Speakers", "speakers", markup.count, is_extra=True),
        Column(
            "Attendees", lambda s: held(s, markup.count(s["attendees"])), "attendees", markup.count
        ),
        Column(
            "Share of attendees", lambda s: held(s, reach(s)), "reach", markup.rate, is_number=False
        ),
        Column(
            "Average stay",
            lambda s: held(s, _of_timed(s, markup.minutes(s["average_minutes"]))),
            "average_minutes",
            markup.minutes,
        ),
        Column(
            "Stayed 80%",
            lambda s: held(s, _of_timed(s, markup.rate(s["stayed_share"], has_base=False))),
            "stayed_share",
            markup.rate,
            is_extra=True,
        ),
        plain_column("Questions", "questions", markup.count, is_extra=True),
    ]
    empty = known.nothing("There are no sessions.", "sessions")
    return show(Table(rows, columns, "sessions", empty))


def _of_timed(session: ReportRow, value: Markup) -> Markup:
    """A figure of those whose times are known; unknown where somebody came and none are."""
    if session["timed_attendees"] or session["attendees"] == 0:
        return value
    return markup.UNKNOWN


def session_flow(reports: Reports, where: str, known: Known, show: ShowTable) -> Markup:
    """Where people went from one session: to the next they attended, or home."""
    rows = reports.frame(f"""
        select * from session_flow {where}
        order by
            case when from_session = '(start)' then 0 else 1 end, from_session_name, from_session,
            people desc, to_session_name, to_session
    """)
    columns = [
        Column("From", lambda f: _place(f, "from"), is_number=False),
        Column("To", lambda f: _place(f, "to"), is_number=False),
        plain_column("People", "people", markup.count),
        Column(
            "Share of those who left",
            lambda f: markup.bar(f["share"], markup.rate(f["share"])),
            "share",
            markup.rate,
            is_number=False,
        ),
    ]
    empty = known.nothing("Nobody is known to have gone to a session.", "session_attendance")
    more = markup.left_out(_ASKED, len(rows), "ways")
    return show(Table(rows, columns, "session_flow", empty, more, _ASKED))


def _place(flow: ReportRow, end: str) -> Markup:
    words = {"(start)": "came in", "(end)": "left"}
    place = flow[f"{end}_session"]
    if place in words:
        return Markup('<span class="unknown">{}</span>').format(words[place])
    return markup.name(flow[f"{end}_session_name"], "another session")


def polls(reports: Reports, where: str, known: Known) -> Markup:
    """Its polls with their answers."""
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


def questions(
    reports: Reports, where: str, known: Known, with_people: bool, show: ShowTable
) -> Markup:
    """The questions, those with the most votes first."""
    rows = reports.frame(f"""
        select question, session, upvotes, name
        from question_log
        {where}
        order by upvotes desc nulls last, question, user_id, question_number
    """)
    columns = [
        plain_column("Question", "question", markup.name, is_number=False),
        plain_column("Session", "session", markup.name, is_number=False, is_extra=True),
        plain_column("Votes", "upvotes", markup.count),
    ]
    if with_people:
        asked = plain_column("Asked by", "name", markup.name, is_number=False, is_extra=True)
        columns.insert(1, asked)
    more = markup.left_out(_ASKED, len(rows), "questions, most votes first")
    empty = known.nothing("No question was asked.", "questions")
    return show(Table(rows, columns, "questions", empty, more, _ASKED))


def booths(reports: Reports, where: str, known: Known, show: ShowTable) -> Markup:
    """Its booths, the most visited first; Airmeet counts visits when an event is finished."""
    rows = reports.frame(
        f"select * from booth_summary {where} order by visitors desc nulls last, name, booth_id"
    )

    def counted(value: Any) -> Markup:
        return markup.count(value) if value or known.is_over else markup.NONE

    def share(booth: ReportRow) -> Markup:
        if not booth["visitors"] and not known.is_over:
            return markup.NONE
        part = booth["share_of_attended"]
        return markup.bar(part, markup.rate(part, known.has_attendees))

    columns = [
        Column(
            "Booth",
            lambda b: markup.name(b["name"], "no name"),
            "name",
            markup.name,
            is_number=False,
        ),
        plain_column("Visitors", "visitors", counted),
        Column("Share of attendees", share, "share_of_attended", markup.rate, is_number=False),
        plain_column("Visits", "visits", counted, is_extra=True),
        plain_column("Contacts", "leads", counted),
    ]
    empty = known.nothing("There are no booths.", "booths")
    return show(Table(rows, columns, "booths", empty))
