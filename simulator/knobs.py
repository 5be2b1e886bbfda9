"""How the simulated Airmeet behaves: the specification by default, the field's ways on demand.

Each field bears its help in its metadata; the command line makes a flag of every one.
"""

from dataclasses import dataclass, field
from typing import Any, Literal


def _knob(default: Any, says: str) -> Any:
    return field(default=default, metadata={"help": says})


@dataclass(frozen=True, slots=True)
class Knobs:
    """Everything about the service that can be turned, also while it runs."""

    token_at_top: bool = _knob(
        False, "auth answers with the token at the top level, beside communityId"
    )
    participants_key: Literal["paticipants", "participants"] = _knob(
        "paticipants", "the key of the participants' rows"
    )
    pending: Literal["http", "body"] = _knob(
        "http", "202 as an HTTP status, or in the body of an HTTP 200"
    )
    refusal: Literal["http", "body"] = _knob(
        "http", "a refusal as an HTTP 400, or in the body of an HTTP 200 with data {}"
    )
    attendance_page_max: int = _knob(
        500, "most rows on a page of attendance, whatever is asked (50 in the field)"
    )
    participants_page_max: int = _knob(500, "most rows on a page of participants, v1 layout")
    gateway_participants_page_max: int = _knob(
        1000, "most rows on a page of participants, gateway layout"
    )
    last_page: Literal["null", "last_id", "loop", "missing"] = _knob(
        "null",
        "the last page's cursor: null; the last id and then an empty page; the last id and "
        "then the first page again; or no cursors at all where one page holds everything",
    )
    page_count: Literal["rows", "pages"] = _knob(
        "rows", "what pageCount counts: rows of the page, or pages of the feed"
    )
    airmeets_after: Literal["works", "ignored", "newest_first"] = _knob(
        "works",
        "the listing's after: works; is ignored, so that only size and before lead on; or "
        "the newest come first, so that before leads on",
    )
    booths_null: bool = _knob(False, "booths is null: the plan has none")
    null_durations: bool = _knob(True, "the duration of some sessions is null")
    extra_fields: bool = _knob(
        False, "time_stamp and time_spent on attendance, time_stamp on polls and questions"
    )
    new_field: str = _knob("", "the name of one more field, on every row")
    attendance: Literal["finished", "any"] = _knob(
        "finished",
        "finished: session attendance for FINISHED sessions, booth attendance for FINISHED "
        "airmeets, event attendance for started ones, else a refusal; any: as specified",
    )
    archived_listed: bool = _knob(False, "the listing holds archived airmeets too")
    rate_limit: int = _knob(0, "requests a second before a 429; 0 for no limit")
    retry_after: Literal["seconds", "date"] = _knob("seconds", "how Retry-After is written")
    latency_ms: float = _knob(0.0, "milliseconds that every answer takes")
    token_seconds: float = _knob(2_592_000.0, "seconds that a token lives (30 days)")
    token_requests: int = _knob(0, "requests that a token lives; 0 for no limit")
    prepare_seconds: float = _knob(2.0, "seconds that an export takes to prepare")
    prepare_polls: int = _knob(
        -1,
        "further requests answered 202 after the one that starts an export, whatever the "
        "clock says; -1 to go by the clock",
    )
    export_seconds: float = _knob(1800.0, "seconds that a ready export is kept")
