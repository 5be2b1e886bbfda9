"""How the simulated Airmeet behaves: like the specification, or like Airmeet in practice.

Each field has its help text in its metadata; the command line makes a flag of each.
"""

from dataclasses import dataclass, field
from typing import Any, Literal


def _option(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """All options of the service; they can change while it runs."""

    token_at_top: bool = _option(
        False, "auth answers with the token at the top level, beside communityId"
    )
    participants_key: Literal["paticipants", "participants"] = _option(
        "paticipants", "the key of the participants' rows"
    )
    pending: Literal["http", "body"] = _option(
        "http", "202 as an HTTP status, or in the body of an HTTP 200"
    )
    refusal: Literal["http", "body"] = _option(
        "http", "a refusal as an HTTP 400, or in the body of an HTTP 200 with data {}"
    )
    attendance_page_max: int = _option(
        500, "most rows on a page of attendance, whatever is asked (50 in practice)"
    )
    participants_page_max: int = _option(500, "most rows on a page of participants, v1 layout")
    gateway_participants_page_max: int = _option(
        1000, "most rows on a page of participants, gateway layout"
    )
    last_page: Literal["null", "last_id", "loop", "missing"] = _option(
        "null",
        "the last page's cursor: null; the last id and then an empty page; the last id and "
        "then the first page again; or no cursors at all where one page holds everything",
    )
    page_count: Literal["rows", "pages"] = _option(
        "rows", "what pageCount counts: rows of the page, or pages of the feed"
    )
    airmeets_after: Literal["works", "ignored", "newest_first"] = _option(
        "works",
        "the listing's after: works; is ignored, so that only size and before lead on; or "
        "the newest come first, so that before leads on",
    )
    booths_null: bool = _option(False, "booths is null: the plan has none")
    null_durations: bool = _option(True, "the duration of some sessions is null")
    extra_fields: bool = _option(
        True,
        "time_stamp and time_spent on attendance, time_stamp on polls and questions, "
        "time_stamp and duration_viewed on replays",
    )
    new_field: str = _option("", "the name of one more field, on every row")
    attendance: Literal["finished", "any"] = _option(
        "finished",
        "finished: session attendance for FINISHED sessions, booth attendance for FINISHED "
        "airmeets, event attendance for started ones, else a refusal; any: as specified",
    )
    series: Literal["data", "top", "own", "ids"] = _option(
        "data",
        "how the gateway writes series: under data with uid, in pages; a list at the top with id; "
        "under names of their own with two ids; or airmeets as bare ids",
    )
    series_refused: int = _option(
        0,
        "the status with which the gateway refuses series, as the plan has none; 0 for a plan "
        "that has",
    )
    archived_listed: bool = _option(False, "the listing holds archived airmeets too")
    rate_limit: int = _option(0, "requests a second before a 429; 0 for no limit")
    retry_after: Literal["seconds", "date"] = _option("seconds", "how Retry-After is written")
    latency_ms: float = _option(0.0, "milliseconds that every answer takes")
    token_seconds: float = _option(2_592_000.0, "seconds that a token lives (30 days)")
    token_requests: int = _option(0, "requests that a token lives; 0 for no limit")
    prepare_seconds: float = _option(2.0, "seconds that an export takes to prepare")
    prepare_polls: int = _option(
        -1,
        "further requests answered 202 after the one that starts an export, whatever the "
        "clock says; -1 to go by the clock",
    )
    recording_bytes: int = _option(1_048_576, "bytes of a recording")
    recording_version: int = _option(0, "another number makes other recordings of each session")
    recording_link_seconds: float = _option(21_600.0, "seconds that a recording's link lives (6 h)")
    recording_link_bytes: int = _option(
        0, "bytes that a recording's link gives before it is refused; 0 for no limit"
    )
    recording_cut_bytes: int = _option(
        0, "bytes after which an answer with a recording is cut off; 0 for never"
    )
    recording_ranges: bool = _option(True, "answers a Range of a recording; else sends all of it")
    export_seconds: float = _option(1800.0, "seconds that a ready export is kept")
    webhooks_listed: Literal["data", "top", "named"] = _option(
        "data", "where the list of webhooks stands: under data, at the top, or in data.webhooks"
    )
    webhooks_twice: float = _option(0.0, "share of deliveries of webhooks that come twice")
    webhooks_lost: float = _option(0.0, "share of deliveries of webhooks that never come")
    webhooks_shuffled: bool = _option(False, "deliveries of webhooks come out of order")
