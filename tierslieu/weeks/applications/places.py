"""Places of a week: how many are left for whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tierslieu.people.models import Audience
from tierslieu.weeks.applications.queries import count_accepted
from tierslieu.weeks.models import Week


def kept_for_others(db: Session, week: Week, audience: Audience, now: datetime) -> int:
    """Places that are kept for other publics and that they have not taken."""
    if week.quotas_until is None or now >= week.quotas_until:
        return 0
    accepted = count_accepted(db, week.id)
    return sum(
        max(quota.places - accepted.get(quota.audience, 0), 0)
        for quota in week.quotas
        if quota.audience is not audience
    )


def free_places(db: Session, week: Week, audience: Audience, now: datetime) -> int:
    """Places left for somebody of this public."""
    return max(week.places - week.accepted - kept_for_others(db, week, audience, now), 0)
