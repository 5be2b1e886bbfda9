"""Writes down what the conformance suite ran: docs/destinations.md is drawn from it."""

from typing import Any

import pytest

from tests.engines.conformance.results import Ran, write

_ran: Ran = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """How a step ended, in whatever process it ran."""
    for name, value in report.user_properties:
        if name == "conformance" and (outcome := _outcome(report)):
            ran: Any = value  # a list, by way of JSON
            steps = _ran.setdefault(ran[0], {})
            if steps.get(ran[1]) != "failed":
                steps[ran[1]] = outcome


def _outcome(report: pytest.TestReport) -> str:
    if report.failed:
        return "failed"
    if report.when == "call" and report.passed:
        return "passed"
    return ""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The process that sees all the others' reports writes; the others do not."""
    config: Any = session.config
    if _ran and not hasattr(config, "workerinput"):
        write(_ran)
