"""The airmeets that are loaded, and which of them somebody means by an id or a name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import dlt
from airmeet.nearest import meant, several_fit

from ..exit_codes import CommandError, Exit
from ..reports.build import reports_dataset
from ..reports.destination import open_client, read_rows
from ..warehouse.columns import columns_of

_TABLE = "event_summary"
_COLUMNS = (
    "airmeet_id", "name", "status", "start_time", "end_time", "registered", "attended", "is_final",
)  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """An airmeet as `event_summary` has it; null is not known, or not yet."""

    airmeet_id: str
    name: str | None
    status: str | None
    start_time: datetime | None
    end_time: datetime | None
    registered: int | None
    attended: int | None
    is_final: bool | None


def read_airmeets(pipeline: dlt.Pipeline) -> list[Listed]:
    """All airmeets of the reports, the newest first; those without a start last.

    Raises:
        CommandError: there are no reports.
    """
    with open_client(pipeline, reports_dataset(pipeline)) as client:
        if not client.is_storage_initialized() or _TABLE not in columns_of(client, [_TABLE]):
            raise CommandError("there are no reports to read; airmeet reports builds them")
        name = client.sql_client.escape_column_name
        table = client.sql_client.make_qualified_table_name(_TABLE)
        rows = read_rows(client, f"SELECT {', '.join(map(name, _COLUMNS))} FROM {table}")
    found = [Listed(*row) for row in rows]
    return sorted(found, key=_newest)


def _newest(airmeet: Listed) -> tuple[Any, ...]:
    start = airmeet.start_time
    return (start is None, -_utc(start).timestamp() if start else 0, airmeet.airmeet_id)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def narrowed(
    airmeets: Sequence[Listed],
    statuses: Collection[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> list[Listed]:
    """Those of these statuses, in any writing, that start (UTC) within these days."""
    wanted = {status.upper() for status in statuses}

    def fits(airmeet: Listed) -> bool:
        if wanted and (airmeet.status or "").upper() not in wanted:
            return False
        if since is None and until is None:
            return True
        if airmeet.start_time is None:
            return False
        day = _utc(airmeet.start_time).date()
        return (since is None or day >= since) and (until is None or day <= until)

    return [airmeet for airmeet in airmeets if fits(airmeet)]


class SeveralFit(CommandError):
    """Several airmeets fit a name; `found` are they."""

    def __init__(self, words: str, found: Sequence[Listed]) -> None:
        super().__init__(several_fit(words, map(described, found)), Exit.USAGE)
        self.found = found


def id_of(airmeets: Sequence[Listed], words: str) -> str:
    """The id of the airmeet that somebody means by its id, its name, or a part of either. What fits
    none is taken for an id.

    Raises:
        SeveralFit: several fit.
    """
    ids = {*meant(words, ((airmeet.airmeet_id, airmeet.name) for airmeet in airmeets))}
    found = [airmeet for airmeet in airmeets if airmeet.airmeet_id in ids]
    if len(found) > 1:
        raise SeveralFit(words, found)
    return found[0].airmeet_id if found else words


def described(airmeet: Listed) -> str:
    """An airmeet in a few words, with its id."""
    day = f" on {_utc(airmeet.start_time):%Y-%m-%d}" if airmeet.start_time else ""
    return f"{airmeet.name or 'without a name'}{day} ({airmeet.airmeet_id})"
