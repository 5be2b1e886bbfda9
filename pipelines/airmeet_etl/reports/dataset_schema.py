"""What the reports look like to dlt, so that its dataset reads them from any destination."""

from functools import lru_cache

import dlt
from dlt.common.schema.typing import TColumnSchema

from .sql_files import ReportColumn, sql_files


@lru_cache(maxsize=1)
def reports_schema() -> dlt.Schema:
    """The tables of the reports as the headers of their SQL declare them.

    With it dlt's dataset needs none of dlt's own tables, which a published file does not have.
    """
    schema = dlt.Schema("reports")
    for file in sql_files("reporting").values():
        columns = {column.name: _column(column) for column in file.columns}
        schema.update_table({"name": file.name, "columns": columns}, normalize_identifiers=False)
    # As if read from a destination: dlt stores none that was changed since.
    return dlt.Schema.from_stored_schema(schema.to_dict())


def _column(column: ReportColumn) -> TColumnSchema:
    return {
        "name": column.name,
        "data_type": column.kind,  # type: ignore[typeddict-item]  # the header allows these alone
        "nullable": True,
        "description": column.description,
    }
