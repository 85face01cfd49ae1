"""Reading awards, keys and status lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from badges.awards.models import Award, IssuerIdentity, Sharing, SigningKey, StatusList
from badges.designs.models import BadgeClass
from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.paths.models import Path
from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.people.models import FACILITATOR, User

# Credentials signed for programs have status lists of their own, numbered from here: no bit can
# then be an award's and another credential's.
FIRST_EXCHANGE_LIST = 1_000_000
# The twins of awards' lists, where the same index says that one is suspended, are from here.
FIRST_SUSPENSION_LIST = 500_000

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
    """Who of those holds this badge, not revoked; an award that waits at their address counts."""
    standing = (Award.badge_id == badge_id, Award.revoked_at.is_(None))
    own = select(Award.user_id).where(*standing, Award.user_id.in_(user_ids))
    waiting = (
        select(User.id)
        .join(Award, Award.recipient_email == User.email)
        .where(*standing, User.id.in_(user_ids))
    )
    found = db.scalars(own.union(waiting))
    return {user_id for user_id in found if user_id is not None}


def list_standing_addresses(db: Session, badge_id: UUID, emails: Sequence[str]) -> set[str]:
    """At which of those addresses this badge stands: waiting there, or held by its account."""
    standing = (Award.badge_id == badge_id, Award.revoked_at.is_(None))
    waiting = select(Award.recipient_email).where(*standing, Award.recipient_email.in_(emails))
    held = (
        select(User.email)
        .join(Award, Award.user_id == User.id)
        .where(*standing, User.email.in_(emails))
    )
    return {email for email in db.scalars(waiting.union(held)) if email is not None}


def find_page_for(db: Session, person: User | None, award_id: UUID) -> Award | None:
    """The award whose page this person may see: theirs, shared, or any for a facilitator."""
    query = _whole().where(Award.id == award_id, Award.credential != "")
    if person is None:
        query = query.where(Award.sharing == Sharing.LINK)
    elif not person.holds(FACILITATOR):
        query = query.where(or_(Award.sharing == Sharing.LINK, Award.user_id == person.id))
    return db.scalar(query)


def find_file_for(db: Session, person: User | None, award_id: UUID) -> Award | None:
    """The award whose files this person may have: theirs, or shared by its holder."""
    query = _whole().where(Award.id == award_id, Award.credential != "")
    shared = Award.sharing == Sharing.LINK
    return db.scalar(
        query.where(shared if person is None else or_(shared, Award.user_id == person.id))
    )


def find_own_award(db: Session, person: User, award_id: UUID) -> Award | None:
    """An award of this person's own."""
    return db.scalar(_whole().where(Award.id == award_id, Award.user_id == person.id))


def get_award(db: Session, award_id: UUID) -> Award | None:
    """An award, for who may see all of them."""
    return db.scalar(_whole().where(Award.id == award_id))


def list_shared(db: Session) -> Sequence[Award]:
    """Every award that its holder shares, the oldest first."""
    shared = Award.sharing != Sharing.PRIVATE
    query = _whole().where(shared, Award.credential != "")
    return db.scalars(query.order_by(Award.awarded_at, Award.id)).all()


def list_void_ids(db: Session) -> Sequence[UUID]:
    """Every award that was withdrawn or is suspended, the earliest first."""
    void = or_(Award.revoked_at.is_not(None), Award.suspended_at.is_not(None))
    return db.scalars(select(Award.id).where(void).order_by(Award.awarded_at, Award.id)).all()


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


def suspension_list(list_id: int) -> int:
    """The number of the list where awards of this one are suspended."""
    return FIRST_SUSPENSION_LIST + list_id


def find_newest_list(db: Session) -> StatusList | None:
    """The status list that is being filled with awards."""
    return db.scalar(
        select(StatusList)
        .where(StatusList.id < FIRST_SUSPENSION_LIST)
        .order_by(StatusList.id.desc())
        .limit(1)
    )


def list_status_lists(db: Session) -> Sequence[StatusList]:
    """Every status list."""
    return db.scalars(select(StatusList).order_by(StatusList.id)).all()


def count_in_list(db: Session, list_id: int) -> int:
    """How many awards have their bit in this list."""
    query = select(func.count()).select_from(Award).where(Award.status_list_id == list_id)
    return db.scalar(query) or 0


def list_taken(db: Session, list_id: int, indexes: Sequence[int]) -> set[int]:
    """Which of these bits belong to an award."""
    taken = select(Award.status_index).where(
        Award.status_list_id == list_id, Award.status_index.in_(indexes)
    )
    return set(db.scalars(taken.order_by(Award.status_index)))


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
    db: Session, user_ids: Sequence[UUID], path_ids: Sequence[UUID] | None
) -> Sequence[Enrolment]:
    """Those people's enrolments on those paths (None: on any), whatever their status."""
    if not user_ids or (path_ids is not None and not path_ids):
        return []
    query = select(Enrolment).where(Enrolment.user_id.in_(user_ids))
    if path_ids is not None:
        query = query.where(Enrolment.path_id.in_(path_ids))
    return db.scalars(
        query.options(joinedload(Enrolment.path)).order_by(Enrolment.started_at, Enrolment.id)
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
            Award.user_id.in_(user_ids),
            Award.revoked_at.is_(None),
            Award.suspended_at.is_(None),
        )
        .order_by(Award.awarded_at, Award.id)
    )
    return [(badge, user, at, until) for badge, user, at, until in rows if user is not None]


class AwardState(NamedTuple):
    """The latest award of a badge to a person: standing (``revoked_at`` None) or withdrawn."""

    revoked_at: datetime | None
    reason: str


def list_award_states(
    db: Session, badge_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], AwardState]:
    """For each of those badges and each person who ever received it: (badge, person) → state."""
    rows = db.execute(
        select(Award.badge_id, Award.user_id, Award.revoked_at, Award.revocation_reason)
        .where(Award.badge_id.in_(badge_ids), Award.user_id.is_not(None))
        .order_by(Award.awarded_at, Award.revoked_at.is_(None), Award.id)
    )
    found: dict[tuple[UUID, UUID], AwardState] = {}
    for badge_id, user_id, revoked_at, reason in rows:
        if user_id is not None:
            found[badge_id, user_id] = AwardState(revoked_at, reason)
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
