"""The parts of an event's page on people: who to call, and their companies."""

from markupsafe import Markup

from . import markup
from .event_contents import Known
from .reading import ReportRow, Reports, rows_of
from .tables import MOST, Column, ShowTable, Table, plain_column

_LISTED = 10


def _who(person: ReportRow) -> Markup:
    """A name, beneath it the organisation, else the address."""
    below = person["organisation"] or (person["person"] if person["name"] else None)
    return markup.two_lines(person["name"] or person["person"], below)


_NAMED = (
    Column("Name", _who, "name", markup.name, is_number=False),
    plain_column("Organisation", "organisation", markup.name, is_number=False, is_live=True),
    plain_column("Address", "person", markup.address, is_number=False, is_live=True),
)
"""Who it is: on two lines, and in the app in columns of their own."""


def wanting_contact(reports: Reports, where: str) -> int | None:
    """How many people, no staff, asked for contact at a booth; None where that is not known."""
    (row,) = rows_of(
        reports.frame(f"""
            select
                sum(case when wants_contact then 1 else 0 end) as people,
                count(*) as listed,
                count(wants_contact) as known
            from follow_up
            {where} and (is_staff = false or is_staff is null)
        """)
    )
    if not row["listed"]:
        return 0
    return row["people"] if row["known"] else None


def contacts(reports: Reports, where: str, known: Known, show: ShowTable) -> Markup:
    """Who asked for contact, the most engaged first.

    Args:
        reports: where to read.
        where: the condition on the event.
        known: what is loaded of it.
        show: shows the table.
    """
    rows = reports.frame(f"""
        select person, name, organisation, wants_contact_at, score
        from follow_up
        {where} and wants_contact and (is_staff = false or is_staff is null)
        order by score desc nulls last, person
        limit {MOST}
    """)
    columns = [
        *_NAMED,
        plain_column("Booths", "wants_contact_at", markup.name, is_number=False),
        plain_column("Score", "score", markup.score),
    ]
    more = f"The first {_LISTED}: the report follow_up has all." if len(rows) > _LISTED else ""
    empty = known.nothing("Nobody asked for contact at a booth.", "booth_attendance")
    return show(Table(rows, columns, "contacts", empty, more, _LISTED))


def most_engaged(reports: Reports, where: str, known: Known, show: ShowTable) -> Markup:
    """The attendees with the highest scores."""
    rows = reports.frame(f"""
        select person, name, organisation, minutes_attended, polls_answered, questions_asked, score
        from attendee_event
        {where} and attended = 1
        order by score desc nulls last, sessions_attended desc, person
        limit {MOST}
    """)
    columns = [
        *_NAMED,
        plain_column("Stayed", "minutes_attended", markup.stay),
        plain_column("Polls", "polls_answered", markup.count, is_extra=True),
        plain_column("Questions", "questions_asked", markup.count, is_extra=True),
        plain_column("Score", "score", _known_score),
    ]
    more = f"The first {_LISTED}: the report follow_up has all." if len(rows) > _LISTED else ""
    empty = known.nothing("Nobody attended.", "event_attendance")
    return show(Table(rows, columns, "event_people", empty, more, _LISTED))


def _known_score(value: float | None) -> Markup:
    """The score of a person who attended: never a dash."""
    return markup.UNKNOWN if value is None else markup.score(value)


def companies(reports: Reports, where: str, known: Known, show: ShowTable) -> Markup:
    """The domains of those who registered or came, free mail left out."""
    rows = reports.frame(f"""
        select
            by_domain.domain, by_domain.people, by_domain.attended, by_domain.engaged,
            by_domain.best_score
        from (
            select
                domain,
                count(*) as people,
                case when count(*) = count(attended) then sum(attended) end as attended,
                case when count(*) = count(engaged) then sum(engaged) end as engaged,
                max(score) as best_score
            from attendee_event
            {where} and domain is not null and (is_stranger = false or is_stranger is null)
            group by domain
        ) as by_domain
        left join accounts on by_domain.domain = accounts.domain
        where coalesce(accounts.is_free_mail, false) = false
        order by
            by_domain.engaged desc nulls last, by_domain.people desc, by_domain.domain
        limit {MOST}
    """)
    columns = [
        plain_column("Domain", "domain", markup.domain, is_number=False),
        plain_column("People", "people", markup.count),
        plain_column("Attended", "attended", markup.count, is_extra=True),
        plain_column("Engaged", "engaged", markup.count),
        plain_column("Best score", "best_score", markup.score, is_extra=True),
    ]
    empty = known.nothing("Nobody.", "registrations")
    return show(Table(rows, columns, "event_accounts", empty, listed=_LISTED))
