"""The part of an event's page that compares it with the previous one and with the last ten."""

from markupsafe import Markup

from . import markup
from .differences import FIGURES, in_words, shown
from .reading import ReportRow, Reports, quoted, rows_of
from .tables import Column, ShowTable, Table


def comparison_panel(reports: Reports, event: ReportRow, show: ShowTable) -> Markup:
    """Each main figure beside that of the previous event and the median of the latest ones.

    Args:
        reports: where to read.
        event: its row of `Reports.events`.
        show: shows the table.
    """
    rows = reports.frame(f"""
        select
            one.figure, one.value, one.previous_event_name, one.previous_value,
            one.median_of_last, one.median_events, previous.start_date as previous_start
        from event_comparison as one
        left join event_summary as previous on one.previous_airmeet_id = previous.airmeet_id
        where one.airmeet_id = {quoted(event["airmeet_id"])}
    """)
    order = {name: number for number, name in enumerate(FIGURES)}
    rows = rows[rows["figure"].isin(order)].sort_values(
        "figure", key=lambda names: names.map(order), ignore_index=True
    )
    if rows.empty:
        why = "It is not over yet." if not event["is_over"] else "Its figures are not known."
        return markup.panel("Compared with earlier events", markup.note(why))
    previous = rows_of(rows)[0]
    has_previous = previous["previous_start"] is not None
    columns = [
        Column("Figure", lambda r: Markup(FIGURES[r["figure"]].title), is_number=False),
        Column("This event", lambda r: _value(r, "value")),
    ]
    if has_previous:
        columns += [
            Column("The previous", lambda r: _value(r, "previous_value"), is_extra=True),
            Column("Against the previous", _against_previous, is_number=False),
        ]
    columns += [
        Column("Median", _median, is_extra=True),
        Column(
            "Against the median",
            lambda r: _words(r, "median_of_last"),
            is_number=False,
            is_extra=has_previous,
        ),
    ]
    return markup.panel(
        "Compared with earlier events",
        show(Table(rows, columns, "comparison", "")),
        hint=_hint(previous if has_previous else None, rows["median_events"].max()),
    )


def changes(reports: Reports, event: ReportRow) -> dict[str, Markup]:
    """How the main figures differ from those of the previous event of its name, in words.

    Those that are not known are left out, and all where there is no previous one.
    """
    rows = reports.frame(f"""
        select figure, value, previous_value from event_comparison
        where airmeet_id = {quoted(event["airmeet_id"])}
            and value is not null and previous_value is not null
    """)
    return {
        row["figure"]: _words(row, "previous_value")
        for row in rows_of(rows)
        if row["figure"] in FIGURES
    }


def _hint(previous: ReportRow | None, events: int | None) -> Markup:
    if previous is None:
        first = Markup("No earlier event has this name, months, numbers and years left out.")
    else:
        first = Markup("The previous one of this name: {}, {}.").format(
            markup.name(previous["previous_event_name"]), markup.day(previous["previous_start"])
        )
    if not events:
        return first + " No earlier event is over."
    if events == 1:
        return first + " The median is that of the one event before it that is over."
    return first + f" The median is that of the latest {events:,} events before it that are over."


def _value(row: ReportRow, column: str) -> Markup:
    return shown(FIGURES[row["figure"]], row[column])


def _median(row: ReportRow) -> Markup:
    return _value(row, "median_of_last") if row["median_events"] else markup.NONE


def _against_previous(row: ReportRow) -> Markup:
    """On a narrow screen against the median, too, which has no column there."""
    return Markup('{}<div class="narrow">median: {}</div>').format(
        _words(row, "previous_value"), _words(row, "median_of_last")
    )


def _words(row: ReportRow, other: str) -> Markup:
    return in_words(FIGURES[row["figure"]], row["value"], row[other])
