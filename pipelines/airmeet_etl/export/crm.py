"""The report follow_up as the import of a CRM expects it: its columns under the CRM's headers.

HubSpot matches a header to the property of that name, Salesforce's Data Import Wizard to the
field's label. A header that is no standard field of the CRM is to be mapped to one of your own.
Read on 2026-11-28:

- HubSpot: knowledge.hubspot.com/import-and-export/set-up-your-import-file, and the contact's
  properties: knowledge.hubspot.com/properties/hubspots-default-contact-properties
- Salesforce: the labels of Lead and CampaignMember in its field reference,
  developer.salesforce.com/docs/platform/field-reference; the wizard's Member Status:
  help.salesforce.com, "What's Imported for Campaign Members?"
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

REPORT = "follow_up"
"""The report that people are followed up by."""

Crm = Literal["hubspot", "salesforce"]
CRMS: tuple[Crm, ...] = get_args(Crm)


@dataclass(frozen=True)
class ImportField:
    """A column of the file.

    Attributes:
        column: of follow_up; `first_name` and `last_name` are made of `name`.
        headers: what each CRM calls it.
        standard: the CRMs that have the field from the beginning.
    """

    column: str
    headers: Mapping[Crm, str]
    standard: frozenset[Crm]


def _standard(column: str, hubspot: str, salesforce: str) -> ImportField:
    return ImportField(column, {"hubspot": hubspot, "salesforce": salesforce}, frozenset(CRMS))


def _own(column: str, header: str) -> ImportField:
    return ImportField(column, dict.fromkeys(CRMS, header), frozenset())


FIELDS = (
    _standard("email", "Email", "Email"),
    _standard("first_name", "First name", "First Name"),
    _standard("last_name", "Last name", "Last Name"),
    _standard("organisation", "Company name", "Company"),
    _standard("designation", "Job title", "Title"),
    _standard("city", "City", "City"),
    _standard("country", "Country/Region", "Country"),
    ImportField(
        "person_status",
        {"hubspot": "Event status", "salesforce": "Member Status"},
        frozenset({"salesforce"}),
    ),
    _own("event_name", "Event"),
    _own("start_date", "Event date"),
    _own("airmeet_id", "Airmeet ID"),
    _own("registered_at", "Registered at"),
    _own("joined_at", "Joined at"),
    _own("left_at", "Left at"),
    _own("minutes_attended", "Minutes attended"),
    _own("share_attended", "Share of event attended"),
    _own("minutes_on_demand", "Minutes on demand"),
    _own("score", "Engagement score"),
    _own("sessions_attended", "Number of sessions attended"),
    _own("sessions", "Sessions attended"),
    _own("polls_answered", "Number of polls answered"),
    _own("poll_answers", "Poll answers"),
    _own("questions_asked", "Number of questions asked"),
    _own("questions", "Questions asked"),
    _own("booths_visited", "Number of booths visited"),
    _own("booths", "Booths visited"),
    _own("cta_clicks", "Number of clicks on calls to action"),
    _own("resources_opened", "Number of resources opened"),
    _own("tables_joined", "Number of tables joined"),
    _own("wants_contact", "Wants contact"),
    _own("wants_contact_at", "Wants contact from booths"),
    _own("utm_source", "UTM source"),
    _own("utm_medium", "UTM medium"),
    _own("utm_campaign", "UTM campaign"),
    _own("custom_answers", "Registration answers"),
    _own("next_event_name", "Next event"),
    _own("next_event_start", "Next event starts at"),
)
"""In the order of the file."""

LEFT_OUT = (
    "person", "name", "next_airmeet_id", "domain", "is_staff", "status", "is_final",
    "engagement_score_airmeet",
)  # fmt: skip
"""Columns of follow_up that a CRM has in another column, or has no use for."""

STATUS_WORDS = {
    "attended": "Attended",
    "attended_late": "Attended late",
    "left_early": "Left early",
    "on_demand": "On demand",
    "no_show": "No-show",
    "walk_in": "Walk-in",
    "registered": "Registered",
    "staff": "Staff",
}
"""What each `person_status` is to whoever reads it in a CRM."""

NO_ADDRESS, STAFF = "without an address", "staff"


def for_crm(rows: pa.Table, crm: Crm, left_out: Counter[str]) -> pa.Table:
    """The people whom a CRM can take, under its headers.

    Who has no address is left out, for a CRM knows people by it; so are staff, who are not to be
    followed up. Both are counted.

    Args:
        rows: of follow_up.
        crm: which.
        left_out: gains the numbers of rows that were left out, by why.
    """
    has_address = pc.fill_null(pc.not_equal(rows["email"], ""), False)
    left_out[NO_ADDRESS] += len(rows) - (pc.sum(has_address).as_py() or 0)
    rows = rows.filter(has_address)
    is_staff = pc.fill_null(rows["is_staff"], False)
    left_out[STAFF] += pc.sum(is_staff).as_py() or 0
    rows = rows.filter(pc.invert(is_staff))
    columns = {name: rows[name] for name in rows.column_names}
    first, last = _split(rows["name"].to_pylist())
    columns |= {"first_name": first, "last_name": last}
    statuses = rows["person_status"].to_pylist()
    columns["person_status"] = pa.array([STATUS_WORDS.get(s, s) for s in statuses], pa.string())
    fields = [field for field in FIELDS if field.column in columns]
    return pa.table({field.headers[crm]: columns[field.column] for field in fields})


def _split(names: Iterable[str | None]) -> tuple[pa.Array, pa.Array]:
    """First and last names: parted at the last blank; a single word is the last name, which
    Salesforce asks for."""
    parted = [" ".join((name or "").split()).rpartition(" ") for name in names]
    first, last = ([part[place] or None for part in parted] for place in (0, 2))
    return pa.array(first, pa.string()), pa.array(last, pa.string())
