"""`python -m tools.sample_report`: the report to mail, from the demo's simulated data.

Run `make demo` first. Names of people are left out; all addresses are of example.com.
"""

import os
import sys
from pathlib import Path

from airmeet_dashboard.reading import EventFilter, open_reports
from airmeet_dashboard.report import report

FILE = Path("docs/sample-report.html")


def main() -> int:
    """Write the report on all of the demo."""
    os.environ.setdefault("DESTINATION__DUCKDB__CREDENTIALS", "demo.duckdb")
    FILE.write_text(report(open_reports(), EventFilter()), encoding="utf-8")
    print(FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
