"""bqemulator as a server, for tests: a program of an environment of its own, `.venv-bqemulator`.

It prints its port, and ends when its input does: with the test that started it, however that ends.

bqemulator is BigQuery's SQL translated to DuckDB's by sqlglot, behind the HTTP that Google's own
client speaks. What follows is what that client and the reports ask of BigQuery and bqemulator
lacks.
"""

import asyncio
import os
import sys
from functools import lru_cache
from importlib import import_module
from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

# It prints what it does, from its import on: that is no port.
answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

process: Any = import_module("emulator_process")
sqlglot: Any = import_module("sqlglot")
engine: Any = import_module("bqemulator.storage.engine")
ddl: Any = import_module("bqemulator.jobs.ddl_result")
jobs: Any = import_module("bqemulator.api.routes.jobs")
scripts: Any = import_module("bqemulator.scripting.interpreter")
config: Any = import_module("bqemulator.config")
server: Any = import_module("bqemulator.server")


def is_required(column: Any) -> bool:
    """Whether a column of a CREATE TABLE takes no null. Compiled, sqlglot refuses to give
    `constraint.kind` where that is OPTIONS."""
    kinds = [constraint.args.get("kind") for constraint in column.args.get("constraints") or ()]
    return any(isinstance(kind, exp.NotNullColumnConstraint) for kind in kinds)


@lru_cache(maxsize=64)
def parsed(query: str, read: str | None) -> Any:
    """A parsed query, which nobody changes."""
    return parse_anew(query, read=read)


def parse_one(query: str, read: str | None = None, **options: Any) -> Any:
    """A parsed query of the caller's own: the emulator parses each a dozen times."""
    return parse_anew(query, read=read, **options) if options else parsed(query, read).copy()


async def run(project: str, job: str, query: str, *args: Any, **kwargs: Any) -> Any:
    """Run a job. Of transactions the emulator has those of one script alone, and would hand what
    begins one to DuckDB, for all jobs."""
    query = "SELECT 1" if query == "BEGIN TRANSACTION" else query
    return await run_alone(project, job, query, *args, **kwargs)


async def call(self: Any, statement: Any) -> None:
    """Call a procedure; dlt ends its sessions, of which the emulator keeps none."""
    if statement.routine_ref.upper() != "BQ.ABORT_SESSION":
        await call_alone(self, statement)


def with_tokens(context: Any) -> Any:
    """Its answers, and a token for the key of any service account."""
    app = app_alone(context)
    token = {"access_token": "none", "token_type": "Bearer", "expires_in": 3600}
    app.add_api_route("/token", lambda: token, methods=["POST"])
    return app


def datetime_in_zone(generator: Any, moment: exp.Datetime) -> str:
    """`DATETIME(moment, zone)` with a zone that is not a literal, which it takes for a time."""
    zone = moment.args.get("expression")
    if zone is None or isinstance(zone, exp.Literal):
        return str(datetime_alone(generator, moment))
    return str(generator.func("TIMEZONE", zone, moment.this))


parse_anew = sqlglot.parse_one
run_alone = jobs.execute_query_job
call_alone = scripts.ScriptInterpreter._exec_call
app_alone = server.create_app
datetime_alone = DuckDB.Generator.TRANSFORMS[exp.Datetime]


def main() -> None:
    """Serve on a free port of this machine alone."""
    server.create_app = with_tokens
    # Its extensions are for places and for Avro, and it would fetch them.
    engine.DuckDBEngine._load_spatial = lambda self: None
    ddl._has_not_null_constraint = is_required
    jobs.execute_query_job = run
    scripts.ScriptInterpreter._exec_call = call
    sqlglot.parse_one = parse_one
    DuckDB.Generator.TRANSFORMS[exp.Datetime] = datetime_in_zone
    # What fails comes with its status: an error within an answer of 200 is none to the client.
    jobs._SQL_EXECUTION_DOMAIN_ERRORS = ()
    settings = config.Settings(
        persistence_mode="ephemeral",
        rest_port=0,
        grpc_port=0,
        log_level="error",
        enable_format_extensions=False,
    )
    process.end_with_input()
    asyncio.run(serve(server.EmulatorServer(settings)))


async def serve(emulator: Any) -> None:
    """Answer until the process ends."""
    await emulator.start()
    print(emulator.rest_port, file=answers, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
