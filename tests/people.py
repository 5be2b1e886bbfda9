"""What becomes of a person's rows, by the plain rule; written apart from the engine."""

from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, Any]


def one_row_a_person(rows: Iterable[Row]) -> list[Row]:
    """Make one row of each person's: the first date, the last of all else that is said. Rows come
    in order of creation. One that names nobody stays as it is."""
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(sorted(rows, key=lambda row: row["registrationDate"] or "")):
        person = named_by(row) or f"row {number}"
        if person in found:
            known = found[person]
            said = {key: value for key, value in row.items() if value is not None}
            said["registrationDate"] = known["registrationDate"] or row["registrationDate"]
            if "user_profile" in row:
                fields = {a["fieldId"] for a in row["user_profile"] if a["value"] not in (None, [])}
                kept = [a for a in known["user_profile"] if a["fieldId"] not in fields]
                said["user_profile"] = kept + row["user_profile"]
            row = known | said
        found[person] = row
    return list(found.values())


def named_by(row: Mapping[str, Any]) -> str | None:
    """Whom a row names: by an address, else by a user id; None where it names nobody."""
    if row["email"] is not None:
        return str(row["email"]).strip().lower()
    return f"user:{row['user_id']}" if row.get("user_id") else None
