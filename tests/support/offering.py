"""A seat with three who wait for it, and what tests of offers do with them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import make_session
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.jobs import JOBS
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim, release
from tierslieu.clock import to_utc
from tierslieu.mail.models import OutboxMessage

ONSITE = SeatMode.ONSITE
S = BookingStatus
STARTS = datetime(2026, 11, 26, 14, 0)  # noqa: DTZ001 - wall time


def at(text: str) -> datetime:
    """An hour of the clock in Paris, in November 2026: ``25 14:30``."""
    day, _space, hour = text.partition(" ")
    return to_utc(datetime.fromisoformat(f"2026-11-{day}T{hour}"))


LONG_BEFORE, NEAR = at("19 10:00"), at("25 14:30")


def states(line: list[Booking]) -> list[str]:
    """Where each of them stands."""
    return [booking.status.value for booking in line]


def give_back(db: Session, booking: Booking, now: datetime) -> Booking | None:
    """Given back by its person; gives the booking it went to."""
    promoted = release(db, booking.id, now=now, actor_id=booking.user_id)
    db.commit()
    return promoted


def mails(db: Session, booking: Booking) -> list[OutboxMessage]:
    """All that was written to the person of a booking, the oldest first."""
    query = select(OutboxMessage).where(OutboxMessage.recipient == booking.user.email)
    return list(db.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def run(db: Session, name: str, now: datetime) -> int:
    """A job of bookings, at that time; gives what it says it did."""
    (job,) = (job for job in JOBS if job.name == name)
    return job.run(db, now)


def make_line(db: Session, make: Factory) -> list[Booking]:
    """One seat; who has it, and three who wait."""
    session = make_session(db, starts=STARTS, onsite=1)
    people = [make.user(name=name) for name in ("Ada", "Bo", "Cy", "Di")]
    made = [
        claim(db, session.id, user.id, ONSITE, now=LONG_BEFORE + timedelta(seconds=n))
        for n, user in enumerate(people)
    ]
    db.commit()
    return made
