"""Examples of the Airmeet source: all of it, a few tables, one season."""

from datetime import date

import dlt
from airmeet import airmeet_source


def load_everything() -> None:
    """All tables; run it again and only what is due is fetched."""
    pipeline = dlt.pipeline(
        pipeline_name="airmeet", destination="duckdb", dataset_name="airmeet_data"
    )
    print(pipeline.run(airmeet_source(), loader_file_format="parquet"))


def load_registrations() -> None:
    """Two tables, and nothing fetched that they do not need."""
    pipeline = dlt.pipeline(
        pipeline_name="airmeet_registrations", destination="duckdb", dataset_name="airmeet_data"
    )
    source = airmeet_source().with_resources("airmeets", "registrations")
    print(pipeline.run(source, loader_file_format="parquet"))


def load_one_season() -> None:
    """The airmeets of a period, without waiting for exports that are not ready."""
    pipeline = dlt.pipeline(
        pipeline_name="airmeet_season", destination="duckdb", dataset_name="airmeet_data"
    )
    source = airmeet_source(since=date(2026, 1, 1), until=date(2026, 6, 30), wait=False)
    print(pipeline.run(source, loader_file_format="parquet"))


if __name__ == "__main__":
    load_everything()
