"""fakesnow as a server, for tests: a program of an environment of its own, `.venv-fakesnow`.

It prints its port, and ends when its input does: with the test that started it, however that ends.

fakesnow is Snowflake's SQL translated to DuckDB's by sqlglot, behind the HTTP that Snowflake's own
client speaks. What follows is what that client and dlt ask of Snowflake and fakesnow lacks.
"""

import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlglot import exp

process: Any = import_module("emulator_process")
server: Any = import_module("fakesnow.server")
cursor: Any = import_module("fakesnow.cursor")
copying: Any = import_module("fakesnow.copy_into")
transforms: Any = import_module("fakesnow.transforms")
sending: Any = import_module("fakesnow.arrow")
arrow: Any = import_module("pyarrow")
errors: Any = import_module("snowflake.connector.errors")
stages: Any = import_module("fakesnow.transforms.stage")
dialect: Any = import_module("fakesnow.dialect")


def last_statement(command: str) -> Any:
    """dlt sends several statements at once: what is answered is said of the last one."""
    return statements(command)[-1]


def statements(command: str) -> list[Any]:
    """The statements of a text, without empty ones."""
    found = dialect.parse(command)
    return [one for one in found if one is not None and not isinstance(one, exp.Semicolon)]


def execute(self: Any, command: str, *args: Any, **kwargs: Any) -> Any:
    """Run all statements of a text; what is left of the last one is the result.

    What DuckDB or fakesnow fails with is an error of the statement: the client would send it again
    for minutes where the server said that it is broken.
    """
    several = statements(command)
    try:
        if isinstance(several[0], exp.Command) and several[0].this == "REMOVE":
            remove(self, several[0].expression.name.strip("'"))
            return one_statement(self, "SELECT 'removed' AS result", **kwargs)
        if len(several) == 1:
            return one_statement(self, command, *args, **kwargs)
        for statement in several:
            one_statement(self, statement.sql("snowflake"), *args, **kwargs)
        return self
    except errors.Error:
        raise
    except Exception as error:
        print(command, repr(error), file=sys.stderr, flush=True)
        raise errors.ProgrammingError(msg=repr(error), errno=9999, sqlstate="99999") from error


def run(self: Any, statement: Any, *args: Any) -> None:
    """A table that is emptied forgets which files were loaded into it."""
    run_alone(self, statement, *args)
    if isinstance(statement, exp.TruncateTable):
        for table in statement.expressions:
            self._conn._duck_conn.cursor().execute(
                f"DELETE FROM {table.catalog or self._conn.database}._fs_information_schema."
                "_fs_load_history WHERE SCHEMA_NAME = ? AND TABLE_NAME = ?",
                [table.db or self._conn.schema, table.name],
            )


def remove(self: Any, target: str) -> None:
    """Remove a file from the stage of a table."""
    of_table, _, path = target.removeprefix("@").partition("/")
    names = stages.parts_from_var(of_table, self._conn.database, self._conn.schema)
    Path(stages.internal_dir(".".join(names), path)).unlink()


def schema_alone(name: str) -> str:
    """dlt names the schema of a session with its database."""
    return str(name.rpartition(".")[2].strip('"'))


def put(statement: Any, *args: Any) -> Any:
    """PUT with its target as a text, and over a file that is there."""
    if not isinstance(statement, exp.Put):
        return statement
    target = statement.args["target"]
    target.set("this", target.this.strip("'"))
    found = put_unquoted(statement, *args)
    found.args["put_stage_data"]["overwrite"] = True
    return found


def copy_options(statement: Any, *args: Any, **kwargs: Any) -> Any:
    """COPY with an option's value as a text, and commas between the options of a format."""
    for option in statement.args.get("params", ()):
        of_format = [one for one in option.expressions if isinstance(one, exp.Property)]
        option.set("expressions", of_format)
        if isinstance(option.expression, exp.Literal):
            option.set("expression", exp.var(option.expression.name))
    return options_unquoted(statement, *args, **kwargs)


class ReadJson(copying.ReadParquet):  # type: ignore[misc]
    """Lines of JSON, their fields matched with columns by name as those of Parquet are."""

    def read_expression(self, url: str) -> Any:
        return exp.func("read_ndjson", self.file_literal(url), self.make_eq("sample_size", -1))


def fields_of(url: str, connection: Any) -> list[str]:
    """The names of a file's fields."""
    reader = ReadJson() if ".jsonl" in url else copying.ReadParquet()
    read = reader.read_expression(url).sql(dialect="duckdb")
    return [str(name) for name, *_ in connection.execute(f"DESCRIBE FROM {read}").fetchall()]


def moments(column: Any) -> Any:
    """Timestamps as they are sent; fakesnow makes 1970 of a null."""
    sent = moments_without_nulls(column)
    parts = [sent.field(at) for at in range(sent.type.num_fields)]
    missing = column.combine_chunks().is_null()
    return arrow.StructArray.from_arrays(parts, fields=list(sent.type), mask=missing)


def answer(rows: Any, types: Any) -> Any:
    """Whole numbers are sent as integers, whatever they are stored as."""
    for at, column in enumerate(rows.schema):
        if arrow.types.is_decimal(column.type) and not column.type.scale:
            rows = rows.set_column(at, column.name, rows.column(at).cast(arrow.int64()))
    return rows_as_sent(rows, types)


one_statement = cursor.FakeSnowflakeCursor.execute
run_alone = cursor.FakeSnowflakeCursor._execute
put_unquoted = transforms.put_stage
options_unquoted = copying._params
rows_as_sent = server.to_sf
moments_without_nulls = sending.timestamp_to_sf_struct


def main() -> None:
    """Serve on a free port of this machine alone."""
    uvicorn: Any = import_module("uvicorn")
    transforms.put_stage = put
    copying._params = copy_options
    copying.ReadJSON = ReadJson
    copying._get_parquet_column_names = fields_of
    cursor.FakeSnowflakeCursor.execute = execute
    cursor.FakeSnowflakeCursor._execute = run
    server.parse_one = last_statement
    server.normalise_ident = schema_alone
    server.to_sf = answer
    sending.timestamp_to_sf_struct = moments
    # To connect to a schema does not make it.
    server.shared_fs.create_schema_on_connect = False
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        print(listening.getsockname()[1], flush=True)
        process.end_with_input()
        config = uvicorn.Config(server.app, log_level="warning")
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
