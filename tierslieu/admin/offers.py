"""What the administration offers: the way to people, on the first page of who runs the place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from tierslieu import counting
from tierslieu.admin.jobs import JOBS, RULES
from tierslieu.admin.scenes import play
from tierslieu.admin.seeing.rules import end_overdue
from tierslieu.clockwork import find_leap
from tierslieu.house import Card, HomeCard, Job, Scene
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.people.queries import count_people, list_holders
from tierslieu.settings import Settings


def _people(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    context = {
        "count": count_people(db, ""),
        "most": counting.COUNTED,
        "administrators": len(list_holders(db, ADMINISTRATOR)),
    }
    yield Card("admin/_card_people.html", context, urgency=20)


def _clock(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    settings: Settings = current_app.config["TIERSLIEU"]
    leap = None if settings.demo else find_leap(db, now)
    if leap is not None:
        yield Card("admin/works/_clock.html", {"leap": leap, "now": now}, urgency=2, tone="ask")


def _end_seeing(db: Session, now: datetime) -> int:
    return end_overdue(db, now=now)


OFFERS = (
    HomeCard("administration", frozenset({ADMINISTRATOR}), _people),
    HomeCard("clock", frozenset({ADMINISTRATOR}), _clock),
    Job("end_seeing", timedelta(minutes=1), _end_seeing, by_any_clock=True),
    Scene("place", play),
    *JOBS,
    *RULES,
)
