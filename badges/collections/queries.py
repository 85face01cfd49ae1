"""Reading collections, by who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from badges.awards.models import Award
from badges.collections.models import Collection, CollectionMember
from badges.designs.models import BadgeClass
from tierslieu.people.models import User


def _whole() -> Select[Collection]:
    members = selectinload(Collection.members)
    return select(Collection).options(
        members.joinedload(CollectionMember.award)
        .joinedload(Award.badge)
        .selectinload(BadgeClass.skills),
        members.joinedload(CollectionMember.kept),
    )


def list_collections(db: Session, user_id: UUID) -> Sequence[Collection]:
    """This person's collections, the newest first."""
    return db.scalars(
        _whole()
        .where(Collection.user_id == user_id)
        .order_by(Collection.created_at.desc(), Collection.id)
    ).all()


def count_collections(db: Session, user_id: UUID) -> int:
    """How many collections this person has."""
    found = select(func.count()).select_from(Collection).where(Collection.user_id == user_id)
    return db.scalar(found) or 0


def find_own(db: Session, user_id: UUID, collection_id: UUID) -> Collection | None:
    """A collection of this person's own."""
    return db.scalar(_whole().where(Collection.id == collection_id, Collection.user_id == user_id))


def find_page_for(db: Session, person: User | None, collection_id: UUID) -> Collection | None:
    """The collection this person may see: theirs, or shared by somebody whose account is active."""
    query = _whole().where(Collection.id == collection_id)
    active = select(User.id).where(User.id == Collection.user_id, User.active.is_(True)).exists()
    shared = and_(Collection.is_shared.is_(True), active)
    if person is None:
        return db.scalar(query.where(shared))
    return db.scalar(query.where(or_(shared, Collection.user_id == person.id)))


def list_choosable(db: Session, user_id: UUID) -> Sequence[Award]:
    """Awards that may be put into a collection: this person's, not withdrawn. One that was renewed
    may stay where it is: it is still theirs."""
    return db.scalars(
        select(Award)
        .options(joinedload(Award.badge))
        .where(Award.user_id == user_id, Award.revoked_at.is_(None), Award.credential != "")
        .order_by(Award.awarded_at.desc(), Award.id)
    ).all()
