"""`airmeet demo`: the main job with no keys and no network.

Starts the bundled simulator in a process of its own, loads it with the real command into
`demo.duckdb`, shows the event summary, and stops the simulator.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ..exit_codes import Exit
from . import load
from .arguments import require_dashboard
from .demo_warehouse import FILE

_FOLDER = Path(".demo")
_EXPORT = re.compile(r"^(?:# )?export (\w+)=(.*)$")
_AT_MOST_SECONDS = 600
"""The simulator stops by itself after so long, whatever becomes of the demo."""


_NEXT = (
    "Next, in this folder:",
    "  airmeet dashboard     shows it in the browser",
    '  airmeet sql "select name, registered, attended from event_summary"',
    "  airmeet init          asks for the keys of your own account",
    "(with make: make dashboard, make init; the command is .venv/bin/airmeet there)",
)
"""What somebody does after the demo."""


HELP = "run the main job on a simulated Airmeet: no keys, no network"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--open", action="store_true", help="then show the dashboard over it in the browser"
    )


def run(args: argparse.Namespace) -> int:
    """Run the demo; the exit code is returned.

    Raises:
        CommandError: the dashboard is to be opened, and its packages are not installed.
    """
    if args.open:
        require_dashboard()
    code = _demonstrate()
    return _open_dashboard() if args.open and code == Exit.DONE else code


def _demonstrate() -> int:
    for stale in (FILE, FILE.with_suffix(".duckdb.wal")):
        stale.unlink(missing_ok=True)
    shutil.rmtree(_FOLDER, ignore_errors=True)
    command = [sys.executable, "-m", "airmeet_etl.cli", "simulate", "--port", "0"]
    command += [
        "--airmeets",
        "150",
        "--registrations",
        "110",
        "--prepare-seconds",
        "1",
        "--stop-after",
        str(_AT_MOST_SECONDS),
    ]
    # In a group of its own: Ctrl-C on the terminal is for this process, which then stops it.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as simulator:
        try:
            settings = _settings_of(simulator)
            if not settings:
                print("demo: the simulator did not start", file=sys.stderr)
                return Exit.NOTHING
            print("A simulated Airmeet is running; loading it as `airmeet load` would.", flush=True)
            os.environ.update(
                settings,
                DESTINATION__DUCKDB__CREDENTIALS=str(FILE),
                DLT_DATA_DIR=str(_FOLDER),
                SOURCES__AIRMEET__ASYNC_POLL_SECONDS="1",
                no_proxy="127.0.0.1",  # no proxy reaches what runs on this machine
            )
            return _load_and_show()
        finally:
            simulator.kill()  # it holds nothing, and so says nothing


def _settings_of(simulator: "subprocess.Popen[str]") -> dict[str, str]:
    """The settings that the simulator prints when it listens: of the gateway, which has more to
    show. They stand last, and as comments."""
    assert simulator.stdout is not None
    settings: dict[str, str] = {}
    for line in simulator.stdout:
        if match := _EXPORT.match(line.strip()):
            settings[match[1]] = match[2]
        if line.startswith("# export") and "BFF_URL" in line:
            return settings
    return {}


def _load_and_show() -> int:
    from ..runtime import configure_dlt
    from ..terminal import show_summary
    from ..warehouse.warehouse import open_pipeline
    from .demo_webhooks import deliver_clicks

    configure_dlt()
    deliver_clicks(_FOLDER / "inbox")
    parser = argparse.ArgumentParser()
    load.add_arguments(parser)
    code = load.run(parser.parse_args([], argparse.Namespace(verbose=False)))
    if code != Exit.DONE:
        return code
    show_summary(open_pipeline())
    for line in _NEXT:
        print(line)
    return code


def _open_dashboard() -> int:
    from . import dashboard

    parser = argparse.ArgumentParser()
    dashboard.add_arguments(parser)
    return dashboard.run(parser.parse_args([]))
