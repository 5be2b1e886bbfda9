"""booth_leads and booth_summary."""

from collections import defaultdict

from .facts import Community, Row, domain_of, largest, ratio, visits_of


def booth_leads(community: Community, attendees: list[Row]) -> list[Row]:
    known = {(row["airmeet_id"], row["person"]): row for row in attendees}
    found = []
    for event in community.events:
        names = {row["booth_id"]: row.get("name") for row in community.of("booths", event)}
        visitors: dict[tuple[str, str], list[Row]] = defaultdict(list)
        unnamed: dict[str, int] = defaultdict(int)
        for row in sorted(community.of("booth_attendance", event), key=lambda row: row["id"]):
            visitor = row["person"]
            if visitor is None:
                unnamed[row["booth_id"]] += 1
                visitor = f"unnamed {unnamed[row['booth_id']]}"
            visitors[row["booth_id"], visitor].append(row)
        for (booth_id, visitor), rows in visitors.items():
            person = rows[0]["person"]
            attendee = known.get((event.id, person), {})
            name = largest(row.get("name") for row in rows)
            domain = domain_of(person)
            is_staff = True if person in event.staff else None
            if not is_staff and event.are_staff_known:
                is_staff = False
            found.append(
                {
                    "airmeet_id": event.id,
                    "booth_id": booth_id,
                    "booth": names.get(booth_id),
                    "visitor": visitor,
                    "person": person,
                    "name": attendee.get("name") if name is None else name,
                    "organisation": attendee.get("organisation"),
                    "domain": domain,
                    "is_free_mail": domain in community.seeds.free_mail,
                    "visits": sum(map(visits_of, rows)),
                    "interested_in_being_contacted": any(
                        row.get("interested_in_being_contacted") for row in rows
                    ),
                    "is_staff": is_staff,
                    **event.tail,
                }
            )
    return found


def booth_summary(community: Community, leads: list[Row], summaries: list[Row]) -> list[Row]:
    found = []
    for event, summary in zip(community.events, summaries, strict=True):
        knows = event.has("booth_attendance") and event.are_staff_known
        for booth in community.of("booths", event):
            drawn = [
                row
                for row in leads
                if (row["airmeet_id"], row["booth_id"]) == (event.id, booth["booth_id"])
                and not row["is_staff"]
            ]
            named = [row for row in drawn if row["person"] is not None]
            visitors = len(named) if knows else None
            found.append(
                {
                    "airmeet_id": event.id,
                    "booth_id": booth["booth_id"],
                    "name": booth.get("name"),
                    "visitors": visitors,
                    "visits": sum(row["visits"] for row in drawn) if knows else None,
                    "leads": sum(row["interested_in_being_contacted"] for row in drawn)
                    if knows
                    else None,
                    "share_of_attended": ratio(visitors, summary["attended"]),
                    "unnamed_visitors": len(drawn) - len(named) if knows else None,
                    **event.tail,
                }
            )
    return found
