"""Series of airmeets, of the gateway alone: nobody quotes how it writes them, so there are ways."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .airmeets import Airmeet, Plan
from .draws import mix, uuid
from .names import TOPICS

Row = dict[str, object]

SeriesForm = Literal["data", "top", "own", "ids"]
SERIES_TABLES = ("event_series", "event_series_airmeets")


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its airmeets by their ids, in the order in which they were planned."""

    number: int
    uid: str
    name: str
    airmeets: tuple[str, ...]


def plan_series(plan: Plan, airmeets: list[Airmeet]) -> dict[str, Series]:
    """Return the series by their ids: two of each three airmeets are in one, a few in two.

    The first airmeet is in the first series; the last series has no airmeets.
    """
    many = max(1, plan.airmeets // 6) if plan.airmeets else 0
    members: list[list[str]] = [[] for _ in range(many)]
    for airmeet in airmeets:
        if airmeet.foreign or airmeet.archived:
            continue
        bits = mix(plan.seed, 51, airmeet.number) if airmeet.number else 1
        if bits % 3:
            found = {(bits >> 8) % many} if airmeet.number else {0}
            if bits % 16 == 1:
                found.add((bits >> 16) % many)
            for number in sorted(found):
                members[number].append(airmeet.uid)
    made = [
        Series(
            number,
            uuid(plan.seed, 52, number),
            f"The {TOPICS[mix(plan.seed, 53, number) % len(TOPICS)]} series",
            tuple(uids),
        )
        for number, uids in enumerate([*members, []] if many else [])
    ]
    return {series.uid: series for series in made}


def series_row(series: Series, form: SeriesForm) -> Row:
    """One series; its id and its name have other keys in each form."""
    about: Row = {"description": f"About {series.name}"}
    match form:
        case "data":
            return {"uid": series.uid, "name": series.name, **about}
        case "top":
            return {"id": series.uid, "title": series.name, **about}
        case "own":
            number = 7_000 + series.number
            return {"id": number, "seriesId": series.uid, "seriesName": series.name, **about}
        case "ids":
            return {"series_id": series.uid, "name": series.name, **about}


def edition_row(listed: Mapping[str, object], number: int, form: SeriesForm) -> Row | str:
    """One airmeet of a series, from its row in the listing; a bare id in the form of that name."""
    uid = str(listed["uid"])
    about = {name: value for name, value in listed.items() if name != "uid"}
    match form:
        case "data":
            return {"uid": uid, **about}
        case "top":
            return {"event": {"id": uid, **about}}
        case "own":
            return {"id": 9_000 + number, "airmeetId": uid, **about}
        case "ids":
            return uid


def enveloped(table: str, rows: list[Row | str], form: SeriesForm) -> object:
    """The body around rows, without cursors."""
    is_list = table == "event_series"
    match form:
        case "data":
            return {"data": rows}
        case "top":
            return rows
        case "own":
            return {"success": True, "eventSeries" if is_list else "events": rows}
        case "ids":
            return {"data": {"series" if is_list else "airmeets": rows}}


def true_rows(
    table: str, series: Series, listed: list[Mapping[str, object]], form: SeriesForm
) -> list[Row]:
    """The rows of a raw table that a perfect client has of one series.

    Args:
        table: one of `SERIES_TABLES`.
        series: the series.
        listed: the rows of its airmeets in the listing, by column.
        form: as they are served.
    """
    if table == "event_series":
        row = {"series_id": series.uid, "name": series.name}
        number: Row = {"id": 7_000 + series.number} if form == "own" else {}
        return [{**row, "description": f"About {series.name}", **number}]
    made: list[Row] = []
    for place, row_of_listing in enumerate(listed):
        about = row_of_listing if form != "ids" else {"airmeet_id": row_of_listing["airmeet_id"]}
        own: Row = {"id": 9_000 + place} if form == "own" else {}
        made.append({"series_id": series.uid, **about, **own})
    return made
