"""Accounts that nobody has used for three years are closed, thirty days after a mail said so.

A badge somebody shows keeps its account open: its link would die with it. Badges kept as files are
verified for ever: closing an account withdraws none (``badges/awards/forgetting.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from badges.awards.models import OPEN, Award
from tierslieu.attention import Trace
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.house import House, PersonalData
from tierslieu.people.models import User
from tierslieu.people.rights.rules import leave
from tierslieu.people.unused import (
    UNUSED_FOR,
    latest_of,
    learns_only,
    list_old_accounts,
    list_own_signs,
    list_warned,
    was_warned,
    write_warning,
)
from tierslieu.tokens.models import AccessToken

AT_ONCE = 200


def list_unused(db: Session, house: House, now: datetime) -> list[tuple[UUID, datetime]]:
    """Accounts without a sign for three years, and when the last was."""
    old = list_old_accounts(db, now - UNUSED_FOR)
    traces = [trace.latest(db, now, None) for trace in house.all(Trace)] if old else []
    signs = [(user, latest_of(_signs(db, user), traces, user.id)) for user in old]
    return [(user.id, latest) for user, latest in signs if _is_unused(db, user, latest, now)]


def warn_unused(db: Session, found: Sequence[tuple[UUID, datetime]], now: datetime) -> int:
    """Write to who has not come for three years, once; gives how many mails were written."""
    lock_for_writing(db)
    count = 0
    for user_id, latest in found:
        count += write_warning(db, db.get_one(User, user_id), latest, now=now)
        if count == AT_ONCE:  # the others tomorrow: no mail server likes a flood
            break
    return count


def close_unused(db: Session, house: House, now: datetime) -> int:
    """Close one account that was told so in time; gives how many: one, or none is left."""
    for user_id in list_warned(db, now):
        db.rollback()
        lock_for_writing(db)
        user = db.get_one(User, user_id, populate_existing=True)
        traces = [trace.latest(db, now, [user_id]) for trace in house.all(Trace)]
        latest = latest_of(_signs(db, user), traces, user_id)
        warned = was_warned(db, user, latest, now=now)
        if not (user.active and warned and _is_unused(db, user, latest, now)):
            continue
        try:
            leave(db, user_id, house.all(PersonalData), now=now, mail="people_closed")
        except Refused:  # they book something at this very moment
            db.rollback()
            continue
        return 1
    return 0


def _signs(db: Session, user: User) -> list[datetime]:
    """What somebody did with their account, by a browser or by a program."""
    days = db.scalars(
        select(AccessToken.last_used_on)
        .where(AccessToken.user_id == user.id, AccessToken.last_used_on.is_not(None))
        .order_by(AccessToken.id)
    )
    used = [datetime.combine(day, time(), UTC) for day in days if day is not None]
    return [*list_own_signs(db, user), *used]


def _is_unused(db: Session, user: User, latest: datetime, now: datetime) -> bool:
    shown = select(exists().where(Award.user_id == user.id, Award.sharing.in_(OPEN)))
    return latest < now - UNUSED_FOR and learns_only(user) and not db.scalar(shown)
