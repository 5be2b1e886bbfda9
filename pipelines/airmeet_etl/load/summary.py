"""How a run went, for machines: as JSON, for Prometheus, and as a message when it failed.

None of them holds personal data, a key or a token: only names of feeds, ids of airmeets, counts,
and the reasons that the errors of the source give, from which addresses are cut.
"""

import json
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airmeet.atomic_file import write_whole
from airmeet.extract.schema_drift import drift_in
from airmeet.safe_text import printable

from ..exit_codes import CommandError, Exit
from .result import LoadResult

_WEBHOOK_SECONDS = 10
_NAMED = 5
"""Feeds that are named in a message; the rest are counted."""


def summary_of(
    result: LoadResult | None,
    code: int,
    seconds: float,
    error: str | None,
    checks: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A run as one JSON object.

    Args:
        result: what the load did; None where it did nothing.
        code: the exit code.
        seconds: how long the run took.
        error: why it ended early, if it did.
        checks: what the checks of the reports found, as JSON.
    """
    done = result or LoadResult()
    unfinished = [
        {
            "airmeet_id": printable(s.airmeet_id),
            "feed": s.feed,
            "status": s.status,
            "error": None if s.error is None else printable(s.error),
        }
        for s in done.unfinished
    ]
    drift = [{"feed": d.feed, "field": d.field, "drift": d.how} for d in drift_in(done.sent)]
    return {
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "exit_code": int(code),
        "seconds": round(seconds, 3),
        "airmeets": done.airmeets,
        "feeds_loaded": done.fetched,
        "feeds_unavailable": done.unavailable,
        "feeds_pending": sum(s.status == "pending" for s in done.unfinished),
        "feeds_failed": sum(s.status == "failed" for s in done.unfinished),
        "rows": dict(done.rows),
        "requests": done.requests,
        "packages": done.packages,
        "webhook_deliveries": done.deliveries,
        "webhook_deliveries_unreadable": done.unreadable,
        "unfinished": unfinished,
        "drift": drift,
        "checks": list(checks),
        "error": None if error is None else printable(error),
    }


def write_summary(summary: dict[str, Any], file: Path) -> None:
    """Write the summary; readers see the previous one or this one, whole."""
    _replace(file, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")


_METRICS = {
    "exit_code": "Exit code of the last run.",
    "seconds": "How long the last run took.",
    "airmeets": "Airmeets listed by the last run.",
    "feeds_loaded": "Feeds that the last run loaded.",
    "feeds_unavailable": "Feeds that had nothing to give.",
    "feeds_pending": "Feeds whose exports were not ready.",
    "feeds_failed": "Feeds that could not be read.",
    "requests": "Requests that the last run sent.",
}


def write_metrics(summary: dict[str, Any], file: Path) -> None:
    """Write the run's figures for Prometheus' text file collector."""
    lines = []
    for name, text in _METRICS.items():
        metric = f"airmeet_load_{name}"
        lines += [f"# HELP {metric} {text}", f"# TYPE {metric} gauge", f"{metric} {summary[name]}"]
    ended = datetime.fromisoformat(summary["ended_at"]).timestamp()
    metric = "airmeet_load_ended_timestamp_seconds"
    lines += [f"# HELP {metric} When the last run ended.", f"# TYPE {metric} gauge"]
    lines.append(f"{metric} {ended:.0f}")
    metric = "airmeet_load_rows"
    lines += [f"# HELP {metric} Rows loaded by the last run.", f"# TYPE {metric} gauge"]
    lines += [f'{metric}{{feed="{_label(feed)}"}} {rows}' for feed, rows in summary["rows"].items()]
    _replace(file, "\n".join(lines) + "\n")


def _label(value: str) -> str:
    """A label's value in Prometheus' text format."""
    return printable(value).replace("\\", r"\\").replace('"', r"\"")


def _replace(file: Path, text: str) -> None:
    try:
        write_whole(file, text)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from None


def message_of(summary: dict[str, Any]) -> str:
    """What a person must know about a run that did not end well, in a few lines."""
    head = {
        Exit.PARTLY: "airmeet load: loaded in part",
        Exit.NOTHING: "airmeet load: nothing could be loaded",
        Exit.USAGE: "airmeet load: called wrongly",
    }.get(Exit(summary["exit_code"]), "airmeet load: done")
    lines = [head] + ([summary["error"]] if summary["error"] else [])
    unfinished = summary["unfinished"]
    lines += [
        f"{line['feed']} of {line['airmeet_id']} {line['status']}: {line['error'] or 'no reason'}"
        for line in unfinished[:_NAMED]
    ]
    rest = Counter(f"{line['feed']} {line['status']}" for line in unfinished[_NAMED:])
    lines += [f"and {count} × {name}" for name, count in rest.items()]
    lines += [
        f"the check {check['check']} failed ({check['rows']} row(s)): {check['mend']}"
        for check in summary["checks"]
        if check["severity"] == "failure"
    ]
    return "\n".join(lines)


def post_message(url: str, text: str) -> None:
    """Post a message in the format of Slack and similar services, for which none of it is markup:
    no link, and nobody whom it would call.

    Raises:
        CommandError: it could not be delivered; the URL, which is a secret, is not in the message.
    """
    if not url.startswith(("https://", "http://")):
        raise CommandError("webhook_url must begin with https://")
    request = urllib.request.Request(
        url,
        data=json.dumps({"text": _unmarked(text)}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=_WEBHOOK_SECONDS):
            pass
    except (OSError, ValueError) as error:
        raise CommandError(f"the webhook could not be reached ({type(error).__name__})") from None


_MARKS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "(at)", "](": "] ("}
"""What Slack and its like take for markup, as they say to escape it."""


def _unmarked(text: str) -> str:
    for mark, escaped in _MARKS.items():
        text = text.replace(mark, escaped)
    return text
