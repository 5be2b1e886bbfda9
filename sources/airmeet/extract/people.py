"""Deduplication of people: who registered or takes part, and who answered polls or asked.

Registrations and participants are the largest feeds, so whole pages are handled at once. People are
known by a hash of 64 bits: the keys themselves took several times the memory. In a hundred thousand
rows two are taken for one by a chance of one in four billion.
"""

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import accumulate, chain, compress, filterfalse, repeat
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from ..errors import UnexpectedResponse
from ..feeds import Feed
from ..person import PERSON, is_missing_id, person_keys
from ..rows import Columns, Row, are_objects, column_name, content_hash, values_of
from ..schemas import TABLES
from .arrow import TableBuilder
from .by_column import by_column, columns_of
from .row_deduplicator import Anonymous, RowDeduplicator
from .schema_drift import ColumnTypeRegistry

_T = TypeVar("_T")
_DATE = "registration_date"
_RESPONSE = "response_position"


class People(RowDeduplicator):
    """People: one row each, the earliest date and the latest value of every other column.

    A row that names nobody is a row of its own.
    """

    def __init__(self, feed: Feed, airmeet_id: str, types: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, types)
        self._seen: set[int] = set()
        self._people = array("q")
        """Of each row, whose it is."""
        self._anonymous = Anonymous()
        self._answers: TableBuilder | None = None
        self._givers = array("q")
        """Of each answer, the position of the person's row."""
        if len(feed.tables) > 1:
            self._answers = TableBuilder(TABLES[feed.tables[1]], airmeet_id, types)

    @property
    def received(self) -> int:
        return len(self._seen) + len(self._anonymous)

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        before, start = self.received, self.main.rows
        values = columns_of(self.main.table, rows)
        nothing = [None] * len(rows)
        people = values.get(PERSON, nothing)
        emails = values.get("email", nothing)
        dates = values.get(_DATE, nothing)
        named, marked = [*range(len(rows))], [rows, emails, dates]
        if not all(people):
            named = [n for n, key in enumerate(people) if key]
            marked = [_at(named, column) for column in marked]
        marks = [*map(hash, _marks(*marked))]
        self._seen.update(marks)
        if len(named) < len(rows):
            nameless = {
                start + n: content_hash(row)
                for n, (key, row) in enumerate(zip(people, rows, strict=True))
                if not key
            }
            self._anonymous.add_page(nameless, marks)
            people = [key or f"row {n}" for n, key in enumerate(people, start)]
        self._people.extend(map(hash, people))
        if self._answers is not None:
            profiles = values.get("user_profile", nothing)
            self._add_answers(self._answers, start, values, profiles)
        self.main.add_values(values, len(rows), **parent)
        return self.received - before

    def settle(self, total: int | None) -> None:
        self._anonymous.settle(None if total is None else total - len(self._seen))

    def tables(self) -> dict[str, pa.Table]:
        counts = Counter(self._people)
        main = self.main.table.name
        if len(counts) == len(self._people) and not self._anonymous.repeats:
            tables = {main: self.main.finish()}
            if self._answers is not None:
                tables[self._answers.table.name] = self._answers.finish()
            return tables
        dates = self.main.moments(_DATE)
        come_again = {person for person, count in counts.items() if count > 1}
        several: defaultdict[int, list[int]] = defaultdict(list)
        for position, person in enumerate(self._people):
            if person in come_again:
                several[person].append(position)
        # From the earliest to the latest; those of one moment stay in their order.
        groups = [sorted(group, key=dates.__getitem__) for group in several.values()]
        gone = self._anonymous.repeats.union(_flat(group[:-1] for group in groups))
        kept = [*filterfalse(gone.__contains__, range(len(self._people)))]
        written = self.main.texts("email").take(pa.array(_flat(groups), pa.int64())).to_pylist()
        tables = {main: _merged(self.main.finish(), kept, groups)}
        if self._answers is not None:
            places = pa.array((bisect_left(kept, group[-1]) for group in groups), pa.int64())
            counting = _repeated(tables[main]["email"].take(places).to_pylist(), groups)
            respelled = {
                position: address
                for position, address, before in zip(_flat(groups), counting, written, strict=True)
                if address != before
            }
            keep = self._answers_that_count(self._answers.texts("field_id"), groups)
            answers = self._answers.finish(keep)
            givers = _at(keep, self._givers) if respelled else ()
            tables[self._answers.table.name] = _with_emails_of(answers, givers, respelled)
        return tables

    def _answers_that_count(self, fields: pa.ChunkedArray, groups: list[list[int]]) -> "array[int]":
        """The positions of the answers that count: to each field a person's latest.

        Args:
            fields: of all answers.
            groups: the positions of each person with several rows.
        """
        order = {position: n for group in groups for n, position in enumerate(group)}
        person = {position: group[-1] for group in groups for position in group}
        # Few people have several rows. All fields as Python's texts took as much as the answers.
        theirs = [n for n, giver in enumerate(self._givers) if giver in person]
        keys = [
            (person[self._givers[n]], field)
            for n, field in zip(
                theirs, fields.take(pa.array(theirs, pa.int64())).to_pylist(), strict=True
            )
        ]
        latest: dict[tuple[int, Any], int] = {}
        for n, key in zip(theirs, keys, strict=True):
            latest[key] = max(latest.get(key, -1), order[self._givers[n]])
        gone = {
            n for n, key in zip(theirs, keys, strict=True) if order[self._givers[n]] < latest[key]
        }
        if repeats := self._anonymous.repeats:
            gone.update(n for n, giver in enumerate(self._givers) if giver in repeats)
        return array("q", filterfalse(gone.__contains__, range(len(self._givers))))

    def _add_answers(
        self, builder: TableBuilder, start: int, people: Columns, profiles: Sequence[Any]
    ) -> None:
        """Take the answers of a page: rows of their own, one for each value chosen.

        Args:
            builder: of their table.
            start: the position of the page's first row.
            people: the page's rows by column.
            profiles: each row's list of answers.
        """
        lists = [profile or [] for profile in profiles]
        answers = _objects(_flat(lists), "user_profile")
        nothing = [None] * len(answers)
        values: Columns = {"field_id": nothing, "value": nothing}
        values |= by_column(builder.table, values_of(answers))
        for column in ("email", PERSON):
            values[column] = _repeated(people.get(column, [None] * len(lists)), lists)
        givers = _repeated(range(start, start + len(lists)), lists)
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
        identities = [givers, [*map(str, values["field_id"])], [*map(str, values["value"])]]
        if len(set(map(hash, zip(*identities, strict=True)))) < len(givers):
            # An answer of somebody stands there twice.
            in_order = reversed([*enumerate(zip(*identities, strict=True))])
            at_firsts = sorted({answer: at for at, answer in in_order}.values())
            givers = _at(at_firsts, givers)
            values = {key: _at(at_firsts, column) for key, column in values.items()}
        self._givers.extend(givers)
        builder.add_values(values, len(givers))


def _marks(rows: Sequence[Row], emails: Sequence[Any], dates: Sequence[Any]) -> Iterable[Hashable]:
    """By what rows that come again are recognised. An address and its moment suffice; a digest of
    all costs ten times as much."""
    if {*map(type, emails), *map(type, dates)} <= {str}:
        return zip(emails, dates, strict=True)
    return (
        (email, date) if type(email) is str and type(date) is str else content_hash(row)
        for row, email, date in zip(rows, emails, dates, strict=True)
    )


def _merged(rows: pa.Table, kept: list[int], groups: list[list[int]]) -> pa.Table:
    """The rows with those of each person as one: of each column the latest value that is not null,
    of dates the earliest.

    Args:
        rows: all rows.
        kept: the positions that stay, in order; of a person with several the latest.
        groups: the positions of each person with several, from the earliest to the latest.
    """
    places = [bisect_left(kept, group[-1]) for group in groups]
    of_several = pa.array(_flat(groups), pa.int64())
    ends = [*accumulate(map(len, groups))]
    latest = pa.array(kept, pa.int64())
    columns = []
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        positions = latest
        if groups and (column.null_count or name == _DATE):
            is_known = column.take(of_several).is_valid().to_pylist()
            chosen = [*kept]
            for place, group, end in zip(places, groups, ends, strict=True):
                if name == _DATE or not is_known[end - 1]:
                    knows = is_known[end - len(group) : end]
                    known = [*compress(group, knows)] or group[-1:]
                    chosen[place] = known[0 if name == _DATE else -1]
            positions = latest if chosen == kept else pa.array(chosen, pa.int64())
        columns.append(column.take(positions))
    return pa.Table.from_arrays(columns, schema=rows.schema)


def _with_emails_of(
    answers: pa.Table, givers: Sequence[int], emails: Mapping[int, str | None]
) -> pa.Table:
    """The answers with the address that their giver's row has, which may be another spelling.

    Args:
        answers: some answers.
        givers: the position of the row that each came with.
        emails: by that position, where it is another spelling.
    """
    if not emails:
        return answers
    theirs = pa.array((giver in emails for giver in givers), pa.bool_())
    fresh = pa.array((emails[giver] for giver in givers if giver in emails), pa.string())
    place = answers.schema.get_field_index("email")
    column = pc.replace_with_mask(answers.column(place), theirs, fresh)
    return answers.set_column(place, answers.schema.field(place), column)


def _repeated(values: Sequence[_T], lists: Sequence[Sequence[Any]]) -> list[_T]:
    """Each value as often as its list has entries."""
    return _flat(map(repeat, values, map(len, lists)))


def _flat(lists: Iterable[Iterable[_T]]) -> list[_T]:
    return [*chain.from_iterable(lists)]


def _at(positions: Sequence[int], values: Sequence[_T]) -> list[_T]:
    return [*map(values.__getitem__, positions)]


class Respondents(RowDeduplicator):
    """People with a list each: one row an item, the items of a person in their order; an answer
    that is a list has a row for each choice.

    Where a person comes again with other items, these follow the ones already there. Equal
    entries that name nobody are people of their own. What an item says of itself counts above what
    its respondent says.
    """

    def __init__(self, feed: Feed, airmeet_id: str, types: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, types)
        self._seen: set[int] = set()
        self._items: dict[Hashable, set[int]] = {}
        """The items that each person has."""
        self._rows: dict[Hashable, int] = {}
        """How many rows each person has."""
        self._anonymous = Anonymous()
        self._nameless = 0
        self._holders = array("q")
        """Of each row, the number of the nameless entry that holds it, else 0."""

    @property
    def received(self) -> int:
        return len(self._seen) + len(self._anonymous)

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        before = self.received
        people = columns_of(self.main.table, rows)
        nothing = [None] * len(rows)
        lists = people.pop(column_name(self.feed.items_key), nothing)
        persons = people.get(PERSON, nothing)
        user_ids = people.get("user_id", nothing)
        contents = [*map(content_hash, rows)]
        nameless: dict[int, int] = {}
        named: list[str] = []
        items: list[Row] = []
        givers: list[int] = []
        holders: list[int] = []
        for n, content in enumerate(contents):
            known_by = _known_by(persons[n], user_ids[n])
            holder = 0
            # Those who are not named are one person of the key `null`, whose items follow.
            fresh = _objects(lists[n] or [], self.feed.items_key)
            if known_by is None:
                holder = self._nameless = self._nameless + 1
                nameless[holder] = content
            else:
                named.append(known_by)
                if content in self._seen:
                    continue
                self._seen.add(content)
                # A person's list that comes again, longer or edited, adds what is new in it alone.
                known = self._items.get(known_by, set())
                marks = [*map(content_hash, fresh)]
                fresh = [f for f, mark in zip(fresh, marks, strict=True) if mark not in known]
                self._items[known_by] = known.union(marks)
            items += fresh
            givers += [n] * len(fresh)
            holders += [holder] * len(fresh)
        if nameless:
            self._anonymous.add_page(nameless, named)
        values = by_column(self.main.table, values_of(items))
        # Each choice of an answer that is a list is a row; an empty list is no answer.
        widths = [1] * len(items)
        if list in {*map(type, answers := values.get("answer", ()))}:
            choices = [a or [None] if type(a) is list else [a] for a in answers]
            widths = [*map(len, choices)]
            values = {name: _repeated(column, choices) for name, column in values.items()}
            values["answer"] = _flat(choices)
            givers, holders = _repeated(givers, choices), _repeated(holders, choices)
        for name, said in people.items():
            values[name] = _above(values.get(name), _at(givers, said))
        nothing = [None] * len(givers)
        ids, emails = values.get("user_id", nothing), values.get("email", nothing)
        values[PERSON] = person_keys(emails, ids)
        known_by_giver = {n: _known_by(persons[n], user_ids[n]) for n in {*givers}}
        positions: list[int] = []
        responses: list[int] = []
        row = 0
        for width in widths:
            key = known_by_giver[givers[row]]
            position = self._rows.get(key, 0)
            positions += range(position, position + width)
            responses += [position] * width
            self._rows[key] = position + width
            row += width
        values["position"] = positions
        if _RESPONSE in self.main.table.by_name:
            values[_RESPONSE] = responses
        self._holders.extend(holders)
        self.main.add_values(values, len(givers))
        return self.received - before

    def settle(self, total: int | None) -> None:
        self._anonymous.settle(None if total is None else total - len(self._seen))

    def tables(self) -> dict[str, pa.Table]:
        keep = None
        if repeats := self._anonymous.repeats:
            keep = [n for n, holder in enumerate(self._holders) if holder not in repeats]
        return {self.main.table.name: self.main.finish(keep)}


def _known_by(person: Any, user_id: Any) -> str | None:
    """By what the list of a respondent goes on: the user id, without one the address."""
    return person if is_missing_id(user_id) else str(user_id)


def _above(own: Sequence[Any] | None, said: Sequence[Any]) -> Sequence[Any]:
    """The entries' own values, and where these are null what is said of them elsewhere."""
    if own is None:
        return said
    return [other if value in (None, "") else value for value, other in zip(own, said, strict=True)]


def _objects(value: Any, name: str) -> list[Row]:
    if not are_objects(value):
        raise UnexpectedResponse(f"{name} is not a list of objects as the specification says")
    return value
