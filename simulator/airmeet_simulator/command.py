"""`airmeet simulate`: serves a simulated Airmeet and prints the settings that point at it."""

import argparse
import sys
from dataclasses import MISSING, fields
from typing import Any, get_args, get_type_hints

from .airmeets import Plan
from .faults import Faults
from .options import SimulatorOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `airmeet simulate`: the plan, the faults and every `SimulatorOptions`."""
    add = parser.add_argument
    plan = Plan()
    add("--port", type=int, default=8765, metavar="N", help="0 takes a free one (%(default)s)")
    add("--airmeets", type=int, default=plan.airmeets, metavar="N", help="how many (%(default)s)")
    add(
        "--registrations", type=int, default=plan.registrations, metavar="N",
        help="mean of an airmeet (%(default)s)",
    )  # fmt: skip
    add("--seed", type=int, default=plan.seed, metavar="N", help="of every draw (%(default)s)")
    add("--stop-after", type=float, metavar="SECONDS", help="stop by itself (never)")
    faults = parser.add_argument_group("faults")
    faults.add_argument(
        "--fault-probability", type=float, default=0.0, metavar="P",
        help="that a request meets a passing fault: 429, 5xx, broken connections and bodies (0)",
    )  # fmt: skip
    faults.add_argument(
        "--most-faults", type=int, default=Faults().most, metavar="N",
        help="faults in all, after which everything works (%(default)s)",
    )  # fmt: skip
    options = parser.add_argument_group("options")
    hints = get_type_hints(SimulatorOptions)
    for option in fields(SimulatorOptions):
        assert option.default is not MISSING
        options.add_argument(
            f"--{option.name.replace('_', '-')}",
            default=option.default,
            help=f"{option.metadata['help']} ({option.default})".replace("%", "%%"),
            **_kind(hints[option.name]),
        )


def _kind(hint: Any) -> dict[str, Any]:
    if hint is bool:
        return {"action": argparse.BooleanOptionalAction}
    if get_args(hint):
        return {"choices": get_args(hint)}
    return {"type": hint, "metavar": {int: "N", float: "X"}.get(hint, "NAME")}


def run(args: argparse.Namespace) -> int:
    """Serve until stopped, and return the exit code."""
    # Imported here, so that other commands start faster.
    from .errors import SimulatorError
    from .server import Address, serve
    from .simulator import Simulator

    def ready(address: Address) -> None:
        print(_settings(address.v1, address.gateway), flush=True)

    try:
        simulator = Simulator(
            Plan(args.airmeets, args.registrations, args.seed),
            SimulatorOptions(
                **{option.name: getattr(args, option.name) for option in fields(SimulatorOptions)}
            ),
            Faults(args.seed, args.fault_probability, args.most_faults),
        )
        serve(simulator, args.port, args.stop_after, ready)
    except SimulatorError as error:
        print(f"airmeet simulate: {error}", file=sys.stderr)
        return 1
    return 0


def _settings(v1: str, gateway: str) -> str:
    from .tokens import ACCESS_KEY, SECRET_KEY

    hosts = ("API_URL", "ANALYTICS_URL", "BFF_URL")
    return "\n".join(
        [
            "# A simulated Airmeet is listening. Point `airmeet load` at it with:",
            f"export SOURCES__AIRMEET__ACCESS_KEY={ACCESS_KEY}",
            f"export SOURCES__AIRMEET__SECRET_KEY={SECRET_KEY}",
            *(f"export SOURCES__AIRMEET__{host}={v1}" for host in hosts),
            "# or, for the gateway's layout, with these instead of the last three:",
            "# export SOURCES__AIRMEET__REGION=global",
            *(f"# export SOURCES__AIRMEET__{host}={gateway}" for host in hosts),
        ]
    )
