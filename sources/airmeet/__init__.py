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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.auth import token_folder
    from .source import airmeet_source
    from .write.destination import airmeet_destination, pushed

__all__ = ["airmeet_destination", "airmeet_source", "pushed", "token_folder"]

_MODULES = {
    "airmeet_destination": ".write.destination",
    "airmeet_source": ".source",
    "pushed": ".write.destination",
    "token_folder": ".api.auth",
}
"""Where each name is. Its module is imported when the name is first asked for: whoever needs one
declaration does not import what sends requests and makes tables."""


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


# A library does not decide where its log goes; without this Python prints warnings to stderr.
logging.getLogger(__name__).addHandler(logging.NullHandler())
