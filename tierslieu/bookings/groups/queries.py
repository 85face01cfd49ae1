"""Reading seats kept for colleagues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from tierslieu.bookings.models import InvitationState, SeatInvitation

_HELD = SeatInvitation.state == InvitationState.HELD


def list_held(db: Session, session_id: UUID, user_id: UUID) -> Sequence[SeatInvitation]:
    """The seats this person keeps at a session, the first first."""
    return db.scalars(
        select(SeatInvitation)
        .where(
            SeatInvitation.session_id == session_id, SeatInvitation.invited_by_id == user_id, _HELD
        )
        .order_by(SeatInvitation.created_at, SeatInvitation.id)
    ).all()


def list_addresses(db: Session, session_id: UUID) -> set[str]:
    """The addresses for which a seat of this session is kept."""
    return set(
        db.scalars(
            select(SeatInvitation.email)
            .where(SeatInvitation.session_id == session_id, _HELD)
            .order_by(SeatInvitation.email)
        )
    )


def count_held(db: Session, session_id: UUID) -> int:
    """How many seats of a session are kept for colleagues."""
    query = select(func.count()).where(SeatInvitation.session_id == session_id, _HELD)
    return db.scalar(query.select_from(SeatInvitation)) or 0


def count_since(db: Session, user_id: UUID, since: datetime) -> int:
    """How many people this person has had written to since then."""
    query = select(func.count()).where(
        SeatInvitation.invited_by_id == user_id, SeatInvitation.created_at > since
    )
    return db.scalar(query.select_from(SeatInvitation)) or 0


def list_of_inviter(db: Session, user_id: UUID) -> Sequence[SeatInvitation]:
    """Every seat this person ever kept, by session: the order in which locks are taken."""
    return db.scalars(
        select(SeatInvitation)
        .where(SeatInvitation.invited_by_id == user_id)
        .options(joinedload(SeatInvitation.session))
        .order_by(SeatInvitation.session_id, SeatInvitation.id)
    ).all()


def find_by_hash(db: Session, secret_hash: str) -> SeatInvitation | None:
    """The seat that this link is for."""
    return db.scalar(
        select(SeatInvitation)
        .where(SeatInvitation.secret_hash == secret_hash)
        .options(joinedload(SeatInvitation.session), joinedload(SeatInvitation.invited_by))
    )


def list_over(db: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Seats kept beyond their time, the oldest first."""
    return db.scalars(
        select(SeatInvitation.id)
        .where(_HELD, SeatInvitation.held_until <= now)
        .order_by(SeatInvitation.held_until, SeatInvitation.id)
        .limit(limit)
    ).all()
