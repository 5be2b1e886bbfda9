"""Feeds whose rows are not those that the ledger counts become due again by themselves."""

from collections import defaultdict
from collections.abc import Iterable

import dlt
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from dlt.destinations.job_client_impl import SqlJobClientBase

from ..warehouse.statements import update

AIRMEETS = "airmeets"


def make_due(pipeline: dlt.Pipeline, places: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Let feeds be final no more, so that the next load fetches them again.

    An airmeet that has left Airmeet's list cannot be fetched: its feeds stay as they are. A feed
    that is not final is due anyway.

    Args:
        pipeline: whose ledger it is.
        places: airmeets and feeds of them.

    Returns:
        Those of the places that were final.
    """
    by_feed: defaultdict[str, list[str]] = defaultdict(list)
    for airmeet, feed in places:
        by_feed[feed].append(airmeet)
    if not by_feed:
        return []
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            return []
        execute = client.sql_client.execute_sql
        ledger = client.sql_client.make_qualified_table_name(LEDGER_TABLE)
        airmeets = client.sql_client.make_qualified_table_name(AIRMEETS)
        damaged = " OR ".join(
            f"(feed = %s AND airmeet_id IN ({', '.join(['%s'] * len(ids))}))"
            for ids in by_feed.values()
        )
        values = [value for feed, ids in by_feed.items() for value in (feed, *ids)]
        condition = (
            f"is_final = true AND ({damaged}) AND airmeet_id IN (SELECT airmeet_id FROM {airmeets} "
            f"WHERE last_listed_at = (SELECT max(last_listed_at) FROM {airmeets}))"
        )
        query = f"SELECT airmeet_id, feed FROM {ledger} WHERE {condition}"
        found = [(str(airmeet), str(feed)) for airmeet, feed in execute(query, *values) or ()]
        if found:
            statement = update(client.sql_client, ledger, "is_final = false", condition)
            execute(statement, *values)
    return sorted(found)
