"""The closing lines of the commands: tables on standard output.

All that is shown goes through `show_table` or `_say`: what others wrote (names, ids, errors) is
text there, never markup, and nothing in it reaches the terminal as a command.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from airmeet.extract.schema_drift import Drift, drift_in
from airmeet.feeds import FEED_NAMES
from airmeet.safe_text import printable
from rich.console import Console
from rich.text import Text

from .exit_codes import as_json, flush_output, print_line
from .inspection.status import Status, age
from .terminal_tables import cell, show_table
from .warehouse.warehouse import location

if TYPE_CHECKING:
    import dlt
    from airmeet.extract.lifecycle import FeedSync

    from .erase.erase import Erasure
    from .inspection.explain import Explanation
    from .inspection.finding import Finding
    from .load.result import LoadResult
    from .reports.build import Built
    from .reports.checks import CheckResult, CheckResults
    from .webhooks.registration import Webhook

_MOST_LINES = 20
"""So many pending or failed feeds are named one by one; the rest are counted."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Nobody reads on. That is no reason to end with another exit code, as rich would."""
        self.quiet = True
        flush_output()


def open_console() -> Console:
    """Where tables are shown; what is no terminal has room for wide ones."""
    found = _Console(highlight=False)
    if not found.is_terminal:
        found.width = 160
    return found


def _say(console: Console, line: str, style: str = "") -> None:
    console.print(Text(printable(line), style), soft_wrap=True)


def show_load(outcome: "LoadResult", reports: "Built | None", pipeline: "dlt.Pipeline") -> None:
    """What a load did, and where the rows are."""
    console = open_console()
    rows = [(name, outcome.rows[name]) for name in FEED_NAMES if name in outcome.rows]
    if rows:
        show_table(console, "Loaded", ("feed", "rows"), rows)
    if not outcome.fetched and not outcome.unfinished:
        _say(console, f"nothing was due; {outcome.airmeets:,} airmeets are listed")
    if outcome.nameless:
        _say(console, f"{outcome.nameless:,} listed airmeet(s) bear no uid and are left out")
    if outcome.unavailable:
        _say(console, f"{outcome.unavailable:,} feeds have nothing to give yet")
    if outcome.left_out:
        _say(console, f"not stored, for privacy: {', '.join(sorted(outcome.left_out))}")
    _show_drift(console, drift_in(outcome.sent))
    _show_unfinished(console, outcome.unfinished)
    if reports:
        _show_reports(console, reports)
    _say(
        console,
        f"{outcome.requests:,} requests, {outcome.packages:,} package(s) into "
        f"{location(pipeline)}, dataset {pipeline.dataset_name}",
    )


_DRIFT = {
    "new": "not in the specification",
    "retyped": "values of another type are in {field}_text",
    "missing": "no row carried it",
}


def log_load(outcome: "LoadResult", checks: "CheckResults") -> None:
    """What a load did not do, and what the checks found, as events."""
    events = [
        f"{s.feed} of {s.airmeet_id} {s.status}: {s.error or 'no reason'}"
        for s in outcome.unfinished
    ]
    events += map(_check_line, checks.values())
    for event in events:
        print(as_json("warning", printable(event)))


def _show_drift(console: Console, drifts: Sequence[Drift], is_dated: bool = False) -> None:
    if not drifts:
        return
    head = ("feed", "field", "drift", "what it means", "last sent")[: 4 + is_dated]
    rows = [
        (d.feed, d.field, d.how, _DRIFT[d.how].format(field=d.field), age(d.last_sent_at))
        for d in drifts
    ]
    title = "Fields that Airmeet sends otherwise than known"
    show_table(console, title, head, (row[: len(head)] for row in rows))


def _show_unfinished(console: Console, syncs: "Sequence[FeedSync]") -> None:
    if not syncs:
        return
    rows = [(s.feed, s.airmeet_id, s.status, s.error or "") for s in syncs[:_MOST_LINES]]
    head = ("feed", "airmeet", "status", "why")
    show_table(console, "Not loaded; the next run takes these up", head, rows)
    if len(syncs) > _MOST_LINES:
        rest = Counter(f"{s.feed} {s.status}" for s in syncs[_MOST_LINES:])
        _say(console, "and " + ", ".join(f"{count} × {name}" for name, count in rest.items()))


def show_findings(findings: "Sequence[Finding]") -> None:
    """What a check found, one line each."""
    for finding in findings:
        print_line(f"{'ok    ' if finding.ok else 'FAILED'}  {finding.what}: {finding.found}")


def _show_reports(console: Console, built: "Built") -> None:
    show_table(console, "Reports", ("report", "rows"), list(built.rows.items()))
    _say(console, f"reports: {built.how}")


def show_reports(built: "Built", pipeline: "dlt.Pipeline") -> None:
    """What reports were built, how, and where they are."""
    console = open_console()
    _show_reports(console, built)
    _say(console, f"in {location(pipeline)}, dataset {pipeline.dataset_name}_reports")


def show_erasure(erasure: "Erasure", is_dry: bool) -> None:
    """What was removed of a person, or would be."""
    console = open_console()
    found = [*erasure.rows.items(), *erasure.values.items()]
    title = "Would be removed" if is_dry else "Removed"
    if found:
        show_table(console, title, ("from", "rows"), found)
    else:
        _say(console, "nothing of this person is in the raw tables")
    removed = "would be removed" if is_dry else "removed"
    _say_lines(console, (f"{removed}: {file}" for file in erasure.files))
    if erasure.deliveries:
        _say(console, f"{removed} from the inbox of webhooks: {erasure.deliveries:,} deliveries")
    if is_dry:
        if erasure.pending:
            _say(console, f"{erasure.pending:,} package(s) of a run that was cut off may hold more")
        return
    _say_lines(console, (f"made anew: {place}" for place in erasure.made_anew))
    _say_lines(console, (f"refused: {what}" for what in erasure.refused))
    _say_lines(console, (f"still there: {place}" for place in erasure.left))
    if erasure.is_whole:
        _say(console, "a search of all of it finds nothing more")
    else:
        _say(console, "remove by hand what is still there, then run airmeet erase again")
    _say(console, "later loads keep the person out")


def _say_lines(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        _say(console, line)


def show_checks(results: "CheckResults") -> None:
    """What the checks found, one line each: what is wrong, then what is only worth a look."""
    for title, is_failure in (("Checks that failed", True), ("Worth a look", False)):
        if found := [r for r in results.values() if r.is_failure == is_failure]:
            console = open_console()
            _say(console, title, "bold")
            _say_lines(console, map(_check_line, found))


_MOST_NAMES = 3
"""So many airmeets or feeds are named in a line; the rest are counted."""


def _check_line(result: "CheckResult") -> str:
    where = f" ({_some(result.feeds)})" if result.feeds else ""
    of = f" of {_some(result.airmeets)}" if result.airmeets else ""
    return f"  {result.name}: {result.rows:,} row(s){of}{where}; {result.mend}"


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMES
    more = f" and {rest:,} more" if rest > 0 else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def due_again(places: Sequence[tuple[str, str]]) -> str:
    """The line that says which feeds the next load fetches again."""
    feeds = [f"{feed} of {airmeet}" for airmeet, feed in places]
    return f"the next load fetches again what is damaged: {_some(feeds)}"


def show_status(status: Status, pipeline: "dlt.Pipeline") -> None:
    """The state of the destination."""
    console = open_console()
    if not status.is_loaded:
        _say(
            console,
            f"nothing is loaded in {location(pipeline)}, dataset {pipeline.dataset_name}; "
            "airmeet load does that",
        )
        return
    if not status.airmeets:
        _say(console, f"no airmeets are in {location(pipeline)}: the last load found none")
        return
    head = ("feed", "loaded", "pending", "failed", "unavailable", "final", "rows", "least fresh")
    rows = [
        (
            name,
            *(feed.states[state] for state in ("loaded", "pending", "failed", "unavailable")),
            feed.final,
            feed.rows,
            "final" if feed.oldest is None else age(feed.oldest),
        )
        for name, feed in status.feeds.items()
    ]
    show_table(console, f"{status.airmeets:,} airmeets", head, rows)
    _show_drift(console, status.drift, is_dated=True)
    _show_unfinished(console, status.unfinished)
    if status.mismatches:
        lines = [(s.feed, s.airmeet_id, s.rows, s.expected_rows) for s in status.mismatches]
        title = "Rows differ from what Airmeet announced"
        show_table(console, title, ("feed", "airmeet", "rows", "announced"), lines)
    for one in status.uncopied:
        days = "a day" if one.days_left == 1 else f"{one.days_left} days"
        _say(
            console,
            f"airmeet {one.airmeet_id}: recordings not copied: {one.recordings:,}; Airmeet deletes "
            f"them in about {days} (airmeet recordings --to FOLDER copies them)",
        )
    _say(console, f"last fetch {age(status.latest)}, from {location(pipeline)}")


_SUMMARY = (
    "start_time",
    "name",
    "registered",
    "attended",
    "attendance_rate",
    "no_shows",
    "walk_ins",
    "status",
)
_LATEST = 10


def show_summary(pipeline: "dlt.Pipeline") -> None:
    """The latest events of the event summary that had attendees."""
    from .reports.build import read_report

    rows = read_report(pipeline, "event_summary").to_pylist()
    held = sorted((r for r in rows if r["attended"]), key=lambda r: r["start_time"], reverse=True)
    lines = [
        [row[name].date() if name == "start_time" else row[name] for name in _SUMMARY]
        for row in held[:_LATEST]
    ]
    head = [name.replace("_", " ") for name in _SUMMARY]
    title = f"event_summary: latest of {len(rows)} events"
    show_table(open_console(), title, head, lines, "airmeet sql or airmeet dashboard shows all")


def show_explanation(explanation: "Explanation") -> None:
    """An airmeet's summary, taken apart."""
    from .inspection.explain import why_unsettled

    console = open_console()
    _say(console, explanation.head, "bold")
    lines = [(f.name, _plain(f.value), f.because) for f in explanation.figures]
    show_table(console, "", ("figure", "value", "how it comes about"), lines)
    if explanation.unsettled:
        head = ("feed", "status", "why")
        unsettled = [(s.feed, s.status, why_unsettled(s)) for s in explanation.unsettled]
        show_table(console, "Not final", head, unsettled)
    if explanation.left_out:
        show_table(console, "Left out of attended", ("who", "why"), explanation.left_out)
    _say(console, "Where Airmeet's own screen may differ:", style="bold")
    for difference in explanation.differs:
        _say(console, f"  · {difference}")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M %Z}"
    return "unknown" if value is None else cell(value)


def show_webhooks(webhooks: "Sequence[Webhook]", secret: str | None) -> None:
    """The webhooks at Airmeet; of an address the host alone, since the rest is a secret."""
    rows = [
        (hook.id, hook.trigger, hook.airmeet_id or "all", hook.place, hook.is_ours(secret))
        for hook in webhooks
    ]
    console = open_console()
    if rows:
        show_table(console, "Webhooks", ("id", "trigger", "airmeet", "delivered to", "ours"), rows)
    _say(console, f"{len(rows):,} registered, {sum(row[-1] for row in rows):,} of them ours")
