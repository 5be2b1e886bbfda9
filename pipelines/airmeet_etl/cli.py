"""The command line: the parser and nothing else. A command imports what it needs when it runs."""

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import NoReturn

from .commands import (
    check,
    create_event,
    demo,
    erase,
    explain,
    init,
    load,
    publish,
    push,
    reports,
    simulate,
    status,
)
from .exit_codes import Exit, print_error, to_command_error

COMMANDS: dict[str, ModuleType] = {
    "check": check,
    "load": load,
    "reports": reports,
    "publish": publish,
    "status": status,
    "explain": explain,
    "push": push,
    "create-event": create_event,
    "erase": erase,
    "init": init,
    "demo": demo,
    "simulate": simulate,
}
"""Each command's module: `HELP`, `add_arguments(parser)` and `run(arguments)`."""

_COLLECT_AFTER = 100_000
"""Objects made, less those released, before Python looks for cycles."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(Exit.USAGE, f"{self.prog}: {message} ({self.prog} --help shows how)\n")


class _Version(argparse.Action):
    """Prints the version; looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> NoReturn:
        from importlib.metadata import version

        print(f"airmeet {version('airmeet-pipeline')}")
        parser.exit()


def program() -> int:
    """The `airmeet` command as a process of its own; the exit code is returned.

    Python looks for cycles among its objects seldom: rows are dicts by the hundred thousand and
    hold none, and looking through them again and again was an eighth of a load. Nor does it look
    when the process ends, which took half a second for memory that the system has back at once.
    """
    gc.set_threshold(_COLLECT_AFTER)
    code = main()
    gc.freeze()
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `airmeet` command; the exit code is returned (see `Exit`)."""
    args = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = args.run
    log_format = getattr(args, "log_format", "text")
    try:
        if args.command not in ("demo", "simulate"):
            _configure_dlt()
        return run(args)
    except KeyboardInterrupt:
        print_error("stopped; what is loaded is kept, the next run goes on", log_format)
        return Exit.PARTLY
    except Exception as error:
        if args.verbose:
            raise
        mend = to_command_error(error)
        print_error(mend, log_format)
        return mend.code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="airmeet",
        description="Loads Airmeet's event data into DuckDB or any dlt destination.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    for name, module in COMMANDS.items():
        text: str = module.HELP
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.set_defaults(run=module.run)
        command.add_argument("--verbose", action="store_true", help="show where an error came from")
        module.add_arguments(command)
    return parser


_DLT_DEFAULTS = {
    "runtime.dlthub_telemetry": "false",
    "runtime.log_level": "ERROR",  # no warnings among our lines
    "load.truncate_staging_dataset": "true",  # where dlt stages, no copy stays
}


def _configure_dlt() -> None:
    """Set what no configuration says otherwise."""
    import os

    import dlt

    for name, value in _DLT_DEFAULTS.items():
        if dlt.config.get(name) is None:
            os.environ[name.upper().replace(".", "__")] = value


if __name__ == "__main__":
    sys.exit(program())
