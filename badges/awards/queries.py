"""Reading awards, keys and status lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from badges.awards.models import (
    OPEN,
    Award,
    FormerPlace,
    HolderPage,
    IssuerIdentity,
    Sharing,
    SigningKey,
    StatusList,
)
from badges.designs.models import BadgeClass
from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Path
from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.people.models import FACILITATOR, User

_WITH_BADGE = joinedload(Award.badge).selectinload(BadgeClass.skills)


def _whole() -> Select[Award]:
    return select(Award).options(_WITH_BADGE)


def list_awards(db: Session, user_id: UUID) -> Sequence[Award]:
    """Everything this person was awarded, the newest first, revoked ones included."""
    return db.scalars(
        _whole().where(Award.user_id == user_id).order_by(Award.awarded_at.desc(), Award.id)
    ).all()


def list_holders(db: Session, badge_id: UUID, offset: int, limit: int) -> Sequence[Award]:
    """The awards of one badge, the newest first."""
    return db.scalars(
        _whole()
        .where(Award.badge_id == badge_id)
        .order_by(Award.awarded_at.desc(), Award.id)
        .offset(offset)
        .limit(limit)
    ).all()


def count_holders(db: Session, badge_id: UUID) -> int:
    """How many awards of this badge there are, revoked ones included."""
    query = select(func.count()).select_from(Award).where(Award.badge_id == badge_id)
    return db.scalar(query) or 0


def list_standing(db: Session, badge_id: UUID, user_ids: Sequence[UUID]) -> set[UUID]:
    """Who of those holds this badge, not revoked."""
    found = db.scalars(
        select(Award.user_id)
        .where(Award.badge_id == badge_id, Award.user_id.in_(user_ids), Award.revoked_at.is_(None))
        .order_by(Award.user_id)
    )
    return {user_id for user_id in found if user_id is not None}


def find_page_for(db: Session, person: User | None, award_id: UUID) -> Award | None:
    """The award whose page this person may see: theirs, shared, or any for a facilitator."""
    query = _whole().where(Award.id == award_id, Award.credential != "")
    if person is None:
        query = query.where(Award.sharing.in_(OPEN))
    elif not person.holds(FACILITATOR):
        query = query.where(or_(Award.sharing.in_(OPEN), Award.user_id == person.id))
    return db.scalar(query)


def find_file_for(db: Session, person: User | None, award_id: UUID) -> Award | None:
    """The award whose files this person may have: theirs, or shared by its holder."""
    query = _whole().where(Award.id == award_id, Award.credential != "")
    shared = Award.sharing.in_(OPEN)
    return db.scalar(
        query.where(shared if person is None else or_(shared, Award.user_id == person.id))
    )


def find_own_award(db: Session, person: User, award_id: UUID) -> Award | None:
    """An award of this person's own."""
    return db.scalar(_whole().where(Award.id == award_id, Award.user_id == person.id))


def list_public(db: Session, user_id: UUID) -> Sequence[Award]:
    """What this person shows to everybody, the newest first; withdrawn ones are not shown off."""
    return db.scalars(
        _whole()
        .where(
            Award.user_id == user_id,
            Award.sharing == Sharing.PUBLIC,
            Award.revoked_at.is_(None),
            Award.credential != "",
        )
        .order_by(Award.awarded_at.desc(), Award.id)
    ).all()


def find_holder_page(db: Session, user_id: UUID) -> HolderPage | None:
    """This person's page, if they ever had one."""
    return db.scalar(select(HolderPage).where(HolderPage.user_id == user_id))


def get_award(db: Session, award_id: UUID) -> Award | None:
    """An award, for who may see all of them."""
    return db.scalar(_whole().where(Award.id == award_id))


def list_all_awards(db: Session) -> Sequence[Award]:
    """Every award, the oldest first."""
    return db.scalars(select(Award).order_by(Award.awarded_at, Award.id)).all()


def count_awarded(db: Session, since: datetime, until: datetime) -> int:
    """Awards made in [since, until)."""
    made = select(func.count()).select_from(Award)
    return db.scalar(made.where(Award.awarded_at >= since, Award.awarded_at < until)) or 0


def count_revoked(db: Session, since: datetime, until: datetime) -> int:
    """Awards revoked in [since, until)."""
    made = select(func.count()).select_from(Award)
    return db.scalar(made.where(Award.revoked_at >= since, Award.revoked_at < until)) or 0


def list_awards_of(db: Session, user_ids: Sequence[UUID]) -> Sequence[Award]:
    """The awards of those people, the oldest first."""
    return db.scalars(
        _whole().where(Award.user_id.in_(user_ids)).order_by(Award.awarded_at, Award.id)
    ).all()


# Keys and lists


def find_identity(db: Session) -> IssuerIdentity | None:
    """Who signs, once the place has opened."""
    return db.get(IssuerIdentity, 1)


def list_keys(db: Session) -> Sequence[SigningKey]:
    """Every key that ever signed, the oldest first."""
    return db.scalars(select(SigningKey).order_by(SigningKey.created_at, SigningKey.id)).all()


def get_key(db: Session, key_id: UUID) -> SigningKey | None:
    """One key."""
    return db.get(SigningKey, key_id)


def find_current_key(db: Session, kind: str) -> SigningKey | None:
    """The key of this kind that signs today."""
    return db.scalar(
        select(SigningKey)
        .where(
            SigningKey.kind == kind,
            SigningKey.retired_at.is_(None),
            SigningKey.revoked_at.is_(None),
        )
        .order_by(SigningKey.created_at.desc(), SigningKey.id.desc())
        .limit(1)
    )


def _to_sign_again() -> Select[Award]:
    return (
        _whole()
        .join(SigningKey, SigningKey.id == Award.signing_key_id)
        .where(SigningKey.revoked_at.is_not(None), Award.credential != "")
    )


def list_to_sign_again(
    db: Session, limit: int, only: Sequence[UUID] | None = None
) -> Sequence[Award]:
    """Awards whose key was withdrawn, the oldest first; of these alone if ``only`` is given."""
    query = _to_sign_again().order_by(Award.awarded_at, Award.id).limit(limit)
    if only is not None:
        query = query.where(Award.id.in_(only)).execution_options(populate_existing=True)
    return db.scalars(query).all()


def count_to_sign_again(db: Session) -> int:
    """How many awards were signed with a key that was withdrawn since."""
    return db.scalar(select(func.count()).select_from(_to_sign_again().subquery())) or 0


def find_newest_list(db: Session) -> StatusList | None:
    """The status list that is being filled."""
    return db.scalar(select(StatusList).order_by(StatusList.id.desc()).limit(1))


def list_status_lists(db: Session) -> Sequence[StatusList]:
    """Every status list."""
    return db.scalars(select(StatusList).order_by(StatusList.id)).all()


def count_in_list(db: Session, list_id: int) -> int:
    """How many awards have their bit in this list."""
    query = select(func.count()).select_from(Award).where(Award.status_list_id == list_id)
    former = select(func.count()).select_from(FormerPlace).where(FormerPlace.list_id == list_id)
    return (db.scalar(query) or 0) + (db.scalar(former) or 0)


def is_index_taken(db: Session, list_id: int, index: int) -> bool:
    """Whether this bit belongs to an award, or to an earlier form of one."""
    taken = exists().where(Award.status_list_id == list_id, Award.status_index == index)
    former = exists().where(FormerPlace.list_id == list_id, FormerPlace.index == index)
    return bool(db.scalar(select(or_(taken, former))))


def list_former_places(db: Session) -> Sequence[FormerPlace]:
    """Every bit of an earlier form of an award."""
    return db.scalars(select(FormerPlace).order_by(FormerPlace.list_id, FormerPlace.index)).all()


# Where to award from


def list_recent_sessions(db: Session, now: datetime) -> Sequence[tuple[LearningSession, int]]:
    """Sessions since sixty days whose roll notes somebody with an account, and how many people.

    The roll opens a little before the start: who is noted then may be awarded at once.
    """
    present = func.count(func.distinct(Attendance.user_id))
    rows = db.execute(
        select(LearningSession, present)
        .join(Attendance, Attendance.session_id == LearningSession.id)
        .where(
            LearningSession.starts_at > now - timedelta(days=60),
            LearningSession.cancelled_at.is_(None),
            Attendance.presence == Presence.PRESENT,
            Attendance.user_id.is_not(None),
        )
        .group_by(LearningSession.id)
        .order_by(LearningSession.starts_at.desc(), LearningSession.id)
        .limit(12)
    )
    return [(session, count) for session, count in rows]


def find_session(db: Session, session_id: UUID) -> LearningSession | None:
    """One session."""
    return db.get(LearningSession, session_id)


def list_followed_paths(db: Session) -> Sequence[tuple[Path, int]]:
    """Paths that somebody follows, and how many do, in the order of the catalogue."""
    rows = db.execute(
        select(Path, func.count(Enrolment.id))
        .join(Enrolment, Enrolment.path_id == Path.id)
        .where(Enrolment.status != EnrolmentStatus.STOPPED)
        .group_by(Path.id)
        .order_by(Path.position, Path.title)
    )
    return [(path, count) for path, count in rows]


def list_followers(db: Session, path_id: UUID, limit: int = 500) -> list[UUID]:
    """Who follows this path now, the earliest first."""
    return list(
        db.scalars(
            select(Enrolment.user_id)
            .where(Enrolment.path_id == path_id, Enrolment.status != EnrolmentStatus.STOPPED)
            .order_by(Enrolment.started_at, Enrolment.id)
            .limit(limit)
        )
    )


def list_people(db: Session, user_ids: Sequence[UUID]) -> Sequence[User]:
    """Those people, by name."""
    return db.scalars(
        select(User)
        .where(User.id.in_(user_ids))
        .options(selectinload(User.roles))
        .order_by(User.sort_name, User.id)
    ).all()


def list_enrolments_on(
    db: Session, user_ids: Sequence[UUID], path_ids: Sequence[UUID]
) -> Sequence[Enrolment]:
    """Those people's enrolments on those paths, whatever their status."""
    if not user_ids or not path_ids:
        return []
    return db.scalars(
        select(Enrolment)
        .where(Enrolment.user_id.in_(user_ids), Enrolment.path_id.in_(path_ids))
        .order_by(Enrolment.started_at, Enrolment.id)
    ).all()
