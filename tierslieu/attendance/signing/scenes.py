"""The last session that is over was signed, each in their own way, and countersigned."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.attendance.signing.codes import Codes
from tierslieu.attendance.signing.models import Manner
from tierslieu.attendance.signing.queries import is_expected
from tierslieu.attendance.signing.rules import (
    countersign,
    find_half_day,
    sign_by_code,
    sign_expected,
    sign_in_room,
)
from tierslieu.house import Stage


def play(db: Session, stage: Stage) -> None:
    """Who was there signs with the room's code, their own, or their name."""
    session = db.scalars(
        select(LearningSession)
        .where(
            LearningSession.id.in_(stage.props["sessions"]),
            LearningSession.ends_at < stage.today,
            LearningSession.cancelled_at.is_(None),
            LearningSession.room_id.is_not(None),
        )
        .order_by(LearningSession.ends_at.desc(), LearningSession.id)
        .limit(1)
    ).one()
    codes, leader = Codes(stage.settings.secret_key), session.facilitators[0]
    now = session.starts_at + timedelta(minutes=11)
    half_day = find_half_day(session, now)
    assert half_day is not None  # eleven minutes into it
    here = db.scalars(
        select(Attendance)
        .where(
            Attendance.session_id == session.id,
            Attendance.day == half_day[0],
            Attendance.half == half_day[1],
            Attendance.presence == Presence.PRESENT,
        )
        .order_by(Attendance.id)
    ).all()
    for number, line in enumerate(here):
        now += timedelta(seconds=40)
        user = line.user
        if user is None:
            continue
        if number % 3 == 0 and is_expected(db, session.id, user.id):
            sign_in_room(db, session.id, user, now=now)
        elif number % 3 == 1:
            code = codes.own(session.id, user.id)
            sign_by_code(db, session.id, half_day, code, codes, now=now, actor_id=leader.id)
        else:
            sign_expected(
                db,
                session.id,
                half_day,
                user.id,
                manner=Manner.TYPED,
                written=user.name,
                now=now,
                actor_id=leader.id,
            )
    closed = session.ends_at + timedelta(minutes=2)
    countersign(db, session.id, half_day, leader.name, now=closed, actor_id=leader.id)
