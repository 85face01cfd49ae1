"""Reading the setting and the invitations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tierslieu.people.entry.models import EntryInvitation, EntrySetting
from tierslieu.people.models import User


def read_setting(db: Session) -> EntrySetting | None:
    """How sign-up is set; None where nobody ever set it."""
    return db.scalar(select(EntrySetting))


def find_by_hash(db: Session, hashes: Sequence[str]) -> EntryInvitation | None:
    """The invitation that one of these is of."""
    return db.scalar(
        select(EntryInvitation)
        .where(EntryInvitation.secret_hash.in_(hashes))
        .order_by(EntryInvitation.id)
        .limit(1)
    )


def hold_invitation(db: Session, invitation_id: UUID) -> EntryInvitation | None:
    """One of them, to change it."""
    return db.scalar(
        select(EntryInvitation)
        .where(EntryInvitation.id == invitation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def find_invitation(db: Session, invitation_id: UUID) -> EntryInvitation | None:
    """That invitation, to be shown."""
    return db.get(EntryInvitation, invitation_id)


def list_invitations(db: Session, offset: int, limit: int) -> Sequence[EntryInvitation]:
    """All of them, the newest first."""
    return db.scalars(
        select(EntryInvitation)
        .order_by(EntryInvitation.made_at.desc(), EntryInvitation.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()


def count_invitations(db: Session) -> int:
    """How many they are."""
    return db.scalar(select(func.count()).select_from(EntryInvitation)) or 0


def find_invited(
    db: Session, addresses: Sequence[str], now: datetime
) -> Mapping[str, EntryInvitation]:
    """Which of these addresses hold an invitation that opens, and which."""
    found = db.scalars(
        select(EntryInvitation)
        .where(
            EntryInvitation.email.in_(addresses),
            EntryInvitation.revoked_at.is_(None),
            EntryInvitation.ends_at > now,
            EntryInvitation.uses == 0,
        )
        .order_by(EntryInvitation.ends_at, EntryInvitation.id)
    )
    return {one.email: one for one in found}


def list_of_address(db: Session, address: str) -> Sequence[EntryInvitation]:
    """Every invitation of this address."""
    return db.scalars(
        select(EntryInvitation)
        .where(EntryInvitation.email == address, EntryInvitation.email != "")
        .order_by(EntryInvitation.made_at, EntryInvitation.id)
    ).all()


def find_accounts(db: Session, addresses: Sequence[str]) -> set[str]:
    """Which of these addresses open an account."""
    query = select(User.email).where(User.email.in_(addresses)).order_by(User.email)
    return set(db.scalars(query))


def list_over(db: Session, before: datetime, limit: int) -> Sequence[EntryInvitation]:
    """Those that ended, or were withdrawn, before then."""
    return db.scalars(
        select(EntryInvitation)
        .where(or_(EntryInvitation.ends_at < before, EntryInvitation.revoked_at < before))
        .order_by(EntryInvitation.ends_at, EntryInvitation.id)
        .limit(limit)
    ).all()
