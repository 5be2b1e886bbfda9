"""Cassettes of every endpoint: recorded from the simulator, replayed in its absence.

`python -m tests.contract.recording` records them anew. Keys, tokens and signed links are cut out
before anything is written, and the host is a made-up one.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import vcr
from airmeet.api.client import Client
from airmeet.errors import Pending
from airmeet.extract.arrow import to_arrow
from airmeet.extract.lifecycle import Airmeet
from airmeet.extract.listing import list_airmeets
from airmeet.extract.reader import FeedReader, FeedRequest
from airmeet.extract.schema_drift import ColumnTypeRegistry
from airmeet.feeds import AIRMEETS, FEEDS, GATEWAY_FEEDS, Feed
from airmeet.rows import values_of
from airmeet.schemas import TABLES
from airmeet.settings import Layout, Settings
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.options import SimulatorOptions
from airmeet_simulator.server import running
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

HOME = Path(__file__).parent / "cassettes"
HOST = "http://airmeet.example.com"
SECRETS = ("X-Airmeet-Access-Key", "X-Airmeet-Secret-Key", "X-Airmeet-Access-Token")
NOW = 1_780_000_000.0
"""The moment that the recorded community lives in."""

Mode = Literal["none", "all"]


def tape(name: str, mode: Mode = "none") -> Any:
    """The cassette of an endpoint, as a context."""
    recorder = vcr.VCR(
        cassette_library_dir=str(HOME),
        record_mode=vcr.record_mode.RecordMode(mode),
        match_on=("method", "path", "query"),
        filter_headers=[(secret, "scrubbed") for secret in SECRETS],
        before_record_request=_at_home,
        before_record_response=_without_bearers,
        decode_compressed_response=True,
    )
    return recorder.use_cassette(f"{name}.yaml")


def _at_home(request: Any) -> Any:
    request.uri = re.sub(r"^http://127\.0\.0\.1:\d+", HOST, request.uri)
    return request


def _without_bearers(response: dict[str, Any]) -> dict[str, Any]:
    """The answer without what grants access: tokens, and signed links to a recording."""
    body = response["body"]["string"]
    body = body if isinstance(body, bytes) else body.encode()
    bearers = rb'("(?:token|download_link)":\s*")[^"]*'
    response["body"]["string"] = re.sub(bearers, rb"\1scrubbed", body)
    response.pop("url", None)
    return response


ENDPOINTS: dict[str, tuple[Layout, Feed]] = {
    **{feed.name: ("v1", feed) for feed in (AIRMEETS, *FEEDS.values())},
    **{
        f"gateway_{feed.name}": ("gateway", feed)
        for feed in GATEWAY_FEEDS.values()
        if feed not in FEEDS.values()
    },
}
"""By the name of its cassette: each feed of the specification, and what the gateway adds."""
BASES: dict[Layout, str] = {"v1": "/api/v1", "gateway": "/prod"}


def settings(base: str, layout: Layout) -> Settings:
    """Settings for a base URL; the keys matter while recording alone."""
    return Settings(
        access_key=ACCESS_KEY,
        secret_key=SECRET_KEY,
        region="v1" if layout == "v1" else "global",
        allow_http=True,
        api_url=base,
        analytics_url=base,
        bff_url=base,
        retry_seconds=0,
    )


async def read(host: str, folder: Path, endpoint: str, ids: dict[str, str]) -> dict[str, pa.Table]:
    """A feed's tables, read as the engine reads them; an export's wait first, if there is one."""
    layout, feed = ENDPOINTS[endpoint]
    async with Client(settings(host + BASES[layout], layout), folder) as client:
        if feed is AIRMEETS:
            rows, _ = await list_airmeets(client)
            return {
                "airmeets": to_arrow(
                    TABLES["airmeets"], values_of(rows), len(rows), {}, set(), ColumnTypeRegistry()
                )
            }
        airmeet = Airmeet(ids["airmeet_id"], "", "FINISHED", None, None, "")
        if feed.of_community:
            airmeet = Airmeet.of_community()
        parent = {key: ids[key] for key in ids if f"{{{key}}}" in feed.path}
        parent.pop("airmeet_id", None)
        part = FeedRequest(feed, airmeet, parent, finished=True)
        reader = FeedReader(client, ColumnTypeRegistry())
        if feed.export:
            with suppress(Pending):
                await reader.first_page(part)
        return (await reader.read(part)).tables


IDS = HOME / "ids.txt"
"""The ids that the recorded requests name: airmeet, session, booth, series."""


def ids() -> dict[str, str]:
    """The ids of the recording."""
    names = ("airmeet_id", "session_id", "booth_id", "series_id")
    return dict(zip(names, IDS.read_text().split(), strict=True))


async def _record() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    simulator = Simulator(
        Plan(airmeets=8, registrations=4, seed=7),
        SimulatorOptions(prepare_polls=0),
        clock=lambda: NOW,
    )
    booths = simulator.truth("booth_attendance")
    airmeet_id = booths[0]["airmeet_id"]
    sessions = simulator.truth("session_attendance")
    session = next(row for row in sessions if row["airmeet_id"] == airmeet_id)
    series_id = simulator.truth("event_series_airmeets")[0]["series_id"]
    recorded = (airmeet_id, session["session_id"], booths[0]["booth_id"], series_id)
    IDS.write_text(" ".join(map(str, recorded)) + "\n")
    with running(simulator) as address:
        for endpoint in ENDPOINTS:
            with tempfile.TemporaryDirectory() as folder, tape(endpoint, "all"):
                await read(address.root, Path(folder), endpoint, ids())


if __name__ == "__main__":
    asyncio.run(_record())
    sys.exit(0)
