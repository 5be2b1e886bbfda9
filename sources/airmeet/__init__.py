"""Airmeet's event data as a dlt source: `airmeet_source()` in anyone's pipeline.

    import dlt
    from airmeet import airmeet_source

    pipeline = dlt.pipeline("airmeet", destination="duckdb", dataset_name="airmeet")
    pipeline.run(airmeet_source(), loader_file_format="parquet")

What the destination's ledger (`feed_syncs`) calls final is not fetched again.

The source reports what it lists, fetches and waits for by standard `logging`, to loggers below
`airmeet`; never keys, tokens or people. It is silent until the application sets a level:

    logging.basicConfig(level="WARNING")
    logging.getLogger("airmeet").setLevel("INFO")
"""

import logging

from .api.auth import token_folder
from .source import airmeet_source
from .write.destination import airmeet_destination, pushed

__all__ = ["airmeet_destination", "airmeet_source", "pushed", "token_folder"]

# A library does not decide where its log goes; without this Python prints warnings to stderr.
logging.getLogger(__name__).addHandler(logging.NullHandler())
