"""What docs/export.md prints runs as printed."""

import re
import shlex
from pathlib import Path

from airmeet_etl.export.crm import REPORT
from airmeet_etl.reports.sql_files import sql_files

from tests.workplace import Workplace

DOCS = (Path(__file__).parents[2] / "docs" / "export.md").read_text()


def test_its_commands_run(loaded: Workplace) -> None:
    commands = re.findall(r"^    (airmeet export [a-z].*)$", DOCS, re.MULTILINE)
    assert len(commands) >= 6
    for line in commands:
        words = shlex.split(line.replace(" ID", " spring"))
        if words[2] == REPORT and REPORT not in sql_files("reporting"):
            continue
        result = loaded.run(*words[1:])
        assert result.code == 0, (line, result.err)
