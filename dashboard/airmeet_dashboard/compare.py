"""The page that has two events side by side."""

import pandas as pd
from markupsafe import Markup

from . import markup
from .differences import FIGURES, in_words, value_of
from .reading import ReportRow, Reports, quoted, rows_of
from .tables import Column, ShowTable, Table, static_table


def other_event(reports: Reports, event: ReportRow, events: pd.DataFrame) -> str | None:
    """The id of the event to compare with unless another is chosen: the previous one of the same
    name, else the latest other one that was held; None where there is none.

    Args:
        reports: where to read.
        event: a row of `Reports.events`.
        events: all of them.
    """
    previous = rows_of(
        reports.frame(f"""
            select max(previous_airmeet_id) as airmeet_id from event_comparison
            where airmeet_id = {quoted(event["airmeet_id"])}
        """)
    )
    if found := previous[0]["airmeet_id"]:
        return str(found)
    others = events[events["airmeet_id"] != event["airmeet_id"]]
    held = others[~others["is_to_come"]]
    rows = rows_of(others if held.empty else held)
    return str(rows[0]["airmeet_id"]) if rows else None


def compare_page(
    event: ReportRow, other: ReportRow | None, show: ShowTable = static_table
) -> Markup:
    """The main figures of two events beside each other.

    Args:
        event: a row of `Reports.events`.
        other: another one; None where there is none.
        show: shows tables.
    """
    if other is None:
        return markup.page("compare", markup.note("There is no other event to compare with."))
    figures = pd.DataFrame({"figure": [*FIGURES]})
    columns = [
        Column("Figure", lambda row: Markup(FIGURES[row["figure"]].title), is_number=False),
        Column("This event", lambda row: value_of(row["figure"], event)),
        Column("The other", lambda row: value_of(row["figure"], other)),
        Column(
            "This event has",
            lambda row: in_words(
                FIGURES[row["figure"]], event[row["figure"]], other[row["figure"]]
            ),
            is_number=False,
        ),
    ]
    return markup.page(
        "compare",
        markup.side_by_side(_about("This event", event), _about("The other", other)),
        markup.panel("Figures", show(Table(figures, columns, "compare", ""))),
    )


def _about(title: str, event: ReportRow) -> Markup:
    length = event["held_minutes"]
    facts = [
        markup.day(event["start_date"]),
        Markup(markup.duration_words(length)) if length else None,
        Markup("{} {}").format(
            markup.count(event["sessions"]), "session" if event["sessions"] == 1 else "sessions"
        ),
    ]
    return markup.panel(
        title,
        Markup('<h4 class="name" data-event="{}">{}</h4>').format(
            event["airmeet_id"], markup.name(event["name"], "no name")
        ),
        markup.note(Markup(" · ").join(fact for fact in facts if fact)),
        markup.finality(event["is_final"]),
    )
