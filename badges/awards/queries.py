"""Reading awards, keys and status lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from badges.awards.models import (
    OPEN,
    Award,
    AwardJudgement,
    FormerPlace,
    HolderPage,
    IssuerIdentity,
    Sharing,
    SigningKey,
    StatusList,
)
from badges.designs.models import BadgeClass
from courses.paths.models import Step
from tierslieu.among import is_among
from tierslieu.counting import count_to_cap
from tierslieu.people.models import FACILITATOR, User
from tierslieu.uploads.models import Upload

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
    """How many awards of this badge there are, revoked ones included; as ``count_to_cap`` says."""
    return count_to_cap(db, select(Award.id).where(Award.badge_id == badge_id))


def count_withdrawn(db: Session, badge_id: UUID) -> int:
    """How many awards of this badge were withdrawn."""
    query = select(func.count()).select_from(Award).where(Award.badge_id == badge_id)
    return db.scalar(query.where(Award.revoked_at.is_not(None))) or 0


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


def find_evidence_for(
    db: Session, person: User, award_id: UUID, judgement_id: UUID
) -> Upload | None:
    """The file joined to a judgement: for who holds the badge and for facilitators, nobody else,
    however the badge is shared."""
    query = (
        select(Upload)
        .join(AwardJudgement, AwardJudgement.upload_id == Upload.id)
        .join(Award, Award.id == AwardJudgement.award_id)
        .where(Award.id == award_id, AwardJudgement.id == judgement_id)
    )
    if not person.holds(FACILITATOR):
        query = query.where(Award.user_id == person.id)
    return db.scalar(query)


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


def list_shared(db: Session) -> Sequence[Award]:
    """Every award that its holder shares, the oldest first."""
    shared = Award.sharing != Sharing.PRIVATE
    query = _whole().where(shared, Award.credential != "")
    return db.scalars(query.order_by(Award.awarded_at, Award.id)).all()


def count_former_forms(db: Session, award_id: UUID) -> int:
    """How many earlier forms of this award have ended: the number of its present one."""
    former = select(func.count()).select_from(FormerPlace).where(FormerPlace.award_id == award_id)
    return db.scalar(former) or 0


def list_void_forms(db: Session) -> Sequence[tuple[UUID, int]]:
    """Every form, as its award and its number from 0, that holds no more: the earlier ones, and
    the present one of an award that was withdrawn or is suspended; the earliest award first."""
    former = (
        select(FormerPlace.award_id, func.count().label("number"))
        .group_by(FormerPlace.award_id)
        .subquery()
    )
    number = func.coalesce(former.c.number, 0)
    void = or_(Award.revoked_at.is_not(None), Award.suspended_at.is_not(None))
    rows = db.execute(
        select(Award.id, number, void)
        .outerjoin(former, former.c.award_id == Award.id)
        .where(or_(void, number > 0))
        .order_by(Award.awarded_at, Award.id)
    )
    return [(one, form) for one, last, is_void in rows for form in range(last + bool(is_void))]


def list_all_awards(db: Session) -> Sequence[Award]:
    """Every award, the oldest first."""
    return db.scalars(select(Award).order_by(Award.awarded_at, Award.id)).all()


def count_awarded(db: Session, since: datetime, until: datetime) -> int:
    """Awards made in [since, until) that renew no other."""
    made = select(func.count()).select_from(Award).where(Award.renews_id.is_(None))
    return db.scalar(made.where(Award.awarded_at >= since, Award.awarded_at < until)) or 0


def count_revoked(db: Session, since: datetime, until: datetime) -> int:
    """Awards revoked in [since, until)."""
    made = select(func.count()).select_from(Award)
    return db.scalar(made.where(Award.revoked_at >= since, Award.revoked_at < until)) or 0


def list_awards_of(db: Session, user_ids: Sequence[UUID]) -> Sequence[Award]:
    """The awards of those people, the oldest first."""
    return db.scalars(
        _whole().where(is_among(Award.user_id, user_ids)).order_by(Award.awarded_at, Award.id)
    ).all()


# Keys and lists


def find_identity(db: Session) -> IssuerIdentity | None:
    """Who signs, once the place has opened."""
    return db.get(IssuerIdentity, 1)


def list_keys(db: Session) -> Sequence[SigningKey]:
    """Every key that ever signed, the oldest first."""
    return db.scalars(select(SigningKey).order_by(SigningKey.created_at, SigningKey.id)).all()


def hold_keys(db: Session) -> Sequence[SigningKey]:
    """The same, to change which of them sign: nobody else does until this is over."""
    query = select(SigningKey).order_by(SigningKey.created_at, SigningKey.id)
    return db.scalars(query.with_for_update(), execution_options={"populate_existing": True}).all()


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
    former = select(func.count()).select_from(FormerPlace).where(FormerPlace.list_id == list_id)
    return (db.scalar(query) or 0) + (db.scalar(former) or 0)


def list_taken(db: Session, list_id: int, indexes: Sequence[int]) -> set[int]:
    """Which of these bits belong to an award, or to an earlier form of one."""
    taken = select(Award.status_index).where(
        Award.status_list_id == list_id, Award.status_index.in_(indexes)
    )
    former = select(FormerPlace.index).where(
        FormerPlace.list_id == list_id, FormerPlace.index.in_(indexes)
    )
    return set(db.scalars(taken.union(former)))


def list_former_places(db: Session) -> Sequence[FormerPlace]:
    """Every bit of an earlier form of an award."""
    return db.scalars(select(FormerPlace).order_by(FormerPlace.list_id, FormerPlace.index)).all()


def list_badge_steps(db: Session, step_ids: Sequence[UUID]) -> list[tuple[UUID, UUID, str]]:
    """Those of the steps that ask for a badge of ours: (step, badge, its name)."""
    rows = db.execute(
        select(Step.id, BadgeClass.id, BadgeClass.name)
        .join(BadgeClass, BadgeClass.slug == Step.badge)
        .where(Step.id.in_(step_ids))
        .order_by(Step.id)
    )
    return [(step, badge, name) for step, badge, name in rows]
