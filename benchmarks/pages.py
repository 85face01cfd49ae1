"""Pages per second of the demonstration place, beside a bare Flask page under the same server.

    python -m benchmarks.pages --seconds 3

Both servers run at once and are asked in turn, round after round, so that a slow moment of the
machine slows both; the ratio is the figure to read.
"""

from __future__ import annotations

import argparse
import http.client
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from tests.support.served import ServedPlace, free_port

CLIENTS = 4
ROUNDS = 5
PAGES = ("/", "/agenda", "/parcours", "/badges", "/verifier", "/healthz")


def public_pages(instance: Path) -> list[tuple[str, str]]:
    """What is asked for, by name: the pages above, and a badge, a status list and a shared
    credential of this place."""
    with sqlite3.connect(f"file:{instance / 'tierslieu.sqlite'}?mode=ro", uri=True) as database:
        ask = "SELECT a.id, b.slug, a.status_list_id FROM award a JOIN badge_class b "
        ask += "ON b.id = a.badge_id WHERE a.sharing <> 'private' ORDER BY a.id LIMIT 1"
        award, slug, number = database.execute(ask).fetchone()
    return [
        *((page, page) for page in PAGES),
        ("a badge", f"/badges/{slug}"),
        ("a status list", f"/status/{number}"),
        ("a shared credential", f"/credentials/{UUID(award)}"),
    ]


def rate(port: int, path: str, seconds: float, how: Mapping[str, str] | None = None) -> float:
    """Answers per second to ``path`` from a few clients that keep their connections, and send
    these headers beside."""
    counts = [0] * CLIENTS
    headers = {"Host": f"localhost:{port}"} | dict(how or {})
    wanted = 304 if "If-None-Match" in headers else 200
    until = time.perf_counter() + seconds

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while time.perf_counter() < until:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == wanted, (path, answer.status)
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def ways(port: int, path: str) -> dict[str, dict[str, str]]:
    """How a page is asked for: drawn anew each time, as visitors do, and by a cache that asks
    whether its copy is still good (where the page has a tag)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Host": f"localhost:{port}"})
    answer = connection.getresponse()
    answer.read()
    tag = answer.headers["ETag"]
    connection.close()
    asked: dict[str, dict[str, str]] = {"drawn anew": {"Cache-Control": "no-cache"}}
    if tag:
        asked |= {"visitors": {}, "is it still good": {"If-None-Match": tag}}
    return asked


def compare(
    port: int, bare_port: int, path: str, how: Mapping[str, str], seconds: float
) -> tuple[float, float, float]:
    """Answers per second of ours, of the bare page, and the share, by the medians of rounds."""
    rate(port, path, 0.3, how)
    rate(bare_port, "/", 0.3)
    ours, floor, shares = [], [], []
    for _ in range(ROUNDS):
        ours.append(rate(port, path, seconds / ROUNDS, how))
        floor.append(rate(bare_port, "/", seconds / ROUNDS))
        shares.append(ours[-1] / floor[-1])
    return statistics.median(ours), statistics.median(floor), statistics.median(shares)


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
            place.wait_until_open(600)  # a busy machine is slow to play the demonstration
            print(f"{'page':40} {'per second':>11} {'bare page':>10} {'share of bare':>14}")
            for name, path in public_pages(Path(folder)):
                for way, how in ways(place.port, path).items():
                    row = compare(place.port, bare_port, path, how, seconds)
                    ours, floor, share = row
                    print(f"{name + ', ' + way:40} {ours:11.0f} {floor:10.0f} {share:14.2f}")
        finally:
            bare.terminate()
            bare.wait()
            place.close()


if __name__ == "__main__":
    main()
