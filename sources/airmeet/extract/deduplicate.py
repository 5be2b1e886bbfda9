"""Gathers the rows of one feed of one airmeet, knows rows that come twice, and makes its tables.

Pages overlap when rows arrive while somebody is paging, and some cursors lead back to the first
page: every row counts once, by what its shape knows it by. Of things and people that is kept as a
hash of 64 bits, since the keys themselves took several times the memory: in a hundred thousand rows
two are taken for one by a chance of one in four billion.
"""

from array import array
from collections.abc import Hashable, Iterable, Sequence
from itertools import chain, repeat
from typing import Any, TypeVar

import pyarrow as pa

from ..errors import UnexpectedResponse
from ..feeds import Feed, Shape
from ..rows import Row, are_objects, column_name, digest, person_key, values_of
from ..schemas import TABLES, Table
from .arrow import TableBuilder
from .schema_drift import ColumnTypeRegistry

_T = TypeVar("_T")


class RowDeduplicator:
    """The rows of one unit. Make one with `collector_for`."""

    def __init__(self, feed: Feed, airmeet_id: str, learned: ColumnTypeRegistry) -> None:
        self.feed = feed
        self.learned = learned
        self.main = TableBuilder(TABLES[feed.tables[0]], airmeet_id, learned)

    @property
    def received(self) -> int:
        """Distinct rows received, as the API counts them in its totals."""
        raise NotImplementedError

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        """Take a page of rows; `parent` holds the key of the session or booth asked for.

        Returns:
            How many of the rows had not been seen before.
        """
        raise NotImplementedError

    def see(self, answer: Row) -> None:
        """Look at a whole answer, for what stands beside its rows."""

    def tables(self) -> dict[str, pa.Table]:
        """The unit's tables, each row once."""
        raise NotImplementedError

    @property
    def type_mismatches(self) -> set[str]:
        """Columns some of whose values went to a text column."""
        return self.main.type_mismatches


class _Keyed(RowDeduplicator):
    """Things with an id: the last writing of a thing counts."""

    def __init__(self, feed: Feed, airmeet_id: str, learned: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, learned)
        self._positions: dict[int, int] = {}

    @property
    def received(self) -> int:
        return len(self._positions)

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        before, start = len(self._positions), self.main.rows
        if self.feed.flatten_key:
            rows = [_unfolded(row, self.feed.flatten_key) for row in rows]
        values = values_of(rows)
        ids = values.get(_api_key(self.main.table, rows)) or [None] * len(rows)
        if None in ids:
            ids = [digest(row) if id is None else id for id, row in zip(ids, rows, strict=True)]
        within = [key for key in self.main.table.keys[1:-1] if key not in parent]
        places = [values.get(key) or [None] * len(rows) for key in within]
        places += [[value] * len(rows) for value in parent.values()]
        known_by = map(hash, zip(*places, ids, strict=True))
        self._positions.update(zip(known_by, range(start, start + len(rows)), strict=True))
        self.main.add_values(values, len(rows), **parent)
        return len(self._positions) - before

    def tables(self) -> dict[str, pa.Table]:
        # As many as there are rows: none came twice, and all are in their order.
        all_once = len(self._positions) == self.main.rows
        keep = None if all_once else sorted(self._positions.values())
        return {self.main.table.name: self.main.finish(keep)}


def _unfolded(row: Row, key: str) -> Row:
    """The row with the fields of the object under `key` as its own."""
    inner = row.get(key)
    if not isinstance(inner, dict):
        return row
    return {**{k: v for k, v in row.items() if k != key}, **inner}


def _api_key(table: Table, rows: Sequence[Row]) -> str:
    """The API's word for the table's own key, the last of its key columns."""
    key = table.keys[-1]
    words = (
        word
        for row in rows[:1]
        for word in row
        if table.api_names.get(word, column_name(word)) == key
    )
    return next(words, key)


class _People(RowDeduplicator):
    """People: one row an address, whatever its writing; the latest registration counts.

    People without an address are kept apart, each by the whole content of the row.
    """

    def __init__(self, feed: Feed, airmeet_id: str, learned: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, learned)
        self._seen: set[int] = set()
        self._people = array("q")
        """Of each row, whose it is."""
        self._answers: TableBuilder | None = None
        self._givers = array("q")
        """Of each answer, the position of the person's row."""
        if len(feed.tables) > 1:
            self._answers = TableBuilder(TABLES[feed.tables[1]], airmeet_id, learned)

    @property
    def received(self) -> int:
        return len(self._seen)

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        before, start = len(self._seen), self.main.rows
        values = values_of(rows)
        nothing = [None] * len(rows)
        emails = values.get("email", nothing)
        dates = values.get("registrationDate", nothing)
        all_named = {*map(type, emails)} == {str}
        if all_named and {*map(type, dates)} == {str}:
            # An address and its moment tell rows apart; a digest of all costs ten times as much.
            self._seen.update(map(hash, zip(emails, dates, strict=True)))
        else:
            self._seen.update(
                hash((email, date) if type(email) is str and type(date) is str else digest(row))
                for email, date, row in zip(emails, dates, rows, strict=True)
            )
        people: Sequence[str | bytes | None]
        people = [e.strip().lower() for e in emails] if all_named else [*map(person_key, rows)]
        if not all(people):
            people = [key or digest(row) for key, row in zip(people, rows, strict=True)]
        self._people.extend(map(hash, people))
        if self._answers is not None:
            positions = range(start, start + len(rows))
            self._add_answers(self._answers, positions, emails, values.get("user_profile", nothing))
        self.main.add_values(values, len(rows), **parent)
        return len(self._seen) - before

    def _kept(self) -> list[int] | None:
        """The positions of the rows that count; None where all do."""
        if len(set(self._people)) == len(self._people):
            return None
        dates = self.main.moments("registration_date")
        kept: dict[int, int] = {}
        for position, (person, date) in enumerate(zip(self._people, dates, strict=True)):
            if date >= dates[kept.get(person, position)]:
                kept[person] = position
        return sorted(kept.values())

    def tables(self) -> dict[str, pa.Table]:
        keep = self._kept()
        tables = {self.main.table.name: self.main.finish(keep)}
        if self._answers is not None:
            kept = None
            if keep is not None:
                people = set(keep)
                kept = [n for n, giver in enumerate(self._givers) if giver in people]
            tables[self._answers.table.name] = self._answers.finish(kept)
        return tables

    def _add_answers(
        self,
        builder: TableBuilder,
        positions: Sequence[int],
        emails: Sequence[Any],
        profiles: Sequence[Any],
    ) -> None:
        """Take the answers of a page: rows of their own, one for each value chosen."""
        lists = [profile or [] for profile in profiles]
        answers = _objects(_flat(lists), "user_profile")
        nothing = [None] * len(answers)
        values = {"fieldId": nothing, "value": nothing, **values_of(answers)}
        values["email"] = _repeated(emails, lists)
        givers = _repeated(positions, lists)
        if not {list, type(None)}.isdisjoint(map(type, values["value"])):
            picks = [
                (at, choice)
                for at, value in enumerate(values["value"])
                for choice in (value if type(value) is list else (value,))
                if choice is not None
            ]
            at_picks = [at for at, _ in picks]
            givers = _at(at_picks, givers)
            values = {key: _at(at_picks, column) for key, column in values.items()}
            values["value"] = [choice for _, choice in picks]
        told_by = [givers, [*map(str, values["fieldId"])], [*map(str, values["value"])]]
        if len(set(map(hash, zip(*told_by, strict=True)))) < len(givers):
            # An answer of somebody stands there twice.
            in_order = reversed([*enumerate(zip(*told_by, strict=True))])
            at_firsts = sorted({answer: at for at, answer in in_order}.values())
            givers = _at(at_firsts, givers)
            values = {key: _at(at_firsts, column) for key, column in values.items()}
        self._givers.extend(givers)
        builder.add_values(values, len(givers))


def _repeated(values: Sequence[_T], lists: Sequence[Sequence[Any]]) -> list[_T]:
    """Each value as often as its list has entries."""
    return _flat(map(repeat, values, map(len, lists)))


def _flat(lists: Iterable[Iterable[_T]]) -> list[_T]:
    return [*chain.from_iterable(lists)]


def _at(positions: Sequence[int], values: Sequence[_T]) -> list[_T]:
    return [values[position] for position in positions]


class _Respondents(RowDeduplicator):
    """People with a list each: one row an entry, the entries of a person in their order.

    Where a person comes again with other entries, these follow the ones already there.
    """

    def __init__(self, feed: Feed, airmeet_id: str, learned: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, learned)
        self._seen: set[bytes] = set()
        self._entries: dict[Hashable, tuple[int, set[int | bytes]]] = {}

    @property
    def received(self) -> int:
        return len(self._seen)

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        before = len(self._seen)
        entries: list[Row] = []
        people: list[Row] = []
        positions: list[int] = []
        for row in rows:
            content = digest(row)
            if content in self._seen:
                continue
            self._seen.add(content)
            known_by = row.get("user_id") or person_key(row) or content
            position, known = self._entries.get(known_by, (0, set()))
            # A person's list that comes again, longer or edited, adds what is new in it alone.
            fresh = [
                (entry, told_by)
                for entry in _objects(row.get(self.feed.entries) or [], self.feed.entries)
                if (told_by := _content(entry)) not in known
            ]
            entries += [entry for entry, _ in fresh]
            people += [row] * len(fresh)
            positions += range(position, position + len(fresh))
            self._entries[known_by] = (
                position + len(fresh),
                known.union(told_by for _, told_by in fresh),
            )
        values = {**values_of(entries), **values_of(people), "position": positions}
        values.pop(self.feed.entries, None)
        self.main.add_values(values, len(entries))
        return len(self._seen) - before

    def tables(self) -> dict[str, pa.Table]:
        return {self.main.table.name: self.main.finish()}


def _objects(value: Any, name: str) -> list[Row]:
    if not are_objects(value):
        raise UnexpectedResponse(f"{name} is not a list of objects as the specification says")
    return value


def _content(entry: Row) -> int | bytes:
    """What tells entries of one person apart."""
    try:
        return hash(tuple(entry.items()))
    except TypeError:  # something nested
        return digest(entry)


class _Lists(_Keyed):
    """Things that each carry a list of ids, which become rows of the feed's second table."""

    def __init__(self, feed: Feed, airmeet_id: str, learned: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, learned)
        self._lists: dict[Hashable, Row] = {}

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        key = _api_key(self.main.table, rows)
        own, listed = TABLES[self.feed.tables[1]].keys[1:]
        for row in rows:
            for item in row.get(self.feed.entries) or ():
                self._lists[row.get(key), item] = {own: row.get(key), listed: item}
        return super().add(rows, **parent)

    def tables(self) -> dict[str, pa.Table]:
        builder = TableBuilder(TABLES[self.feed.tables[1]], self.main.airmeet_id, self.learned)
        builder.add(list(self._lists.values()))
        return super().tables() | {builder.table.name: builder.finish()}


class _Placed(RowDeduplicator):
    """Things without an id, each known by its place in the one answer that holds all."""

    @property
    def received(self) -> int:
        return self.main.rows

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        start = self.main.rows
        self.main.add([{**row, "position": n} for n, row in enumerate(rows, start)], **parent)
        return len(rows)

    def tables(self) -> dict[str, pa.Table]:
        return {self.main.table.name: self.main.finish()}


class _Info(_Keyed):
    """Sessions, and what the gateway says beside them: of the airmeet itself, and of its people."""

    def __init__(self, feed: Feed, airmeet_id: str, learned: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, learned)
        self._about: Row = {}
        self._people: dict[Hashable, Row] = {}

    def see(self, answer: Row) -> None:
        sessions = self.feed.rows[0]
        for key, value in answer.items():
            if key != sessions and isinstance(value, list):
                # `session_hosts` lists hosts.
                self._add_people(key.removeprefix("session_").removesuffix("s"), value)
            elif key != sessions:
                self._about[key] = value
        for session in answer.get(sessions) or ():
            self._add_people("speaker", session.get("speakerList") or ())

    def _add_people(self, role: str, people: Sequence[Any]) -> None:
        for person in people:
            if isinstance(person, dict) and person.get("id") is not None:
                self._people[role, person["id"]] = {**person, "role": role}

    def tables(self) -> dict[str, pa.Table]:
        tables = super().tables()
        rows = ([self._about] if self._about else [], list(self._people.values()))
        for name, beside in zip(self.feed.tables[1:], rows, strict=True):
            builder = TableBuilder(TABLES[name], self.main.airmeet_id, self.learned)
            builder.add(beside)
            tables[name] = builder.finish()
        return tables


_SHAPES: dict[Shape, type[RowDeduplicator]] = {
    Shape.KEYED: _Keyed,
    Shape.LISTS: _Lists,
    Shape.POSITIONAL: _Placed,
    Shape.SESSION_INFO: _Info,
    Shape.PEOPLE: _People,
    Shape.RESPONDENTS: _Respondents,
}


def deduplicator_for(feed: Feed, airmeet_id: str, learned: ColumnTypeRegistry) -> RowDeduplicator:
    """A collector for the feed's shape."""
    return _SHAPES[feed.shape](feed, airmeet_id, learned)
