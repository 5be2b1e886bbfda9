"""What airmeets are called and what people say of themselves, in odd but plausible spellings."""

from random import Random
from typing import Any

AIRMEETS = (
    "Webinar March 2026", "Webinar 3rd of May", "WEBINAR of the 22nd", "Data & Ops #4",
    "data ops 5", "May 2026", "Town-Hall Jun26", "Town Hall, first", "2026", "Meet; and talk", "v2",
    "Sept. Marching", "Second 2nd 12jan2026", " Größe 7 ", "Größe – Teil", "",
)  # fmt: skip
ORGANISATIONS = ("Acme", "ACME", "acme ", "Birch; Sons", "  ", "", None, None)
DESIGNATIONS = (
    "Chief Executive Officer", "VP, Sales", "vice-president of data", "Head of Ops / CTO",
    "Engineer", "engineering manager", "Student", "Assistant  to the director", "Gardener", "CEO;",
    "Manager (interim)", " ", "", None, None,
)  # fmt: skip
CITIES = ("Pune", "Berlin; Mitte", "", None)
COUNTRIES = ("India", "INDIA", "india", " India", "Germany", "(None)", "", None, None)
LABELS = ("Role", " Role", "role", "Team; size", "Field / 1", "", None)
ANSWERS = ("dev", "ops", "Text / more", "Dev", "DEV ", "a; b", "a, b", " ")
SESSIONS = ("a / b", "Opening; welcome", "Opening", "opening", "", None)
BOOTHS = ("Booth", "Booth; two", "booth", "", None)


def person(draw: Random) -> dict[str, Any]:
    """What a registration or a participant says, beside who it is."""
    return {
        "organisation": draw.choice(ORGANISATIONS),
        "designation": draw.choice(DESIGNATIONS),
        "city": draw.choice(CITIES),
        "country": draw.choice(COUNTRIES),
    }
