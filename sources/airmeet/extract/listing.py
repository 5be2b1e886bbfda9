"""The list of airmeets (§2.1), which every run reads: cheap, and what all else follows from."""

from typing import Any

from ..api.client import Client
from ..api.pagination import PAGE_SIZE, Page, Params, read_cursors
from ..errors import FeedError, Pending, Unavailable, Unreachable
from ..feeds import AIRMEETS
from ..person import is_missing_id
from ..rows import Row, content_hash
from ..schemas import TABLES
from .by_column import by_column

_BEYOND = 2**53 - 1
"""A cursor after all that the API gives: its cursors are creation times or counters."""


async def list_airmeets(client: Client) -> tuple[list[Row], int]:
    """All airmeets that the keys can see, each once.

    Returns:
        The rows by column, and how many more bear no `uid`: nothing can be asked for them.

    Raises:
        Unreachable: the list cannot be read whole.
        KeysRejected: the keys give no token.
    """
    rows: dict[str, Row] = {}
    nameless: set[int] = set()
    repeats = 0

    def take(page: list[Row]) -> int:
        nonlocal repeats
        known = len(rows)
        for row in page:
            columns = by_column(TABLES[AIRMEETS.name], {key: [row[key]] for key in row})
            named = {column: value for column, (value,) in columns.items()}
            if is_missing_id(id := named.get("airmeet_id")):
                nameless.add(content_hash(row))
            else:
                rows[str(id)] = named
        repeats += bool(page) and len(rows) == known
        return len(rows) - known

    async def get(params: Params) -> dict[str, Any]:
        return await client.get("api", AIRMEETS.path, params)

    try:
        first = Page.of(AIRMEETS, await get({"size": PAGE_SIZE}))
        await read_cursors(AIRMEETS, get, take, first)
        # `after` is known to misbehave here: what it does not lead to, `before` may.
        starts = [first.cursor("before")]
        for before in starts:
            if before is not None:
                page = Page.of(AIRMEETS, await get({"size": PAGE_SIZE, "before": before}))
                await read_cursors(AIRMEETS, get, take, page, way="before")
            if repeats and _BEYOND not in starts:
                # A page came again, so neither way may lead on: once more, back from the far end.
                starts.append(_BEYOND)
    except (FeedError, Unavailable, Pending) as fault:
        raise Unreachable(f"the list of airmeets could not be read: {fault}") from None
    return list(rows.values()), len(nameless)
