"""The part of an event's page on who came of which group: country, role, campaign and others."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
from airmeet_etl.export.small_groups import GROUPS, LEAST, SMALL_GROUPS, pooled
from markupsafe import Markup

from . import markup
from .reading import ReportRow, Reports, quoted, rows_of
from .tables import ShowTable, Table, plain_column, static_table

_TELLING = 3
"""Dimensions that are shown if none is chosen."""
_LISTED = 8
_NONE = "(none)"
_COLUMNS = (
    "airmeet_id, dimension, value, registered, attended, attended_registered, "
    "registered_after_end, attendance_rate, engaged, engagement_rate, timed_attendees, "
    "average_minutes"
)

_TITLES = {
    "country": "Country",
    "organisation": "Organisation",
    "role_group": "Role",
    "domain_kind": "Kind of address",
    "campaign": "Campaign",
}


def dimension_title(dimension: str) -> str:
    """What a dimension is called; a field of the registration form by its label."""
    return _TITLES.get(dimension, dimension.removeprefix("field: "))


def read_segments(reports: Reports, event: ReportRow, with_people: bool = True) -> list[ReportRow]:
    """An event's rows of segments; small groups are one in the stricter privacy modes.

    Args:
        reports: where to read.
        event: its row of `Reports.events`.
        with_people: whether people may be named; otherwise small groups are one, too.
    """
    which = f"where airmeet_id = {quoted(event['airmeet_id'])}"
    if reports.mode == "plain" and with_people:
        # Tens of thousands of companies may have registered: a few of each dimension are shown,
        # and groups that tell something are as large as this.
        rows = reports.frame(f"""
            select {_COLUMNS}, group_count
            from (
                select
                    {_COLUMNS},
                    count(*) over (partition by dimension) as group_count,
                    row_number() over (
                        partition by dimension
                        order by
                            greatest(coalesce(registered, 0), coalesce(attended, 0)) desc, value
                    ) as place
                from segments {which}
            ) as placed
            where place <= {_LISTED + 1} or registered >= {LEAST} or value = '{_NONE}'
        """)
        return rows_of(rows)
    all_rows = reports.frame(f"select {_COLUMNS} from segments {which}")
    whole = pa.Table.from_pandas(all_rows, preserve_index=False)
    groups = pooled(whole, GROUPS["segments"]).to_pylist()
    counts = Counter(row["dimension"] for row in groups)
    return [{**row, "group_count": counts[row["dimension"]]} for row in groups]


def telling(rows: Sequence[ReportRow]) -> list[str]:
    """The dimensions, those first whose groups differ most in how many of them came.

    They are compared by the variance between groups, per group and with their sizes, as in a
    test of chi squared: a few people who all came are no news. Groups of fewer than five who
    registered, and people of whom the value is not known, are left out.
    """
    return sorted({row["dimension"] for row in rows}, key=lambda name: (-_spread(rows, name), name))


def _spread(rows: Sequence[ReportRow], dimension: str) -> float:
    groups = [
        (row["registered"], row["attendance_rate"])
        for row in rows
        if row["dimension"] == dimension
        and row["value"] not in (_NONE, SMALL_GROUPS)
        and (row["registered"] or 0) >= LEAST
        and row["attendance_rate"] is not None
    ]
    if len(groups) < 2:
        return 0.0
    people = sum(size for size, _ in groups)
    mean = sum(size * rate for size, rate in groups) / people
    between: float = sum(size * (rate - mean) ** 2 for size, rate in groups)
    return between / (mean * (1 - mean)) / (len(groups) - 1) if 0 < mean < 1 else 0.0


def segments_panel(
    rows: Sequence[ReportRow],
    event: ReportRow,
    dimension: str | None,
    show: ShowTable = static_table,
) -> Markup:
    """One dimension, or the most telling ones: how many of each group came and took part.

    Args:
        rows: of `read_segments`.
        event: its row of `Reports.events`.
        dimension: the one that is chosen.
        show: shows tables.
    """
    title = "Who came of which group"
    if not rows:
        why = (
            "Not known: registrations are not loaded."
            if event["registered"] is None
            else "Nothing was asked for at registration that tells groups apart."
        )
        return markup.panel(title, markup.note(why))
    order = telling(rows)
    chosen = [dimension] if dimension in order else order[:_TELLING]
    tables = [
        Markup("<div><h4>{}</h4>{}</div>").format(
            markup.name(dimension_title(one)),
            _table([r for r in rows if r["dimension"] == one], len(chosen) == 1, show),
        )
        for one in chosen
    ]
    hint = "No staff."
    if len(order) > len(chosen) and dimension is None:
        hint += f" Of {len(order)} ways to group people those in which attendance differs most."
    return markup.panel(title, markup.side_by_side(*tables, in_threes=len(tables) > 1), hint=hint)


def _table(rows: Sequence[ReportRow], is_wide: bool, show: ShowTable) -> Markup:
    def size(row: ReportRow) -> tuple[int, str]:
        return -max(row["registered"] or 0, row["attended"] or 0), row["value"]

    ordered = sorted(rows, key=size)
    named = [row for row in ordered if row["value"] not in (_NONE, SMALL_GROUPS)]
    others = [row for row in ordered if row["value"] in (_NONE, SMALL_GROUPS)]
    columns = [
        plain_column("Group", "value", _value, is_number=False),
        plain_column("Registered", "registered", markup.count),
        plain_column("Came", "attendance_rate", _rate),
        plain_column("Took part", "engagement_rate", _rate),
    ]
    if is_wide:
        columns += [
            plain_column("Attended", "attended", markup.count, is_extra=True),
            plain_column("Average stay", "average_minutes", markup.minutes),
        ]
    more = markup.left_out(_LISTED, rows[0]["group_count"] - len(others), "groups, the largest")
    shown = pd.DataFrame([*named[:_LISTED], *others])
    return show(Table(shown.astype(object), columns, "segments", "", more))


def _rate(value: float | None) -> Markup:
    return markup.rate(value, has_base=False)


def _value(value: str) -> Markup:
    words = {_NONE: "not given", SMALL_GROUPS: f"groups of fewer than {LEAST}"}
    return markup.name(None, words[value]) if value in words else markup.name(value)
