"""Whose path led to a badge."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.designs.models import BadgeCriterion, BadgeCriterionGroup
from courses.enrolments.models import Enrolment
from courses.paths.models import PathVersion, Step


def list_awarded(db: Session, since: datetime, until: datetime) -> list[tuple[UUID, UUID]]:
    """(person, path) of the enrolments begun in [since, until) of who holds a badge of which a
    condition names that path or a step of it, once; withdrawn and suspended badges are not held."""
    rows = db.execute(
        select(Enrolment.user_id, Enrolment.path_id)
        .join(Award, Award.user_id == Enrolment.user_id)
        .join(BadgeCriterionGroup, BadgeCriterionGroup.badge_id == Award.badge_id)
        .join(BadgeCriterion, BadgeCriterion.group_id == BadgeCriterionGroup.id)
        .outerjoin(Step, Step.id == BadgeCriterion.step_id)
        .outerjoin(PathVersion, PathVersion.id == Step.version_id)
        .where(
            or_(
                BadgeCriterion.path_id == Enrolment.path_id,
                PathVersion.path_id == Enrolment.path_id,
            ),
            Award.revoked_at.is_(None),
            Award.suspended_at.is_(None),
            Enrolment.started_at >= since,
            Enrolment.started_at < until,
        )
        .distinct()
        .order_by(Enrolment.path_id, Enrolment.user_id)
    )
    return [(row[0], row[1]) for row in rows]


def list_dated(db: Session, since: datetime, until: datetime) -> list[UUID]:
    """Who was awarded any badge in [since, until), once."""
    awarded = (Award.awarded_at >= since) & (Award.awarded_at < until)
    found = db.scalars(select(Award.user_id).where(awarded).distinct().order_by(Award.user_id))
    return [user_id for user_id in found if user_id is not None]
