"""Who is looked for: by address, user ids and names, in any text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from airmeet.addresses import is_address, may_hold_address, without_addresses
from airmeet.person import person_key
from airmeet.privacy.erasure import told_beside

_SHORT, _REMEMBERED = 256, 200_000
"""Characters of a text, and texts, that are remembered at most: some 50 MB."""


@dataclass(frozen=True)
class Person:
    """All that a person is stored as.

    Attributes:
        forms: the address: as its key, and as pseudonyms of it.
        ids: user ids that stood beside it.
        names: names that stood beside it, in the writing of a key.
    """

    forms: frozenset[str]
    ids: frozenset[str] = frozenset()
    names: frozenset[str] = field(default_factory=frozenset)
    _seen: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def is_address(self, text: str) -> bool:
        """Whether a whole text is the person's address, in any writing."""
        return person_key(text) in self.forms

    def traces_in(self, text: str) -> str:
        """What of the person is in a text: `address`, `user id`, `name`; empty if nothing."""
        # The same addresses stand in a hundred columns, and looking into one takes long.
        if len(text) > _SHORT:
            return self._looked_into(text)
        if (what := self._seen.get(text)) is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            what = self._seen[text] = self._looked_into(text)
        return what

    def _looked_into(self, text: str) -> str:
        if may_hold_address(text) and (
            self.is_address(text) or without_addresses(text, self.is_address, "") != text
        ):
            return "address"
        if text in self.ids:
            return "user id"
        return "name" if self._is_named_in(text) and self._is_named_in(self._alone(text)) else ""

    def _is_named_in(self, text: str) -> bool:
        folded = person_key(text) or ""
        return any(
            name in folded and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded)
            for name in self.names
        )

    def _alone(self, text: str) -> str:
        """A text; of JSON, without what tells of others by their address: they may have the same
        name."""
        if text[:1] not in ("[", "{"):
            return text
        try:
            return orjson.dumps(self._without_others(orjson.loads(text))).decode()
        except orjson.JSONDecodeError:
            return text

    def _without_others(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._without_others(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        theirs = {
            key
            for key, inner in value.items()
            if isinstance(inner, str) and is_address(inner.strip()) and not self.is_address(inner)
        }
        told = told_beside(theirs, value)
        return {k: self._without_others(inner) for k, inner in value.items() if k not in told}


def telling_names(names: Iterable[str]) -> frozenset[str]:
    """Of some names those that can be looked for in texts: of two words at least, since one alone
    may be any word."""
    keys = {" ".join((person_key(name) or "").split()) for name in names}
    return frozenset(key for key in keys if " " in key)
