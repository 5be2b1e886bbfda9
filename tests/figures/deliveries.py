"""What webhooks delivered of a seeded community."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from tests.figures.vocabulary import FETCHED

Row = dict[str, Any]


def add_deliveries(
    tables: dict[str, list[Row]], people: Sequence[tuple[Any, ...]], seed: int
) -> None:
    """Add what webhooks delivered, of some airmeets: drawn apart, so that all else stays as it was.

    Args:
        tables: of the community; its tables of deliveries are made.
        people: each as address, user id and name.
        seed: what is drawn.
    """
    of_events, of_lounges = Random(f"webhooks {seed}"), Random(f"lounges {seed}")
    tables |= {"cta_clicks": [], "resource_views": [], "engagement_scores": [], "table_visits": []}
    for airmeet in tables["airmeets"]:
        for name, rows in (item for item in tables.items() if item[0] in _DELIVERED):
            is_lounge = name == "table_visits"
            draw = of_lounges if is_lounge else of_events
            for _ in range(draw.choice((0, 0, 0, 4) if is_lounge else (0, 0, 5, 20))):
                address, user_id, _ = draw.choice(people)
                received = FETCHED - timedelta(minutes=draw.randrange(50))
                rows.append(
                    {
                        "delivery_id": f"{len(rows) // 2:05}",
                        "position": len(rows) % 2,
                        "airmeet_id": airmeet["airmeet_id"],
                        "email": address,
                        "user_id": user_id,
                        "received_at": received,
                        **{column: draw.choice(values) for column, values in _DELIVERED[name]},
                    }
                )


_WHEN = (None, None, FETCHED - timedelta(days=2))
_DELIVERED: dict[str, tuple[tuple[str, tuple[Any, ...]], ...]] = {
    "cta_clicks": (
        ("cta_text", ("Demo", " Demo ", "a / b", "", None)),
        ("cta_link", ("https://example.com/a", None)),
        ("clicked_at", _WHEN),
    ),
    "resource_views": (
        ("resource_id", ("r1", "r2", None)),
        ("resource_name", ("Slides", " ", None)),
        ("resource_link", ("https://example.com/s", None)),
    ),
    "table_visits": (
        ("table_id", ("t1", "t2", "", None)),
        ("table_name", ("Table 1", " ", None)),
        ("joined_at", _WHEN),
    ),
    "engagement_scores": (("score", (None, 0.0, 12.5, 80.0)), ("scored_at", _WHEN)),
}
