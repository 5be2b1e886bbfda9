"""`airmeet recordings`: copies recordings before Airmeet deletes them."""

import argparse
import sys
from typing import TYPE_CHECKING

from ..exit_codes import AfterCommit, Exit, print_error, print_line
from .arguments import add_destination, day
from .communities import chosen, in_turn, of_community

if TYPE_CHECKING:
    from ..recordings.copies import Copy
    from ..recordings.run import Copied

HELP = "copy recordings to a folder or an object store, before Airmeet deletes them"

_MIB = 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument(
        "--to",
        required=True,
        metavar="PLACE",
        help="a folder, s3://BUCKET/PATH, gs://BUCKET/PATH or az://CONTAINER/PATH",
    )
    parser.add_argument(
        "--airmeet",
        action="append",
        metavar="AIRMEET",
        help="only this airmeet, by id or name; may be repeated (all)",
    )
    parser.add_argument("--since", type=day, metavar="DAY", help="only airmeets from this day on")
    parser.add_argument("--until", type=day, metavar="DAY", help="only airmeets up to this day")
    parser.add_argument("--dry-run", action="store_true", help="say what is missing, and no more")
    parser.add_argument(
        "--max-bytes-per-second", type=_at_least_1, metavar="N", help="over all at once (no bound)"
    )
    parser.add_argument(
        "--concurrency", type=_few, default=2, metavar="N", help="recordings at once, 1 to 8 (2)"
    )


def _at_least_1(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _few(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 8:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 8")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Copy what is missing of each community; the exit code is returned."""
    return in_turn(chosen(args), lambda community: _copy(args, community), AfterCommit())


def _copy(args: argparse.Namespace, community: str | None) -> int:
    from ..configuration import read_settings
    from ..recordings.run import Wanted, copy_recordings
    from ..warehouse.warehouse import open_pipeline

    if community:
        print_line(f"community {community}")
    came = 0
    shown = 0

    def on_bytes(count: int) -> None:
        nonlocal came, shown
        came += count
        if sys.stderr.isatty() and came - shown >= 10 * _MIB:
            shown = came
            print(f"\r{came / _MIB:,.0f} MiB", end="\r", file=sys.stderr, flush=True)

    with of_community(community, with_keys=True):
        settings = read_settings()
        pipeline = open_pipeline(
            args.destination, args.dataset, read_only=args.dry_run, community=community
        )
        wanted = Wanted(
            args.to,
            args.airmeet or (),
            args.since,
            args.until,
            args.dry_run,
            args.max_bytes_per_second,
            args.concurrency,
            _show,
            on_bytes,
        )
        return _close(copy_recordings(pipeline, settings, wanted), args.dry_run)


def _show(copy: "Copy") -> None:
    """A recording's fate."""
    what = f"session {copy.session_id} of airmeet {copy.airmeet_id}"
    if copy.status == "copied":
        print_line(f"copied {copy.location} ({copy.bytes:,} bytes)")
    elif copy.status == "gone":
        print_line(f"gone: {what}: Airmeet no longer has it", to_stderr=True)
    else:
        print_line(f"failed: {what}: {copy.error}", to_stderr=True)


def _close(done: "Copied", dry_run: bool) -> int:
    """The closing line, and the exit code."""
    for fault in done.faults:
        print_error(fault)
    if dry_run:
        for recording in done.due:
            print_line(f"missing {recording.path}")
        print(f"{len(done.due):,} to copy, {done.there:,} there; this was a dry run")
        bad, good = len(done.faults), len(done.due) + done.there
    else:
        outcomes = done.outcomes
        new = outcomes["copied"]
        failed, gone = outcomes["failed"], outcomes["gone"]
        parts = [f"{new:,} copied", f"{done.there:,} there before", f"{failed:,} failed"]
        print(", ".join([*parts, f"{gone:,} gone"] if gone else parts))
        bad, good = failed + len(done.faults), new + done.there
    if not bad:
        return Exit.DONE
    return Exit.PARTLY if good else Exit.NOTHING
