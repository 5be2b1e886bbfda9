"""People who were erased and are kept out: known by keyed digests alone, never by an address.

The digests and the random salt they are made with are in the table `erased_people` beside the raw
tables, so every machine that loads there keeps out the same people. A reader of the table who knows
an address can find out whether it was erased, and nothing more.
"""

import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Set
from datetime import UTC, datetime
from typing import Any

import orjson
from dlt import Pipeline
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..addresses import may_hold_address, without_addresses
from ..person import person_key
from ..rows import column_name

TABLE = "erased_people"

GONE = "(erased)"
"""Stands in a text where an address was."""

_DESCRIBING = re.compile(
    r"name|phone|mobile|tel|city|country|bio|avatar|photo|picture|image|profile|linkedin|twitter"
    r"|organi[sz]ation|company|designation|title"
)


class ErasureList:
    """The people to keep out."""

    def __init__(
        self,
        salt: str = "",
        digests: Iterable[str] = (),
        as_stored: Callable[[str], str] = str,
    ) -> None:
        """Nothing is read.

        Args:
            salt: keys the digests.
            digests: of the people's addresses and of their user ids as they are stored.
            as_stored: what a user id is stored as.
        """
        self.salt = salt
        self.digests = frozenset(digests)
        self.as_stored = as_stored
        self._users: set[str] = set()
        """Ids that turned up beside an erased address in this run."""

    def __bool__(self) -> bool:
        return bool(self.digests)

    def has_address(self, address: str | None) -> bool:
        """Whether the address is an erased person's."""
        return (key := person_key(address)) is not None and self.address_digest(key) in self.digests

    def has_user(self, user_id: str | None) -> bool:
        """Whether the user id is an erased person's."""
        if not user_id:
            return False
        if user_id in self._users:
            return True
        # Also as it was stored before: in the plain mode, or by an earlier version.
        return not self.digests.isdisjoint(self._user_digests({user_id, self.as_stored(user_id)}))

    def has_address_as_id(self, user_id: str) -> bool:
        """Whether an erased person's address stands in place of a user id."""
        return "@" in user_id and self.has_address(user_id)

    def note_user(self, user_id: str) -> None:
        """Keep out this user id, too, for the rest of the run."""
        self._users.add(user_id)

    def address_digest(self, address: str) -> str:
        """What an address is known by."""
        return self._digest(f"address {person_key(address) or ''}")

    def rows_for(self, address: str, user_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Rows of the table that keep out one more person, those already there left out."""
        fresh = {self.address_digest(address), *self._user_digests(user_ids)}
        now = datetime.now(UTC)
        return [
            {"digest": digest, "salt": self.salt, "erased_at": now}
            for digest in sorted(fresh - self.digests)
        ]

    def only(self, addresses: Iterable[str], user_ids: Iterable[str]) -> "ErasureList":
        """One person alone, by all that the person is stored as."""
        digests = {*map(self.address_digest, addresses), *self._user_digests(user_ids)}
        return ErasureList(self.salt, digests)

    def _user_digests(self, user_ids: Iterable[str]) -> set[str]:
        return {self._digest(f"user {user_id}") for user_id in user_ids}

    def _digest(self, text: str) -> str:
        return hmac.digest(self.salt.encode(), text.encode(), "sha256").hex()

    def without_people(self, text: str) -> str:
        """A text without erased addresses; of JSON, without the list entries of erased people."""
        if text[:1] in ("[", "{"):
            try:
                document = orjson.loads(text)
            except orjson.JSONDecodeError:
                return self._without_addresses(text)
            kept = self._kept(document)
            return text if kept == document else orjson.dumps(kept).decode()
        return self._without_addresses(text)

    def _kept(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._kept(entry) for entry in value if not self._is_person(entry)]
        if isinstance(value, dict):
            theirs = {k for k, inner in value.items() if self._is_theirs(inner)}
            told = told_beside(theirs, value)
            return {
                key: GONE if key in theirs else self._kept(inner)
                for key, inner in value.items()
                if not self.has_address(key) and key not in told
            }
        return self._without_addresses(value) if isinstance(value, str) else value

    def _is_person(self, entry: Any) -> bool:
        words = entry.values() if isinstance(entry, dict) else (entry,)
        return any(map(self._is_theirs, words))

    def _is_theirs(self, word: Any) -> bool:
        return isinstance(word, str) and (self.has_address(word) or self.has_user(word))

    def _without_addresses(self, text: str) -> str:
        return without_addresses(text, self.has_address, GONE) if may_hold_address(text) else text


def told_beside(theirs: Set[str], keys: Iterable[str]) -> set[str]:
    """The keys of an object whose values tell of somebody, by their names.

    Args:
        theirs: those of them that hold the person's address or id; without any nothing is told.
        keys: all of them.
    """
    return {key for key in keys if theirs - {key} and _DESCRIBING.search(column_name(key))}


EMPTY = ErasureList()


def read_erased(pipeline: Pipeline) -> ErasureList:
    """The people to keep out of the pipeline's destination; with a new salt where there are none.

    Raises:
        Exception: whatever the destination raises when it cannot be opened.
    """
    with pipeline.sql_client() as client:
        table = client.make_qualified_table_name(TABLE)
        try:
            rows = client.execute_sql(f"SELECT digest, salt FROM {table}") or ()
        except DatabaseUndefinedRelation:
            rows = ()
    if not rows:
        return ErasureList(secrets.token_hex(16))
    return ErasureList(str(rows[0][1]), (str(digest) for digest, _ in rows))
