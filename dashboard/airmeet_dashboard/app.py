# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""The marimo app: filters, and the page that is open. `make dashboard` serves it.

Cells only combine what the modules beside it make. Only the open page is read.
"""

import marimo

app = marimo.App(width="full", app_title="Airmeet", css_file="app.css")


@app.cell(hide_code=True)
def _():
    import marimo as mo
    from airmeet_etl.exit_codes import CommandError
    from markupsafe import Markup

    from airmeet_dashboard import markup
    from airmeet_dashboard.event import event_page
    from airmeet_dashboard.header import event_labels, header
    from airmeet_dashboard.health import health_page
    from airmeet_dashboard.people import ORDERS, people_page
    from airmeet_dashboard.portfolio import portfolio_page
    from airmeet_dashboard.reading import EventFilter, NoReportsError, open_reports
    from airmeet_dashboard.report import latest_held
    from airmeet_dashboard.serving import DATASET, DESTINATION

    def draw(chart):
        """A chart as marimo shows it."""
        return Markup('<div class="chart">{}</div>').format(Markup(mo.as_html(chart).text))

    return (
        CommandError,
        DATASET,
        DESTINATION,
        EventFilter,
        Markup,
        NoReportsError,
        ORDERS,
        draw,
        event_labels,
        event_page,
        header,
        health_page,
        latest_held,
        markup,
        mo,
        open_reports,
        people_page,
        portfolio_page,
    )


@app.cell(hide_code=True)
def _(mo):
    again = mo.ui.button(label="Read again", tooltip="what was loaded since")
    return (again,)


@app.cell(hide_code=True)
def _(CommandError, DATASET, DESTINATION, NoReportsError, again, markup, mo, open_reports):
    from os import environ as _environ

    _pressed = again.value  # a press runs this cell again
    try:
        reports = open_reports(_environ.get(DESTINATION), _environ.get(DATASET))
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
def _(events, mo):
    starts = events["start_date"].dropna()
    period = (starts.min(), starts.max()) if len(starts) else None
    dates = period and mo.ui.date_range(
        start=period[0], stop=period[1], value=period, label="Starts"
    )
    statuses = mo.ui.multiselect(sorted(events["status"].dropna().unique()), label="Status")
    tabs = mo.ui.tabs(dict.fromkeys(("Portfolio", "Event", "People", "Data health"), ""))
    return dates, period, statuses, tabs


@app.cell(hide_code=True)
def _(EventFilter, dates, period, statuses):
    _whole = dates is None or tuple(dates.value) == period
    _since, _until = (None, None) if _whole else dates.value
    filters = EventFilter(_since, _until, frozenset(statuses.value))
    return (filters,)


@app.cell(hide_code=True)
def _(event_labels, events, filters, mo):
    choices = event_labels(filters.apply(events))
    chosen = mo.ui.dropdown(choices, label="Event", searchable=True)
    return (chosen,)


@app.cell(hide_code=True)
def _(again, chosen, dates, events, filters, header, mo, reports, statuses, tabs):
    from dataclasses import replace as _replace

    event_filter = _replace(filters, airmeet_id=chosen.value)
    selected = event_filter.apply(events)
    mo.vstack(
        [
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
def _(ORDERS, mo):
    order = mo.ui.dropdown(
        list(ORDERS), value="Events attended", label="Order", allow_select_none=False
    )
    search = mo.ui.text(label="Search", placeholder="name, address, organisation", debounce=400)
    return order, search


@app.cell(hide_code=True)
def _(mo, order, search, tabs):
    mo.hstack([search, order], justify="start", wrap=True) if tabs.value == "People" else None
    return


@app.cell(hide_code=True)
def _(
    draw,
    event_filter,
    event_page,
    health_page,
    latest_held,
    markup,
    mo,
    order,
    people_page,
    portfolio_page,
    reports,
    search,
    selected,
    tabs,
):
    def _page():
        if selected.empty:
            return markup.page("none", markup.empty("No event matches these filters."))
        if tabs.value == "Event":
            return event_page(reports, latest_held(selected), draw)
        if tabs.value == "People":
            return people_page(reports, event_filter, draw, order.value, search.value)
        if tabs.value == "Data health":
            return health_page(reports, event_filter)
        return portfolio_page(selected, draw)

    with reports:
        _shown = _page()
    mo.Html(str(_shown))
    return


if __name__ == "__main__":
    app.run()
