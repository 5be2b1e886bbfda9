"""Deliveries a second that the receiver takes: one after the other, and in bursts.

python -m benchmarks.webhooks [DELIVERIES]
"""

import http.client
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

SECRET = "a-secret-for-the-benchmark"
PATH = f"/{SECRET}/trigger.attendee.clicked_cta"


def deliveries(port: int, numbers: range) -> None:
    """Deliver over one connection; each must be taken."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for number in numbers:
        body = f'{{"email": "p{number}@example.com", "airmeetId": "a", "cta_text": "Demo"}}'
        connection.request("POST", PATH, body)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
    connection.close()


def measure(port: int, first: int, count: int, at_once: int) -> float:
    """Deliveries a second."""
    began = perf_counter()
    with ThreadPoolExecutor(at_once) as threads:
        shares = [range(first + n, first + count, at_once) for n in range(at_once)]
        list(threads.map(lambda share: deliveries(port, share), shares))
    return count / (perf_counter() - began)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        environment = {**os.environ, "SOURCES__AIRMEET__WEBHOOK_SECRET": SECRET}
        command = [sys.executable, "-m", "airmeet_etl", "listen", "--port", "0", "--inbox", folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert process.stdout is not None
        port = int(process.stdout.readline().split()[2].rstrip(";").rpartition(":")[2])
        try:
            for at_once, share in ((1, 10), (32, 1), (128, 1)):
                rate = measure(port, at_once * 1_000_000, count // share, at_once)
                files = len([*Path(folder).glob("*.jsonl")])
                print(f"{at_once} at once: {rate:,.0f} a second; {files:,} files in the inbox")
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
