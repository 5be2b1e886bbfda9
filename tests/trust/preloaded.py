"""What the server that forks commands imports once, so that each of them begins with it: what a
load, a push and a build of reports import on their way, and what makes dlt quick."""

# ruff: noqa: F401

import airmeet_etl.commands.load
import airmeet_etl.commands.push
import airmeet_etl.load.display
import airmeet_etl.load.load
import airmeet_etl.push.push
import airmeet_etl.reports.compile
import airmeet_etl.reports.publish
import airmeet_etl.reports.rebuild
import airmeet_etl.terminal
import airmeet_etl.warehouse.mending
import dlt._workspace.cli._plugins
import dlt.common.libs.pyarrow
import dlt.destinations.impl.duckdb.duck
import dlt.sources.helpers.requests
import pandas

from tests.made_once import is_shared
from tests.quick_dlt import remember_answers, use_one_thread
from tests.quick_reports import remember_plans

remember_answers()
use_one_thread()
if is_shared():
    remember_plans()
