"""Disks that are full, files that may not grow, bytes a second, and a proxy on the way."""

import asyncio
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from airmeet_etl.recordings.download import Downloader, Pace
from airmeet_etl.recordings.targets import FolderTarget
from airmeet_simulator.server import Address
from airmeet_simulator.simulator import Simulator

from tests.recordings.test_recordings import ALL, SIZE, assert_copied, community  # noqa: F401
from tests.trust.test_network import Handler, Server, certificate, proxy  # noqa: F401
from tests.workplace import Workplace

Community = tuple[Simulator, Address]


@pytest.fixture
def simulator(request: pytest.FixtureRequest) -> Simulator:
    served: Community = request.getfixturevalue("community")
    return served[0]


def test_a_full_disk_is_said_and_the_next_run_copies(
    workplace: Workplace, simulator: Simulator, tmp_path: Path
) -> None:
    to = tmp_path / "copies"
    missing = workplace.run("recordings", "--to", str(to), "--dry-run", *ALL).out
    paths = [to / line.removeprefix("missing ") for line in missing.splitlines()[:-1]]
    parts = [path.with_name(f".{path.name}.part") for path in paths]
    for part in parts:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.symlink_to("/dev/full")
    result = workplace.run("recordings", "--to", str(to), *ALL)
    assert result.code == 1
    rows = workplace.rows("recording_copies")
    assert len(rows) == len(parts)
    full = "the disk is full; free some space where the copies go"
    assert {(row["status"], row["error"]) for row in rows} == {("failed", full)}
    for part in parts:
        part.unlink()
    assert workplace.run("recordings", "--to", str(to), *ALL).code == 0
    assert_copied(workplace, simulator, to)


_LIMITED = """
import resource, sys
from airmeet_etl.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.exit(main(sys.argv[2:]))
"""


def test_a_file_that_may_not_grow_is_said_and_gone_on_with(
    workplace: Workplace, simulator: Simulator, tmp_path: Path
) -> None:
    to, most = tmp_path / "copies", SIZE - 1_000_000
    command = [sys.executable, "-c", _LIMITED, str(most), "recordings", "--to", str(to), *ALL]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    rows = workplace.rows("recording_copies")
    why = "the copy cannot be written: File too large"
    assert rows and {(row["status"], row["error"]) for row in rows} == {("failed", why)}
    asked = len(simulator.recordings.requests)
    assert workplace.run("recordings", "--to", str(to), *ALL).code == 0
    assert {*simulator.recordings.requests[asked:]} == {f"bytes={most}-"}
    assert_copied(workplace, simulator, to)


def test_bytes_a_second_are_kept_to_over_all_at_once(
    workplace: Workplace, simulator: Simulator, tmp_path: Path
) -> None:
    """By a clock that goes on while somebody sleeps, and never else."""
    most, piece = 500_000, 1024 * 1024
    now = came = 0.0
    assert workplace.run("check").code == 0  # so the simulator knows its address
    links = [
        simulator.recordings.link(str(row["session_id"]), simulator.options)
        for row in simulator.truth("session_recordings", "gateway")
    ][:3]

    async def sleep(seconds: float) -> None:
        nonlocal now
        until = now + seconds
        await asyncio.sleep(0)
        now = max(now, until)

    def arrive(count: int) -> None:
        nonlocal came
        came += count
        # What is on the way of each is read already when the pace holds it up.
        assert came <= most * now + len(links) * piece

    async def fresh() -> str:
        raise AssertionError("no link expires")

    async def copied() -> None:
        pace = Pace(most, sleep, lambda: now)
        async with Downloader(pace, 0, sleep=sleep, on_bytes=arrive) as downloader:
            target = FolderTarget(tmp_path)
            copying = (
                downloader.copy(link, fresh, target.draft(f"f/session_{number}"))
                for number, link in enumerate(links)
            )
            await asyncio.gather(*copying)

    asyncio.run(copied())
    assert came == len(links) * SIZE and len(links) > 1
    assert now == pytest.approx(came / most)


class Storage(Handler):
    """A host of recordings."""

    def do_GET(self) -> None:  # noqa: N802
        self.server.asked.append(self.path)
        self.answer(200, self.server.content, content_type="video/mp4")


def test_a_recording_comes_through_the_proxy_of_the_environment(
    workplace: Workplace, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    pem: Path = request.getfixturevalue("certificate")
    tunnel: Server = request.getfixturevalue("proxy")
    storage = Server(Storage)
    storage.content = bytes(range(256)) * 10_000
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    storage.socket = context.wrap_socket(storage.socket, server_side=True)
    workplace.set(
        SSL_CERT_FILE=pem.with_name("cert.pem"), HTTPS_PROXY=f"127.0.0.1:{tunnel.server_port}"
    )
    host = f"localhost:{storage.server_port}"

    async def fresh() -> str:
        raise AssertionError("no link expires")

    async def copied() -> str:
        async with Downloader(Pace(None), 0) as downloader:
            draft = FolderTarget(tmp_path).draft("folder/session_1")
            return await downloader.copy(f"https://{host}/1.mp4?signature=s", fresh, draft)

    with storage.running():
        where = asyncio.run(copied())
    assert Path(where).read_bytes() == storage.content
    assert storage.asked == ["/1.mp4?signature=s"] and tunnel.asked == [f"CONNECT {host}"]
