"""Whose papers one may see, and the half-days they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, joinedload

from courses.paths.models import PathVersion, Step
from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import NOBODY, Attendance, Presence
from tierslieu.people.models import FACILITATOR, User, fold


@dataclass(frozen=True)
class Holder:
    """Whom papers are about: a person with an account, or a guest known by name and address.

    ``id`` stands in addresses: the account's, or that of a guest's first line.
    """

    id: UUID
    name: str
    user_id: UUID | None
    guest_email: str = ""


def find_holder_for(db: Session, reader: User, holder_id: UUID) -> Holder | None:
    """The person, if the reader is they or of the team; a guest, for the team alone."""
    is_team = reader.holds(FACILITATOR)
    may_see = true() if is_team else User.id == reader.id
    user = db.scalar(select(User).where(User.id == holder_id, may_see))
    if user is not None:
        return Holder(user.id, user.name, user.id)
    line = db.scalar(select(Attendance).where(Attendance.id == holder_id, _is_guest()))
    if line is None or not is_team:
        return None
    return Holder(line.id, line.guest_name, None, line.guest_email)


def _is_guest() -> ColumnElement[bool]:
    return Attendance.user_id.is_(None) & Attendance.guest_email.not_like(f"%{NOBODY}")


def list_presences(
    db: Session, holder: Holder, session_id: UUID | None = None
) -> Sequence[Attendance]:
    """Every half-day the roll noted this person present at, of sessions that stand, by time."""
    is_theirs = (
        Attendance.user_id == holder.user_id
        if holder.user_id
        else Attendance.user_id.is_(None) & (Attendance.guest_email == holder.guest_email)
    )
    wanted = (
        select(Attendance)
        .join(Attendance.session)
        .where(
            is_theirs,
            Attendance.presence == Presence.PRESENT,
            LearningSession.cancelled_at.is_(None),
        )
        .options(
            joinedload(Attendance.session).joinedload(LearningSession.room),
            joinedload(Attendance.session)
            .joinedload(LearningSession.step)
            .joinedload(Step.version)
            .joinedload(PathVersion.path),
        )
        .order_by(Attendance.day, Attendance.half, LearningSession.starts_at, Attendance.id)
    )
    if session_id is not None:
        wanted = wanted.where(Attendance.session_id == session_id)
    return db.scalars(wanted).all()


def list_present_holders(db: Session, session_id: UUID) -> list[Holder]:
    """Whoever was there for at least one half-day of this session, by name."""
    lines = db.scalars(
        select(Attendance)
        .where(
            Attendance.session_id == session_id,
            Attendance.presence == Presence.PRESENT,
            Attendance.user_id.is_not(None) | _is_guest(),
        )
        .options(joinedload(Attendance.user))
        .order_by(Attendance.id)
    )
    found: dict[UUID | str, Holder] = {}
    for line in lines:
        if line.user is not None:
            found.setdefault(line.user.id, Holder(line.user.id, line.user.name, line.user.id))
        else:
            guest = Holder(line.id, line.guest_name, None, line.guest_email)
            found.setdefault(line.guest_email, guest)
    return sorted(found.values(), key=lambda holder: (fold(holder.name), holder.id))
