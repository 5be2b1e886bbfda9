"""The head of all pages: what is looked at, how fresh it is, and whether it may still change."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from . import markup
from .reading import Row


def head(selected: Sequence[Row], there: int, location: str) -> Markup:
    """The title, the events that are selected, and the looks of all that follows."""
    starts = [event["start_date"] for event in selected if event["start_date"]]
    as_of = min(
        (e["data_as_of"] for e in selected if e["data_as_of"] and not e["is_final"]),
        default=max((e["data_as_of"] for e in selected if e["data_as_of"]), default=None),
    )
    words = [Markup("{} of {} events").format(markup.count(len(selected)), markup.count(there))]
    if starts:
        words.append(Markup("{} to {}").format(markup.day(min(starts)), markup.day(max(starts))))
    if as_of:
        words.append(Markup("data as of {}").format(markup.moment(as_of)))
    words.append(Markup("{}").format(location))
    provisional = sum(not event["is_final"] for event in selected)
    content = [
        Markup("<h1>Airmeet reports</h1>"),
        markup.note(Markup(" · ").join(words)),
    ]
    if provisional:
        content.append(
            markup.banner(
                Markup(
                    '<strong data-figure="provisional">{}</strong> of {} events are provisional: '
                    "their figures may still change."
                ).format(markup.count(provisional), markup.count(len(selected)))
            )
        )
    return Markup("<style>{}</style>").format(looks()) + markup.page("head", *content)


def labelled(events: Iterable[Row]) -> dict[str, str]:
    """Ids of events by what they are called in a list; those that read alike bear their id."""
    labels: dict[str, str] = {}
    for event in events:
        start = event["start_date"]
        when = f"{start:%Y-%m-%d}" if start else "no date"
        label = f"{event['name'] or 'no name'} · {when}"
        if label in labels:
            label = f"{label} · {event['airmeet_id']}"
        labels[label] = event["airmeet_id"]
    return labels


@cache
def looks() -> Markup:
    """The style sheet of the pages, which is ours and therefore safe."""
    return Markup((files(__package__) / "style.css").read_text(encoding="utf-8"))
