"""A load makes no use of pandas, which would take it 40 MB."""

import subprocess
import sys

from tests.workplace import Workplace, simulated

_RUN = """
import sys
from airmeet_etl.cli import main
code = main(["load"])
print("pandas" in sys.modules)
import pandas, pyarrow, duckdb
assert len(pyarrow.table({"a": [1]}).to_pandas()) == len(duckdb.sql("select 1").df()) == 1
sys.exit(code)
"""


def test_a_load_leaves_pandas_alone_and_others_free_to_use_it(workplace: Workplace) -> None:
    with simulated(airmeets=2, prepare_polls=0) as (_, address):
        workplace.point_at(address.v1)
        done = subprocess.run([sys.executable, "-c", _RUN], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"
