"""Reports beside those of a full build."""

import dlt
from airmeet_etl.reports.build import read_report
from airmeet_etl.reports.sql_files import sql_files

from tests.figures.comparing import same


def differences(
    changed: dlt.Pipeline, whole: dlt.Pipeline, apart: frozenset[str] = frozenset()
) -> list[str]:
    """What the reports of one pipeline say otherwise than those of the other, one line each; but
    for the columns `apart`."""
    found = []
    for name, file in sql_files("reporting").items():
        ours, theirs = (read_report(each, name).to_pylist() for each in (changed, whole))
        if len(ours) != len(theirs):
            found.append(f"{name}: {len(ours)} rows, of a full build {len(theirs)}")
        for mine, right in zip(ours, theirs, strict=False):
            found += [
                f"{name} {[right[key] for key in file.grain]} {column}: {mine[column]!r}, "
                f"of a full build {value!r}"
                for column, value in right.items()
                if column not in apart and not same(mine[column], value)
            ]
    return found[:20]
