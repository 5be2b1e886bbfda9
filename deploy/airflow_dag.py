"""Airflow 3: a load with dlt's own helper every hour, then the reports.

The keys come from dlt's Airflow variable `dlt_secrets_toml` or the workers' environment. They are
read when the task runs; Airflow parses this file without them.
"""

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
    """Load what is due; the ledger in the destination says what is final."""
    # With ADBC's driver installed dlt would copy Parquet by it, and fail on tables without rows.
    dlt.config["disable_adbc_detection"] = True
    tasks = PipelineTasksGroup("airmeet", use_data_folder=False, wipe_local_data=True)
    pipeline = dlt.pipeline("airmeet", destination="postgres", dataset_name="airmeet")
    with tasks:
        tasks.run(
            pipeline,
            # Do not hold a worker for half an hour: the next run loads exports that are not ready.
            partial(airmeet_source, wait=False),
            loader_file_format="parquet",
        )

    @task.bash
    def reports() -> str:
        return "airmeet reports --destination postgres"

    tasks >> reports()


load_airmeet()
