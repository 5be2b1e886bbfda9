"""Times as texts."""

from datetime import UTC, date, datetime


def iso_text(value: date | datetime) -> str:
    """A day, or a time in UTC, as ISO 8601 has it: `2026-01-31T09:30:00Z`."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()
