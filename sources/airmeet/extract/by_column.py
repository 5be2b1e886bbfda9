"""The API's rows as the columns of a table: plain Python, for whoever needs no Arrow."""

from collections.abc import Sequence
from typing import Any

from ..person import PERSON, person_keys
from ..rows import Columns, Row, column_name, values_of
from ..schemas import Table


def columns_of(table: Table, rows: Sequence[Row]) -> Columns:
    """The values of rows by column, whatever the writing of the API's keys, and whose they are."""
    return with_person(table, by_column(table, values_of(rows)))


def by_column(table: Table, values: Columns) -> Columns:
    """Values by the API's keys as values by column; the first that is not null counts where a row
    has several writings of one key. A key that has the name of a column of ours gets another."""
    sources: dict[str, list[str]] = {}
    for key in values:
        name = table.api_names.get(key) or column_name(key)
        if name in table.by_name and table.by_name[name].derived:
            name = f"{name}_given"
        sources.setdefault(name, []).append(key)
    return {name: _merged(values, keys) for name, keys in sources.items()}


def with_person(table: Table, columns: Columns) -> Columns:
    """The columns with the one that says whose row it is, where the table has it."""
    if PERSON not in table.by_name or not columns:
        return columns
    nothing = [None] * len(next(iter(columns.values())))
    user_ids = columns.get(table.user_id)
    columns[PERSON] = person_keys(columns.get("email", nothing), user_ids)
    return columns


def _merged(values: Columns, keys: Sequence[str]) -> Sequence[Any]:
    """The values of a column that the API writes under one key, or under several."""
    if len(keys) == 1:
        return values[keys[0]]
    columns = zip(*(values[key] for key in keys), strict=True)
    return [next((v for v in choice if v is not None), None) for choice in columns]
