"""Passkeys that go all at once: with the person, with a lost device."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from tierslieu.people.models import Passkey


def forget_passkeys(db: Session, user_id: UUID) -> int:
    """All of a person's; how many they were."""
    done = db.execute(delete(Passkey).where(Passkey.user_id == user_id))
    return int(getattr(done, "rowcount", 0))


def erase_passkeys(db: Session, user_id: UUID) -> None:
    """Forget them with the person."""
    forget_passkeys(db, user_id)
