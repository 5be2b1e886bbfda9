"""The parts of an event's page on what it offered: sessions, polls, questions, booths."""

import pandas as pd
from markupsafe import Markup

from . import markup
from .markup import Column
from .reading import ReportRow, Reports, rows_of

_ASKED = 25


class Known:
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


def sessions(rows: pd.DataFrame, known: Known) -> Markup:
    """Its sessions: how many came to each, and how long they stayed.

    Args:
        rows: of session_engagement, in the order to show.
        known: what is loaded of the event.
    """
    columns = [
        Column("Session", lambda s: markup.name(s["name"], "no name"), is_number=False),
        Column("Length", lambda s: markup.minutes(s["minutes"]), is_extra=True),
        Column("Speakers", lambda s: markup.count(s["speakers"]), is_extra=True),
        Column("Attendees", lambda s: markup.count(s["attendees"])),
        Column(
            "Share of attendees",
            lambda s: markup.bar(s["reach"], markup.rate(s["reach"], known.has_attendees)),
            is_number=False,
        ),
        Column("Average stay", lambda s: _of_timed(s, markup.minutes(s["average_minutes"]))),
        Column(
            "Stayed 80%",
            lambda s: _of_timed(s, markup.rate(s["stayed_share"], has_base=False)),
            is_extra=True,
        ),
        Column("Questions", lambda s: markup.count(s["questions"]), is_extra=True),
    ]
    return markup.table(
        rows, columns, "sessions", known.nothing("There are no sessions.", "sessions")
    )


def _of_timed(session: ReportRow, value: Markup) -> Markup:
    """A figure of those whose times are known; unknown where somebody came and none are."""
    if session["timed_attendees"] or session["attendees"] == 0:
        return value
    return markup.UNKNOWN


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


def questions(reports: Reports, where: str, known: Known, with_people: bool) -> Markup:
    """The questions with the most votes."""
    rows = reports.frame(f"""
        select question, session, upvotes, name, count(*) over () as asked
        from question_log
        {where}
        order by upvotes desc nulls last, question, user_id, question_number
        limit {_ASKED}
    """)
    columns = [
        Column("Question", lambda q: markup.name(q["question"]), is_number=False),
        Column("Session", lambda q: markup.name(q["session"]), is_number=False, is_extra=True),
        Column("Votes", lambda q: markup.count(q["upvotes"])),
    ]
    if with_people:
        asked = Column("Asked by", lambda q: markup.name(q["name"]), is_number=False, is_extra=True)
        columns.insert(1, asked)
    asked_in_all = 0 if rows.empty else int(rows["asked"].iloc[0])
    more = markup.left_out(_ASKED, asked_in_all, "questions, most votes first")
    return markup.table(
        rows,
        columns,
        "questions",
        known.nothing("No question was asked.", "questions"),
        more,
    )


def booths(reports: Reports, where: str, known: Known) -> Markup:
    """Its booths, the most visited first."""
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
        Column("Contacts", lambda b: markup.count(b["leads"])),
    ]
    return markup.table(rows, columns, "booths", known.nothing("There are no booths.", "booths"))
