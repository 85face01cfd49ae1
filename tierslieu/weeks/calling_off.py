"""Calling a whole week off: everybody hears why, and nothing stays held for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.models import Admission, LearningSession
from tierslieu.agenda.rules import cancel_session
from tierslieu.bookings.queries import list_active, list_invited
from tierslieu.bookings.seats import lock_sessions
from tierslieu.clock import to_local
from tierslieu.errors import Refused
from tierslieu.weeks import notices
from tierslieu.weeks.applications.rules import withdraw_all
from tierslieu.weeks.models import Week
from tierslieu.weeks.rules import check_stands, lock_week


def call_off_week(
    db: Session, week_id: UUID, reason: str, *, now: datetime, actor_id: UUID
) -> Week:
    """A published week does not take place. Every application in progress is withdrawn with the
    reason, in one mail each; seats, beds and meals to come are free; half-days planned for this
    week alone are called off, those somebody else comes to stay at the agenda; the team hears.

    Raises :class:`Refused` with ``draft``, ``cancelled`` or ``over``.
    """
    week = lock_week(db, week_id)
    check_stands(week)
    if week.published_at is None:
        raise Refused(_("Cette semaine est un brouillon : personne ne la voit."), code="draft")
    if to_local(now).date() > week.ends_on:
        raise Refused(_("La semaine est finie : elle ne s’annule plus."), code="over")
    # Alone with its half-days from here on: in the order of locks, before seats are given back.
    sessions = lock_sessions(db, [one.id for one in week.standing])
    week.cancelled_at, week.cancel_reason = now, reason
    withdraw_all(db, week, now=now, actor_id=actor_id)
    gone = _call_off_half_days(db, sessions, reason, now)
    led = {person.id: person for one in gone for person in one.facilitators}
    notices.tell_team_called_off(db, week, list(led.values()), now, by_id=actor_id)
    db.flush()
    return week


def _call_off_half_days(
    db: Session, sessions: Sequence[LearningSession], reason: str, now: datetime
) -> list[LearningSession]:
    return [
        cancel_session(db, one.id, reason, now=now)
        for one in sessions
        if one.starts_at > now
        and one.admission is Admission.CODE
        and not list_active(db, one.id)
        and not list_invited(db, one.id)
    ]
