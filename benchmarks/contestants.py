"""The commands that are measured."""

import sys
from pathlib import Path

from benchmarks.measuring import Contestant

_PYTHON = sys.executable
AIRMEET = (str(Path(_PYTHON).parent / "airmeet"),)
OURS = Contestant("airmeet load", (*AIRMEET, "load", "--no-reports"))
WITH_REPORTS = Contestant("airmeet load, with reports", (*AIRMEET, "load"))
STATUS = (*AIRMEET, "status")
IMPORTS = (_PYTHON, "-c", "import dlt, duckdb")
"""What every command that opens the warehouse has to wait for."""
FLOOR = Contestant("floor", (_PYTHON, "-m", "benchmarks.floor"))
REST_API = (_PYTHON, "-m", "benchmarks.rest_api")
