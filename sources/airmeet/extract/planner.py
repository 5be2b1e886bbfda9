"""What a run fetches: the list of airmeets, and from it and the ledger the feeds that are due."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa

from ..api.client import Client
from ..errors import SelectionError
from ..feeds import AIRMEETS, Feed
from ..nearest import meant, several_fit
from ..privacy.policy import PrivacyPolicy
from ..rows import Row, values_of
from ..safe_text import printable
from ..schemas import TABLES
from .arrow import to_arrow
from .known_list import KnownList, list_digest
from .lifecycle import (
    FINISHED,
    Airmeet,
    FeedSync,
    Ledger,
    Selection,
    can_have_attendance,
    due_feeds,
)
from .listing import list_airmeets
from .reader import FeedRequest
from .results import FeedResult
from .schema_drift import ColumnTypeRegistry

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What is to be fetched.

    Attributes:
        airmeets: the result of the table `airmeets`; without rows where none is listed, so that
            the tables exist from the first load on. None where the list is as it was loaded.
        digest: of the list; None where not all of it can be used.
        listed_at: when the list was read.
        listed: how many airmeets are listed.
        nameless: listed airmeets without an id, for which nothing can be asked.
        due: the airmeets with feeds due, the community last, and these feeds.
        known: the airmeets that are listed.
        selection: what the run is narrowed to, airmeets by their ids.
        unlisted: airmeets that were asked for and are not, as they were asked for.
    """

    airmeets: FeedResult | None
    digest: str | None
    listed_at: datetime
    listed: int
    nameless: int
    due: list[tuple[Airmeet, list[Feed]]]
    known: list[Airmeet]
    selection: Selection
    unlisted: frozenset[str] = frozenset()

    @property
    def feeds(self) -> int:
        """How many feeds of single airmeets, and of the community, are due."""
        return sum(len(feeds) for _, feeds in self.due)


async def make_plan(
    client: Client,
    feeds: Sequence[Feed],
    ledger: Ledger,
    selection: Selection,
    types: ColumnTypeRegistry,
    policy: PrivacyPolicy,
    clock: Callable[[], datetime],
    known: KnownList | None = None,
) -> Plan:
    """List the airmeets and decide what is due.

    Args:
        client: asks the API.
        feeds: the feeds wanted.
        ledger: what the destination holds.
        selection: what the run is narrowed to.
        types: of columns that the schemas do not know.
        policy: what of people is stored.
        clock: the present moment, with zone.
        known: the list in the destination: one that is the same gives no result.

    Raises:
        SelectionError: an airmeet of the selection is not listed, or several have its name.
        Unreachable: the list cannot be read whole.
        KeysRejected: the keys give no token.
    """
    rows, nameless = await list_airmeets(client)
    selection, unknown = _meant(selection, rows)
    if unknown and not selection.of_several:
        raise SelectionError(
            f"no airmeet {', '.join(unknown)} is listed for these keys (archived ones are "
            "left out of Airmeet's list)"
        )
    now = clock()
    content = list_digest(rows, policy.version)
    digest: str | None = content or None
    doubtful = any(f == AIRMEETS.name and s.status == "failed" for (_, f), s in ledger.items())
    if known and (known.digest, known.rows) == (content, len(rows)) and not doubtful:
        airmeets = [Airmeet.of(row, policy.version) for row in rows]
        result = None
    else:
        result, airmeets = _list_result(rows, ledger, types, policy, now)
        if any(sync.status == "failed" for sync in result.syncs):
            digest = None
    community = Airmeet.of_community(policy.version)
    due = due_feeds([*airmeets, community], feeds, ledger, selection)
    plan = Plan(
        result, digest, now, len(rows), nameless, due, airmeets, selection, frozenset(unknown)
    )
    _log.info("%d airmeets are listed, %d feeds of %d are due", plan.listed, plan.feeds, len(due))
    return plan


def _meant(selection: Selection, rows: Sequence[Row]) -> tuple[Selection, list[str]]:
    """The selection with the ids of the airmeets that it has by name, and what no airmeet fits."""
    if selection.airmeet_ids is None:
        return selection, []
    names = {str(row["airmeet_id"]): str(row.get("name") or "") for row in rows}
    ids, unknown = set[str](), []
    for words in sorted(selection.airmeet_ids):
        found = meant(words, names.items())
        if len(found) > 1:
            described = (f"{names[id]} ({id})" for id in found)
            raise SelectionError(printable(several_fit(words, described)))
        ids.update(found or [words])
        unknown += [] if found else [words]
    return replace(selection, airmeet_ids=frozenset(ids)), unknown


def _list_result(
    rows: list[Row],
    ledger: Ledger,
    types: ColumnTypeRegistry,
    policy: PrivacyPolicy,
    now: datetime,
) -> tuple[FeedResult, list[Airmeet]]:
    """The list as a result, and the airmeets whose rows can be used."""
    rows, airmeets, failed = _usable(rows, policy.version, now)
    constants = {"last_listed_at": now}
    table = to_arrow(TABLES["airmeets"], values_of(rows), len(rows), constants, set(), types)
    table, left_out = policy.apply("airmeets", table)
    names = frozenset(f"airmeets.{name}" for name in left_out)
    mended = (
        replace(before, status="loaded", error=None, requested_at=now, is_final=True)
        for airmeet in airmeets
        if (before := ledger.get((airmeet.id, AIRMEETS.name))) and before.status == "failed"
    )
    result = FeedResult(
        {"airmeets": table},
        (*failed, *mended),
        left_out=names,
        sent=types.take(),
    )
    return result, airmeets


def _usable(
    rows: list[Row], treatment: str, now: datetime
) -> tuple[list[Row], list[Airmeet], list[FeedSync]]:
    """The rows of the list that can be used, their airmeets, and a ledger row for each other one:
    a row that makes no sense touches its own airmeet alone."""
    try:
        return rows, _read(rows, treatment), []
    except Exception:
        pass  # which of them it is, is found one by one
    usable: list[Row] = []
    failed: list[FeedSync] = []
    for row in rows:
        try:
            _read([row], treatment)
            usable.append(row)
        except Exception as failure:
            error = f"its row in the list makes no sense ({type(failure).__name__})"
            id = str(row["airmeet_id"])
            _log.warning("airmeet %s: %s", printable(id), error)
            failed.append(FeedSync(id, AIRMEETS.name, "failed", "", now, error=error))
    return usable, _read(usable, treatment), failed


def _read(rows: list[Row], treatment: str) -> list[Airmeet]:
    to_arrow(TABLES["airmeets"], values_of(rows), len(rows), {}, set(), ColumnTypeRegistry())
    return [Airmeet.of(row, treatment) for row in rows]


def requests_by_parent(
    airmeet: Airmeet, feed: Feed, parents: pa.Table, now: datetime
) -> list[FeedRequest]:
    """One request for each session or booth that may have attendance, or for each series."""
    assert feed.parent is not None
    key = TABLES[feed.parent].keys[-1]
    requests = []
    for row in parents.to_pylist():
        status, start = row.get("status", airmeet.status), row.get("start_time", airmeet.start)
        may_have_any = not feed.hangs_on_status or can_have_attendance(status, start, now)
        if row[key] and may_have_any:
            requests.append(FeedRequest(feed, airmeet, {key: row[key]}, status == FINISHED))
    return requests
