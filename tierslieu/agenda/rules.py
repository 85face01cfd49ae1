"""Planning: sessions, and what keeps two of them from being in one place at one time."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tierslieu.agenda.models import CalendarFeed, LearningSession
from tierslieu.agenda.planning import Plan, apply, hold_facilitators
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note


def plan_session(db: Session, plan: Plan, *, now: datetime, actor_id: UUID) -> LearningSession:
    """A new session, its seats all free. Raises :class:`Refused` with the field it is about."""
    lock_for_writing(db)
    session = LearningSession(created_by_id=actor_id, created_at=now)
    apply(db, session, plan, now, is_moved=True)
    return session


def edit_session(db: Session, session_id: UUID, plan: Plan, *, now: datetime) -> LearningSession:
    """Change a session to come; its calendar's SEQUENCE rises.

    Whoever calls must tell those booked and give new seats to the line: bookings do both.
    Raises :class:`Refused` with the field it is about, ``closed`` once it began.
    """
    session = _lock_to_come(db, session_id, now)
    is_moved = (session.starts_local, session.ends_local) != (plan.starts_local, plan.ends_local)
    apply(db, session, plan, now, is_moved=is_moved)
    session.sequence += 1
    db.flush()
    return session


def cancel_session(db: Session, session_id: UUID, reason: str, *, now: datetime) -> LearningSession:
    """Call a session off, with the reason people will read. Bookings stand, as history."""
    session = _lock_to_come(db, session_id, now)
    session.cancelled_at = now
    session.cancel_reason = reason
    session.sequence += 1
    db.flush()
    hold_facilitators(db, session)
    about = {"session": str(session.id), "title": session.title}
    note(db, Act.SESSION_CANCELLED, now=now, about=about)
    return session


def renew_feed(db: Session, user_id: UUID, *, now: datetime) -> CalendarFeed:
    """A new secret address for a person's calendar; the old one answers no more."""
    lock_for_writing(db)
    feed = db.get(CalendarFeed, user_id, with_for_update=True)
    if feed is None:
        feed = CalendarFeed(user_id=user_id)
        db.add(feed)
    feed.secret = secrets.token_urlsafe(24)
    feed.created_at = now
    db.flush()
    return feed


def close_feed(db: Session, user_id: UUID) -> int:
    """Whoever was told the secret address reads there no more; how many there were.

    One statement, and no transaction begun anew: it is part of the one that changes the password.
    """
    ended = db.execute(delete(CalendarFeed).where(CalendarFeed.user_id == user_id))
    return int(getattr(ended, "rowcount", 0))


def forget_person(db: Session, user_id: UUID) -> None:
    """The person's calendar answers no more."""
    lock_for_writing(db)
    feed = db.get(CalendarFeed, user_id)
    if feed is not None:
        db.delete(feed)
        db.flush()


def _lock_to_come(db: Session, session_id: UUID, now: datetime) -> LearningSession:
    lock_for_writing(db)
    session = db.get(LearningSession, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise NotYours
    if session.cancelled_at is not None:
        raise Refused(_("Cette séance est déjà annulée."), code="closed")
    if session.starts_at <= now:
        raise Refused(_("Cette séance a commencé : elle ne se change plus."), code="closed")
    return session
