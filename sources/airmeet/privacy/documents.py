"""JSON that is stored as a text: what is done to texts is done to each text within it."""

from collections.abc import Callable
from typing import Any

import orjson

from ..rows import column_name

_KNOWN = """
airmeet_id session_id booth_id table_id resource_id status start_time end_time timezone time_stamp
timestamp clicked_at opened_at joined_at scored_at registration_time cta_text cta_link
resource_name resource_link table_name score engagement_score rank position points utm_source
utm_medium utm_campaign utm_term utm_content data payload body event attendees users leaderboard
scoreboard scores recordings polls
"""
KNOWN_MEMBERS = frozenset(_KNOWN.split())
"""Members of a webhook's payload, in snake_case, that say nothing of a person, and those that hold
others."""


def in_all_texts(text: str, change: Callable[[str], str]) -> str:
    """A text as `change` writes it; of JSON, each of its texts and keys. JSON in which nothing
    changes stays as it is written."""
    if text[:1] in ("[", "{"):
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError:
            return change(text)
        changed = _changed(document, change)
        return text if changed == document else orjson.dumps(changed).decode()
    return change(text)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_changed(entry, change) for entry in value]
    if isinstance(value, dict):
        return {change(key): _changed(inner, change) for key, inner in value.items()}
    return change(value) if isinstance(value, str) else value


def with_known_members(text: str) -> str:
    """JSON with `KNOWN_MEMBERS` alone, at any depth; true, false and numbers stay where their
    member is known. Nothing stays of a text that is no JSON object or list."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ""
    return orjson.dumps(_known(document)).decode()


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        kept = ((key, inner) for key, inner in value.items() if column_name(key) in KNOWN_MEMBERS)
        return {key: _known(inner) for key, inner in kept}
    if isinstance(value, list):
        return [_known(entry) for entry in value if isinstance(entry, dict | list)]
    return value
