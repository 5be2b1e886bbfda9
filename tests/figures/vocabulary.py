"""What the columns of seeded communities are drawn from, the field's oddities among it."""

from datetime import UTC, datetime

FETCHED = datetime(2026, 6, 25, 6, tzinfo=UTC)
AIRMEETS = 40
ZONES = (
    "UTC", "Asia/Kolkata", "america/new_york", "Pacific/Apia", "No/Where", "", None, "Europe/Paris",
    " Asia/Kathmandu ", "Factory", "localtime", "US/Pacific",
)  # fmt: skip
STATUSES = (
    " Finished ", "FINISHED", "FINISHED", "FINISHED", "finished", "CREATED", "CREATED", "ONGOING",
    "PAUSED", "CANCELLED", "CANCELED", "ARCHIVE", None,
)  # fmt: skip
SYNCS = ("loaded",) * 12 + ("unavailable", "pending", "failed", "absent")
FREE_MAIL = ("mail.example.com", "post.example.com")
DOMAINS = (
    "ACME.example.com",
    "",
    "acme.example.com",
    "birch.example.com",
    "user:odd@cove.example.com",
    *FREE_MAIL,
)
TYPES = ("Registered User", "Guest", "Speaker", "Co-Host", "team_member", "Team Members", "", None)
TEXTS = ("Yes", "No", "Yes / No", "a / b", " Maybe ", "", None, "None", "日本", "x" * 40)
QUESTIONS = ("Tea?", "Tea? ", "Milk / sugar?", "a / b", "TEA?", "", None)
LIES = (
    datetime(1970, 1, 1, tzinfo=UTC),
    *(datetime(y, 2, 28, 23, 59, 59, tzinfo=UTC) for y in (1602, 1899, 2199)),
)
"""Times that cannot be true."""
NOBODY = (None, "", "undefined", "null", "[object Object]", "NaN")
NUMBERS = (None, 0, 1, 1, 2, 3, -4, 10**6, 2**31 + 1)
LENGTHS = (
    15.0, 30.0, 44.5, 60.0, 120.0, 600.0,
    None, 0.0, 1440.0, 1440.5, -30.0, 525_600.0, 600_000.0, 1e12, 29.999, 0.25,
)  # fmt: skip
"""Of sessions, in minutes: some that are, and some that can hardly be."""
UTMS = ("News", "news", " Mail ", "", None, "(none)", "social")

WAYS_TO_ATTEND = (
    "IN-PERSON",
    "VIRTUAL",
    " in person",
    "Virtual",
    "On-site",
    "online",
    "post",
    None,
)
