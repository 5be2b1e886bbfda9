# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""The marimo app: filters, and the page that is open. `make dashboard` serves it.

Cells only combine what the modules beside it make. Only the open page is read.
"""

import marimo

app = marimo.App(
    width="full", app_title="Airmeet reports", css_file="app.css", html_head_file="head.html"
)


@app.cell(hide_code=True)
def _():
    import marimo as mo
    from airmeet_etl.exit_codes import CommandError
    from markupsafe import Markup

    from airmeet_dashboard import markup
    from airmeet_dashboard.compare import compare_page, other_event
    from airmeet_dashboard.event import event_page
    from airmeet_dashboard.follow_up import (
        STATUSES,
        PeopleFilter,
        follow_up_csv,
        follow_up_page,
        refusal,
    )
    from airmeet_dashboard.header import event_labels, header, style_sheet
    from airmeet_dashboard.health import health_page
    from airmeet_dashboard.live_table import LiveTables
    from airmeet_dashboard.pace import pace_page
    from airmeet_dashboard.people import people_page
    from airmeet_dashboard.periods import periods
    from airmeet_dashboard.place import PAGES, Place
    from airmeet_dashboard.portfolio import portfolio_page
    from airmeet_dashboard.reading import EventFilter, NoReportsError, open_reports, rows_of
    from airmeet_dashboard.report import latest_over
    from airmeet_dashboard.segments import dimension_title, read_segments, telling
    from airmeet_dashboard.serving import COMMUNITY, DATASET, DESTINATION

    def draw(chart):
        """A chart as marimo shows it."""
        return Markup('<div class="chart">{}</div>').format(Markup(mo.as_html(chart).text))

    return (
        CommandError,
        COMMUNITY,
        DATASET,
        DESTINATION,
        EventFilter,
        LiveTables,
        Markup,
        NoReportsError,
        PAGES,
        PeopleFilter,
        Place,
        STATUSES,
        compare_page,
        dimension_title,
        draw,
        event_labels,
        event_page,
        follow_up_csv,
        follow_up_page,
        header,
        health_page,
        latest_over,
        markup,
        mo,
        open_reports,
        other_event,
        pace_page,
        people_page,
        periods,
        portfolio_page,
        read_segments,
        refusal,
        rows_of,
        style_sheet,
        telling,
    )


@app.cell(hide_code=True)
def _(mo):
    again = mo.ui.button(label="Read again", tooltip="what was loaded since")
    return (again,)


@app.cell(hide_code=True)
def _(
    COMMUNITY,
    CommandError,
    DATASET,
    DESTINATION,
    NoReportsError,
    again,
    markup,
    mo,
    open_reports,
):
    from os import environ as _environ

    _pressed = again.value  # a press runs this cell again
    try:
        reports = open_reports(*map(_environ.get, (DESTINATION, DATASET, COMMUNITY)))
        with reports:
            events = reports.events()
        problem = "No event is loaded yet: “make load” does that." if events.empty else None
    except (NoReportsError, CommandError) as error:
        problem = str(error)
    mo.stop(
        problem is not None,
        mo.vstack([mo.Html(str(markup.page("empty", markup.empty(problem)))), again]),
    )
    return events, reports


@app.cell(hide_code=True)
def _(mo):
    # A change of the address by a click within a page makes the controls anew.
    moved, move = mo.state(0)
    return move, moved


@app.cell(hide_code=True)
def _(PAGES, Place, events, mo, moved):
    moved()
    _place = Place.of(mo.query_params().to_dict())
    starts = events["start_date"].dropna()
    period = (starts.min(), starts.max()) if len(starts) else None
    _known = sorted(events["status"].dropna().unique())
    dates = period and mo.ui.date_range(
        start=period[0],
        stop=period[1],
        value=(
            min(max(_place.since or period[0], period[0]), period[1]),
            min(max(_place.until or period[1], period[0]), period[1]),
        ),
        label="Starts",
    )
    statuses = mo.ui.multiselect(
        _known, value=[one for one in _place.statuses if one in _known], label="Status"
    )
    tabs = mo.ui.tabs(dict.fromkeys(PAGES, ""), value=_place.page)
    return dates, period, statuses, tabs


@app.cell(hide_code=True)
def _(EventFilter, dates, period, statuses):
    _since, _until = (None, None) if dates is None else dates.value
    if dates is not None:
        _since = None if _since == period[0] else _since
        _until = None if _until == period[1] else _until
    filters = EventFilter(_since, _until, frozenset(statuses.value))
    return (filters,)


@app.cell(hide_code=True)
def _(Place, event_labels, events, filters, mo, moved):
    moved()
    choices = event_labels(filters.apply(events))
    _event = Place.of(mo.query_params().to_dict()).event
    chosen = mo.ui.dropdown(
        choices,
        value=next((label for label, one in choices.items() if one == _event), None),
        label="Event",
        searchable=True,
    )
    return (chosen,)


@app.cell(hide_code=True)
def _(again, chosen, dates, events, filters, header, mo, reports, statuses, style_sheet, tabs):
    from dataclasses import replace as _replace

    event_filter = _replace(filters, airmeet_id=chosen.value)
    selected = event_filter.apply(events)
    mo.vstack(
        [
            mo.Html(f"<style>{style_sheet()}</style>"),
            mo.Html(str(header(selected, len(events), reports.location))),
            mo.hstack(
                [part for part in (dates, statuses, chosen, again) if part is not None],
                justify="start",
                align="center",
                wrap=True,
                gap=1,
            ),
            tabs,
        ]
    )
    return event_filter, selected


@app.cell(hide_code=True)
def _(Place, event_filter, mo, other, tabs):
    # The address always says where one is: it can be shared, and a reload comes back here.
    _address = mo.query_params()
    here = Place(
        tabs.value,
        event_filter.since,
        event_filter.until,
        tuple(sorted(event_filter.statuses)),
        event_filter.airmeet_id,
        other.value if tabs.value == "Compare" else None,
    )
    _said, _now = here.parameters, _address.to_dict()
    for _name in {*Place.NAMES} & {*_now} - {*_said}:
        _address.remove(_name)
    for _name, _value in _said.items():
        if _now.get(_name) != _value:
            _address.set(_name, _value)
    return (here,)


@app.cell(hide_code=True)
def _(mo):
    search = mo.ui.text(label="Search a name, address or organisation", debounce=400)
    return (search,)


@app.cell(hide_code=True)
def _(dimension_title, latest_over, mo, read_segments, reports, selected, tabs, telling):
    def _dimensions():
        if tabs.value != "Event" or selected.empty:
            return []
        with reports:
            return telling(read_segments(reports, latest_over(selected)))

    _most = "what tells most"
    dimension = mo.ui.dropdown(
        {_most: None, **{dimension_title(one): one for one in _dimensions()}},
        value=_most,
        label="Groups by",
        allow_select_none=False,
    )
    return (dimension,)


@app.cell(hide_code=True)
def _(Place, event_labels, events, latest_over, mo, other_event, reports, selected, tabs):
    _choices, _chosen = {}, None
    if tabs.value == "Compare" and not selected.empty:
        _first = latest_over(selected)
        _choices = event_labels(events[events["airmeet_id"] != _first["airmeet_id"]])
        _id = Place.of(mo.query_params().to_dict()).other
        if _id not in _choices.values():
            with reports:
                _id = other_event(reports, _first, events)
        _chosen = next((label for label, one in _choices.items() if one == _id), None)
    other = mo.ui.dropdown(_choices, value=_chosen, label="Compare with", searchable=True)
    return (other,)


@app.cell(hide_code=True)
def _(STATUSES, mo):
    did = mo.ui.multiselect([*STATUSES], label="What they did")
    contact = mo.ui.checkbox(label="Asked for contact")
    least = mo.ui.number(start=0, stop=100, step=1, value=0, label="Score from", debounce=True)
    find = mo.ui.text(label="Search a name, address or organisation", debounce=400)
    return contact, did, find, least


@app.cell(hide_code=True)
def _(PeopleFilter, contact, did, find, least):
    whom = PeopleFilter(tuple(did.value), contact.value, least.value or None, find.value)
    return (whom,)


@app.cell(hide_code=True)
def _(event_filter, follow_up_csv, markup, mo, refusal, reports, tabs, whom):
    def _csv():
        with reports:
            return follow_up_csv(reports, event_filter, whom)

    def _file():
        if refused := refusal(reports):
            return mo.Html(str(markup.page("refused", markup.note(refused))))
        return mo.download(
            _csv, filename="follow-up.csv", mimetype="text/csv", label="Download CSV"
        )

    file = _file() if tabs.value == "Follow-up" else None
    return (file,)


@app.cell(hide_code=True)
def _(contact, did, dimension, file, find, least, mo, other, search, tabs):
    _parts = {
        "Event": [dimension],
        "Compare": [other],
        "Follow-up": [did, contact, least, find, file],
        "People": [search],
    }.get(tabs.value)
    mo.hstack(_parts, justify="start", align="center", wrap=True, gap=1) if _parts else None
    return


@app.cell(hide_code=True)
def _(LiveTables, Place, here, mo, move):
    from dataclasses import replace as _replace

    def _open(event):
        """Go to the page of an event."""
        _place = _replace(here, page="Event", event=event, other=None)
        _address = mo.query_params()
        for _name, _value in _place.parameters.items():
            _address.set(_name, _value)
        move(lambda times: times + 1)

    def new_tables():
        return LiveTables(_open)

    return (new_tables,)


@app.cell(hide_code=True)
def _(
    compare_page,
    dimension,
    draw,
    event_filter,
    event_page,
    events,
    follow_up_page,
    health_page,
    latest_over,
    markup,
    mo,
    new_tables,
    other,
    pace_page,
    people_page,
    periods,
    portfolio_page,
    reports,
    rows_of,
    search,
    selected,
    tabs,
    whom,
):
    def _page(show):
        if selected.empty:
            return markup.page("none", markup.empty("No event matches these filters."))
        if tabs.value == "Event":
            return event_page(
                reports, latest_over(selected), draw, dimension=dimension.value, show=show
            )
        if tabs.value == "Compare":
            others = rows_of(events[events["airmeet_id"] == other.value])
            return compare_page(latest_over(selected), others[0] if others else None, show)
        if tabs.value == "Pace":
            return pace_page(reports, event_filter, draw, show)
        if tabs.value == "Follow-up":
            return follow_up_page(reports, event_filter, whom, show)
        if tabs.value == "People":
            return people_page(reports, event_filter, draw, search.value, show=show)
        if tabs.value == "Data health":
            return health_page(reports, event_filter, show)
        return portfolio_page(selected, draw, show, periods(events, event_filter))

    tables = new_tables()
    with reports:
        _shown = _page(tables.show)
    # The tab says it to those who see; the page of an event is headed by its name.
    _heading = "" if tabs.value == "Event" else str(markup.unseen_heading(tabs.value))
    mo.Html(_heading + str(_shown))
    return (tables,)


if __name__ == "__main__":
    app.run()
