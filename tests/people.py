"""What becomes of a person's rows, by the plain rule; written apart from the engine."""

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]


def one_row_a_person(rows: Iterable[Row]) -> list[Row]:
    """Make one row of each person's: the first date, the last of all else that is said. Rows come
    in order of creation."""
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["registrationDate"] or ""):
        email = row["email"].strip().lower()
        if email in found:
            known = found[email]
            said = {key: value for key, value in row.items() if value is not None}
            said["registrationDate"] = known["registrationDate"] or row["registrationDate"]
            if "user_profile" in row:
                fields = {a["fieldId"] for a in row["user_profile"] if a["value"] not in (None, [])}
                kept = [a for a in known["user_profile"] if a["fieldId"] not in fields]
                said["user_profile"] = kept + row["user_profile"]
            row = known | said
        found[email] = row
    return list(found.values())
