"""JSON that is stored as a text: what is done to texts is done to each text within it."""

from collections.abc import Callable
from typing import Any

import orjson


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
