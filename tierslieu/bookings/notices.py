"""The mails of bookings: one at each turn, in the same transaction as the turn itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.agenda.calendars import Entry, describe_place, make_invitation
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import rank_of
from tierslieu.mail.rules import Attachment, write_mail
from tierslieu.web.formats import day, span


def tell_claimed(db: Session, booking: Booking, now: datetime) -> None:
    """«Your seat is confirmed», with the invitation; or «you are n-th in line»."""
    if booking.status is BookingStatus.CONFIRMED:
        _write(db, booking, "bookings_confirmed", now, invite=True)
    else:
        _write(db, booking, "bookings_waiting", now, rank=rank_of(db, booking))


def tell_promoted(db: Session, booking: Booking, now: datetime) -> None:
    """«A seat came free and it is yours», with the invitation."""
    _write(db, booking, "bookings_promoted", now, invite=True)


def tell_released(
    db: Session, booking: Booking, now: datetime, *, held_seat: bool, actor_id: UUID
) -> None:
    """«Your seat is released», with the CANCEL; or «you left the line»."""
    _write(
        db,
        booking,
        "bookings_released",
        now,
        invite=held_seat,
        withdrawn=True,
        held_seat=held_seat,
        by_self=actor_id == booking.user_id,
    )


def tell_session_changed(db: Session, booking: Booking, was: dict[str, str], now: datetime) -> None:
    """What moved: hour or place, before and after; a seat's invitation is sent anew."""
    held_seat = booking.status is BookingStatus.CONFIRMED
    _write(db, booking, "bookings_changed", now, invite=held_seat, held_seat=held_seat, was=was)


def tell_session_cancelled(db: Session, booking: Booking, now: datetime) -> None:
    """«The session is cancelled», why, and the CANCEL for those who held a seat."""
    held_seat = booking.status is BookingStatus.CONFIRMED
    reason = booking.session.cancel_reason
    _write(
        db, booking, "bookings_cancelled", now, invite=held_seat, held_seat=held_seat, reason=reason
    )


def describe_session(session: LearningSession, mode: SeatMode) -> dict[str, str]:
    """When and where in words, as mails print them; the link for who takes part online."""
    return {
        "day": day(session.starts_local, year=True),
        "hours": span(session.starts_local, session.ends_local),
        "place": describe_place(session, mode),
        "link": session.online_link if mode is SeatMode.ONLINE else "",
    }


def _write(
    db: Session,
    booking: Booking,
    template: str,
    now: datetime,
    *,
    invite: bool = False,
    withdrawn: bool = False,
    **more: Any,
) -> None:
    session = booking.session
    online = booking.mode is SeatMode.ONLINE
    context = {
        "name": booking.user.name,
        "title": session.title,
        "when_where": describe_session(session, booking.mode),
        "access": session.room.access if session.room is not None and not online else "",
        "bring": session.bring,
        "path": f"/agenda/{session.id}",
        **more,
    }
    attachments = []
    if invite:
        entry = Entry(session, booking.mode, withdrawn=withdrawn)
        method, calendar = make_invitation(entry, (booking.user.name, booking.user.email), now)
        attachments.append(Attachment("seance.ics", "text/calendar", calendar, {"method": method}))
    write_mail(db, booking.user.email, template, context, now=now, attachments=attachments)
