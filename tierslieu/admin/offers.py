"""What the administration offers: the way to people, on the first page of who runs the place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.admin.jobs import JOBS, RULES
from tierslieu.house import Card, HomeCard
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.people.queries import count_people, list_holders


def _people(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    yield Card(
        "admin/_card_people.html",
        {"count": count_people(db, ""), "administrators": len(list_holders(db, ADMINISTRATOR))},
        urgency=20,
    )


OFFERS = (HomeCard("administration", frozenset({ADMINISTRATOR}), _people), *JOBS, *RULES)
