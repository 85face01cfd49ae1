"""Reading who may be awarded a badge, and from where: people, sessions, paths, badges held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from badges.awards.models import Award
from badges.awards.renewals.queries import FACTS, Standing, read_standing
from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Path
from tierslieu.agenda.models import LearningSession
from tierslieu.among import is_among
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.attendance.rules import OPENS_BEFORE
from tierslieu.people.models import User

COUNTED = 1000  # people: a page that says «1 000 ou plus» says enough


def list_recent_sessions(db: Session, now: datetime) -> Sequence[LearningSession]:
    """The last twelve sessions since sixty days whose roll notes somebody with an account.

    The roll opens a little before the start: who is noted then may be awarded at once. The twelve
    are chosen before anybody is counted (:func:`count_present`): sixty days of rolls are long.
    """
    noted = (
        select(Attendance.id)
        .where(
            Attendance.session_id == LearningSession.id,
            Attendance.presence == Presence.PRESENT,
            Attendance.user_id.is_not(None),
        )
        .exists()
    )
    return db.scalars(
        select(LearningSession)
        .where(
            LearningSession.starts_at > now - timedelta(days=60),
            # No roll is open before: what is to come need not be looked through.
            LearningSession.starts_at <= now + OPENS_BEFORE,
            LearningSession.cancelled_at.is_(None),
            noted,
        )
        .order_by(LearningSession.starts_at.desc(), LearningSession.id)
        .limit(12)
    ).all()


def count_present(db: Session, session_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many people with an account were at each of those sessions; one where nobody was is left
    out."""
    rows = db.execute(
        select(Attendance.session_id, func.count(func.distinct(Attendance.user_id)))
        .where(
            is_among(Attendance.session_id, session_ids),
            Attendance.presence == Presence.PRESENT,
            Attendance.user_id.is_not(None),
        )
        .group_by(Attendance.session_id)
        .order_by(Attendance.session_id)
    )
    return {row[0]: row[1] for row in rows}


def find_session(db: Session, session_id: UUID) -> LearningSession | None:
    """One session."""
    return db.get(LearningSession, session_id)


def list_followed_paths(db: Session) -> Sequence[tuple[Path, int]]:
    """Paths that somebody follows, and how many do, in the order of the catalogue. Nobody is
    counted beyond ``COUNTED``: that many are many."""
    some = (
        select(Enrolment.id)
        .where(Enrolment.path_id == Path.id, Enrolment.status != EnrolmentStatus.STOPPED)
        .correlate(Path)
        .limit(COUNTED)
        .subquery()
    )
    count = select(func.count()).select_from(some).scalar_subquery()
    rows = db.execute(select(Path, count).order_by(Path.position, Path.title))
    return [(path, count) for path, count in rows if count]


def list_followers(db: Session, path_id: UUID) -> list[UUID]:
    """Who follows this path now, the earliest first."""
    return list(
        db.scalars(
            select(Enrolment.user_id)
            .where(Enrolment.path_id == path_id, Enrolment.status != EnrolmentStatus.STOPPED)
            .order_by(Enrolment.started_at, Enrolment.id)
        )
    )


def list_people(db: Session, user_ids: Sequence[UUID]) -> Sequence[User]:
    """Those people, by name."""
    return db.scalars(
        select(User)
        .where(is_among(User.id, user_ids))
        .options(selectinload(User.roles))
        .order_by(User.sort_name, User.id)
    ).all()


def list_held(
    db: Session, badge_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> list[tuple[UUID, UUID, datetime, datetime | None]]:
    """Which of those badges those people hold, not withdrawn, valid or over:
    (badge, person, awarded, valid until)."""
    rows = db.execute(
        select(Award.badge_id, Award.user_id, Award.awarded_at, Award.valid_until)
        .where(
            Award.badge_id.in_(badge_ids),
            is_among(Award.user_id, user_ids),
            Award.revoked_at.is_(None),
            Award.suspended_at.is_(None),
        )
        .order_by(Award.awarded_at, Award.id)
    )
    return [(badge, user, at, until) for badge, user, at, until in rows if user is not None]


class AwardState(NamedTuple):
    """The latest award of a badge to a person: standing (``revoked_at`` None; then ``standing``
    says it) or withdrawn."""

    revoked_at: datetime | None
    reason: str
    standing: Standing


def list_award_states(
    db: Session, badge_ids: Sequence[UUID], user_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], AwardState]:
    """For each of those badges and those of these people who ever received it: (badge, person) →
    state.

    What was renewed says nothing any more: its renewal does.
    """
    rows = db.execute(
        select(Award.user_id, Award.revoked_at, Award.revocation_reason, *FACTS)
        .where(
            Award.badge_id.in_(badge_ids),
            is_among(Award.user_id, user_ids),
            Award.renewed_at.is_(None),
        )
        .order_by(Award.awarded_at, Award.revoked_at.is_(None), Award.id)
    )
    found: dict[tuple[UUID, UUID], AwardState] = {}
    for user_id, revoked_at, reason, *facts in rows:
        standing = read_standing(facts)
        if user_id is not None:
            found[standing.badge_id, user_id] = AwardState(revoked_at, reason, standing)
    return found


def list_people_seen(db: Session) -> list[UUID]:
    """Everybody with an open account who ever followed a path, was at a session or received a
    badge: nobody else can have met a criterion."""
    followed = select(Enrolment.user_id)
    present = select(Attendance.user_id).where(Attendance.presence == Presence.PRESENT)
    awarded = select(Award.user_id)
    return list(
        db.scalars(
            select(User.id)
            .where(
                User.active.is_(True),
                or_(User.id.in_(followed), User.id.in_(present), User.id.in_(awarded)),
            )
            .order_by(User.id)
        )
    )


def list_active(db: Session, user_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these accounts that are open, in the order of their identifiers."""
    return list(
        db.scalars(
            select(User.id)
            .where(is_among(User.id, user_ids), User.active.is_(True))
            .order_by(User.id)
        )
    )
