"""Two accounts of one person become one: of a badge received by both, both stay true."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.awards.renewals.queries import CURRENT
from tierslieu.db import lock_for_writing


def join_awards(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """Of two current awards of one badge the newer counts as the renewal of the older: nothing is
    withdrawn, each file verifies as before, and the newer is the one shown."""
    lock_for_writing(db)
    current = db.scalars(
        select(Award)
        .where(Award.user_id.in_([gone, kept]), *CURRENT)
        .order_by(Award.badge_id, Award.awarded_at, Award.id)
        .with_for_update(of=Award)
        .execution_options(populate_existing=True)
    ).all()
    for older, newer in pairwise(current):
        if older.badge_id != newer.badge_id:
            continue
        first = newer
        while first.renews_id is not None:  # it renews others: before them all
            first = db.get_one(Award, first.renews_id)
        older.renewed_at, first.renews_id = now, older.id
    db.flush()
