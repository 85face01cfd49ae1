"""Rooms, sessions and rolls as tests need them; each call commits."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.models import LearningSession, Room, SeatMode, SeatPool, Series
from tierslieu.bookings.models import (
    Booking,
    BookingStatus,
    InvitationState,
    SeatInvitation,
)
from tierslieu.people.models import User

_count = itertools.count(1)
# A Thursday morning; sessions are the Thursday after unless told otherwise.
NOW = datetime(2026, 11, 19, 9, 0, tzinfo=clock.PARIS)


def make_room(db: Session, **values: Any) -> Room:
    """A room with twelve places."""
    number = next(_count)
    room = Room(
        **{"name": f"salle {number}", "places": 12, "address": "3 rue des Écoles", **values}
    )
    db.add(room)
    db.commit()
    return room


def make_session(
    db: Session,
    *,
    starts: datetime = datetime(2026, 11, 26, 14, 0),  # noqa: DTZ001 - wall time
    hours: float = 3,
    onsite: int | None = 3,
    online: int | None = None,
    facilitators: list[User] | None = None,
    **values: Any,
) -> LearningSession:
    """A session of the Thursday after NOW, 14 h – 17 h, with three seats in a room."""
    ends = starts + timedelta(hours=hours)
    room = values.pop("room", None)
    if room is None and onsite is not None:
        room = make_room(db, places=max(onsite, 1))
    session = LearningSession(
        **{
            "title": "Initiation à Python",
            "starts_local": starts,
            "ends_local": ends,
            "starts_at": clock.to_utc(starts),
            "ends_at": clock.to_utc(ends),
            "room": room,
            "online_link": "https://visio.example.org/python" if online is not None else "",
            **values,
        }
    )
    session.facilitators = facilitators or []
    for mode, capacity in ((SeatMode.ONSITE, onsite), (SeatMode.ONLINE, online)):
        if capacity is not None:
            session.pools.append(SeatPool(mode=mode, capacity=capacity))
    db.add(session)
    db.commit()
    return session


def seats_are_kept(db: Session, session: LearningSession) -> None:
    """Assert what must always hold of a session's seats."""
    db.expire_all()
    for pool in session.pools:
        counts = dict(
            db.execute(
                select(Booking.status, func.count())
                .where(Booking.session_id == session.id, Booking.mode == pool.mode)
                .group_by(Booking.status)
            ).all()
        )
        seated = (BookingStatus.CONFIRMED, BookingStatus.OFFERED)
        held = select(func.count()).where(
            SeatInvitation.session_id == session.id,
            SeatInvitation.mode == pool.mode,
            SeatInvitation.state == InvitationState.HELD,
        )
        kept = db.scalar(held.select_from(SeatInvitation)) or 0
        assert pool.taken == sum(counts.get(status, 0) for status in seated) + kept
        assert pool.taken <= pool.capacity
        assert not (counts.get(BookingStatus.WAITING, 0) and pool.free)


def plain(text: str) -> str:
    """A text as one would type it: ordinary spaces, one at a time."""
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def text_of(response: Any) -> str:
    """The words of a page."""
    return plain(response.get_data(as_text=True))


def bundle_of(
    db: Session,
    onsite: Sequence[int],
    *,
    online: int | None = None,
    first: datetime = datetime(2026, 11, 26, 14, 0),  # noqa: DTZ001 - wall time
    is_bundle: bool = True,
) -> list[LearningSession]:
    """A series on as many Thursdays, with those seats in a room, to be followed as a whole."""
    series = Series(rule=f"FREQ=WEEKLY;COUNT={len(onsite)}", is_bundle=is_bundle)
    db.add(series)
    db.commit()
    return [
        make_session(
            db,
            starts=first + timedelta(days=7 * n),
            onsite=seats,
            online=online,
            series_id=series.id,
        )
        for n, seats in enumerate(onsite)
    ]
