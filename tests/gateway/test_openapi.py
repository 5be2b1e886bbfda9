"""The simulator's OpenAPI document, and schemathesis against what is served by it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.app import App
from airmeet_simulator.openapi import document
from airmeet_simulator.options import SimulatorOptions
from airmeet_simulator.server import serving
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY
from hypothesis import HealthCheck, settings

from tests.simulator.visitor import Visitor

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
openapi = pytest.importorskip("schemathesis.specs.openapi.checks")

pytestmark = pytest.mark.engine

PROVED = [
    schemathesis.checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
]
schema = schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Simulator, Visitor]]:
    """One community for all requests: what they do to it is part of the trial."""
    simulator = Simulator(Plan(4, 10), SimulatorOptions(prepare_polls=1))
    with serving(App(simulator)) as address:
        visitor = Visitor(address.port)
        visitor.enter()
        yield simulator, visitor


@schema.parametrize()  # type: ignore[untyped-decorator]
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_what_is_served_is_as_described(case: Any, service: tuple[Simulator, Visitor]) -> None:
    simulator, visitor = service
    case.headers = {**(case.headers or {}), "X-Airmeet-Access-Token": visitor.token}
    if case.path.endswith("/auth"):
        keys = {"X-Airmeet-Access-Key": ACCESS_KEY, "X-Airmeet-Secret-Key": SECRET_KEY}
        case.headers.update(keys)
    ids = _ids(simulator)
    # Every other request goes to something that is there.
    if case.path_parameters and len(str(case.path_parameters)) % 2:
        case.path_parameters = {**case.path_parameters, **ids}
    response = case.call(base_url=f"http://127.0.0.1:{visitor.port}")
    case.validate_response(response, checks=PROVED)


def _ids(simulator: Simulator) -> dict[str, str]:
    event = simulator.community.event_of(simulator.airmeets()[0])
    return {
        "airmeet": event.airmeet.uid,
        "session": event.sessions[0].uid,
        "booth": event.booths[0].uid,
        "email": event.person(0).email,
        "series": next(iter(simulator.community.series)),
    }


def test_the_document_is_served_and_names_every_path(service: tuple[Simulator, Visitor]) -> None:
    visitor = Visitor(service[1].port, "")
    status, body = visitor.ask("/simulator/openapi.json", headers={})
    assert (status, json.loads(body)) == (200, document())
    bases = Counter(path.split("/")[1] for path in document()["paths"])
    assert bases["prod"] - bases["api"] == 10, "what the gateway adds"
    assert len(document()["paths"]["/api/v1/airmeet/{airmeet}/attendee/{email}"]) == 1
