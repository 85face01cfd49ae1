"""Two accounts of one person become one: of two applications for one week one is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.weeks.applications.models import (
    ApplicationEvent,
    ApplicationSeat,
    ApplicationState,
    WeekApplication,
)

_ENDED = (ApplicationState.DECLINED, ApplicationState.WITHDRAWN)


def blocks(db: Session, gone: UUID, kept: UUID) -> Iterable[str]:
    """A week for which both accounts stand: which of the two is meant is the person's to say."""
    for theirs, ours in _list_pairs(db, gone, kept):
        if theirs.state not in _ENDED and ours.state not in _ENDED:
            yield _(
                "Les deux comptes sont candidats à « %(week)s » : retirez d’abord l’une des deux "
                "candidatures.",
                week=ours.week.title,
            )


def join_weeks(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """Of two applications for a week the one that stands is kept, with the history of both; seats
    of a week that were given up for a better one of the same session are that one."""
    lock_for_writing(db)
    _lock(db, gone, kept)
    for theirs, ours in _list_pairs(db, gone, kept):
        if theirs.state not in _ENDED and ours.state not in _ENDED:  # accepted this very moment
            raise Refused(" ".join(blocks(db, gone, kept)), code="blocked")
        stands = theirs.state not in _ENDED
        better, worse = (theirs, ours) if stands else (ours, theirs)
        db.execute(
            update(ApplicationEvent)
            .where(ApplicationEvent.application_id == worse.id)
            .values(application_id=better.id)
        )
        db.expire(worse)
        db.expire(better)
        db.delete(worse)
        db.flush()
    _keep_seated(db, gone, kept)


def _lock(db: Session, gone: UUID, kept: UUID) -> None:
    db.scalars(
        select(WeekApplication)
        .where(WeekApplication.user_id.in_([gone, kept]))
        .order_by(WeekApplication.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _keep_seated(db: Session, gone: UUID, kept: UUID) -> None:
    standing = {
        booking.session_id: booking
        for booking in db.scalars(
            select(Booking)
            .where(Booking.user_id.in_([gone, kept]), Booking.status != BookingStatus.CANCELLED)
            .order_by(Booking.id)
        )
    }
    seats = db.scalars(
        select(ApplicationSeat)
        .join(Booking, Booking.id == ApplicationSeat.booking_id)
        .where(Booking.user_id.in_([gone, kept]), Booking.status == BookingStatus.CANCELLED)
        .order_by(ApplicationSeat.booking_id)
    ).all()
    for seat in seats:
        booking = standing.get(seat.booking.session_id)
        if booking is not None:
            seat.booking_id = booking.id
    db.flush()


def _list_pairs(
    db: Session, gone: UUID, kept: UUID
) -> list[tuple[WeekApplication, WeekApplication]]:
    rows = db.scalars(
        select(WeekApplication)
        .where(WeekApplication.user_id.in_([gone, kept]))
        .order_by(WeekApplication.week_id, WeekApplication.id)
    ).all()
    theirs = {one.week_id: one for one in rows if one.user_id == gone}
    ours = {one.week_id: one for one in rows if one.user_id == kept}
    return [(theirs[week_id], ours[week_id]) for week_id in theirs if week_id in ours]
