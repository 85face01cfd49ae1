"""Reading awards that wait at an address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Subquery, func, or_, select
from sqlalchemy.orm import Session, joinedload

from badges.awards.models import Award
from badges.designs.models import BadgeClass
from tierslieu.people.queries import proved_addresses


def _waiting_for(proved: Subquery) -> Select[Award]:
    """Awards at an address that an open account proved by a mail to it, as its own or besides."""
    return (
        select(Award)
        .join(proved, proved.c.email == Award.recipient_email)
        .where(Award.revoked_at.is_(None))
    )


def list_waiting_for(db: Session, user_id: UUID, *, lock: bool = False) -> Sequence[Award]:
    """What waits at the addresses this person proved; the oldest first.

    With ``lock``, nobody else refuses, claims or withdraws it before the end of the transaction.
    """
    proved = proved_addresses()
    query = _waiting_for(proved).where(proved.c.user_id == user_id).options(joinedload(Award.badge))
    if lock:
        query = query.with_for_update(of=Award).execution_options(populate_existing=True)
    return db.scalars(query.order_by(Award.awarded_at, Award.id)).all()


def list_people_awaited(db: Session, limit: int) -> list[UUID]:
    """People whose address has an award waiting, at most so many."""
    proved = proved_addresses()
    theirs = _waiting_for(proved).with_only_columns(proved.c.user_id).distinct()
    return list(db.scalars(theirs.order_by(proved.c.user_id).limit(limit)))


def find_by_token(db: Session, token: str) -> Award | None:
    """The award of the link in a mail, while it waits."""
    return db.scalar(
        select(Award)
        .where(Award.claim_token == token)
        .options(joinedload(Award.badge).selectinload(BadgeClass.skills))
    )


def list_unclaimed_since(db: Session, instant: datetime, limit: int) -> Sequence[Award]:
    """Awards made before then that nobody claimed and that still say whose they are."""
    return db.scalars(
        select(Award)
        .where(
            Award.user_id.is_(None),
            Award.awarded_at < instant,
            or_(Award.credential != "", Award.recipient_email.is_not(None)),
        )
        .order_by(Award.awarded_at, Award.id)
        .limit(limit)
    ).all()


def count_waiting(db: Session, badge_id: UUID) -> int:
    """How many awards of this badge wait at an address."""
    query = select(func.count()).where(
        Award.badge_id == badge_id, Award.recipient_email.is_not(None), Award.revoked_at.is_(None)
    )
    return db.scalar(query.select_from(Award)) or 0
