"""Where the rows of a feed stand, and what their keys are, where nobody has quoted the answer.

Any sensible shape is accepted: a list at the top, under `data`, under the feed's own name, or the
only list that there is; of objects or of bare ids. Every field is kept.
"""

from collections.abc import Mapping
from typing import Any

from ..errors import Unavailable, UnexpectedResponse
from ..feeds import Feed, UnseenShape
from ..person import is_missing_id
from ..rows import Row, find_key
from .responses import AT_TOP, message_of

_DEEPEST = 3
"""How many objects may be around the list."""

_NO_ROWS = ("errors", "warnings")
"""Lists beside the rows, or in their place."""


def unseen_rows(feed: Feed, shape: UnseenShape, body: Mapping[str, Any]) -> list[Row]:
    """The rows of an answer.

    Raises:
        Unavailable: there is no list, and nothing that could hold one: the plan has none.
        UnexpectedResponse: there is something that cannot be read.
    """
    found = _list_in(body, feed.rows, _DEEPEST)
    if found is None:
        if any(isinstance(value, dict) and value for value in body.values()):
            raise UnexpectedResponse(f"no list of {feed.name} is found in the answer")
        raise Unavailable(message_of(body) or "the answer holds no list")
    return [_row(feed, shape, entry) for entry in found if entry is not None]


def _list_in(holder: Mapping[str, Any], names: tuple[str, ...], deepest: int) -> list[Any] | None:
    """The list under the first name that leads to one, else the only one, else one further in."""
    if deepest == 0:
        return None
    if isinstance(top := holder.get(AT_TOP), list):
        return top
    for name in names:
        value = holder.get(find_key(holder, name) or name)
        if isinstance(value, list):
            return value
        found = _list_in(value, names, deepest - 1) if isinstance(value, dict) else None
        if found is not None:
            return found
    lists = [v for key, v in holder.items() if isinstance(v, list) and key not in _NO_ROWS]
    if not lists:
        inner = (value for value in holder.values() if isinstance(value, dict))
        within = (_list_in(value, names, deepest - 1) for value in inner)
        lists = [found for found in within if found is not None]
    return lists[0] if len(lists) == 1 else None


def _row(feed: Feed, shape: UnseenShape, entry: Any) -> Row:
    if type(entry) in (str, int):
        return {shape.keys[0][0]: str(entry)}
    if not isinstance(entry, dict):
        raise UnexpectedResponse(f"an entry of {feed.name} is neither an object nor an id")
    (id_column, id_keys), *others = shape.keys
    row = entry if _key_of(entry, id_keys) else _unwrapped(entry, shape.within)
    if written := _key_of(row, id_keys):
        row = {id_column: str(row[written])} | {k: v for k, v in row.items() if k != written}
    for column, keys in others:
        if written := _key_of(row, keys):
            row = {column if key == written else key: value for key, value in row.items()}
    return row


def _key_of(row: Row, keys: tuple[str, ...]) -> str | None:
    """The first of the keys, as it is written, whose value may be an id or a name."""
    for name in keys:
        key = find_key(row, name)
        if key is not None and type(row[key]) in (str, int) and not is_missing_id(row[key]):
            return key
    return None


def _unwrapped(entry: Row, within: tuple[str, ...]) -> Row:
    """The entry with the fields of the object within it as its own, where it has none itself."""
    for name in within:
        key = find_key(entry, name)
        inner = None if key is None else entry[key]
        if isinstance(inner, dict):
            return inner | {k: v for k, v in entry.items() if k != key and v is not None}
    return entry
