"""The check of the bounds of reports, generated from the columns in their headers."""

from collections.abc import Mapping, Sequence

from .generated_checks import check_text, final_of

BOUNDLESS = {"days_before_start"}
"""Columns of reports that may be below zero."""

CEILINGS = {
    "score": 100,
    "mean_score": 100,
    "best_score": 100,
    "top_three_score": 100,
    # More people than attended can be seen at polls and booths: `more_than_attended` says so.
    "participation": None,
    "share_of_attended": None,
    "minutes": None,
}
"""The highest value of a column of type double where it is not 1; None where there is none."""


def values_in_bounds(
    reports: Mapping[str, Sequence[tuple[str, str]]],
    grains: Mapping[str, Sequence[str]],
    executed: str,
) -> str:
    """The check that no number in a report is below zero, and no rate or score above its ceiling.

    Args:
        reports: the names and kinds of each report's columns.
        grains: the columns of each report's grain.
        executed: the line by which a header says that it is executed.
    """

    def out_of_bounds(column: str, kind: str) -> str:
        ceiling = CEILINGS.get(column, 1) if kind == "double" else None
        below = f"{column} < 0"
        return below if ceiling is None else f"{below} or {column} > {ceiling + 0.000001}"

    def select(report: str) -> str:
        tests = {
            name: out_of_bounds(name, kind)
            for name, kind in reports[report]
            if kind in ("bigint", "double") and name not in BOUNDLESS.union(grains[report])
        }
        names = {name for name, _ in reports[report]}
        airmeet = "airmeet_id" if "airmeet_id" in names else "cast(null as varchar) as airmeet_id"
        cases = "\n".join(
            f"        when {test}\n            then '{name}'" for name, test in tests.items()
        )
        condition = "\n    or ".join(tests.values())
        return (
            f"select\n    {airmeet},\n    '{report}' as report,\n    case\n{cases}\n"
            f"    end as metric\nfrom {report}\nwhere\n    {condition}"
        )

    return check_text(
        "Rates, shares and scores outside their bounds, and counts below zero.",
        "from the columns in the header of every report",
        "failure",
        "run airmeet reports; if it stays, report it with airmeet explain of the airmeet",
        executed,
        "airmeet_id text: The airmeet; null in reports that have none.\n"
        "report text: The report.\nmetric text: The first column of the row that is out of bounds.",
        final_of(
            select(report)
            for report, columns in reports.items()
            if any(k in ("bigint", "double") and n not in grains[report] for n, k in columns)
        ),
    )
