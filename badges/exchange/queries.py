"""Reading what was signed for programs, and the lists its bits stand in."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from badges.awards.models import StatusList
from badges.awards.queries import FIRST_EXCHANGE_LIST
from badges.exchange.models import IssuedCredential


def find_by_credential_id(db: Session, credential_id: str) -> IssuedCredential | None:
    """The credential its program names so."""
    return db.scalar(
        select(IssuedCredential).where(IssuedCredential.credential_id == credential_id)
    )


def list_issued(db: Session) -> Sequence[IssuedCredential]:
    """Every credential signed for a program, the oldest first."""
    return db.scalars(
        select(IssuedCredential).order_by(IssuedCredential.issued_at, IssuedCredential.id)
    ).all()


def list_issued_by(db: Session, user_id: UUID) -> Sequence[IssuedCredential]:
    """What was signed with this person's tokens, the oldest first."""
    return db.scalars(
        select(IssuedCredential)
        .where(IssuedCredential.issued_by_id == user_id)
        .order_by(IssuedCredential.issued_at, IssuedCredential.id)
    ).all()


def list_exchange_lists(db: Session) -> Sequence[StatusList]:
    """The status lists of these credentials."""
    return db.scalars(
        select(StatusList).where(StatusList.id >= FIRST_EXCHANGE_LIST).order_by(StatusList.id)
    ).all()


def find_newest_list(db: Session) -> StatusList | None:
    """The one of them that is being filled."""
    return db.scalar(
        select(StatusList)
        .where(StatusList.id >= FIRST_EXCHANGE_LIST)
        .order_by(StatusList.id.desc())
        .limit(1)
    )


def count_in_list(db: Session, list_id: int) -> int:
    """How many credentials have their bit in this list."""
    query = select(func.count()).select_from(IssuedCredential)
    return db.scalar(query.where(IssuedCredential.status_list_id == list_id)) or 0


def is_index_taken(db: Session, list_id: int, index: int) -> bool:
    """Whether this bit belongs to a credential."""
    taken = exists().where(
        IssuedCredential.status_list_id == list_id, IssuedCredential.status_index == index
    )
    return bool(db.scalar(select(taken)))
