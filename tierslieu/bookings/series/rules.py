"""Booking every date of a series at once; changing or calling off several of them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.rules import cancel_session
from tierslieu.agenda.series.rules import Scope, carried_over, naming, plan_of
from tierslieu.bookings import notices
from tierslieu.bookings.bundles.queries import hold_bundle
from tierslieu.bookings.changes import change_untold, tell_called_off, tell_changed
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.notices import Changed
from tierslieu.bookings.queries import list_of_person
from tierslieu.bookings.rules import claim, release
from tierslieu.bookings.seats import lock_sessions
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused


@dataclass(frozen=True)
class Left:
    """A date that could not be booked, and why."""

    session: LearningSession
    why: str


@dataclass(frozen=True)
class Booked:
    """What came of it: the bookings made, in order of time, and what was left."""

    made: Sequence[Booking]
    left: Sequence[Left]


def list_to_come(db: Session, series_id: UUID, now: datetime) -> list[LearningSession]:
    """The dates that have not begun and stand, in order of time."""
    return list(
        db.scalars(
            select(LearningSession)
            .where(
                LearningSession.series_id == series_id,
                LearningSession.cancelled_at.is_(None),
                LearningSession.starts_at > now,
            )
            .order_by(LearningSession.starts_at, LearningSession.id)
        )
    )


def claim_series(
    db: Session, series_id: UUID, user_id: UUID, mode: SeatMode, *, now: datetime, code: str = ""
) -> Booked:
    """A seat, or a place in line, at every date to come; those one has already stay as they are.

    One mail says it all. Raises :class:`NotYours` for an unknown series, :class:`Refused` with
    ``nothing_booked`` when no date could be had, naming the first reason.
    """
    lock_for_writing(db)
    sessions = list_to_come(db, series_id, now)
    if not sessions:
        raise NotYours
    if sessions[0].is_of_bundle:
        claim(db, sessions[0].id, user_id, mode, now=now, code=code)
        own = list_of_person(db, user_id, [session.id for session in sessions])
        return Booked([own[session.id] for session in sessions], [])
    held = list_of_person(db, user_id, [session.id for session in sessions])
    made: list[Booking] = []
    left: list[Left] = []
    field = None  # of the form, that the first reason is about
    # Always in one order, whoever books what: nobody waits in a circle.
    for session_id in sorted(session.id for session in sessions if session.id not in held):
        step = db.begin_nested()  # what one date refuses leaves the others as they are
        try:
            booking = claim(db, session_id, user_id, mode, now=now, code=code, is_told=False)
        except NotYours:
            raise
        except Refused as refused:
            step.rollback()
            left.append(Left(db.get_one(LearningSession, session_id), refused.message))
            field = field or refused.field
        else:
            step.commit()
            made.append(booking)
    if not made:
        why = left[0].why if left else _("Vous avez déjà réservé toutes ces dates.")
        raise Refused(why, code="nothing_booked", field=field)
    made.sort(key=lambda booking: booking.session.starts_at)
    left.sort(key=lambda one: one.session.starts_at)
    notices.tell_series_claimed(db, made, now)
    return Booked(made, left)


def release_series(db: Session, series_id: UUID, user_id: UUID, *, now: datetime) -> int:
    """Give back every seat to come of this person in the series; returns how many."""
    lock_for_writing(db)
    sessions = list_to_come(db, series_id, now)
    held = list_of_person(db, user_id, [session.id for session in sessions])
    for session_id in sorted(held)[: 1 if sessions and sessions[0].is_of_bundle else None]:
        release(db, held[session_id].id, now=now, actor_id=user_id)
    return len(held)


def change_series(
    db: Session, session_id: UUID, plan: Plan, scope: Scope, *, now: datetime
) -> list[LearningSession]:
    """Change a session and, as far as ``scope`` goes, those of its series in the same way: what is
    changed of this one is changed of them, and what they have for themselves stays. Each keeps its
    own day, moved by as much. All or none; each person has one mail about all that moved for them.

    Raises as :func:`~tierslieu.bookings.rules.change_session`, naming the day.
    """
    lock_for_writing(db)
    chosen = _get(db, session_id)
    was = plan_of(chosen)
    plans = {
        session.id: plan if session is chosen else carried_over(plan_of(session), was, plan)
        for session in _of_scope(db, chosen, scope, now)
    }

    changed: list[Changed] = []

    def change(session: LearningSession) -> LearningSession:
        made, moved = change_untold(db, session.id, plans[session.id], now=now)
        changed.extend(moved)
        return made

    # Later ones first when they move on, so that none runs into the next of its own series.
    is_later = plan.starts_local > was.starts_local
    done = _each(db, list(plans), change, is_backwards=is_later)
    tell_changed(db, sorted(changed, key=lambda one: one[0].session.starts_at), now)
    return done


def call_off_series(
    db: Session, session_id: UUID, reason: str, scope: Scope, *, now: datetime
) -> list[LearningSession]:
    """Call off a session and, as far as ``scope`` goes, those of its series; each person has one
    mail about all."""
    ids = [session.id for session in _of_scope(db, _get(db, session_id), scope, now)]
    gone = _each(db, ids, lambda session: cancel_session(db, session.id, reason, now=now))
    tell_called_off(db, gone, now)
    return gone


def _get(db: Session, session_id: UUID) -> LearningSession:
    found = db.get(LearningSession, session_id)
    if found is None:
        raise NotYours
    return found


def _of_scope(
    db: Session, chosen: LearningSession, scope: Scope, now: datetime
) -> list[LearningSession]:
    if scope is Scope.ONE or chosen.series_id is None:
        return [chosen]
    found = list_to_come(db, chosen.series_id, now)
    if scope is Scope.FOLLOWING:
        found = [session for session in found if session.starts_at >= chosen.starts_at]
    return found or [chosen]


def _each(
    db: Session,
    ids: Sequence[UUID],
    act: Callable[[LearningSession], LearningSession],
    *,
    is_backwards: bool = False,
) -> list[LearningSession]:
    lock_for_writing(db)
    hold_bundle(db, ids[0])
    ordered = sorted(
        lock_sessions(db, ids), key=lambda session: session.starts_at, reverse=is_backwards
    )
    done = []
    for session in ordered:
        when = session.starts_local.date()
        try:
            done.append(act(session))
        except NotYours:
            raise
        except Refused as refused:
            raise (naming(refused, when) if len(ids) > 1 else refused) from None
    return done


def count_seats(made: Sequence[Booking]) -> int:
    """How many of those hold a seat."""
    return sum(booking.status is BookingStatus.CONFIRMED for booking in made)
