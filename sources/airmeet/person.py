"""Who a person is: one key, made here alone, stored as the column `person` and joined on.

The address without white space at its ends, in lower case; without an address `user:<user id>`.
An address in place of a user id is an address.

Lower case is what DuckDB's `lower` gives for every character, with one form of sigma: capitals do
not say which of the two they stand for. In SQL: `replace(lower(email), 'ς', 'σ')`, trimmed.
"""

from collections.abc import Sequence
from typing import Any

PERSON = "person"
"""The column that holds the key."""

_USER = "user:"
MISSING_IDS = frozenset({"", "undefined", "null", "none", "nan", "[object object]"})
"""What programs write where they know no id."""


def is_missing_id(id: Any) -> bool:
    """Whether an id, or an address, identifies nobody and nothing: `undefined`, `null`, blank."""
    return id is None or (isinstance(id, str) and id.strip().lower() in MISSING_IDS)


def address_key(address: Any) -> str | None:
    """One address in any spelling; None where it is none."""
    if not isinstance(address, str):
        return None if address is None or isinstance(address, bool | list | dict) else str(address)
    key = address.strip()
    if not key.isascii():
        # Python alone makes two characters of İ, and decides about sigma by what follows.
        key = key.replace("\u0130", "i").lower().replace("ς", "σ")
    key = key.lower()
    return None if key in MISSING_IDS else key


def positions_of_missing(ids: Sequence[Any]) -> set[int]:
    """The places at which ids identify nobody."""
    if {*map(type, ids)} <= {int}:
        return set()
    return {place for place, id in enumerate(ids) if is_missing_id(id)}


def person_key(address: Any, user_id: Any = None) -> str | None:
    """The key of a person; None where there is neither an address nor a user id."""
    if (key := address_key(address)) is not None:
        return key
    if is_missing_id(user_id):
        return None
    user = str(user_id).strip()
    return address_key(user) if "@" in user else f"{_USER}{user}"


def person_keys(
    addresses: Sequence[Any], user_ids: Sequence[Any] | None = None
) -> list[str | None]:
    """`person_key` of each of a page's people."""
    # Nearly all are plain: a call for each address takes three times as long.
    keys: list[str | None] = [
        address.strip().lower() if type(address) is str and address.isascii() else None
        for address in addresses
    ]
    if None in keys or not MISSING_IDS.isdisjoint(keys):
        for place, key in enumerate(keys):
            if key is None or key in MISSING_IDS:
                keys[place] = person_key(addresses[place], user_ids[place] if user_ids else None)
    return keys


def user_of(key: str) -> str | None:
    """The user id in a key that has no address; None in others."""
    return key.removeprefix(_USER) if key.startswith(_USER) and "@" not in key else None
