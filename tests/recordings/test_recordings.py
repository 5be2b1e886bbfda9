"""`airmeet recordings`: whole, once, resumed, and without a link anywhere."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from airmeet_simulator.faults import FaultKind
from airmeet_simulator.server import Address
from airmeet_simulator.simulator import Simulator

from tests.workplace import Workplace, simulated

SIZE = 3_000_001


@pytest.fixture
def community(workplace: Workplace) -> Iterator[tuple[Simulator, Address]]:
    """A gateway with recordings of 3 MB."""
    with simulated(airmeets=2, recording_bytes=SIZE) as (simulator, address):
        workplace.point_at(address.gateway, "global")
        yield simulator, address


def digest_of(simulator: Simulator, session: str) -> str:
    digest = hashlib.sha256()
    for piece in simulator.recordings.content(session, simulator.options):
        digest.update(piece)
    return digest.hexdigest()


def copies_in(folder: Path) -> dict[str, Path]:
    """The copies by session; nothing else is in the folders."""
    found = {}
    for file in folder.rglob("*"):
        if file.is_file():
            assert file.name.startswith("session_") and file.suffix == ".mp4", file
            found[file.stem.removeprefix("session_")] = file
    return found


def assert_copied(workplace: Workplace, simulator: Simulator, folder: Path) -> None:
    """Each recording is there byte by byte, and the table says so."""
    truth = {str(row["session_id"]) for row in simulator.truth("session_recordings", "gateway")}
    found = copies_in(folder)
    assert truth and found.keys() == truth
    for session, file in found.items():
        with file.open("rb") as opened:
            assert hashlib.file_digest(opened, "sha256").hexdigest() == digest_of(
                simulator, session
            )
    rows = workplace.rows("recording_copies")
    assert {row["session_id"] for row in rows} == truth
    for row in rows:
        assert (row["status"], row["error"]) == ("copied", None)
        assert row["location"] == str(found[row["session_id"]])
        assert row["bytes"] == simulator.options.recording_bytes


ALL = ("--since", "2000-01-01")


def test_all_are_copied_once(
    workplace: Workplace, community: tuple[Simulator, Address], tmp_path: Path
) -> None:
    simulator, _ = community
    to = tmp_path / "copies"
    first = workplace.run("recordings", "--to", str(to), *ALL)
    assert first.code == 0, first.err
    assert_copied(workplace, simulator, to)
    asked = len(simulator.recordings.requests)
    again = workplace.run("recordings", "--to", str(to), *ALL)
    assert again.code == 0 and "0 copied" in again.out
    assert len(simulator.recordings.requests) == asked
    for text in (first.out, first.err, str(workplace.rows("recording_copies"))):
        assert "signature" not in text and "http" not in text


def test_links_that_expire_are_asked_for_anew_and_the_rest_is_fetched_by_range(
    workplace: Workplace, community: tuple[Simulator, Address], tmp_path: Path
) -> None:
    simulator, _ = community
    simulator.set_options(recording_link_bytes=1_100_000)
    result = workplace.run("recordings", "--to", str(tmp_path / "copies"), *ALL)
    assert result.code == 0, result.err
    assert_copied(workplace, simulator, tmp_path / "copies")
    ranges = [asked for asked in simulator.recordings.requests if asked]
    assert len(ranges) >= 2 * len(copies_in(tmp_path / "copies"))


def test_a_host_that_cuts_and_ignores_ranges_fails_and_a_whole_one_mends_it(
    workplace: Workplace, community: tuple[Simulator, Address], tmp_path: Path
) -> None:
    simulator, _ = community
    to = str(tmp_path / "copies")
    simulator.set_options(recording_ranges=False, recording_cut_bytes=2_000_000)
    result = workplace.run("recordings", "--to", to, *ALL)
    assert result.code == 1
    rows = workplace.rows("recording_copies")
    assert rows and {row["status"] for row in rows} == {"failed"}
    assert all("cut short" in row["error"] and "http" not in row["error"] for row in rows)
    simulator.set_options(recording_cut_bytes=0)
    assert workplace.run("recordings", "--to", to, *ALL).code == 0
    assert_copied(workplace, simulator, tmp_path / "copies")


def test_two_different_files_are_never_joined(
    workplace: Workplace, community: tuple[Simulator, Address], tmp_path: Path
) -> None:
    simulator, _ = community
    to = tmp_path / "copies"
    simulator.set_options(recording_ranges=False, recording_cut_bytes=2_000_000)
    assert workplace.run("recordings", "--to", str(to), *ALL).code == 1
    assert list(to.rglob(".*.part"))
    simulator.set_options(recording_ranges=True, recording_cut_bytes=0, recording_version=1)
    assert workplace.run("recordings", "--to", str(to), *ALL).code == 0
    assert_copied(workplace, simulator, to)


def test_a_dry_run_makes_nothing(
    workplace: Workplace, community: tuple[Simulator, Address], tmp_path: Path
) -> None:
    result = workplace.run("recordings", "--to", str(tmp_path / "copies"), "--dry-run", *ALL)
    assert result.code == 0 and "to copy, 0 there" in result.out
    assert not (tmp_path / "copies").exists() and not workplace.file.exists()


def test_what_cannot_be_written_is_said_and_kept_in_the_table(
    workplace: Workplace, community: tuple[Simulator, Address], tmp_path: Path
) -> None:
    (tmp_path / "copies").write_text("a file where the folder is to be")
    result = workplace.run("recordings", "--to", str(tmp_path / "copies"), *ALL)
    assert result.code == 1
    rows = workplace.rows("recording_copies")
    assert rows and all("cannot be written" in row["error"] for row in rows)


def test_without_the_gateway_one_line_says_so(
    workplace: Workplace, community: tuple[Simulator, Address], tmp_path: Path
) -> None:
    workplace.point_at(community[1].v1)
    result = workplace.run("recordings", "--to", str(tmp_path / "copies"))
    assert result.code == 2
    assert result.err.splitlines() == [
        "airmeet: only Airmeet's gateway lists recordings; set SOURCES__AIRMEET__REGION to global, "
        "eu or us"
    ]


@pytest.mark.parametrize(("fault", "code"), [("401", 3), ("404", 0), ("refusal", 0), ("html", 3)])
def test_an_airmeet_whose_list_is_refused_holds_up_no_other(
    workplace: Workplace, tmp_path: Path, fault: FaultKind, code: int
) -> None:
    """A refusal is no failure: there is nothing to copy."""
    with simulated(airmeets=6, recording_bytes=1000) as (simulator, address):
        workplace.point_at(address.gateway, "global")
        listed = simulator.truth("session_recordings", "gateway")
        refused, *others = dict.fromkeys(str(row["airmeet_id"]) for row in listed)
        assert others
        simulator.break_feed(refused, "session_recordings", fault)
        result = workplace.run("recordings", "--to", str(tmp_path / "copies"), *ALL)
        assert result.code == code, result.err
        assert (refused in result.err) == bool(code)
        assert {row["airmeet_id"] for row in workplace.rows("recording_copies")} == {*others}
        simulator.mend_feed(refused, "session_recordings")
        assert workplace.run("recordings", "--to", str(tmp_path / "copies"), *ALL).code == 0
        copied = {row["airmeet_id"] for row in workplace.rows("recording_copies")}
        assert copied == {refused, *others}


def test_a_store_gets_objects_that_are_whole(
    workplace: Workplace, community: tuple[Simulator, Address]
) -> None:
    from fsspec.implementations.memory import MemoryFileSystem  # type: ignore[import-untyped]

    simulator, _ = community
    simulator.set_options(recording_link_bytes=2_000_000)
    try:
        result = workplace.run("recordings", "--to", "memory://bucket/copies", *ALL)
        assert result.code == 0, result.err
        for row in workplace.rows("recording_copies"):
            stored = MemoryFileSystem().cat_file(row["location"].removeprefix("memory:/"))
            assert hashlib.sha256(stored).hexdigest() == digest_of(simulator, row["session_id"])
        again = workplace.run("recordings", "--to", "memory://bucket/copies", *ALL)
        assert "0 copied" in again.out
    finally:
        MemoryFileSystem.store.clear()


def test_a_store_whose_client_is_missing_is_named(
    workplace: Workplace, community: tuple[Simulator, Address]
) -> None:
    if subprocess.run([sys.executable, "-c", "import s3fs"], capture_output=True).returncode == 0:
        pytest.skip("s3fs is installed")
    result = workplace.run("recordings", "--to", "s3://bucket/copies")
    assert result.err == "airmeet: s3:// needs s3fs: pip install s3fs\n"


_MEASURED = """
import re, sys
from pathlib import Path
from airmeet_etl.cli import main
code = main(sys.argv[1:])
# Of this program alone: what getrusage says is never less than what the parent had.
print("peak", int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
sys.exit(code)
"""


def killed_and_resumed(
    workplace: Workplace, simulator: Simulator, to: Path, size: int
) -> tuple[int, list[str]]:
    """Copy one airmeet's recordings with links that give four tenths of one, kill the command in
    the middle, and run it again; its peak memory in MiB, and the ranges that it asked for."""
    # The second run's first link gives the rest of what the first one left, so that a link
    # expires twice over both runs.
    simulator.set_options(recording_bytes=size, recording_link_bytes=size * 4 // 10)
    command = [sys.executable, "-c", _MEASURED, "recordings", "--to", str(to), *ALL]
    command += ["--concurrency", "1"]
    first = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 300
        while sum(f.stat().st_size for f in to.rglob(".*.part")) < size // 2:
            assert first.poll() is None and time.monotonic() < deadline, "it ended too early"
            time.sleep(0.002)
        first.send_signal(signal.SIGKILL)
    finally:
        first.kill()
        first.wait()
    part = next(to.rglob(".*.part"))
    kept = part.stat().st_size
    asked = len(simulator.recordings.requests)
    second = subprocess.run(command, env=os.environ, capture_output=True, text=True)
    assert second.returncode == 0, second.stderr
    ranges = simulator.recordings.requests[asked:]
    assert ranges[0] == f"bytes={kept}-"
    return int(second.stdout.rsplit("peak ", 1)[1]), ranges


@pytest.mark.slow
def test_a_kill_in_the_middle_loses_nothing(
    workplace: Workplace, community: tuple[Simulator, Address], tmp_path: Path
) -> None:
    simulator, _ = community
    killed_and_resumed(workplace, simulator, tmp_path / "copies", 40_000_000)
    assert_copied(workplace, simulator, tmp_path / "copies")


@pytest.mark.long
def test_memory_does_not_grow_with_a_recording(
    workplace: Workplace, community: tuple[Simulator, Address], tmp_path: Path
) -> None:
    size = int(os.environ.get("RECORDING_BYTES", 200_000_000))
    simulator, _ = community
    peak, _ = killed_and_resumed(workplace, simulator, tmp_path / "copies", size)
    print(f"peak {peak} MiB")
    # Most of it is dlt and DuckDB, which write the table; a recording held would show.
    assert peak < 150, f"peak {peak} MiB"
    assert_copied(workplace, simulator, tmp_path / "copies")


@pytest.mark.long
def test_nor_with_eight_at_once(workplace: Workplace, tmp_path: Path) -> None:
    with simulated(airmeets=16, recording_bytes=50_000_000) as (simulator, address):
        workplace.point_at(address.gateway, "global")
        to = tmp_path / "copies"
        command = [sys.executable, "-c", _MEASURED, "recordings", "--to", str(to), *ALL]
        command += ["--concurrency", "8"]
        done = subprocess.run(command, env=os.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        peak = int(done.stdout.rsplit("peak ", 1)[1])
        print(f"peak {peak} MiB")
        assert peak < 150, f"peak {peak} MiB"
        found = copies_in(to)
        assert len(found) >= 8
        for session, file in found.items():
            copied = hashlib.sha256(file.read_bytes()).hexdigest()
            assert copied == digest_of(simulator, session)
