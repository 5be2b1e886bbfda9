"""`airmeet simulate`: serves a simulated Airmeet and prints the settings that point at it."""

from airmeet_simulator.command import add_arguments, run

__all__ = ["HELP", "add_arguments", "run"]

HELP = "serve a simulated Airmeet"
