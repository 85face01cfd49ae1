"""Which passkeys there are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tierslieu.people.models import Passkey


def list_passkeys(db: Session, user_id: UUID) -> Sequence[Passkey]:
    """A person's, the oldest first."""
    query = select(Passkey).where(Passkey.user_id == user_id)
    return db.scalars(query.order_by(Passkey.added_at, Passkey.id)).all()


def count_passkeys(db: Session, user_id: UUID) -> int:
    """How many a person has."""
    query = select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id)
    return db.scalar(query) or 0


def find_passkey(db: Session, credential_id: str) -> Passkey | None:
    """The one a device knows by this number (base64url)."""
    return db.scalar(select(Passkey).where(Passkey.credential_id == credential_id))
