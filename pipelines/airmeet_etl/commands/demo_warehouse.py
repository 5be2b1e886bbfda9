"""The demo's warehouse, for commands that show something where nothing of one's own is loaded."""

import os
from pathlib import Path

from ..exit_codes import print_notice

FILE = Path("demo.duckdb")

_SETTING = "DESTINATION__DUCKDB__CREDENTIALS"


def show_the_demo_where_nothing_is_loaded(destination: str | None, dataset: str | None) -> None:
    """Let the demo's file be the warehouse where the usual one is not there and no other is named;
    says so."""
    from ..communities import configured_communities
    from ..warehouse.warehouse import open_pipeline, warehouse_file

    if destination or dataset or not FILE.exists() or configured_communities():
        return
    own = warehouse_file(open_pipeline())
    if own is not None and not own.exists():
        print_notice(f"nothing is loaded in {own}; this is the demo, {FILE}")
        os.environ[_SETTING] = str(FILE.absolute())
