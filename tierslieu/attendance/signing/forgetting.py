"""What signatures say of a person is emptied; the chains stay whole."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.attendance.signing.models import Signature
from tierslieu.attendance.signing.queries import list_signatures_of
from tierslieu.db import lock_for_writing


def forget_signatures(db: Session, user_id: UUID) -> None:
    """Empty what signatures say of a person; the chains stay whole. Before their lines go."""
    lock_for_writing(db)
    for one in list_signatures_of(db, user_id):
        forget(one)
    db.flush()


def forget(one: Signature) -> None:
    """Empty what this record says of anybody."""
    one.salt = one.who = one.name = one.written = ""
