"""The list of airmeets (§2.1), which every run reads: cheap, and what all else follows from."""

from typing import Any

from .client import Client
from .errors import FeedError, Pending, Unavailable, Unreachable
from .feeds import AIRMEETS
from .paging import PAGE_SIZE, Page, Params, read_cursors
from .rows import Row


async def list_airmeets(client: Client) -> list[Row]:
    """All airmeets that the keys can see, each once, as the API gives them.

    Raises:
        Unreachable: the list cannot be read whole.
        KeysRejected: the keys give no token.
    """
    rows: dict[str, Row] = {}

    def take(page: list[Row]) -> int:
        known = len(rows)
        rows.update((str(row["uid"]), row) for row in page if row.get("uid"))
        return len(rows) - known

    async def get(params: Params) -> dict[str, Any]:
        return await client.get("api", AIRMEETS.path, params)

    try:
        first = Page.of(AIRMEETS, await get({"size": PAGE_SIZE}))
        await read_cursors(AIRMEETS, get, take, first)
        # `after` is known to misbehave here: what it does not lead to, `before` may.
        if first.cursors.get("before") not in (None, ""):
            await read_cursors(AIRMEETS, get, take, first, way="before")
    except (FeedError, Unavailable, Pending) as fault:
        raise Unreachable(f"the list of airmeets could not be read: {fault}") from None
    return list(rows.values())
