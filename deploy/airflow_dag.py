"""Airflow 3: a load by dlt's own helper every hour, then the reports. Keys come from dlt's Airflow
variable `dlt_secrets_toml` or the workers' environment, and only when the task runs: the file is
parsed without them."""

from datetime import datetime, timedelta
from functools import partial

import dlt
from airflow.sdk import dag, task
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
    with tasks:
        tasks.run(
            pipeline,
            # Not a worker for half an hour: an export that is not ready is the next run's.
            partial(airmeet_source, wait=False),
            loader_file_format="parquet",
        )

    @task.bash
    def reports() -> str:
        return "airmeet reports --destination postgres"

    tasks >> reports()


load_airmeet()
