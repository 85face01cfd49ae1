"""What must always hold of bundles."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.bundles.queries import (
    Held,
    list_bundles_to_come,
    list_dates_of,
    list_held_to_come,
)
from tierslieu.bookings.models import BookingStatus
from tierslieu.bookings.seats import audience_of
from tierslieu.house import Finding
from tierslieu.people.models import User


def check_whole(db: Session) -> Finding:
    """Of the dates to come of a bundle one holds all, in one way, but those the team left out."""
    now = clock.now()
    dates = list_dates_of(db, list_bundles_to_come(db, now))
    held = list_held_to_come(db, now)
    broken, count = [], 0
    for (series_id, user_id), group in groupby(held, key=lambda one: (one.series_id, one.user_id)):
        own = list(group)
        active = [one for one in own if one.status is not BookingStatus.CANCELLED]
        if not active:
            continue
        count += 1
        excused = {one.session_id for one in own if one.left_out}
        wanted = {s.id for s in dates[series_id] if s.starts_at > now} - excused
        if not wanted <= {one.session_id for one in active}:
            broken.append(f"series {series_id}: {user_id} holds {len(active)} of its dates")
        if len({one.status for one in active}) > 1:
            broken.append(f"series {series_id}: {user_id} waits for some dates and has others")
    return Finding(count, broken)


def check_bundle_line(db: Session) -> Finding:
    """Before the first date, nobody waits for a bundle of which every date has a seat for them."""
    now = clock.now()
    dates = list_dates_of(db, list_bundles_to_come(db, now))
    waiting = [one for one in list_held_to_come(db, now) if one.status is BookingStatus.WAITING]
    broken = [
        f"series {one.series_id}: {one.user_id} waits, every date has a seat"
        for one in {(w.series_id, w.user_id): w for w in waiting}.values()
        if _has_seats(db, dates[one.series_id], one)
    ]
    return Finding(len(waiting), broken)


def _has_seats(db: Session, dates: list[LearningSession], one: Held) -> bool:
    now, mode = clock.now(), SeatMode(one.mode)
    if dates[0].starts_at <= now:
        return False
    audience = audience_of(db.get_one(User, one.user_id))
    pools = [session.pool(mode) for session in dates]
    return all(pool is not None and pool.free_for(audience, now) > 0 for pool in pools)
