"""The header of all pages: which events are shown, how fresh they are, what may still change."""

from functools import cache
from importlib.resources import files

import pandas as pd
from markupsafe import Markup

from . import markup
from .figures import latest, oldest_provisional, provisional
from .reading import rows_of


def header(events: pd.DataFrame, total: int, location: str) -> Markup:
    """The title, and a line about the events that are shown.

    Args:
        events: the events that are shown, of `Reports.events`.
        total: how many events there are.
        location: where the reports are read from.
    """
    starts = events["start_date"].dropna()
    as_of = oldest_provisional(events) or latest(events, "data_as_of")
    words = [Markup("{} of {} events").format(markup.count(len(events)), markup.count(total))]
    if len(starts):
        words.append(Markup("{} to {}").format(markup.day(starts.min()), markup.day(starts.max())))
    if as_of:
        words.append(Markup("data as of {}").format(markup.moment(as_of)))
    words.append(Markup("{}").format(location))
    changing = provisional(events)
    content = [
        Markup("<h1>Airmeet reports</h1>"),
        markup.note(Markup(" · ").join(words)),
    ]
    if changing:
        content.append(
            markup.banner(
                Markup(
                    '<strong data-figure="provisional">{}</strong> of {} events are provisional: '
                    "their figures may still change."
                ).format(markup.count(changing), markup.count(len(events)))
            )
        )
    return markup.page("head", *content)


def event_labels(events: pd.DataFrame) -> dict[str, str]:
    """Ids of events by their whole names in a list, with the day and, of several, the community.

    Where two are alike, the id is added.
    """
    several = "community" in events and events["community"].nunique() > 1
    labels: dict[str, str] = {}
    for event in rows_of(events):
        start = event["start_date"]
        parts = [event["name"] or "no name", f"{start:%Y-%m-%d}" if start else "no date"]
        label = " · ".join([*parts, event["community"]] if several else parts)
        if label in labels:
            label = f"{label} · {event['airmeet_id']}"
        labels[label] = event["airmeet_id"]
    return labels


@cache
def style_sheet() -> Markup:
    """The style sheet of the pages: our own text, so nothing in it is escaped."""
    return Markup((files(__package__) / "style.css").read_text(encoding="utf-8"))
