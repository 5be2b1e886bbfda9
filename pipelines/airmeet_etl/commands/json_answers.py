"""What `--json` gives, key by key: `--help` and docs/commands.md show it."""

from textwrap import wrap

_COMMUNITY = {"community": "its name; null unless several are configured"}

_LEDGER_ROW = {
    "airmeet_id": "the airmeet; `community` for what belongs to none",
    "feed": "the table",
    "status": "loaded, pending, unavailable, failed",
    "airmeet_version": "what the airmeet was like when it was fetched; changes when it changes",
    "requested_at": "when it was asked for",
    "rows": "rows loaded; null where none are known",
    "expected_rows": "rows that Airmeet announced; null where it did not",
    "pages": "pages, or exports, that were read",
    "ready_at": "when the export was ready; null where there was none",
    "loaded_at": "when it was loaded; null where it was not",
    "is_final": "whether it is not fetched again",
    "error": "why it is pending, unavailable or failed; null where it is not",
    "api_total": "what Airmeet says the total is; null where it does not",
    "checked_at": "when it was last compared with that; null where it was not",
}


def _each(name: str, keys: dict[str, str]) -> dict[str, str]:
    return {f"{name}[].{key}": about for key, about in keys.items()}


KEYS = {
    "check": {
        **_COMMUNITY,
        **_each(
            "findings",
            {
                "what": "what was proved",
                "ok": "whether it holds",
                "found": "what was found, and where it does not hold how to mend it",
            },
        ),
    },
    "status": {
        **_COMMUNITY,
        "location": "the destination, without credentials",
        "feeds.FEED.states.STATE": "airmeets by the state of the feed: loaded, pending, …",
        "feeds.FEED.final": "airmeets of which it is not fetched again",
        "feeds.FEED.rows": "rows loaded",
        "feeds.FEED.oldest": "last fetch of the least fresh that is not final; null where all are",
        "airmeets": "how many the ledger knows",
        **_each("unfinished", _LEDGER_ROW),
        "mismatches[]": "likewise, where other rows came than Airmeet announced",
        "latest": "when a feed was last fetched; null where none was",
        **_each(
            "drift",
            {
                "feed": "the table",
                "field": "the column that Airmeet sends otherwise than expected",
                "how": "new, retyped or missing",
                "last_sent_at": "start of the last load that got it; null where none did",
            },
        ),
        **_each(
            "uncopied",
            {
                "airmeet_id": "an airmeet whose recordings are not copied",
                "recordings": "how many",
                "days_left": "days until Airmeet deletes them",
            },
        ),
        "is_loaded": "whether anything was ever loaded",
    },
    "list": {
        **_COMMUNITY,
        **_each(
            "airmeets",
            {
                "airmeet_id": "its id",
                "name": "its name",
                "status": "CREATED, ONGOING, PAUSED, FINISHED, CANCELLED or ARCHIVE",
                "start_time": "planned start",
                "end_time": "planned end",
                "registered": "distinct people who registered; null while not known",
                "attended": "distinct people who came, no staff; null while not known",
                "is_final": "whether its figures stay as they are",
            },
        ),
    },
    "explain": {
        **_COMMUNITY,
        "airmeet_id": "the airmeet",
        "head": "its name, status, time and finality, in words",
        **_each(
            "figures",
            {
                "name": "a column of event_summary",
                "value": "its value there: counts, rates 0 to 1, minutes; null while not known",
                "because": "how it comes about, in words",
            },
        ),
        **_each("unsettled", _LEDGER_ROW),
        "left_out[]": "a person whom `attended` leaves out, and why: a list of the two",
        "differs[]": "where Airmeet's own screen says something else, in words",
    },
}
"""By command: each key, with `[]` for each of a list and capitals for names, and what it holds."""

_WIDTH, _INDENT = 79, 32


def described(command: str) -> str:
    """The keys of a command's JSON, to be shown beneath its help."""
    lines = ["--json gives an object a community; times are ISO 8601, in UTC:"]
    for key, about in KEYS[command].items():
        first, *others = wrap(about, _WIDTH - _INDENT)
        lines.append(f"  {key:<{_INDENT - 2}}{first}")
        lines += [" " * _INDENT + other for other in others]
    return "\n".join(lines)
