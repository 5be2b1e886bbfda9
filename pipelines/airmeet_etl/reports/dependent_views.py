"""The views over several communities, as far as they stand in the way of what they read."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from ..warehouse.warehouse import community_of
from .destination import dialect_of, full_name, open_client, read_rows

if TYPE_CHECKING:
    import dlt


def make_way(pipeline: "dlt.Pipeline", reports: Collection[str]) -> None:
    """Drop the views over all communities of some reports, whose tables are about to be made anew
    with other columns: Postgres drops no table that a view reads. Building what is over all
    communities makes them again.

    Args:
        pipeline: of one of several communities; of any other nothing is dropped.
        reports: the names of the reports.
    """
    community = community_of(pipeline)
    if not community or not reports:
        return
    base = str(pipeline.dataset_name).removesuffix(f"_{community}")
    with open_client(pipeline, f"{base}_reports") as client:
        if dialect_of(client) != "postgres":
            return
        query = (
            "SELECT table_name FROM information_schema.views "
            f"WHERE table_schema = '{client.sql_client.dataset_name}'"
        )
        views = {str(name) for (name,) in read_rows(client, query)}
        for name in views.intersection(reports):
            client.sql_client.execute_sql(f"DROP VIEW {full_name(client, name)}")
