"""`airmeet recordings` to an object store: S3 as moto serves it."""

import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from airmeet_simulator.simulator import Simulator

from tests.recordings.test_recordings import digest_of
from tests.workplace import Workplace, simulated

boto3 = pytest.importorskip("boto3")
moto_server = pytest.importorskip("moto.server")
pytest.importorskip("s3fs")

SIZE = 20_000_001
"""More than one part of an upload."""
TO = ("recordings", "--to", "s3://copies/all", "--since", "2000-01-01")


@pytest.fixture
def simulator(workplace: Workplace) -> Iterator[Simulator]:
    """A gateway with recordings of 20 MB."""
    with simulated(airmeets=1, recording_bytes=SIZE) as (simulator, address):
        workplace.point_at(address.gateway, "global")
        yield simulator


@pytest.fixture
def store(workplace: Workplace) -> Iterator[Any]:
    """A client of the store, which the settings name and which has an empty bucket."""
    server = moto_server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    at = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "somebody", "aws_secret_access_key": "something"}
    workplace.set(
        **{f"DESTINATION__FILESYSTEM__CREDENTIALS__{k.upper()}": v for k, v in keys.items()},
        DESTINATION__FILESYSTEM__CREDENTIALS__ENDPOINT_URL=at,
        DESTINATION__FILESYSTEM__CREDENTIALS__REGION_NAME="us-east-1",
    )
    urlopen(Request(f"{at}/moto-api/reset", method="POST")).close()  # what other tests stored
    client = boto3.client("s3", endpoint_url=at, region_name="us-east-1", **keys)
    client.create_bucket(Bucket="copies")
    yield client
    server.stop()


def _objects(store: Any) -> dict[str, str]:
    """The digests of what is there, by session; nothing else is, and no upload is under way."""
    assert not store.list_multipart_uploads(Bucket="copies").get("Uploads")
    found = {}
    for entry in store.list_objects_v2(Bucket="copies").get("Contents", ()):
        stem, _, ending = entry["Key"].rpartition("/")[2].partition(".")
        assert stem.startswith("session_") and ending == "mp4"
        body = store.get_object(Bucket="copies", Key=entry["Key"])["Body"].read()
        found[stem.removeprefix("session_")] = hashlib.sha256(body).hexdigest()
    return found


def _truth(simulator: Simulator) -> dict[str, str]:
    sessions = {str(row["session_id"]) for row in simulator.truth("session_recordings", "gateway")}
    assert sessions
    return {session: digest_of(simulator, session) for session in sessions}


def test_all_are_copied_once(workplace: Workplace, simulator: Simulator, store: Any) -> None:
    simulator.set_options(recording_link_bytes=9_000_000)  # of each link
    first = workplace.run(*TO)
    assert first.code == 0, first.err
    assert _objects(store) == _truth(simulator)
    for row in workplace.rows("recording_copies"):
        assert (row["status"], row["bytes"], row["error"]) == ("copied", SIZE, None)
        assert row["location"].startswith("s3://copies/all/")
    asked = len(simulator.recordings.requests)
    again = workplace.run(*TO)
    assert again.code == 0 and "0 copied" in again.out
    assert len(simulator.recordings.requests) == asked


def test_nothing_is_there_of_a_copy_that_was_cut(
    workplace: Workplace, simulator: Simulator, store: Any
) -> None:
    simulator.set_options(recording_ranges=False, recording_cut_bytes=17_000_000)
    assert workplace.run(*TO).code == 1
    assert _objects(store) == {}
    assert {row["status"] for row in workplace.rows("recording_copies")} == {"failed"}
    simulator.set_options(recording_cut_bytes=0)
    assert workplace.run(*TO).code == 0
    assert _objects(store) == _truth(simulator)


def test_nothing_is_there_of_a_copy_that_was_killed(
    workplace: Workplace, simulator: Simulator, store: Any
) -> None:
    command = [sys.executable, "-m", "airmeet_etl.cli", *TO, "--max-bytes-per-second", "4000000"]
    with subprocess.Popen(command, cwd=workplace.folder) as running:
        while not store.list_multipart_uploads(Bucket="copies").get("Uploads"):
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGKILL)
    assert "Contents" not in store.list_objects_v2(Bucket="copies")
    assert workplace.run(*TO).code == 0
    for left in store.list_multipart_uploads(Bucket="copies")["Uploads"]:  # a rule of the bucket's
        upload = {"Key": left["Key"], "UploadId": left["UploadId"]}
        store.abort_multipart_upload(Bucket="copies", **upload)
    assert _objects(store) == _truth(simulator)


def test_a_bucket_that_is_not_there_is_said_and_not_made(
    workplace: Workplace, simulator: Simulator, store: Any
) -> None:
    store.delete_bucket(Bucket="copies")
    result = workplace.run(*TO)
    assert result.code == 1
    lines = result.err.splitlines()
    assert len(lines) == len(_truth(simulator))
    assert all(line.endswith("there is no such bucket or folder") for line in lines)
    assert not store.list_buckets()["Buckets"]


@pytest.mark.parametrize(
    ("to", "endpoint"), [("s3://copies/all", "http://127.0.0.1:9"), ("s3://no 'bucket' 🎉/all", "")]
)
def test_a_store_that_does_not_answer_is_said_with_the_mend(
    workplace: Workplace, simulator: Simulator, store: Any, to: str, endpoint: str
) -> None:
    if endpoint:
        workplace.set(DESTINATION__FILESYSTEM__CREDENTIALS__ENDPOINT_URL=endpoint)
    result = workplace.run("recordings", "--to", to, "--since", "2000-01-01")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert result.err.startswith("airmeet: s3:// cannot be read (")
    assert "look at the bucket's name, the credentials" in result.err
