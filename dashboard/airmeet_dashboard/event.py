"""The page on one event."""

from markupsafe import Markup

from . import event_charts, markup
from .attendance import attendance_of
from .attendance_panel import attendance_panel
from .certificates import certificates_panel
from .charts import Draw
from .comparison import changes, comparison_panel
from .event_contents import Known, booths, polls, questions, session_flow, sessions
from .event_figures import main_figures
from .event_heading import event_heading
from .event_people import companies, contacts, most_engaged, wanting_contact
from .reading import ReportRow, Reports, quoted
from .segments import read_segments, segments_panel
from .tables import ShowTable, static_table


def event_page(
    reports: Reports,
    event: ReportRow,
    draw: Draw,
    with_people: bool = True,
    dimension: str | None = None,
    show: ShowTable = static_table,
) -> Markup:
    """One event: main figures, who to call, attendance, comparison, groups, then what it offered.

    Args:
        reports: where to read.
        event: its row of `Reports.events`.
        draw: draws the charts.
        with_people: whether people are named.
        dimension: of segments the one to show; the most telling ones unless one is chosen.
        show: shows tables.
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
        event_heading(event),
        main_figures(event, held, wanting, changes(reports, event)),
        _to_call(reports, where, known, wanting, show) if with_people else Markup(),
        attendance_panel(held, event, draw),
        comparison_panel(reports, event, show),
        segments_panel(read_segments(reports, event, with_people), event, dimension, show),
        markup.side_by_side(
            markup.panel(
                "Funnel",
                _funnel(reports, where, draw, known),
                hint="Each stage counts those who passed all before it.",
            ),
            markup.panel(
                "Registrations so far",
                _registrations(reports, where, draw, known),
                hint="Day by day, in the event's time zone.",
            ),
        ),
        markup.panel("Sessions", sessions(its_sessions, known, show)),
        markup.panel(
            "From session to session",
            session_flow(reports, where, known, show),
            hint="Where people went next, straight from one session; no staff.",
        ),
        certificates_panel(reports, where, known, with_people, show),
        markup.side_by_side(
            markup.panel("Polls", polls(reports, where, known)),
            markup.panel("Questions", questions(reports, where, known, with_people, show)),
        ),
        markup.side_by_side(
            markup.panel("Booths", booths(reports, where, known, show)),
            markup.panel(
                "Accounts",
                companies(reports, where, known, show),
                hint="Free-mail addresses left out.",
            ),
        ),
    )


def _to_call(
    reports: Reports, where: str, known: Known, wanting: int | None, show: ShowTable
) -> Markup:
    asked = contacts(reports, where, known, show)
    engaged = most_engaged(reports, where, known, show)
    privacy = markup.note(reports.names_left_out) if reports.names_left_out else Markup()
    if not wanting:
        hint = "The most engaged, by their score."
        return markup.panel("Who to call", asked, engaged, privacy, hint=hint)
    return markup.side_by_side(
        markup.panel("Who to call", asked, privacy, hint="They asked for contact at a booth."),
        markup.panel("Most engaged", engaged, hint="By their score."),
    )


def _funnel(reports: Reports, where: str, draw: Draw, known: Known) -> Markup:
    stages = reports.frame(f"select * from event_funnel {where} order by stage_number")
    if stages.empty:
        return markup.note("Not known: nothing is loaded yet.")
    return draw(event_charts.funnel(stages, known.is_over))


def _registrations(reports: Reports, where: str, draw: Draw, known: Known) -> Markup:
    days = reports.frame(f"select * from registration_daily {where} order by day")
    if days.empty:
        return markup.note(known.nothing("No registration has a date.", "registrations"))
    start = days.loc[(days["days_before_start"] == 0).fillna(False), "day"]
    return draw(event_charts.registration_curve(days, None if start.empty else start.iloc[0]))
