"""What webhooks delivered: cta_performance, and what attendee_event has of a person."""

from collections import defaultdict
from typing import Any

from .facts import Community, Event, Row, ratio


def _text(value: Any) -> str | None:
    return (value or "").strip(" ") or None


def _moment(row: Row, column: str) -> Any:
    return row["received_at"] if row.get(column) is None else row[column]


def of_person(community: Community, event: Event, person: str) -> Row:
    """The columns of attendee_event: null where nothing of a kind was ever delivered."""
    clicks, views = community.of("cta_clicks", event), community.of("resource_views", event)
    opened = {
        next(
            filter(None, (_text(row.get(f"resource_{of}")) for of in ("name", "id", "link"))), None
        )
        for row in views
        if row["person"] == person
    }
    visits = community.of("table_visits", event)
    joined = {
        _text(row.get("table_id")) or _text(row.get("table_name"))
        for row in visits
        if row["person"] == person
    }
    scores = [
        row
        for row in community.of("engagement_scores", event)
        if row["person"] == person and row.get("score") is not None
    ]

    def place(row: Row) -> Any:
        return _moment(row, "scored_at"), row["delivery_id"], row["position"]

    mine = [row for row in clicks if row["person"] == person]
    return {
        "cta_clicks": len(mine) if clicks else None,
        "resources_opened": len(opened) if views else None,
        "tables_joined": len(joined) if visits else None,
        "engagement_score_airmeet": max(scores, key=place)["score"] if scores else None,
    }


def cta_performance(community: Community, people: list[Row], summaries: list[Row]) -> list[Row]:
    attended = {(row["airmeet_id"], row["person"]) for row in people if row["attended"] == 1}
    found = []
    for event, summary in zip(community.events, summaries, strict=True):
        calls: dict[tuple[str | None, str | None], list[Row]] = defaultdict(list)
        for row in community.of("cta_clicks", event):
            calls[_text(row.get("cta_text")), _text(row.get("cta_link"))].append(row)
        for (text, link), clicks in calls.items():
            clickers = {row["person"] for row in clicks} - {None}
            attendees = sum((event.id, person) in attended for person in clickers)
            knows = event.is_attendance_known
            moments = [_moment(row, "clicked_at") for row in clicks]
            found.append(
                {
                    "airmeet_id": event.id,
                    "cta_key": " / ".join((part or "").replace("/", "//") for part in (text, link)),
                    "cta_text": text,
                    "cta_link": link,
                    "clicks": len(clicks),
                    "people": len(clickers),
                    "attendees": attendees if knows else None,
                    "share_of_attendees": ratio(attendees, summary["attended"]),
                    "first_clicked_at": min(moments),
                    "last_clicked_at": max(moments),
                    **event.tail,
                }
            )
    return found
