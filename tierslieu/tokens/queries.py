"""Reading tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tierslieu.people.models import User
from tierslieu.tokens.models import AccessToken


def list_tokens(db: Session, user_id: UUID) -> Sequence[AccessToken]:
    """This person's tokens, the newest first, those that ended included."""
    return db.scalars(
        select(AccessToken)
        .where(AccessToken.user_id == user_id)
        .order_by(AccessToken.created_at.desc(), AccessToken.id.desc())
    ).all()


def list_standing(db: Session, user_id: UUID, now: datetime) -> Sequence[AccessToken]:
    """This person's tokens that still open something, the newest first."""
    return [token for token in list_tokens(db, user_id) if token.stands(now)]


def _standing(now: datetime) -> Select[AccessToken]:
    return select(AccessToken).where(AccessToken.revoked_at.is_(None), AccessToken.expires_at > now)


def list_all_standing(db: Session, now: datetime, offset: int, limit: int) -> Sequence[AccessToken]:
    """Everybody's tokens that still open something, with their owners; the newest first."""
    return db.scalars(
        _standing(now)
        .options(joinedload(AccessToken.user))
        .order_by(AccessToken.created_at.desc(), AccessToken.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()


def count_all_standing(db: Session, now: datetime) -> int:
    """How many :func:`list_all_standing` would find."""
    return db.scalar(select(func.count()).select_from(_standing(now).subquery())) or 0


def find_by_digest(db: Session, digest: str) -> AccessToken | None:
    """The token with this digest, and its owner with their roles."""
    return db.scalar(
        select(AccessToken)
        .where(AccessToken.digest == digest)
        .options(joinedload(AccessToken.user).options(selectinload(User.roles)))
    )


def find_own_token(db: Session, user_id: UUID, token_id: UUID) -> AccessToken | None:
    """A token of this person's own."""
    return db.scalar(
        select(AccessToken).where(AccessToken.id == token_id, AccessToken.user_id == user_id)
    )


def list_ended_before(db: Session, instant: datetime, limit: int) -> Sequence[AccessToken]:
    """Tokens that opened nothing any more at that instant, the first to end first."""
    return db.scalars(
        select(AccessToken)
        .where(or_(AccessToken.expires_at < instant, AccessToken.revoked_at < instant))
        .order_by(AccessToken.expires_at, AccessToken.id)
        .limit(limit)
    ).all()
