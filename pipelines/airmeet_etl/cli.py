"""The command line: the parser and nothing else. A command imports what it needs when it runs."""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from time import monotonic
from types import ModuleType
from typing import NoReturn

from .commands import (
    check,
    completion,
    create_event,
    dashboard,
    demo,
    erase,
    explain,
    export,
    init,
    list_airmeets,
    listen,
    load,
    publish,
    push,
    recordings,
    report,
    reports,
    simulate,
    sql,
    status,
    webhooks,
)
from .exit_codes import (
    STOPPED,
    Exit,
    Stopped,
    as_json,
    flush_output,
    interruption_in,
    print_error,
    print_traceback,
    to_command_error,
)
from .known_secrets import keep_configured_secrets
from .runtime import configure_dlt, stoppable, with_rare_collection

COMMANDS: dict[str, ModuleType] = {
    "check": check,
    "load": load,
    "reports": reports,
    "publish": publish,
    "status": status,
    "list": list_airmeets,
    "sql": sql,
    "dashboard": dashboard,
    "report": report,
    "explain": explain,
    "export": export,
    "recordings": recordings,
    "push": push,
    "create-event": create_event,
    "webhooks": webhooks,
    "listen": listen,
    "erase": erase,
    "init": init,
    "demo": demo,
    "simulate": simulate,
    "completion": completion,
}
"""Each command's module: `HELP`, `add_arguments(parser)` and `run(arguments)`."""


_UNKNOWN = re.compile(r"argument COMMAND: invalid choice: '(.*?)'")
"""What argparse says of a command that there is not, before it lists all that there are."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one line."""

    def error(self, message: str) -> NoReturn:
        if wrong := _UNKNOWN.match(message):
            from airmeet.nearest import did_you_mean

            message = f"no command {wrong[1]}: {did_you_mean(wrong[1], COMMANDS)}"
        self.exit(Exit.USAGE, f"{self.prog}: {message} ({self.prog} --help shows how)\n")


class _Version(argparse.Action):
    """Prints the version; looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> NoReturn:
        from importlib.metadata import version

        print(f"airmeet {version('airmeet-pipeline')}")
        parser.exit()


def program() -> int:
    """The `airmeet` command as a process of its own; the exit code is returned."""
    return with_rare_collection(main)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `airmeet` command; the exit code is returned (see `Exit`)."""
    words = sys.argv[1:] if arguments is None else arguments
    args = _parser(words).parse_args(words)
    log_format = getattr(args, "log_format", "text")
    began = monotonic()
    with stoppable():
        try:
            code = _run(args)
        except (Exception, KeyboardInterrupt) as error:
            code = _unread(error) or _ended(error, args.verbose, log_format)
        if log_format == "json":
            seconds, rows = round(monotonic() - began, 3), getattr(args, "rows", 0)
            print(as_json("info", "ended", rows=rows, exit_code=int(code), seconds=seconds))
        if (full := flush_output()) and not isinstance(full, BrokenPipeError):
            print_error(f"standard output cannot be written: {full.strerror}", log_format)
            code = code or Exit.PARTLY
    return code


def _run(args: argparse.Namespace) -> int:
    run: Callable[[argparse.Namespace], int] = args.run
    if args.command not in ("demo", "simulate"):
        configure_dlt()
        keep_configured_secrets()
    return run(args)


def _unread(error: BaseException) -> int:
    """The exit code where nobody reads standard output any more (`| head`), which needs no line;
    0 where that is not why a command ended."""
    if not isinstance(error, BrokenPipeError):
        return 0
    try:
        print(flush=True)  # a pipe shows that it is closed only when it is written to
    except BrokenPipeError:
        flush_output()
        return Exit.PARTLY
    return 0


def _ended(error: BaseException, verbose: bool, log_format: str) -> int:
    """Say in one line why a command ended early, with `--verbose` also where; the exit code is
    returned."""
    if (stop := interruption_in(error)) is not None:
        print_error(STOPPED, log_format)
        return stop.code if isinstance(stop, Stopped) else Exit.INTERRUPTED
    if verbose:
        print_traceback(error)
    mend = to_command_error(error)
    print_error(mend, log_format)
    return mend.code


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of a command line; only the command that is among its words gets its arguments."""
    parser = _Parser(
        prog="airmeet",
        description="Loads Airmeet's event data into DuckDB, Postgres or another dlt destination.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    for name, module in COMMANDS.items():
        text: str = module.HELP
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.set_defaults(run=module.run, whole_parser=lambda: _parser([*COMMANDS]))
        command.add_argument("--verbose", action="store_true", help="show where an error came from")
        if name in words:
            module.add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(program())
