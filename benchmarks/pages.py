"""Pages per second of the demonstration place, beside a bare Flask page under the same server.

    python -m benchmarks.pages --seconds 3

Both servers run at once and are asked in turn, round after round, so that a slow moment of the
machine slows both; the ratio is the figure to read.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.support.served import ServedPlace, free_port

CLIENTS = 4
ROUNDS = 5
PAGES = ("/", "/agenda", "/parcours", "/badges", "/verifier", "/healthz")


def rate(port: int, path: str, seconds: float) -> float:
    """Answers per second to ``path`` from a few clients that keep their connections."""
    counts = [0] * CLIENTS
    until = time.perf_counter() + seconds

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while time.perf_counter() < until:
            connection.request("GET", path, headers={"Host": f"localhost:{port}"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (path, answer.status)
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def main() -> None:
    """Print one line a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="a round's length")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        place = ServedPlace(Path(folder))
        bare_port = free_port()
        bare = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--no-control-socket", "--worker-class=gthread",
             "--workers=1", "--threads=4", f"--bind=127.0.0.1:{bare_port}", "--log-level=warning",
             "benchmarks.bare:app"],
            env=os.environ.copy(),
        )  # fmt: skip
        try:
            place.wait_until_open()
            print(f"{'page':14} {'per second':>11} {'bare page':>10} {'share of bare':>14}")
            for path in PAGES:
                rate(place.port, path, 0.3)
                rate(bare_port, "/", 0.3)
                ours, floor, shares = [], [], []
                for _ in range(ROUNDS):
                    ours.append(rate(place.port, path, seconds / ROUNDS))
                    floor.append(rate(bare_port, "/", seconds / ROUNDS))
                    shares.append(ours[-1] / floor[-1])
                print(
                    f"{path:14} {statistics.median(ours):11.0f} {statistics.median(floor):10.0f}"
                    f" {statistics.median(shares):14.2f}"
                )
        finally:
            bare.terminate()
            bare.wait()
            place.close()


if __name__ == "__main__":
    main()
