"""Finds all that the raw tables hold of a person; `erase.py` removes it.

Values are compared here, not in SQL: one definition of a person, and no wildcard in an address.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dlt
import orjson
from airmeet.person import is_missing_id, person_key
from airmeet.privacy.erasure import TABLE, ErasureList
from airmeet.schemas import PUSHES, RAW_TABLES
from dlt.destinations.job_client_impl import SqlJobClientBase

from ..warehouse.columns import columns_of
from ..warehouse.statements import as_text
from .person import Person, telling_names

if TYPE_CHECKING:
    from dlt.destinations.sql_client import SqlClientBase

_TABLES = {**RAW_TABLES, PUSHES.name: PUSHES}
_TEXTS = ("text", "json")
_KEYS = ("address", "user id", "person")
"""What rows are found by; it is not cut out of them."""
_OLD_LISTS = {
    "sessions": ("host_id", "cohost_ids", "speaker_id", "speaker_list"),
    "booths": ("exhibitors",),
}
"""Columns of lists of people as JSON in earlier versions; see `load/list_upgrade.py`."""
_DOCUMENTS = {**_OLD_LISTS, "webhook_events": ("payload",)}
"""Columns that may name people by their ids alone."""
MAY_HOLD_ADDRESS = ("%@%", "%40%")
"""Patterns of texts that may hold an address, also a percent-encoded one."""


@dataclass(frozen=True)
class Deletion:
    """Rows of a table that go: which they are, and how many of each airmeet."""

    table: str
    condition: str
    values: tuple[str, ...]
    rows: dict[str, int]


@dataclass(frozen=True)
class Cut:
    """A value that is replaced wherever it stands in a column."""

    table: str
    column: str
    kind: str
    before: str
    after: str
    rows: int


class PersonSearch:
    """Finds a person in the raw tables.

    Attributes:
        person: all that the person is stored as.
        one: the person alone, for texts.
    """

    def __init__(
        self,
        pipeline: dlt.Pipeline,
        client: "SqlClientBase[Any]",
        known: ErasureList,
        forms: Sequence[str],
    ) -> None:
        """Search.

        Args:
            pipeline: whose destination it is.
            client: open client of the raw dataset, for all of the search's queries.
            known: who was erased before.
            forms: the address in every form in which it may be stored.
        """
        self._client = client
        self._forms = frozenset(forms)
        with pipeline.destination_client() as destination:
            assert isinstance(destination, SqlJobClientBase), "the destination takes no SQL"
            # Beyond our own tables there may be others that somebody put beside them.
            names = {*_TABLES, *destination.schema.data_table_names()} - {TABLE}
            self._columns = {
                name: columns
                for name, columns in columns_of(destination, sorted(names)).items()
                if columns
            }
        # Some lists give an address in place of a user id.
        self._spellings = {
            (name, column): self._spelled(name, column)
            for name in self._columns
            for column in (*self._holding(name, "address"), *self._holding(name, "user id"))
        }
        ids = self._beside("user id") | self._ids_in_lists()
        ids = {
            id
            for id in ids
            if not (is_missing_id(id) or id == "0" or person_key(id) in self._forms)
        }
        self.person = Person(self._forms, frozenset(ids), telling_names(self._beside("name")))
        self.one = known.only(forms, ids)

    def deletions(self) -> Iterator[Deletion]:
        """The rows that go: the person's by address, or by user id where there is no address."""
        for name in self._columns:
            for condition, values in self._conditions(name):
                rows = self._select(
                    f"SELECT airmeet_id, count(*) FROM {self._table(name)} "
                    f"WHERE {condition} GROUP BY airmeet_id",
                    values,
                )
                if rows:
                    yield Deletion(name, condition, tuple(values), dict(rows))

    def cuts(self) -> Iterator[Cut]:
        """The values that the person is cut out of: lists of people, and texts."""
        for name, columns in self._columns.items():
            keys = {c for what in _KEYS for c in self._holding(name, what)}
            for column, kind in columns.items():
                if kind not in _TEXTS or column in keys or column.startswith("_dlt"):
                    continue
                is_document = column in _DOCUMENTS.get(name, ())
                for before, rows in self._values(name, column, is_document):
                    after = self.one.without_people(before)
                    if after != before:
                        yield Cut(name, column, kind, before, after, rows)

    def _conditions(self, name: str) -> Iterator[tuple[str, list[str]]]:
        """What the person's rows of a table are found by. A row is found by one of them alone, so
        that each is counted once."""
        client = self._client
        addresses, users = self._holding(name, "address"), self._holding(name, "user id")
        either: list[str] = []
        values: list[str] = []
        for column in (*addresses, *users):
            if found := self._spellings[name, column]:
                either.append(_among(client, column, found))
                values += found
        bare, blanks = "", []
        for column in addresses:
            escaped, known = client.escape_column_name(column), self._blanks(name, column)
            among = f" OR {_among(client, column, known)}" if known else ""
            bare += f" AND ({escaped} IS NULL{among})"
            blanks += known
        for column in users if self.person.ids else ():
            either.append(f"({_among(client, column, self.person.ids)}{bare})")
            values += [*sorted(self.person.ids), *blanks]
        if either:
            yield " OR ".join(either), values

    def _blanks(self, name: str, column: str) -> list[str]:
        """The values of a column that are no address: empty, or white space."""
        escaped = self._client.escape_column_name(column)
        query = f"SELECT DISTINCT {escaped} FROM {self._table(name)} WHERE {escaped} NOT LIKE %s"
        found = self._select(query, ("%@%",))
        return [value for (value,) in found if person_key(value) is None]

    def _holding(self, name: str, what: str) -> list[str]:
        columns = _TABLES[name].columns if name in _TABLES else ()
        return [c.name for c in columns if c.holds == what and c.name in self._columns[name]]

    def _values(self, name: str, column: str, all_of_them: bool) -> list[tuple[str, int]]:
        """The distinct values of a column that may hold an address, or all, and their rows."""
        kind = self._columns[name][column]
        text = as_text(self._client, self._client.escape_column_name(column), kind)
        likes = " OR ".join([f"{text} LIKE %s"] * len(MAY_HOLD_ADDRESS))
        condition = f"{text} IS NOT NULL" if all_of_them else likes
        found = self._select(
            f"SELECT {text}, count(*) FROM {self._table(name)} WHERE {condition} GROUP BY {text}",
            () if all_of_them else MAY_HOLD_ADDRESS,
        )
        return [(str(value), int(rows)) for value, rows in found]

    def _spelled(self, name: str, column: str) -> list[str]:
        """How the address is written in a column."""
        found = self._select(
            f"SELECT DISTINCT {self._client.escape_column_name(column)} FROM {self._table(name)}"
        )
        return sorted(str(v) for (v,) in found if v is not None and person_key(v) in self._forms)

    def _beside(self, what: str) -> set[str]:
        """The user ids or names in rows with the address."""
        found: set[str] = set()
        for (name, column), spellings in self._spellings.items():
            for other in self._holding(name, what) if spellings else ():
                escaped = self._client.escape_column_name(other)
                rows = self._select(
                    f"SELECT DISTINCT {escaped} FROM {self._table(name)} "
                    f"WHERE {_among(self._client, column, spellings)}",
                    spellings,
                )
                found.update(str(value) for (value,) in rows if value)
        return found

    def _ids_in_lists(self) -> set[str]:
        ids: set[str] = set()
        for name in self._columns:
            for column in self._columns[name].keys() & _OLD_LISTS.get(name, ()):
                for text, _ in self._values(name, column, True):
                    for entry in _list(text):
                        if (
                            isinstance(entry, dict)
                            and person_key(entry.get("email")) in self._forms
                        ):
                            ids.update(str(entry[k]) for k in ("id", "user_id") if entry.get(k))
        return ids

    def _table(self, name: str) -> str:
        return self._client.make_qualified_table_name(name)

    def _select(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        return list(self._client.execute_sql(query, *values) or ())


def _list(text: str) -> list[Any]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return document if isinstance(document, list) else []


def _among(client: "SqlClientBase[Any]", column: str, values: Iterable[str]) -> str:
    marks = ", ".join("%s" for _ in values)
    return f"{client.escape_column_name(column)} IN ({marks})"
