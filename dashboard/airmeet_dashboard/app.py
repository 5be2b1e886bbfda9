# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""The marimo app: filters, and the page that is open. `make dashboard` serves it.

Cells only put together what the modules beside it make; every read is of the page that is open.
"""

import marimo

app = marimo.App(width="full", app_title="Airmeet", css_file="app.css")


@app.cell(hide_code=True)
def _():
    import marimo as mo
    from airmeet_etl.exit_codes import CommandError
    from markupsafe import Markup

    from . import markup
    from .event import event_page
    from .header import head, labelled
    from .health import health_page
    from .people import ORDERS, people_page
    from .portfolio import portfolio_page
    from .reading import NoReportsError, Selection, open_reports

    def draw(chart):
        """A chart as marimo shows it."""
        return Markup('<div class="chart">{}</div>').format(Markup(mo.as_html(chart).text))

    return (
        CommandError,
        Markup,
        NoReportsError,
        ORDERS,
        Selection,
        draw,
        event_page,
        head,
        health_page,
        labelled,
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
def _(CommandError, NoReportsError, again, markup, mo, open_reports):
    _pressed = again.value  # a press runs this cell anew
    try:
        reports = open_reports(mo.cli_args().get("destination"), mo.cli_args().get("dataset"))
        with reports:
            events = reports.events()
        problem = None if events else "No event is loaded yet: “make load” does that."
    except (NoReportsError, CommandError) as error:
        problem = str(error)
    mo.stop(
        problem is not None,
        mo.vstack([mo.Html(str(markup.page("empty", markup.empty(problem)))), again]),
    )
    return events, reports


@app.cell(hide_code=True)
def _(events, mo):
    starts = [event["start_date"] for event in events if event["start_date"]]
    period = (min(starts), max(starts)) if starts else None
    dates = period and mo.ui.date_range(
        start=period[0], stop=period[1], value=period, label="Starts"
    )
    statuses = mo.ui.multiselect(
        sorted({event["status"] for event in events if event["status"]}), label="Status"
    )
    tabs = mo.ui.tabs(dict.fromkeys(("Portfolio", "Event", "People", "Data health"), ""))
    return dates, period, statuses, tabs


@app.cell(hide_code=True)
def _(Selection, dates, period, statuses):
    _whole = dates is None or tuple(dates.value) == period
    _since, _until = (None, None) if _whole else dates.value
    filtered = Selection(_since, _until, frozenset(statuses.value))
    return (filtered,)


@app.cell(hide_code=True)
def _(events, filtered, labelled, mo):
    choices = labelled(event for event in events if filtered.holds(event))
    chosen = mo.ui.dropdown(choices, label="Event", searchable=True)
    return (chosen,)


@app.cell(hide_code=True)
def _(again, chosen, dates, events, filtered, head, mo, reports, statuses, tabs):
    from dataclasses import replace as _replace

    selection = _replace(filtered, airmeet_id=chosen.value)
    selected = [event for event in events if selection.holds(event)]
    mo.vstack(
        [
            mo.Html(str(head(selected, len(events), reports.location))),
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
    return selected, selection


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
    event_page,
    health_page,
    markup,
    mo,
    order,
    people_page,
    portfolio_page,
    reports,
    search,
    selected,
    selection,
    tabs,
):
    def _page():
        if not selected:
            return markup.page("none", markup.empty("No event matches these filters."))
        if tabs.value == "Event":
            return event_page(reports, _latest(), draw)
        if tabs.value == "People":
            return people_page(reports, selection, draw, order.value, search.value)
        if tabs.value == "Data health":
            return health_page(reports, selection)
        return portfolio_page(selected, draw)

    def _latest():
        return next((event for event in selected if not event["is_to_come"]), selected[0])

    with reports:
        _shown = _page()
    mo.Html(str(_shown))
    return


if __name__ == "__main__":
    app.run()
