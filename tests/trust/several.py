"""Several loaders of one dataset at once: the real command, each in a process and a working folder
of its own."""

import os
import signal
from collections.abc import Sequence
from contextlib import chdir
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import dlt
from airmeet_etl.reports.build import read_report
from airmeet_etl.reports.destination import full_name, open_client, read_arrow
from airmeet_etl.reports.sql_files import sql_files
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.figures.comparing import same
from tests.trust.killing import PROCESSES, ROOT, Moment, run_command
from tests.trust.scenario import LoadScenario
from tests.workplace import TABLES, assert_same_rows


class Loaders:
    """Loaders of one destination; the first one's folder is that of the workplace."""

    def __init__(self, scenario: LoadScenario, destination: str) -> None:
        self.scenario = scenario
        self.destination = destination

    def at_once(
        self, *commands: str, dying: Sequence[Moment | None] = (), first_folder: int = 0
    ) -> list[int | None]:
        """Run commands at once; how each ended is returned: its exit code, None for killed.

        Args:
            commands: as they are written, without `--destination`.
            dying: by command, when it kills itself.
            first_folder: number of the first one's working folder.
        """
        with chdir(ROOT):
            forkserver.ensure_running()
        processes = []
        for number, command in enumerate(commands):
            name = f"loader{first_folder + number}"
            environment = {**os.environ, "DLT_DATA_DIR": str(self.folder / name)}
            moment = dying[number] if number < len(dying) else None
            words = [*command.split(), "--destination", self.destination]
            log = f"{name}.log"
            arguments: Any = environment, str(self.folder), moment, words, {}, log
            processes.append(PROCESSES.Process(target=run_command, args=arguments))
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        codes = [process.exitcode for process in processes]
        return [None if code == -signal.SIGKILL else code for code in codes]

    @property
    def folder(self) -> Path:
        return self.scenario.workplace.folder

    def said(self) -> str:
        """All that the loaders have said."""
        return "".join(log.read_text() for log in sorted(self.folder.glob("loader*.log")))

    def pipeline(self) -> dlt.Pipeline:
        return open_pipeline(self.destination)

    def rows(self, table: str) -> list[dict[str, Any]]:
        with open_client(self.pipeline(), "airmeet") as client:
            found: list[dict[str, Any]] = read_arrow(
                client, f"SELECT * FROM {full_name(client, table)}"
            ).to_pylist()
        return found

    def truth_is_loaded(self) -> None:
        """Fail where a raw table is not the simulator's, or the ledger counts other rows."""
        for table in TABLES:
            assert_same_rows(self.rows(table), self.scenario.simulator.truth(table))
        counted = {
            (line["airmeet_id"], line["feed"]): line["rows"]
            for line in self.rows("feed_syncs")
            if line["status"] == "loaded" and line["feed"] in TABLES
        }
        for table in {feed for _, feed in counted}:
            found = [row["airmeet_id"] for row in self.rows(table)]
            lines = {id: rows for (id, feed), rows in counted.items() if feed == table}
            assert {id: found.count(id) for id in lines} == lines, table

    def reports_are_of_a_full_build(self, *codes: int) -> None:
        """Fail where a report is not as a build of all of them has it; it ends with 0, or with one
        of the codes."""
        before = self.reports()
        result = self.scenario.workplace.run("reports", "--full", "--destination", self.destination)
        assert result.code in (0, *codes), result.out + result.err
        for name, whole in self.reports().items():
            assert len(before[name]) == len(whole), name
            for mine, right in zip(before[name], whole, strict=True):
                differing = {k: (mine[k], v) for k, v in right.items() if not same(mine[k], v)}
                assert not differing, (name, right)

    def reports(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of each report, in the order of its grain."""
        pipeline = self.pipeline()
        return {name: read_report(pipeline, name).to_pylist() for name in sql_files("reporting")}
