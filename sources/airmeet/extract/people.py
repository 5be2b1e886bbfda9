"""Deduplication of people: who registered or takes part, and who answered polls or asked.

Registrations and participants are the largest feeds, so whole pages are handled at once. People are
known by a hash of 64 bits: the keys themselves took several times the memory. In a hundred thousand
rows two are taken for one by a chance of one in four billion.
"""

from array import array
from collections.abc import Hashable, Iterable, Sequence
from itertools import chain, repeat
from typing import Any, TypeVar

import pyarrow as pa

from ..errors import UnexpectedResponse
from ..feeds import Feed
from ..rows import Row, are_objects, digest, person_key, person_keys, values_of
from ..schemas import TABLES
from .arrow import TableBuilder
from .row_deduplicator import RowDeduplicator
from .schema_drift import ColumnTypeRegistry

_T = TypeVar("_T")


class People(RowDeduplicator):
    """People: one row an address in any spelling; the latest registration counts.

    People without an address are kept apart, each by the whole content of the row.
    """

    def __init__(self, feed: Feed, airmeet_id: str, types: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, types)
        self._seen: set[int] = set()
        self._people = array("q")
        """Of each row, whose it is."""
        self._answers: TableBuilder | None = None
        self._givers = array("q")
        """Of each answer, the position of the person's row."""
        if len(feed.tables) > 1:
            self._answers = TableBuilder(TABLES[feed.tables[1]], airmeet_id, types)

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
        people = person_keys(emails)
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
        identities = [givers, [*map(str, values["fieldId"])], [*map(str, values["value"])]]
        if len(set(map(hash, zip(*identities, strict=True)))) < len(givers):
            # An answer of somebody stands there twice.
            in_order = reversed([*enumerate(zip(*identities, strict=True))])
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


class Respondents(RowDeduplicator):
    """People with a list each: one row an item, the items of a person in their order.

    Where a person comes again with other items, these follow the ones already there.
    """

    def __init__(self, feed: Feed, airmeet_id: str, types: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, types)
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
            known_by = row.get("user_id") or person_key(row.get("email")) or content
            position, known = self._entries.get(known_by, (0, set()))
            # A person's list that comes again, longer or edited, adds what is new in it alone.
            fresh = [
                (entry, identity)
                for entry in _objects(row.get(self.feed.items_key) or [], self.feed.items_key)
                if (identity := _content(entry)) not in known
            ]
            entries += [entry for entry, _ in fresh]
            people += [row] * len(fresh)
            positions += range(position, position + len(fresh))
            self._entries[known_by] = (
                position + len(fresh),
                known.union(identity for _, identity in fresh),
            )
        values = {**values_of(entries), **values_of(people), "position": positions}
        values.pop(self.feed.items_key, None)
        self.main.add_values(values, len(entries))
        return len(self._seen) - before

    def tables(self) -> dict[str, pa.Table]:
        return {self.main.table.name: self.main.finish()}


def _objects(value: Any, name: str) -> list[Row]:
    if not are_objects(value):
        raise UnexpectedResponse(f"{name} is not a list of objects as the specification says")
    return value


def _content(entry: Row) -> int | bytes:
    """By what an item is recognised among those of one person."""
    try:
        return hash(tuple(entry.items()))
    except TypeError:  # something nested
        return digest(entry)
