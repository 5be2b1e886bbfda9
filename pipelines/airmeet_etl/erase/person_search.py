"""Finds all that the raw tables hold of a person; `erase.py` removes it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dlt
import orjson
from airmeet.person import person_key
from airmeet.privacy.erasure import TABLE, ErasureList
from airmeet.schemas import PUSHES, TABLES

if TYPE_CHECKING:
    from dlt.destinations.sql_client import SqlClientBase

_TABLES = {**TABLES, PUSHES.name: PUSHES}
_TEXTS = ("text", "json")
_OLD_LISTS = {
    "sessions": ("host_id", "cohost_ids", "speaker_id", "speaker_list"),
    "booths": ("exhibitors",),
}
"""Columns of lists of people as JSON in earlier versions; see `load/list_upgrade.py`."""


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
    before: str
    after: str
    rows: int


class PersonSearch:
    """Finds a person in the raw tables."""

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
        self._forms = forms
        with pipeline.destination_client() as destination:
            there: Any = destination
            # Beyond our own tables there may be others that somebody put beside them.
            names = {*_TABLES, *pipeline.default_schema.data_table_names()} - {TABLE}
            self._columns = {
                name: {n: str(c.get("data_type")) for n, c in columns.items()}
                for name, columns in there.get_storage_tables(sorted(names))
                if columns
            }
        self._spellings = {
            (name, column): self._spelled(name, column)
            for name in self._columns
            for column in self._holding(name, "address")
        }
        self.ids = self._ids_in_rows() | self._ids_in_lists()
        self.one = known.only(forms, self.ids)

    def deletions(self) -> Iterator[Deletion]:
        """The rows that go: the person's by address, or by user id where there is no address."""
        for name in self._columns:
            conditions: list[str] = []
            values: list[str] = []
            client = self._client
            addresses = self._holding(name, "address")
            for column in addresses:
                if found := self._spellings[name, column]:
                    conditions.append(_among(client, column, found))
                    values += found
            bare = [
                f" AND coalesce(trim({client.escape_column_name(column)}), '') = ''"
                for column in addresses
            ]
            for column in self._holding(name, "user id") if self.ids else ():
                conditions.append(f"({_among(client, column, self.ids)}{''.join(bare)})")
                values += sorted(self.ids)
            if not conditions:
                continue
            condition = " OR ".join(conditions)
            rows = _select(
                client,
                f"SELECT airmeet_id, count(*) FROM {client.make_qualified_table_name(name)} "
                f"WHERE {condition} GROUP BY airmeet_id",
                values,
            )
            if rows:
                yield Deletion(name, condition, tuple(values), dict(rows))

    def cuts(self) -> Iterator[Cut]:
        """The values that the person is cut out of: lists of people, and texts."""
        for name, columns in self._columns.items():
            keys = {*self._holding(name, "address"), *self._holding(name, "user id")}
            for column, kind in columns.items():
                if kind not in _TEXTS or column in keys or column.startswith("_dlt"):
                    continue
                is_list = column in _OLD_LISTS.get(name, ())
                wanted = [*self._forms, *(self.ids if is_list else ())]
                for before, rows in self._values_with(name, column, wanted):
                    after = self.one.without_people(before)
                    if after != before:
                        yield Cut(name, column, before, after, rows)

    def _holding(self, name: str, what: str) -> list[str]:
        columns = _TABLES[name].columns if name in _TABLES else ()
        return [c.name for c in columns if c.holds == what and c.name in self._columns[name]]

    def _values_with(self, name: str, column: str, wanted: Iterable[str]) -> list[tuple[str, int]]:
        """The distinct values of a column that may hold one of these words, and their rows."""
        client = self._client
        text = f"CAST({client.escape_column_name(column)} AS varchar)"
        patterns = [f"%{word.lower().replace(chr(92), '_')}%" for word in wanted]
        query = (
            f"SELECT {text}, count(*) FROM {client.make_qualified_table_name(name)} "
            f"WHERE {' OR '.join([f'lower({text}) LIKE %s'] * len(patterns))} GROUP BY {text}"
        )
        return [(str(value), int(rows)) for value, rows in _select(client, query, patterns)]

    def _spelled(self, name: str, column: str) -> list[str]:
        found = self._values_with(name, column, self._forms)
        return [value for value, _ in found if person_key(value) in self._forms]

    def _ids_in_rows(self) -> set[str]:
        ids: set[str] = set()
        for (name, column), found in self._spellings.items():
            for user in self._holding(name, "user id") if found else ():
                client = self._client
                query = (
                    f"SELECT DISTINCT {client.escape_column_name(user)} "
                    f"FROM {client.make_qualified_table_name(name)} "
                    f"WHERE {_among(client, column, found)}"
                )
                ids.update(str(value) for (value,) in _select(client, query, found) if value)
        return ids

    def _ids_in_lists(self) -> set[str]:
        ids: set[str] = set()
        for name in self._columns:
            for column in self._columns[name].keys() & _OLD_LISTS.get(name, ()):
                for text, _ in self._values_with(name, column, self._forms):
                    document = orjson.loads(text) if text[:1] in "[{" else []
                    for entry in document if isinstance(document, list) else ():
                        if (
                            isinstance(entry, dict)
                            and person_key(entry.get("email")) in self._forms
                        ):
                            ids.update(str(entry[k]) for k in ("id", "user_id") if entry.get(k))
        return ids


def _among(client: "SqlClientBase[Any]", column: str, values: Iterable[str]) -> str:
    marks = ", ".join("%s" for _ in values)
    return f"{client.escape_column_name(column)} IN ({marks})"


def _select(client: "SqlClientBase[Any]", query: str, values: Sequence[str]) -> list[Any]:
    return list(client.execute_sql(query, *values) or ())
