"""Small tables that come with the project, or are made from what is loaded, as inlined queries.

SQL files read them under these names:

    seed_feeds              feed: every feed of an airmeet
    seed_time_zones         timezone, time_zone: what the API calls a zone, and a name that the
                            database knows
    seed_settle_seconds     settle_seconds: the setting settle_days, in seconds
    seed_missing_ids        missing_id: what programs write where they know no id
    seed_score_weights      score_version, component, weight, cap
    seed_free_mail_domains  domain
    seed_staff_types        user_type: what participants are called who are staff
    seed_waived_feeds       airmeet_id, feed, reason: what will never come, and is not awaited
    seed_role_groups        keyword, role_group, place: what designations say, the first place first
    seed_certificate_rules  rule, airmeet_id, min_share, min_minutes, min_sessions, min_polls: who
                            earns a certificate

The last six are CSV files in transforms/seeds; a file of one's own takes the place of one by the
setting `reports.<name>` (REPORTS__SCORE_WEIGHTS=my_weights.csv).
"""

import csv
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import available_timezones

from airmeet.feeds import TABLE_FEEDS
from airmeet.person import MISSING_IDS
from sqlglot import exp

from .sql_files import TYPES, transforms

Value = str | float | None

CSV_SEEDS: dict[str, dict[str, str]] = {
    "score_weights": {
        "score_version": "text",
        "component": "text",
        "weight": "double",
        "cap": "double",
    },
    "free_mail_domains": {"domain": "text"},
    "staff_types": {"user_type": "text"},
    "waived_feeds": {"airmeet_id": "text", "feed": "text", "reason": "text"},
    "role_groups": {"keyword": "text", "role_group": "text"},
    "certificate_rules": {
        "rule": "text",
        "airmeet_id": "text",
        "min_share": "double",
        "min_minutes": "double",
        "min_sessions": "double",
        "min_polls": "double",
    },
}
"""The columns of each CSV file and their kinds."""

_FOREVER = 366_000.0
"""Days; a thousand years, beyond which seconds would overflow."""

_NO_PLACES = {"localtime", "posixrules", "Factory"}
"""Zones of a machine, not of a place: databases refuse them."""

MAY_BE_EMPTY = {"waived_feeds", "staff_types"}
"""The CSV files that may have a header alone."""

_MARKS = str.maketrans(dict.fromkeys(",;:./|()-_&+'\"", " "))
"""What parts words in a designation, as in transforms/reporting/segments.sql."""

_MOST = 1_000_000.0
"""The highest minutes, sessions and polls that a certificate may ask for."""

COMPONENTS = {"sessions", "polls", "questions", "booths"}

TIMED = {"attention"}
"""The component of scores that weights before version 2 do not have."""


def seeds(
    time_zones: Mapping[str, str], own_files: Mapping[str, str], settle_days: float
) -> dict[str, exp.Query]:
    """All seeds by the names under which SQL files read them.

    Args:
        time_zones: names that the database knows, by what `airmeets` calls them.
        own_files: paths of the user's files by the name of the seed that they take the place of.
        settle_days: days after an airmeet's end for which its feeds are awaited.

    Raises:
        ValueError: a file of the user's own cannot be used; the message says why.
    """
    found = {
        "seed_feeds": _rows(
            [{"feed": name} for name in TABLE_FEEDS],
            {"feed": "text"},
        ),
        "seed_time_zones": _rows(
            [{"timezone": name, "time_zone": zone} for name, zone in sorted(time_zones.items())],
            {"timezone": "text", "time_zone": "text"},
        ),
        "seed_settle_seconds": _rows(
            [{"settle_seconds": round(min(max(settle_days, 0.0), _FOREVER) * 24 * 3600)}],
            {"settle_seconds": "bigint"},
        ),
        "seed_missing_ids": _rows(
            [{"missing_id": id} for id in sorted(MISSING_IDS)], {"missing_id": "text"}
        ),
    }
    for name, kinds in CSV_SEEDS.items():
        rows = read_seed(name, own_files)
        if name == "role_groups":
            rows = [{**row, "place": place} for place, row in enumerate(rows, start=1)]
            kinds = {**kinds, "place": "bigint"}
        found[f"seed_{name}"] = _rows(rows, kinds)
    return found


def read_seed(name: str, own_files: Mapping[str, str]) -> list[dict[str, Value]]:
    """The rows of a CSV file, checked.

    Raises:
        ValueError: a file of the user's own cannot be used; the message says why.
    """
    shipped = transforms() / "seeds" / f"{name}.csv"
    path = Path(own_files[name]) if name in own_files else shipped
    rows = _read(path, CSV_SEEDS[name], name in MAY_BE_EMPTY)
    if name == "score_weights":
        _check_weights(path, rows)
    if name == "waived_feeds":
        _check_feeds(path, rows)
    if name == "certificate_rules":
        _check_rules(path, rows)
    if name == "staff_types":
        return [{"user_type": normal_type(str(row["user_type"]))} for row in rows]
    if name == "role_groups":
        rows = [{**row, "keyword": normal_words(str(row["keyword"] or ""))} for row in rows]
        _check_roles(path, rows)
    return rows


def normal_words(text: str) -> str:
    """Words as `segments` compares them: in lower case, parted by one space, without marks."""
    return " ".join(text.lower().translate(_MARKS).split())


def normal_type(user_type: str) -> str:
    """A participant's type as staging compares it: in lower case, without spaces and hyphens."""
    return user_type.lower().replace("-", "").replace("_", "").replace(" ", "")


def _read(
    path: Path | Traversable, kinds: Mapping[str, str], may_be_empty: bool
) -> list[dict[str, Value]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            header = reader.fieldnames or ()
    except OSError as fault:
        raise ValueError(f"{path} cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError as fault:
        raise ValueError(f"{path} is no UTF-8 (byte {fault.start:,}); save it as UTF-8") from None
    if not rows and not may_be_empty:
        raise ValueError(f"{path} has no rows")
    if missing := kinds.keys() - {*header}:
        raise ValueError(f"{path} has no column {', '.join(sorted(missing))}")
    try:
        return [{name: _value(row[name] or "", kinds[name]) for name in kinds} for row in rows]
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from None


def _value(text: str, kind: str) -> Value:
    text = text.strip()
    if not text:
        return None
    return text if kind == "text" else float(text)


def _check_weights(path: object, rows: Iterable[Mapping[str, Value]]) -> None:
    """Every component once, of one version, caps where they are divided by."""
    rows = list(rows)
    components = sorted(str(row["component"]) for row in rows)
    if components not in (sorted(COMPONENTS), sorted(COMPONENTS | TIMED)):
        raise ValueError(
            f"{path} must have one row each for {', '.join(sorted(COMPONENTS))}, and may have one "
            f"for {', '.join(TIMED)}"
        )
    if len({row["score_version"] for row in rows}) != 1 or rows[0]["score_version"] is None:
        raise ValueError(f"{path} must give all rows the same score_version")
    for row in rows:
        weight, cap = row["weight"], row["cap"]
        if not isinstance(weight, float) or not 0 <= weight < float("inf"):
            raise ValueError(f"{path}: the weight of {row['component']} must be 0 or more")
        needs_cap = row["component"] not in ("polls", "attention")
        if needs_cap and not (isinstance(cap, float) and 0 < cap < float("inf")):
            raise ValueError(f"{path}: the cap of {row['component']} must be more than 0")


def _check_feeds(path: object, rows: Iterable[Mapping[str, Value]]) -> None:
    """Feeds that there are: a misspelt one would go on being awaited."""
    for row in rows:
        if row["feed"] not in TABLE_FEEDS:
            raise ValueError(
                f"{path}: no feed is called {row['feed']}; there are {', '.join(TABLE_FEEDS)}"
            )


def _check_roles(path: object, rows: Iterable[Mapping[str, Value]]) -> None:
    """Every keyword once: a second one would never be reached."""
    seen = set()
    for number, row in enumerate(rows, start=1):
        keyword = row["keyword"]
        if not keyword or row["role_group"] is None:
            raise ValueError(f"{path}: row {number} must have a keyword and a role_group")
        if keyword in seen:
            raise ValueError(f"{path}: the keyword {keyword} is there twice")
        seen.add(keyword)


def _check_rules(path: object, rows: Iterable[Mapping[str, Value]]) -> None:
    """Every rule has a name of its own where it applies, and asks for what somebody can reach."""
    seen = set()
    for row in rows:
        rule, airmeet_id = row["rule"], row["airmeet_id"]
        if rule is None:
            raise ValueError(f"{path}: each rule must have a name in the column rule")
        if (rule, airmeet_id) in seen:
            where = f" for the airmeet {airmeet_id}" if airmeet_id else ""
            raise ValueError(f"{path}: the rule {rule} is there twice{where}")
        seen.add((rule, airmeet_id))
        for column, most, what in (
            ("min_share", 1.0, "more than 0 and no more than 1"),
            ("min_minutes", _MOST, "more than 0 and no more than a million"),
            ("min_sessions", _MOST, "a whole number from 1 to a million"),
            ("min_polls", _MOST, "a whole number from 1 to a million"),
        ):
            value = row[column]
            if not isinstance(value, float):
                continue
            is_whole = value.is_integer() or column in ("min_share", "min_minutes")
            if not (0 < value <= most and is_whole):
                raise ValueError(f"{path}: the {column} of {rule} must be {what}, or empty")


def spelled_zones(names: Iterable[str]) -> dict[str, str]:
    """Names of time zones as the zone database spells them, by how they are written; names that it
    does not have are left out."""
    spelled = {zone.casefold(): zone for zone in available_timezones() - _NO_PLACES}
    return {
        name: zone for name in names if (zone := spelled.get(name.strip().casefold())) is not None
    }


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
    if not selects:
        nothing = exp.select(*(exp.cast(exp.null(), TYPES[k]).as_(n) for n, k in kinds.items()))
        return nothing.where("1 = 0")
    query: exp.Query = selects[0]
    for select in selects[1:]:
        query = exp.union(query, select, distinct=False, copy=False)
    return query
