"""Reading who the people of the dashboard are, and since when there are any."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from tierslieu.agenda.models import LearningSession
from tierslieu.evaluation.queries import SLICE
from tierslieu.people.models import Audience, Gender, Profile


def find_traits(
    db: Session, user_ids: Collection[UUID]
) -> dict[UUID, tuple[Audience, Gender | None]]:
    """The public and the gender of these people who have a profile."""
    ids, found = sorted(user_ids), {}
    for start in range(0, len(ids), SLICE):
        rows = db.execute(
            select(Profile.user_id, Profile.audience, Profile.gender)
            .where(Profile.user_id.in_(ids[start : start + SLICE]))
            .order_by(Profile.user_id)
        )
        found.update({user_id: (audience, gender) for user_id, audience, gender in rows})
    return found


def find_beginning(db: Session) -> datetime | None:
    """When the first enrolment or the first session began; None: nothing has."""
    firsts = [
        db.scalar(select(func.min(Enrolment.started_at))),
        db.scalar(select(func.min(LearningSession.starts_at))),
    ]
    return min((first for first in firsts if first is not None), default=None)
