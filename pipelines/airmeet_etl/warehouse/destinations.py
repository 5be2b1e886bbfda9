"""The destinations that are supported, and what to use in place of the others: one declaration.

`docs/destinations.md` is written out of it, and `tests/main_job/test_destinations.py` holds it
against what dlt knows and the extras of the project.
"""

from dataclasses import dataclass
from typing import Literal

import dlt
from dlt.common.destination.reference import DestinationReference

from ..exit_codes import CommandError

Proof = Literal["run for real", "run on an emulator", "parsed"]
"""How far tests go: by dlt's client on the thing itself, or on what stands in for its server; or
the SQL of the reports is parsed in its dialect, and nothing is run."""


@dataclass(frozen=True)
class Supported:
    """A destination that is supported.

    Attributes:
        name: dlt's, which is its type as well.
        title: what its makers call it.
        proof: how far tests go.
        extra: of this project, which installs its client; empty where none is needed.
        settings: that it usually takes, after the variable `{credentials}`, or one that has its
            `{name}`; empty where it needs none.
    """

    name: str
    title: str
    proof: Proof
    extra: str = ""
    settings: str = ""

    @property
    def install(self) -> str:
        """The command that installs its client; empty where none is needed."""
        return f'pip install "airmeet-pipeline[{self.extra}]"' if self.extra else ""

    def settings_of(self, name: str) -> str:
        """The settings for a destination of this type that dlt's configuration gives a name."""
        prefix = name.upper()
        return self.settings.format(credentials=f"DESTINATION__{prefix}__CREDENTIALS", name=prefix)


DESTINATIONS = {
    known.name: known
    for known in (
        Supported("duckdb", "DuckDB", "run for real"),
        Supported(
            "postgres",
            "Postgres",
            "run for real",
            "postgres",
            "{credentials}=postgresql://USER:PASSWORD@HOST:5432/DATABASE",
        ),
        Supported("ducklake", "DuckLake", "run for real", "ducklake"),
        Supported(
            "filesystem",
            "Delta tables in a folder",
            "run for real",
            "lake",
            "DESTINATION__{name}__BUCKET_URL=a folder",
        ),
        Supported(
            "clickhouse",
            "ClickHouse",
            "run on an emulator",
            "clickhouse",
            "{credentials}=clickhouse://USER:PASSWORD@HOST:9440/DATABASE",
        ),
        Supported(
            "snowflake",
            "Snowflake",
            "run on an emulator",
            "snowflake",
            "{credentials}=snowflake://USER:PASSWORD@ACCOUNT/DATABASE?warehouse=WAREHOUSE&role=ROLE",
        ),
        Supported(
            "bigquery",
            "BigQuery",
            "run on an emulator",
            "bigquery",
            "{credentials}=the JSON in a service account's key file",
        ),
        Supported(
            "databricks",
            "Databricks",
            "parsed",
            "databricks",
            "{credentials}__SERVER_HOSTNAME, {credentials}__HTTP_PATH, "
            "{credentials}__ACCESS_TOKEN and {credentials}__CATALOG",
        ),
        Supported(
            "redshift",
            "Redshift",
            "parsed",
            "redshift",
            "{credentials}=redshift://USER:PASSWORD@HOST:5439/DATABASE",
        ),
        Supported(
            "motherduck",
            "MotherDuck",
            "parsed",
            "motherduck",
            "{credentials}=md:DATABASE?motherduck_token=TOKEN",
        ),
    )
}
"""By name, the best proved first."""

_VECTORS = ("a vector store runs no SQL that builds reports", "duckdb or postgres")
_T_SQL = ("the reports were never shown to run in its SQL", "postgres or snowflake")
_FILES = ("dlt appends to files there, so that changes and deletes never arrive", "ducklake")

REFUSED = {
    "athena": _FILES,
    "destination": ("a function cannot be asked what it has loaded", "duckdb or postgres"),
    "dremio": ("the reports were never shown to run in its SQL", "ducklake or postgres"),
    "dummy": ("it keeps nothing", "duckdb"),
    "fabric": _T_SQL,
    "huggingface": _FILES,
    "lance": _VECTORS,
    "lancedb": _VECTORS,
    "mssql": _T_SQL,
    "qdrant": _VECTORS,
    "sqlalchemy": (
        "merges and reports were never shown to be right on SQLite, MySQL and MariaDB",
        "duckdb, which is a file as SQLite is, or postgres",
    ),
    "synapse": _T_SQL,
    "weaviate": _VECTORS,
}
"""Others that dlt knows, by name: why not, and what to use."""

_OWN = ("only destinations that come with dlt are", "duckdb or postgres")
_TYPES = "dlt.destinations."


def kind_of(name: str) -> str:
    """The type of a destination: what dlt's configuration says of the name, or the name itself.

    dlt's own types come without the module that they are in.
    """
    configured = dlt.config.get(f"destination.{name}.destination_type", str)
    return DestinationReference.normalize_type(configured or name).removeprefix(_TYPES)


def require_supported(name: str) -> Supported:
    """What is declared of a destination.

    Args:
        name: as a user gives it; may be one of dlt's named destinations.

    Raises:
        CommandError: it is not supported, or unknown; says what to use instead.
    """
    kind = kind_of(name)
    if known := DESTINATIONS.get(kind):
        return known
    of_type = "" if kind == name else f" (of type {kind})"
    why_and_instead = REFUSED.get(kind) or (_OWN if "." in kind else None)
    if why_and_instead:
        why, instead = why_and_instead
        raise CommandError(
            f"destination {name!r}{of_type} is not supported: {why}; use {instead}, named by "
            "--destination"
        )
    raise CommandError(
        f"destination {name!r}{of_type} is unknown: name one of {', '.join(DESTINATIONS)}, or set "
        f"DESTINATION__{name.upper()}__DESTINATION_TYPE to one of them"
    )
