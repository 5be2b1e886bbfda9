"""The real command in a process of its own that gets a signal, SIGKILL or another, at a chosen
moment."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.trust.preloaded"])


@dataclass(frozen=True)
class Moment:
    """When to die.

    Attributes:
        where: a function, as `module:Class.function`.
        late: once the function is through, rather than when it is called.
        table: only a call whose load job (`self`) is of this table.
        call: which of these calls.
        number: the signal.
    """

    where: str
    late: bool = False
    table: str = ""
    call: int = 1
    number: int = signal.SIGKILL


MOMENTS = {
    "while the list of airmeets is read": Moment("airmeet.extract.listing:list_airmeets"),
    "while pages are read": Moment("airmeet.extract.reader:FeedReader.read", call=20),
    "inside dlt's extract": Moment("airmeet.resources:_Gathered.flush"),
    "before dlt's normalize": Moment("dlt.normalize.normalize:Normalize.run"),
    "inside dlt's normalize": Moment("dlt.normalize.normalize:Normalize.spool_files", late=True),
    "before dlt's load": Moment("dlt.load.load:Load.load_single_package"),
    "with the destination prepared": Moment("dlt.load.load:Load.initialize_package", late=True),
    "before anything is merged": Moment("dlt.destinations.job_client_impl:SqlLoadJob.run"),
    "with rows merged and not noted": Moment(
        "dlt.destinations.job_client_impl:SqlLoadJob.run", late=True, table="registrations"
    ),
    "with the ledger merged first": Moment(
        "dlt.destinations.job_client_impl:SqlLoadJob.run", late=True, table="feed_syncs"
    ),
    "with some rows merged": Moment(
        "dlt.destinations.job_client_impl:SqlLoadJob.run", late=True, call=3
    ),
    "with all merged and not committed": Moment("dlt.load.load:Load.complete_package"),
    "once committed": Moment("dlt.load.load:Load.complete_package", late=True),
    "while the reports are built": Moment("airmeet_etl.reports.rebuild:fill", late=True, call=3),
}

_IN_ONE_PACKAGE = {"_IDLE_SECONDS": 600.0, "_PACKAGE_SECONDS": 600.0}
"""A machine that stood still for seconds would cut a load into packages: a kill in the first one
then costs what the others were to hold, and the moment is another one."""


def killed(moment: Moment, arguments: Sequence[str], **constants: float) -> None:
    """Run `airmeet` with these arguments in this folder and environment until it kills itself.

    `constants` are put in place of those of `airmeet_etl.load.load`.
    """
    code = outlived(moment, arguments, **(_IN_ONE_PACKAGE | constants))
    assert code is None, f"it ended with {code} before {moment}"


def outlived(moment: Moment, arguments: Sequence[str], **constants: float) -> int | None:
    """As `killed`; returns the exit code where the command ended before that moment."""
    with chdir(ROOT):  # where the server looks for what it is to import
        forkserver.ensure_running()
    reached = PROCESSES.Event()
    process = PROCESSES.Process(
        target=run_command,
        args=(dict(os.environ), str(Path.cwd()), moment, [*arguments], constants),
        kwargs={"reached": reached},
    )
    process.start()
    process.join()
    if process.exitcode != -signal.SIGKILL:
        return process.exitcode
    assert reached.is_set(), f"somebody else killed it before {moment}"
    return None


def run_command(
    environment: Mapping[str, str],
    folder: str,
    moment: Moment | None,
    arguments: list[str],
    constants: dict[str, float],
    log: str = "killed.log",
    reached: Event | None = None,
) -> None:
    """What the process does: the command, which kills itself where a moment is given; it sets
    `reached` before."""
    os.environ.update(environment)
    os.chdir(folder)
    sys.stdout = sys.stderr = (Path(folder) / log).open("a")
    load = import_module("airmeet_etl.load.load")
    if moment is not None:
        _deadly(moment, reached)
    for name, value in constants.items():
        setattr(load, name, value)
    sys.exit(import_module("airmeet_etl.cli").main(arguments))


def _deadly(moment: Moment, reached: Event | None) -> None:
    """Put a function in place that dies."""
    module, _, path = moment.where.partition(":")
    owner: Any = import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    function = getattr(owner, name)
    calls = iter(range(1, 1_000_000))
    process = os.getpid()

    def die() -> None:
        if reached is not None:
            reached.set()
        os.kill(process, moment.number)

    @wraps(function)
    def deadly(*args: Any, **kwargs: Any) -> Any:
        if moment.table and args[0].load_table_name != moment.table:
            return function(*args, **kwargs)
        now = next(calls) == moment.call
        if now and not moment.late:
            die()
        result = function(*args, **kwargs)
        if now and moment.late:
            die()
        return result

    setattr(owner, name, deadly)
    _also_where_imported(owner, name, function, deadly)


def _also_where_imported(owner: Any, name: str, function: Any, deadly: Callable[..., Any]) -> None:
    """Functions that were imported by name are replaced there, too."""
    for module in list(sys.modules.values()):
        if module is not owner and vars(module).get(name) is function:
            setattr(module, name, deadly)
