"""Two accounts of one person become one: nobody answers twice about one thing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.surveys.models import Invitation, Study
from tierslieu.surveys.queries import list_invitations_of
from tierslieu.surveys.rules import erase_answer


def join_surveys(
    db: Session, gone: UUID, kept: UUID, now: datetime, read: Callable[[Study], bytes | None]
) -> None:
    """Where both accounts were asked about the same thing, the answer stays, the first of two; the
    other question goes, with its answers: a person counts once. ``read`` gives a study's key, or
    None where it was destroyed."""
    lock_for_writing(db)
    ours = {(one.wave_id, one.subject): one for one in list_invitations_of(db, kept)}
    for theirs in list_invitations_of(db, gone):
        other = ours.get((theirs.wave_id, theirs.subject))
        if other is None:
            continue
        worse = max(other, theirs, key=lambda one: (*_worth(one), one is theirs))
        key = read(worse.wave.study)
        if key is None and worse.answered_at is not None:
            # Nobody can say any more which answers are whose: both stay, and are counted.
            worse.subject = f"{worse.subject}:{worse.id}"
            continue
        if key is not None:
            erase_answer(db, worse, key)
        db.delete(worse)
        db.flush()


def _worth(one: Invitation) -> tuple[int, float]:
    if one.answered_at is not None:
        return 0, one.answered_at.timestamp()
    return (1 if one.declined_at is not None else 2), one.invited_at.timestamp()
