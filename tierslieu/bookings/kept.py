"""Seats kept for a public: what becomes of them when their time is over, or somebody is of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.agenda.models import SeatPool
from tierslieu.bookings.bundles.queries import hold_bundle
from tierslieu.bookings.lines import fill_seats
from tierslieu.bookings.rules import hold_all_of
from tierslieu.bookings.seats import lock_pool, session_to_come
from tierslieu.db import lock_for_writing


def release_kept(db: Session, pool_id: UUID, *, now: datetime) -> int:
    """Give the seats whose keeping is over to the line; returns how many."""
    lock_for_writing(db)
    found = db.get(SeatPool, pool_id)
    if found is None:
        return 0
    hold_bundle(db, found.session_id)
    session = session_to_come(db, found.session_id, now)
    return len(fill_seats(db, lock_pool(db, session, found.mode), now))


def seat_by_public(db: Session, user_id: UUID, now: datetime) -> None:
    """Who has changed their public while they wait gets a seat kept for that public, if one is
    left, as who waits longest of it."""
    lock_for_writing(db)
    for pool in hold_all_of(db, user_id).values():
        session = pool.session
        if session.cancelled_at is None and session.starts_at > now and pool.kept_left(now):
            fill_seats(db, pool, now)
