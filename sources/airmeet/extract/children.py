"""Lists within rows: each entry becomes a row of the table that `Feed.lists` names for it.

An entry is an object or a plain text or number, in any order of keys. What the table's schema does
not know becomes a column, as everywhere. People of a list are known by id or address, so one who
stands in two lists of a role, or twice in one, is one row.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from ..feeds import ChildList, Feed
from ..person import address_key, is_missing_id
from ..rows import Row, column_name, content_hash, find_key
from ..schemas import TABLES, Table
from .arrow import TableBuilder
from .schema_drift import ColumnTypeRegistry

_ID_KEYS = ("id", "user_id", "uid")
"""Where an object may have a person's user id; the first that has a value counts."""


class ChildRows:
    """The rows that the lists of one unit give.

    Attributes:
        type_mismatches: columns some of whose values went to a text column.
    """

    def __init__(self, feed: Feed, airmeet_id: str, types: ColumnTypeRegistry) -> None:
        self._lists = [child for child in feed.lists if not child.beside]
        self._beside = [child for child in feed.lists if child.beside]
        self._airmeet_id = airmeet_id
        self._types = types
        self._rows: dict[str, dict[Hashable, list[Row]]] = {c.table: {} for c in feed.lists}
        self.type_mismatches: set[str] = set()

    @property
    def keys(self) -> tuple[str, ...]:
        """The lists within rows, by their names as columns."""
        return tuple(column_name(child.key) for child in self._lists)

    def add(self, rows: Sequence[Row], ids: Sequence[Any], identities: Iterable[Hashable]) -> None:
        """Take the lists of a page of rows; those of a row that comes again replace its earlier.

        Args:
            rows: as the API gives them.
            ids: of the rows, for the child tables' second key.
            identities: by which a row is recognised when it comes again.
        """
        for row, id, identity in zip(rows, ids, identities, strict=True):
            self._take(self._lists, row, id, identity)

    def add_beside(self, answer: Row) -> set[str]:
        """Take the lists beside the rows of an answer; returns their names as columns."""
        self._take(self._beside, answer, None, None)
        return {column_name(child.key) for child in self._beside}

    def _take(self, lists: Sequence[ChildList], holder: Row, id: Any, identity: Hashable) -> None:
        there = {child: key for child in lists if (key := find_key(holder, child.key)) is not None}
        for table in {child.table: None for child in there}:
            entries = [
                row
                for child, key in there.items()
                if child.table == table
                for row in _rows_of(child, holder[key], self._airmeet_id, id)
            ]
            self._rows[table][identity] = [*_each_once(TABLES[table], entries)]

    def tables(self) -> dict[str, pa.Table]:
        """The tables, each row once."""
        tables = {}
        for name, by_parent in self._rows.items():
            builder = TableBuilder(TABLES[name], self._airmeet_id, self._types)
            builder.add([*chain.from_iterable(by_parent.values())])
            self.type_mismatches |= builder.type_mismatches
            tables[name] = builder.finish()
        return tables


def _rows_of(child: ChildList, value: Any, airmeet_id: str, parent_id: Any) -> Iterator[Row]:
    """The entries of one list as rows, with the keys of their table."""
    table = TABLES[child.table]
    keys: Row = {"airmeet_id": airmeet_id, table.keys[1]: parent_id}
    if child.role:
        keys["role"] = child.role
    for entry in _entries(value):
        row = _in_columns(table, entry) if isinstance(entry, dict) else {child.column: entry}
        if _names_people(table):
            row = _identified(row)
        if not _is_anything(table, row):
            continue
        # A field of the API's that has the name of one of our keys must not be lost.
        for name in keys.keys() & row.keys():
            if (given := row.pop(name)) not in (None, keys[name]):
                row[f"{name}_given"] = given
        yield keys | row


def _entries(value: Any) -> Iterator[Any]:
    """The entries of a list, or a value in place of a list."""
    if isinstance(value, list):
        for entry in value:
            yield from _entries(entry)
    elif value is not None:
        yield value


def _in_columns(table: Table, entry: Row) -> Row:
    row: Row = {}
    for key, value in entry.items():
        name = table.api_names.get(key) or column_name(key)
        if row.get(name) is None:
            row[name] = value
    return row


def _names_people(table: Table) -> bool:
    return "email" in table.by_name


def _is_anything(table: Table, row: Row) -> bool:
    """Whether an entry names anybody or anything."""
    if not _names_people(table):
        return any(value not in (None, "", [], {}) for value in row.values())
    return bool(row.get("id") or address_key(row.get("email")) or _text(row.get("name")))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _identified(row: Row) -> Row:
    """A person's entry with a user id in `id` and an address in `email`, wherever they stood."""
    row = dict(row)
    key = next((key for key in _ID_KEYS if not is_missing_id(row.get(key))), None)
    given = row.pop(key) if key else None
    id = str(given) if type(given) in (int, float) else given
    if not isinstance(id, str):
        row.pop("id", None)
        return row if id is None else {**row, "id_given": id}
    if "@" not in id:
        return {**row, "id": id}
    # Some lists give addresses in place of ids.
    row.pop("id", None)
    if not address_key(row.get("email")):
        row["email"] = id
    elif address_key(row["email"]) != address_key(id):
        row["id_given"] = id
    return row


def _each_once(table: Table, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of one parent without repeats; of two rows of one, the first values count."""
    once: dict[Hashable, Row] = {}
    for row in _by_rank(rows) if _names_people(table) else rows:
        known = once.setdefault(_identity(table, row, once), row)
        if known is not row:
            for name, value in row.items():
                if known.get(name) in (None, ""):
                    known[name] = value
    yield from {id(row): row for row in once.values()}.values()


def _by_rank(people: Iterable[Row]) -> list[Row]:
    """Those first by whom others are recognised: with id and address, with an id, the rest."""
    return sorted(people, key=lambda row: (not row.get("id"), not address_key(row.get("email"))))


def _identity(table: Table, row: Row, known: dict[Hashable, Row]) -> Hashable:
    """By what a row is recognised among its parent's."""
    if not _names_people(table):
        value = row.get(table.keys[-1])
        return content_hash(row) if value is None else str(value)
    role, id, address = row.get("role"), row.get("id"), address_key(row.get("email"))
    if id:
        identity: Hashable = role, "id", id
        if address and identity not in known:
            # An entry that has the address alone is this person.
            known.setdefault((role, "address", address), row)
        return identity
    return (role, "address", address) if address else (role, "name", row.get("name"))
