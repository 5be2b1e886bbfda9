"""Small tables that come with the project, or are made from what is loaded, as inlined queries.

SQL files read them under these names:

    seed_feeds              feed: every feed of an airmeet
    seed_time_zones         timezone, time_zone: what the API calls a zone, and a name engines know
    seed_score_weights      score_version, component, weight, cap
    seed_free_mail_domains  domain

The last two are CSV files in transforms/seeds; a file of one's own takes their place by the setting
`reports.score_weights` or `reports.free_mail_domains` (REPORTS__SCORE_WEIGHTS=my_weights.csv).
"""

import csv
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import available_timezones

from airmeet.feeds import TABLE_FEEDS
from sqlglot import exp

from .compile import TYPES, transforms

Value = str | float | None

CSV_SEEDS: dict[str, dict[str, str]] = {
    "score_weights": {
        "score_version": "text",
        "component": "text",
        "weight": "double",
        "cap": "double",
    },
    "free_mail_domains": {"domain": "text"},
}
"""The columns of each CSV file and their kinds."""

COMPONENTS = {"sessions", "polls", "questions", "booths"}


def seeds(timezones: Iterable[str], own_files: Mapping[str, str]) -> dict[str, exp.Query]:
    """All seeds by the names under which SQL files read them.

    Args:
        timezones: the names of time zones in `airmeets`.
        own_files: paths of the user's files by the name of the seed that they take the place of.

    Raises:
        ValueError: a file of the user's own cannot be used; the message says why.
    """
    found = {
        "seed_feeds": _rows(
            [{"feed": name} for name in TABLE_FEEDS],
            {"feed": "text"},
        ),
        "seed_time_zones": _time_zones(timezones),
    }
    for name, kinds in CSV_SEEDS.items():
        shipped = transforms() / "seeds" / f"{name}.csv"
        path = Path(own_files[name]) if name in own_files else shipped
        rows = _read(path, kinds)
        if name == "score_weights":
            _check_weights(path, rows)
        found[f"seed_{name}"] = _rows(rows, kinds)
    return found


def _read(path: Path | Traversable, kinds: Mapping[str, str]) -> list[dict[str, Value]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except OSError as fault:
        raise ValueError(f"{path} cannot be read: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise ValueError(f"{path} is no UTF-8 (byte {fault.start:,}); save it as UTF-8") from None
    if not rows:
        raise ValueError(f"{path} has no rows")
    if missing := kinds.keys() - rows[0].keys():
        raise ValueError(f"{path} has no column {', '.join(sorted(missing))}")
    try:
        return [{name: _value(row[name] or "", kinds[name]) for name in kinds} for row in rows]
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from fault


def _value(text: str, kind: str) -> Value:
    text = text.strip()
    if not text:
        return None
    return text if kind == "text" else float(text)


def _check_weights(path: object, rows: Iterable[Mapping[str, Value]]) -> None:
    """Every component once, of one version, caps where they are divided by."""
    rows = list(rows)
    components = [row["component"] for row in rows]
    if sorted(map(str, components)) != sorted(COMPONENTS):
        raise ValueError(f"{path} must have one row each for {', '.join(sorted(COMPONENTS))}")
    if len({row["score_version"] for row in rows}) != 1 or rows[0]["score_version"] is None:
        raise ValueError(f"{path} must give all rows the same score_version")
    for row in rows:
        weight, cap = row["weight"], row["cap"]
        if not isinstance(weight, float) or not 0 <= weight < float("inf"):
            raise ValueError(f"{path}: the weight of {row['component']} must be 0 or more")
        needs_cap = row["component"] != "polls"
        if needs_cap and not (isinstance(cap, float) and 0 < cap < float("inf")):
            raise ValueError(f"{path}: the cap of {row['component']} must be more than 0")


def _time_zones(timezones: Iterable[str]) -> exp.Query:
    """The names as the zone database spells them: engines fail on one that they do not know."""
    spelled = {zone.casefold(): zone for zone in available_timezones()}
    rows = [
        {"timezone": name, "time_zone": zone}
        for name in sorted({*timezones, "UTC"})
        if (zone := spelled.get(name.strip().casefold()))
    ]
    return _rows(rows, {"timezone": "text", "time_zone": "text"})


def _rows(rows: Iterable[Mapping[str, Value]], kinds: Mapping[str, str]) -> exp.Query:
    """Literal rows as a query that every engine takes: SELECTs in a UNION ALL."""
    selects = [
        exp.select(
            *(
                exp.cast(exp.convert(row[name]), TYPES[kind]).as_(name)
                for name, kind in kinds.items()
            )
        )
        for row in rows
    ]
    query: exp.Query = selects[0]
    for select in selects[1:]:
        query = exp.union(query, select, distinct=False, copy=False)
    return query
