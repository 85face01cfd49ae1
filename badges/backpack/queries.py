"""Reading a holder's public page and the badges they keep from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards.models import Award, HolderPage, Sharing
from badges.backpack.models import KeptBadge
from tierslieu.people.models import User


def find_public_holder(db: Session, page_id: UUID) -> User | None:
    """Whose page this is, while they show at least one badge to everybody."""
    shown = select(Award.id).where(
        Award.user_id == User.id,
        Award.sharing == Sharing.PUBLIC,
        Award.revoked_at.is_(None),
        Award.credential != "",
    )
    return db.scalar(
        select(User)
        .join(HolderPage, HolderPage.user_id == User.id)
        .where(HolderPage.id == page_id, User.active.is_(True), shown.exists())
    )


def list_kept(db: Session, user_id: UUID) -> Sequence[KeptBadge]:
    """Badges this person brought from elsewhere, the newest first."""
    return db.scalars(
        select(KeptBadge)
        .where(KeptBadge.user_id == user_id)
        .order_by(KeptBadge.kept_at.desc(), KeptBadge.id)
    ).all()


def count_kept(db: Session, user_id: UUID) -> int:
    """How many badges from elsewhere this person keeps."""
    found = select(func.count()).select_from(KeptBadge).where(KeptBadge.user_id == user_id)
    return db.scalar(found) or 0


def find_kept(db: Session, user_id: UUID, kept_id: UUID) -> KeptBadge | None:
    """One badge from elsewhere, of this person's own."""
    return db.scalar(select(KeptBadge).where(KeptBadge.id == kept_id, KeptBadge.user_id == user_id))


def find_same(db: Session, user_id: UUID, fingerprint: str) -> KeptBadge | None:
    """The same badge, if this person keeps it already."""
    return db.scalar(
        select(KeptBadge).where(KeptBadge.user_id == user_id, KeptBadge.fingerprint == fingerprint)
    )
