"""The part of an event's page on who has earned a certificate, and what the others lack."""

from markupsafe import Markup

from . import markup
from .event_contents import Known
from .reading import ReportRow, Reports, rows_of
from .tables import MOST, Column, ShowTable, Table, plain_column

_LISTED = 10


def certificates_panel(
    reports: Reports, where: str, known: Known, with_people: bool, show: ShowTable
) -> Markup:
    """How many have earned one, and who lacks what.

    Args:
        reports: where to read.
        where: the condition on the event.
        known: what is loaded of it.
        with_people: whether people are named.
        show: shows the table.
    """
    title = "Certificates"
    (counts,) = rows_of(
        reports.frame(f"""
            select
                count(*) as people,
                sum(case when qualifies then 1 else 0 end) as earned,
                sum(case when qualifies is null then 1 else 0 end) as unknown,
                sum(case when missing = 'no rule' then 1 else 0 end) as unruled
            from certificates {where}
        """)
    )
    if not counts["people"]:
        why = known.nothing("Nobody attended.", "event_attendance")
        return markup.panel(title, markup.note(why))
    if not known.is_over:
        return markup.panel(title, markup.note("Not yet: they are judged when the event is over."))
    if counts["unruled"] == counts["people"]:
        return markup.panel(title, markup.note("No rule gives a certificate for this event."))
    hint = f"{counts['earned']:,} of {counts['people']:,} attendees have earned one."
    if counts["unknown"]:
        hint += f" Of {counts['unknown']:,} it is not known."
    parts = [_lacking(reports, where, show)]
    if with_people:
        parts.insert(0, _people(reports, where, counts["people"], show))
    return markup.panel(title, *parts, hint=hint)


def _lacking(reports: Reports, where: str, show: ShowTable) -> Markup:
    rows = reports.frame(f"""
        select rule, count(*) as people from certificates
        {where} and qualifies group by rule order by people desc, rule
    """)
    columns = [
        plain_column("Earned by the rule", "rule", markup.name, is_number=False),
        plain_column("People", "people", markup.count),
    ]
    return show(Table(rows, columns, "certificate_rules", "Nobody has earned one."))


def _people(reports: Reports, where: str, total: int, show: ShowTable) -> Markup:
    rows = reports.frame(f"""
        select person, name, qualifies, rule, missing, minutes_attended, sessions_attended
        from certificates {where}
        order by
            case when qualifies then 0 when qualifies is null then 1 else 2 end,
            minutes_attended desc nulls last, person
        limit {MOST}
    """)
    columns = [
        Column("Name", _who, "name", markup.name, is_number=False),
        plain_column("Address", "person", markup.address, is_number=False, is_live=True),
        Column("Certificate", _earned, is_number=False, is_short=True),
        plain_column("What is missing", "missing", markup.name, is_number=False),
        plain_column("Stayed", "minutes_attended", markup.stay, is_extra=True),
        plain_column("Sessions", "sessions_attended", markup.count, is_extra=True),
    ]
    more = markup.left_out(_LISTED, total, "attendees; the report certificates has all")
    return show(Table(rows, columns, "certificates", "", more, _LISTED))


def _who(person: ReportRow) -> Markup:
    return markup.two_lines(person["name"] or person["person"], person["person"])


def _earned(person: ReportRow) -> Markup:
    if person["qualifies"] is None:
        return markup.UNKNOWN
    return Markup("earned" if person["qualifies"] else "not earned")
