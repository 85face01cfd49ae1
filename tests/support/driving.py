"""Programs of people that book and give back while something of the place fails, and what each of
them was told: what was answered must stand."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.served import ServedPlace
from tests.support.sessions import make_session
from tests.support.tokens import make_secret
from tierslieu import clock
from tierslieu.app import create_app
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.db import db as database
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User
from tierslieu.settings import read_settings

PEOPLE, SESSIONS, DRIVERS = 24, 3, 6

Seat = tuple[UUID, UUID]  # whose, and of which session


@dataclass
class Ledger:
    """What the place said it did, as the programs of people heard it."""

    holds: dict[Seat, bool | None] = field(default_factory=dict)
    """Whether that person was told that they hold that seat; None where no answer came."""
    booked: Counter[UUID] = field(default_factory=Counter)  # answers 201, by person
    answers: int = 0
    unheard: int = 0
    some: threading.Condition = field(default_factory=threading.Condition)

    def note(self, key: Seat, holds: bool | None, *, is_new: bool = False) -> None:
        """What was heard of that seat; ``is_new``: that it was booked just now."""
        with self.some:
            self.holds[key] = holds
            if holds is None:
                self.unheard += 1
            else:
                self.answers += 1
                self.booked[key[0]] += is_new
            self.some.notify_all()

    def wait_for(self, more: int) -> None:
        """Return when so many more answers have come; fails after a minute."""
        with self.some:
            wanted = self.answers + more
            assert self.some.wait_for(lambda: self.answers >= wanted, timeout=60), "nobody answers"


def ask(method: str, url: str, secret: str, body: dict[str, str] | None = None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    asked = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _drive(
    place: ServedPlace,
    people: list[tuple[UUID, str]],
    sessions: list[UUID],
    ledger: Ledger,
    over: threading.Event,
    seed: int,
) -> None:
    """Book and give back, by chance, as programs do; every answer into the ledger."""
    draw, mine = random.Random(seed), dict[Seat, str]()
    while not over.is_set():
        (person, secret), session = draw.choice(people), draw.choice(sessions)
        key = (person, session)
        try:
            if key in mine:
                status, _text = ask("DELETE", f"{place.url}/api/v1/bookings/{mine[key]}", secret)
                assert status in (200, 409, 429, 503), status
                if status in (200, 503):
                    ledger.note(key, False if status == 200 else None)
                if status != 429:
                    del mine[key]
                continue
            status, text = ask(
                "POST",
                f"{place.url}/api/v1/sessions/{session}/bookings",
                secret,
                {"mode": "onsite"},
            )
            assert status in (201, 409, 429, 503), (status, text[:200])
            if status == 503:  # said, not half done; whether it was written nobody knows
                ledger.note(key, None)
            elif status == 201:
                mine[key] = json.loads(text)["id"]
                ledger.note(key, True, is_new=True)
            elif status == 409:  # what no answer came to was done all the same
                status, text = ask("GET", f"{place.url}/api/v1/bookings", secret)
                if status != 200:
                    continue
                held = json.loads(text)["items"]
                mine |= {(person, UUID(one["session"]["id"])): one["id"] for one in held}
                ledger.note(key, key in mine)
        except (
            OSError,
            http.client.HTTPException,
            json.JSONDecodeError,
        ):  # who was to answer is dead
            mine.pop(key, None)
            ledger.note(key, None)


@dataclass
class Crowd:
    """A served place and programs of people that book and give back until it is over."""

    place: ServedPlace
    ledger: Ledger
    seed: int = 7

    def __post_init__(self) -> None:
        self.over = threading.Event()
        self.app = create_app(read_settings(self.place.environment))
        starts = clock.to_local(clock.now() + timedelta(days=9)).replace(tzinfo=None)
        with self.within() as db:
            make = Factory(db)
            sessions = [make_session(db, starts=starts, onsite=9).id for _n in range(SESSIONS)]
            people = [
                (one.id, make_secret(db, one, "bookings:write", "sessions:read"))
                for one in (make.user() for _n in range(PEOPLE))
            ]
        self.drivers = [
            threading.Thread(
                target=_drive,
                args=(self.place, people[n::DRIVERS], sessions, self.ledger, self.over, n),
                daemon=True,
            )
            for n in range(DRIVERS)
        ]
        for driver in self.drivers:
            driver.start()

    @contextmanager
    def within(self) -> Iterator[Session]:
        with self.app.app_context():
            yield database.session()
            database.session.remove()
            database.engine.dispose()

    def end(self) -> None:
        """They stop; the invariants hold, and so does all that they were told."""
        self.ledger.wait_for(5)  # it goes on
        self.over.set()
        for driver in self.drivers:
            driver.join(40)
            assert not driver.is_alive()
        audit = subprocess.run(
            [sys.executable, "-m", "tierslieu.cli", "audit"],
            env=self.place.environment, capture_output=True, text=True,
        )  # fmt: skip
        assert audit.returncode == 0, audit.stdout + audit.stderr
        with self.within() as db:
            _everything_answered_stands(db, self.ledger)
        assert self.ledger.unheard, "nothing failed while it had something to answer"


def _everything_answered_stands(db: Session, ledger: Ledger) -> None:
    standing = set(
        db.execute(
            select(Booking.user_id, Booking.session_id).where(
                Booking.status != BookingStatus.CANCELLED
            )
        )
    )
    held = {tuple(one) for one in standing}
    lost = [key for key, holds in ledger.holds.items() if holds and key not in held]
    kept = [key for key, holds in ledger.holds.items() if holds is False and key in held]
    assert (lost, kept) == ([], [])
    # A seat and the mail that says so are written together.
    addresses = {row.id: row.email for row in db.execute(select(User.id, User.email))}
    came = Counter(
        db.scalars(
            select(OutboxMessage.recipient).where(OutboxMessage.template.startswith("bookings_"))
        )
    )
    assert not [one for one, count in ledger.booked.items() if came[addresses[one]] < count]
