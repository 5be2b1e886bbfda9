"""`airmeet simulate`: serves a simulated Airmeet and prints the settings that point at it."""

import argparse

HELP = "serve a simulated Airmeet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    from airmeet_simulator.command import add_arguments

    add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; the exit code is returned."""
    from airmeet_simulator.command import run

    return run(args)
