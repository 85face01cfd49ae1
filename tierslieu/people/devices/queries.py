"""Which sessions are open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tierslieu.people.devices.rules import AHEAD, hash_secret
from tierslieu.people.models import OpenSession


def _lasting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Not over; nor begun so far ahead that only a clock that was wrong can have written it: with
    that clock set right it would last as much longer than its rule."""
    return OpenSession.ends_at > now, OpenSession.created_at < now + AHEAD


def find_open(db: Session, user_id: UUID, secret: str, now: datetime) -> OpenSession | None:
    """This person's session of that cookie, while it is open."""
    return db.scalar(
        select(OpenSession).where(
            OpenSession.secret_hash == hash_secret(secret),
            OpenSession.user_id == user_id,
            *_lasting(now),
        )
    )


def list_open(db: Session, user_id: UUID, now: datetime) -> Sequence[OpenSession]:
    """All of a person's, the latest used first."""
    query = select(OpenSession).where(OpenSession.user_id == user_id, *_lasting(now))
    return db.scalars(query.order_by(OpenSession.last_seen_at.desc(), OpenSession.id)).all()
