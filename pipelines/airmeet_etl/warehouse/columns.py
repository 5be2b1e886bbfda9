"""Which columns a destination's tables have, by the names with which they are declared."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlt.common.destination import DestinationCapabilitiesContext
    from dlt.destinations.job_client_impl import SqlJobClientBase


def columns_of(
    client: "SqlJobClientBase", tables: Iterable[str]
) -> dict[str, dict[str, str | None]]:
    """Each table's columns with dlt's names of their types; none where the table is missing."""
    known = client.capabilities
    return {
        table: {declared(known, name): c.get("data_type") for name, c in columns.items()}
        for table, columns in client.get_storage_tables(list(tables))
    }


def declared(capabilities: "DestinationCapabilitiesContext", name: str) -> str:
    """A name as it is declared: some destinations store unquoted names in capitals."""
    in_capitals = capabilities.casefold_identifier is str.upper
    return name.lower() if in_capitals and name == name.upper() else name


def stored(capabilities: "DestinationCapabilitiesContext", name: str) -> str:
    """A declared name as the destination stores it."""
    return str(capabilities.casefold_identifier(name))
