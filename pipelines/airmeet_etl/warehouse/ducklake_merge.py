"""DuckLake with merges in one transaction each.

dlt's merge deletes the old rows of a table's airmeets and inserts the new ones, in a transaction
where the destination is said to have them. Of DuckLake dlt does not say so: a reader in between saw
the table without these rows, and a load that was killed there left it so. DuckLake has
transactions, and one that deletes and inserts is one snapshot.

It is one of the capabilities that dlt lets anybody set; `tests/trust/test_foreign_internals.py`
fails when dlt changes what follows from it, or sets it itself.
"""

from typing import Any

from dlt.common.destination import Destination


def with_transactions(destination: Destination[Any, Any] | None) -> Destination[Any, Any] | None:
    """The destination, whose merges are transactions where it is a DuckLake."""
    if destination is not None and destination.destination_type.endswith(".ducklake"):
        destination.caps_params["supports_transactions"] = True
    return destination
