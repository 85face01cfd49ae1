"""Two accounts of one person become one: of a badge received by both, both stay true."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.awards.renewals.queries import CURRENT
from tierslieu.db import lock_for_writing


def join_awards(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """Of two current awards of one badge the better counts as the renewal of the other: nothing is
    withdrawn, each file verifies as before, and the better is the one shown. Better is what is not
    suspended, then what is valid for longer, then what is shared, then what is newer."""
    lock_for_writing(db)
    current = db.scalars(
        select(Award)
        .where(Award.user_id.in_([gone, kept]), *CURRENT)
        .order_by(Award.badge_id, Award.awarded_at, Award.id)
        .with_for_update(of=Award)
        .execution_options(populate_existing=True)
    ).all()
    for pair in pairwise(current):
        if pair[0].badge_id != pair[1].badge_id:
            continue
        older, newer = sorted(pair, key=_worth)
        first = newer
        while first.renews_id is not None:  # it renews others: before them all
            first = db.get_one(Award, first.renews_id)
        older.renewed_at, first.renews_id = now, older.id
    db.flush()


def _worth(award: Award) -> tuple[bool, datetime, bool, datetime]:
    ends = award.valid_until or datetime.max.replace(tzinfo=UTC)
    return award.suspended_at is None, ends, award.sharing.is_open, award.awarded_at


def count_judged(db: Session, judge: UUID, about: UUID) -> int:
    """How many badges the one awarded to the other."""
    query = select(func.count()).select_from(Award)
    return db.scalar(query.where(Award.user_id == about, Award.awarded_by_id == judge)) or 0
