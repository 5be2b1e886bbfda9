"""Which reports may leave the warehouse in which privacy mode."""

from airmeet.settings import Mode

from ..exit_codes import CommandError
from ..reports.sql_files import SqlFile

PERSON = "person"
"""The column of reports whose rows are about a person."""


def require_exportable(report: SqlFile, mode: Mode) -> None:
    """Refuse rows about a person in the stricter modes.

    The addresses there are pseudonyms, and names are not stored: nobody can be written to, and a
    CRM would take the pseudonyms for addresses. What is left (domain, role, times) tells who is
    meant to somebody who was there, and a file goes where the warehouse's rights do not reach.

    Raises:
        CommandError: it may not be exported; says why, and what can be.
    """
    if mode != "plain" and PERSON in (column.name for column in report.columns):
        raise CommandError(
            f"{report.name} has a row a person, and privacy = {mode!r} lets none leave the "
            "warehouse: export a report without people, or read the pseudonyms there or in the "
            "published file"
        )
