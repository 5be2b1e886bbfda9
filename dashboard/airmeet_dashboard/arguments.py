"""The options of serving the app and of writing the report; imports nothing large."""

import argparse
from datetime import date
from pathlib import Path


def add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="listen here (this machine alone)")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--name", metavar="HOST", help="what browsers call this machine")
    parser.add_argument("--headless", action="store_true", help="open no browser")
    _add_target(parser)


def add_report_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `report`."""
    parser.add_argument("--output", type=Path, default=Path("airmeet-report.html"), metavar="FILE")
    parser.add_argument("--since", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--until", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--status", action="append", default=[], metavar="STATUS")
    parser.add_argument(
        "--event",
        "--airmeet",
        metavar="NAME",
        help="only this event: its id, its name or a part of it",
    )
    parser.add_argument("--people", action="store_true", help="show people's names")
    _add_target(parser)


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--destination", metavar="NAME", help="dlt destination (duckdb)")
    parser.add_argument("--dataset", metavar="NAME", help="raw dataset (airmeet)")
    parser.add_argument("--community", metavar="NAME", help="of several communities this one")
