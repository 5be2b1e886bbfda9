"""The page on one event."""

from markupsafe import Markup

from . import event_charts, markup
from .attendance import attendance_of
from .attendance_panel import attendance_panel
from .charts import Draw
from .comparison import comparison_panel
from .event_contents import Known, booths, polls, questions, sessions
from .event_figures import main_figures
from .event_people import companies, contacts, most_engaged, wanting_contact
from .reading import ReportRow, Reports, quoted
from .segments import read_segments, segments_panel

_NOT_HELD = {
    "upcoming": "This event was not held yet.",
    "cancelled": "This event was cancelled.",
    "withdrawn": "This event left Airmeet's list before it was held.",
    "over": "Airmeet has no attendance of this event.",
}
"""What is said of an event without attendance, by its phase."""


def event_page(
    reports: Reports,
    event: ReportRow,
    draw: Draw,
    with_people: bool = True,
    dimension: str | None = None,
) -> Markup:
    """One event: main figures, who to call, attendance, comparison, groups, then what it offered.

    Args:
        reports: where to read.
        event: its row of `Reports.events`.
        draw: draws the charts.
        with_people: whether people are named.
        dimension: of segments the one to show; the most telling ones unless one is chosen.
    """
    where = f"where airmeet_id = {quoted(event['airmeet_id'])}"
    known = Known(reports, where, event)
    its_sessions = reports.frame(
        f"select * from session_engagement {where} order by start_time, name, session_id"
    )
    held = attendance_of(
        reports.frame(f"select * from attendance_curve {where} and scope = 'event'"), its_sessions
    )
    wanting = wanting_contact(reports, where)
    return markup.page(
        "event",
        _heading(event),
        main_figures(event, held, wanting),
        _to_call(reports, where, known, wanting) if with_people else Markup(),
        attendance_panel(held, event, draw),
        comparison_panel(reports, event),
        segments_panel(read_segments(reports, event, with_people), event, dimension),
        markup.side_by_side(
            markup.panel(
                "Funnel",
                _funnel(reports, where, draw),
                hint="Each stage counts those who passed all before it.",
            ),
            markup.panel(
                "Registrations so far",
                _registrations(reports, where, draw, known),
                hint="Day by day, in the event's time zone.",
            ),
        ),
        markup.panel("Sessions", sessions(its_sessions, known)),
        markup.side_by_side(
            markup.panel("Polls", polls(reports, where, known)),
            markup.panel("Questions", questions(reports, where, known, with_people)),
        ),
        markup.side_by_side(
            markup.panel("Booths", booths(reports, where, known)),
            markup.panel(
                "Accounts", companies(reports, where, known), hint="Free-mail addresses left out."
            ),
        ),
    )


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


def _to_call(reports: Reports, where: str, known: Known, wanting: int | None) -> Markup:
    asked, engaged = contacts(reports, where, known), most_engaged(reports, where, known)
    privacy = markup.note(reports.names_left_out) if reports.names_left_out else Markup()
    if not wanting:
        hint = "The most engaged, by their score."
        return markup.panel("Who to call", asked, engaged, privacy, hint=hint)
    return markup.side_by_side(
        markup.panel("Who to call", asked, privacy, hint="They asked for contact at a booth."),
        markup.panel("Most engaged", engaged, hint="By their score."),
    )


def _funnel(reports: Reports, where: str, draw: Draw) -> Markup:
    stages = reports.frame(f"select * from event_funnel {where} order by stage_number")
    if stages.empty:
        return markup.note("Not known: nothing is loaded yet.")
    return draw(event_charts.funnel(stages))


def _registrations(reports: Reports, where: str, draw: Draw, known: Known) -> Markup:
    days = reports.frame(f"select * from registration_daily {where} order by day")
    if days.empty:
        return markup.note(known.nothing("No registration has a date.", "registrations"))
    start = days.loc[(days["days_before_start"] == 0).fillna(False), "day"]
    return draw(event_charts.registration_curve(days, None if start.empty else start.iloc[0]))
