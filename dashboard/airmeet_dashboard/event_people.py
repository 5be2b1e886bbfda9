"""The parts of an event's page on people: who to call, and their companies."""

from markupsafe import Markup

from . import markup
from .event_contents import Known
from .markup import Column
from .reading import ReportRow, Reports, rows_of

_LISTED = 10


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


def contacts(reports: Reports, where: str, known: Known) -> Markup:
    """Who asked for contact, the most engaged first.

    Args:
        reports: where to read.
        where: the condition on the event.
        known: what is loaded of it.
    """
    rows = reports.frame(f"""
        select person, name, organisation, wants_contact_at, score
        from follow_up
        {where} and wants_contact and (is_staff = false or is_staff is null)
        order by score desc nulls last, person
        limit {_LISTED + 1}
    """)
    columns = [
        Column("Name", _who, is_number=False),
        Column("Booths", lambda p: markup.name(p["wants_contact_at"]), is_number=False),
        Column("Score", lambda p: markup.score(p["score"])),
    ]
    more = f"The first {_LISTED}: the report follow_up has all." if len(rows) > _LISTED else ""
    empty = known.nothing("Nobody asked for contact at a booth.", "booth_attendance")
    return markup.table(rows[:_LISTED], columns, "contacts", empty, more)


def most_engaged(reports: Reports, where: str, known: Known) -> Markup:
    """The attendees with the highest scores."""
    rows = reports.frame(f"""
        select person, name, organisation, minutes_attended, polls_answered, questions_asked, score
        from attendee_event
        {where} and attended = 1
        order by score desc nulls last, sessions_attended desc, person
        limit {_LISTED + 1}
    """)
    columns = [
        Column("Name", _who, is_number=False),
        Column("Stayed", lambda p: _stay(p["minutes_attended"])),
        Column("Polls", lambda p: markup.count(p["polls_answered"]), is_extra=True),
        Column("Questions", lambda p: markup.count(p["questions_asked"]), is_extra=True),
        Column("Score", lambda p: _known_score(p["score"])),
    ]
    more = f"The first {_LISTED}: the report follow_up has all." if len(rows) > _LISTED else ""
    empty = known.nothing("Nobody attended.", "event_attendance")
    return markup.table(rows[:_LISTED], columns, "event_people", empty, more)


def _who(person: ReportRow) -> Markup:
    """A name, beneath it the organisation, else the address."""
    below = person["organisation"] or (person["person"] if person["name"] else None)
    return markup.two_lines(person["name"] or person["person"], below)


def _stay(minutes: float | None) -> Markup:
    return markup.UNKNOWN if minutes is None else Markup(markup.duration_words(minutes))


def _known_score(value: float | None) -> Markup:
    """The score of a person who attended: never a dash."""
    return markup.UNKNOWN if value is None else markup.score(value)


def companies(reports: Reports, where: str, known: Known) -> Markup:
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
        limit {_LISTED}
    """)
    columns = [
        Column("Domain", lambda a: markup.domain(a["domain"]), is_number=False),
        Column("People", lambda a: markup.count(a["people"])),
        Column("Attended", lambda a: markup.count(a["attended"]), is_extra=True),
        Column("Engaged", lambda a: markup.count(a["engaged"])),
        Column("Best score", lambda a: markup.score(a["best_score"]), is_extra=True),
    ]
    return markup.table(rows, columns, "event_accounts", known.nothing("Nobody.", "registrations"))
