"""What is due by itself: awards whose person has come, and awards nobody came for."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from badges.awards.claims.queries import list_people_awaited
from badges.awards.claims.rules import claim_awards, forget_unclaimed
from tierslieu.house import Job
from tierslieu.house_kept import Retention

PEOPLE_AT_ONCE = 100


def _claim(db: Session, now: datetime) -> int:
    count = 0
    for user_id in list_people_awaited(db, PEOPLE_AT_ONCE):
        try:
            count += len(claim_awards(db, user_id).awards)
            db.commit()
        except IntegrityError:  # given to them this very moment another way: looked at next time
            db.rollback()
    return count


def _forget(db: Session, now: datetime) -> int:
    count = forget_unclaimed(db, now)
    db.commit()
    return count


RULES = (
    Retention(
        "unclaimed_awards",
        label=_("Badges que personne n’est venu chercher"),
        term=_("un an"),
        sweep=forget_unclaimed,
        job="forget_unclaimed_awards",
    ),
)
JOBS = (
    Job("claim_awards", timedelta(minutes=1), _claim, by_any_clock=True),
    Job("forget_unclaimed_awards", timedelta(days=1), _forget),
)
