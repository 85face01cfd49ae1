"""What it offers: the card of the team, and the night's work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from badges.awards.desk import house
from badges.awards.proposals import count_ready
from badges.awards.waiting.jobs import make_list
from badges.awards.waiting.rules import NAME, find_list
from tierslieu.house import Card, HomeCard, Job
from tierslieu.nightly.rules import EVERY, MOST
from tierslieu.people.models import FACILITATOR


def ready_card(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    """For whom a badge waits: those who meet all its criteria, or lack only the team's word."""
    waiting = count_ready(db, house(), viewer_id=user_id, now=now)
    if waiting:
        rows = [{"badge": badge, "count": count} for badge, count in waiting[:5]]
        context = {
            "rows": rows,
            "more": len(waiting) - len(rows),
            "made_at": find_list(db)[1],
            "counted": MOST,
        }
        yield Card("awards/_card_ready.html", context, urgency=25, span=6)


def _make_list(db: Session, now: datetime) -> int:
    return make_list(db, house(), now)


OFFERS = (
    HomeCard("badges_ready", frozenset({FACILITATOR}), ready_card),
    Job(NAME, EVERY, _make_list, lease=timedelta(hours=2), by_any_clock=True),
)
