"""Changing a session and calling it off, with all that follows for who is booked or waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode, Series
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.rules import cancel_session, edit_session
from tierslieu.bookings import notices
from tierslieu.bookings.bundles.notices import tell_bundle_anew
from tierslieu.bookings.bundles.queries import hold_bundle
from tierslieu.bookings.bundles.rules import hold_dates, hold_together, leave_lines_of_no_seats
from tierslieu.bookings.lines import fill_bundle, fill_seats
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import list_active, list_invited
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours


def change_session(db: Session, session_id: UUID, plan: Plan, *, now: datetime) -> LearningSession:
    """Change a session and tell all those booked what moved: hour, place, or their online link.

    New seats go to the line at once. Raises as :func:`tierslieu.agenda.rules.edit_session` does.
    """
    session, changed = change_untold(db, session_id, plan, now=now)
    tell_changed(db, changed, now)
    return session


def tell_changed(db: Session, changed: Sequence[notices.Changed], now: datetime) -> None:
    """One mail to each about all that moved for them."""
    own: dict[UUID, list[notices.Changed]] = {}
    for booking, was in changed:
        own.setdefault(booking.user_id, []).append((booking, was))
    for each in own.values():
        notices.tell_sessions_changed(db, each, now)


def change_untold(
    db: Session, session_id: UUID, plan: Plan, *, now: datetime
) -> tuple[LearningSession, list[notices.Changed]]:
    """The same, and who is still to be told what moved for them."""
    lock_for_writing(db)
    bundle = hold_bundle(db, session_id)
    session = db.get(LearningSession, session_id)
    if session is None:
        raise NotYours
    was = {mode: notices.describe_session(session, mode) for mode in SeatMode}
    session = edit_session(db, session_id, plan, now=now)
    if bundle is None:
        _leave_lines_of_no_seats(db, session, now)
    else:
        leave_lines_of_no_seats(db, bundle, now)
    held = list_active(db, session.id)
    promoted = {b.id for pool in session.pools for b in fill_seats(db, pool, now)}
    changed = []
    for booking in held:
        before = was[booking.mode]
        if booking.status is BookingStatus.OFFERED:
            _shorten_offer(db, bundle, booking, now)
        # Who just got a seat has read the new hour and place in that mail.
        if before == notices.describe_session(session, booking.mode) or booking.id in promoted:
            continue
        if bundle is None or not _is_told_anew(db, bundle, booking, now):
            changed.append((booking, before))
    for invitation in list_invited(db, session.id):
        invitation.held_until = min(invitation.held_until, session.starts_at)
        if was[invitation.mode] != notices.describe_session(session, invitation.mode):
            notices.tell_invited_changed(db, invitation, was[invitation.mode], now)
    return session, changed


def _shorten_offer(db: Session, bundle: Series | None, booking: Booking, now: datetime) -> None:
    """No offer outlasts the beginning of its session; of a bundle it is one offer, and is over at
    the same instant whichever date is answered."""
    until, starts_at = booking.offered_until, booking.session.starts_at
    assert until is not None  # the schema says so of every offer
    if until <= starts_at:
        return
    booking.offered_until = starts_at
    if bundle is None:
        return
    db.flush()  # they are read anew
    for _pool, one in hold_together(db, hold_dates(db, bundle, now), booking):
        if one.status is BookingStatus.OFFERED:
            one.offered_until = starts_at


def _is_told_anew(db: Session, bundle: Series, booking: Booking, now: datetime) -> bool:
    own = hold_together(db, hold_dates(db, bundle, now), booking)
    return tell_bundle_anew(db, [one for _pool, one in own], now)


def _leave_lines_of_no_seats(db: Session, session: LearningSession, now: datetime) -> None:
    """Nobody waits for a mode in which the session is no longer held: they are told so."""
    gone = {pool.mode for pool in session.pools if not pool.capacity}
    for booking in list_active(db, session.id):
        if booking.mode in gone and booking.status is BookingStatus.WAITING:
            booking.status, booking.cancelled_at = BookingStatus.CANCELLED, now
            db.flush()
            notices.tell_released(db, booking, now, was=BookingStatus.WAITING, actor_id=None)


def call_off_session(
    db: Session, session_id: UUID, reason: str, *, now: datetime
) -> LearningSession:
    """Cancel a session and tell everybody who had a seat or stood in line, with the reason."""
    lock_for_writing(db)
    hold_bundle(db, session_id)
    session = cancel_session(db, session_id, reason, now=now)
    tell_called_off(db, [session], now)
    return session


def tell_called_off(db: Session, sessions: Sequence[LearningSession], now: datetime) -> None:
    """One mail to each who had a seat or stood in line at any of those sessions, called off just
    now; and what is left of their bundle goes to its line."""
    own: dict[UUID, list[Booking]] = {}
    for session in sessions:
        for booking in list_active(db, session.id):
            own.setdefault(booking.user_id, []).append(booking)
        for invitation in list_invited(db, session.id):
            notices.tell_invited_cancelled(db, invitation, now)
    for bookings in own.values():
        notices.tell_sessions_cancelled(db, bookings, now)
    series = sessions[0].series
    if series is not None and series.is_bundle:  # a date that had no seat may be gone
        fill_bundle(db, series, now)
