"""Airflow: one task an hour, by dlt's own helper. Keys come from dlt's Airflow variables provider
(`dlt_secrets_toml`) or the workers' environment."""

from datetime import datetime, timedelta

import dlt
from airflow.decorators import dag
from airmeet import airmeet_source
from dlt.helpers.airflow_helper import PipelineTasksGroup


@dag(
    schedule="@hourly",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,  # one load at a time
    default_args={"retries": 1, "retry_delay": timedelta(minutes=5)},
)
def load_airmeet() -> None:
    """All that is due; what is final is known from the destination's ledger."""
    tasks = PipelineTasksGroup("airmeet", use_data_folder=False, wipe_local_data=True)
    pipeline = dlt.pipeline("airmeet", destination="postgres", dataset_name="airmeet")
    tasks.add_run(
        pipeline,
        # Not a worker for half an hour: an export that is not ready is the next run's.
        airmeet_source(wait=False),
        decompose="none",  # one source, one engine: its resources share their requests
        loader_file_format="parquet",
    )


load_airmeet()
