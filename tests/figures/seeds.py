"""The seeds of a community: the project's own or others, as the twin and as a build reads them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.figures.twin.facts import Rule, Seeds

_ASKED: dict[str, tuple[float, ...]] = {
    "min_share": (0.8, 0.5, 0.295, 1.0, 1e-6),
    "min_minutes": (48.0, 1.0, 0.5, 12.0, 90.25),
    "min_sessions": (1.0, 2.0, 5.0),
    "min_polls": (1.0, 3.0),
}
"""What rules of certificates may ask for."""
_SHIPPED = Path(__file__).parents[2] / "transforms" / "seeds"


def shipped() -> Seeds:
    """Those of the project; nothing is waived."""
    weights = _rows("score_weights")
    return Seeds(
        settle_days=7.0,
        free_mail=frozenset(row["domain"] for row in _rows("free_mail_domains")),
        staff_types=frozenset(row["user_type"] for row in _rows("staff_types")),
        weights={
            row["component"]: (float(row["weight"]), float(row["cap"]) if row["cap"] else None)
            for row in weights
        },
        score_version=weights[0]["score_version"],
        waived=frozenset(),
        rules=(Rule("share_80", None, {"min_share": 0.8}),),
        roles=[(row["keyword"], row["role_group"]) for row in _rows("role_groups")],
    )


def drawn(draw: Random) -> Seeds:
    """The shipped ones, and at times others."""
    seeds = replace(
        shipped(),
        settle_days=draw.choice((0.0, 0.5, 7.0, 7.0, 30.0)),
        free_mail=frozenset(("mail.example.com", "post.example.com")),
    )
    if draw.random() < 0.25:
        weights = {"sessions": (0.5, 2.0), "polls": (0.0, None), "questions": (1.0, 0.5)}
        if draw.random() < 0.5:
            weights["attention"] = (draw.choice((0.0, 2.0)), None)
        booths = draw.choice((0.0, 3.0))
        seeds = replace(seeds, weights={**weights, "booths": (booths, 1.0)}, score_version="own")
    if draw.random() < 0.25:
        seeds = replace(seeds, staff_types=frozenset(draw.sample(("guest", "speaker"), 1)))
    if draw.random() < 0.25:
        roles = [("sales", "seller"), ("vice president", "boss"), ("OPS/CTO", "boss")]
        seeds = replace(seeds, roles=roles)
    return replace(seeds, rules=_rules(draw))


def _rules(draw: Random) -> list[Rule]:
    """The shipped rule, or some for all airmeets and for a few alone."""
    if draw.random() < 0.3:
        return [*shipped().rules]
    names = ("all", "half", "Zeal", "a rule", "80")
    found = []
    for airmeet_id in (None, *(f"a{n:02}" for n in draw.sample(range(40), 8))):
        for name in draw.sample(names, draw.choice((1, 1, 2, 4))):
            asks = {column: draw.choice((None, None, *values)) for column, values in _ASKED.items()}
            found.append(Rule(name, airmeet_id, asks))
    return found


def environment(folder: Path, seeds: Seeds) -> Mapping[str, str]:
    """The settings that give a build of reports these seeds, by files in a folder."""
    files: dict[str, list[Sequence[object]]] = {
        "free_mail_domains": [["domain"], *([domain] for domain in sorted(seeds.free_mail))],
        "staff_types": [["user_type"], *([kind] for kind in sorted(seeds.staff_types))],
        "score_weights": [
            ["score_version", "component", "weight", "cap"],
            *([seeds.score_version, name, *pair] for name, pair in seeds.weights.items()),
        ],
        "waived_feeds": [
            ["airmeet_id", "feed", "reason"],
            *([*waived, "test"] for waived in sorted(seeds.waived)),
        ],
        "certificate_rules": [
            ["rule", "airmeet_id", *_ASKED],
            *(
                [rule.name, rule.airmeet_id, *(rule.asks.get(column) for column in _ASKED)]
                for rule in seeds.rules
            ),
        ],
        "role_groups": [["keyword", "role_group"], *seeds.roles],
    }
    found = {"SOURCES__AIRMEET__SETTLE_DAYS": str(seeds.settle_days)}
    for name, rows in files.items():
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        found[f"REPORTS__{name.upper()}"] = str(path)
    return found


def _rows(name: str) -> list[dict[str, str]]:
    with (_SHIPPED / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
