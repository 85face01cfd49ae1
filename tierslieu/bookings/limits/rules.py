"""Setting the rule, limiting somebody by it, lifting it, and what it refuses."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import ngettext
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tierslieu.bookings.limits.queries import (
    count_ahead,
    count_kept_ahead,
    find_latest,
    find_limit,
    list_over,
)
from tierslieu.bookings.models import BookingLimit, MissedRule
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.models import User
from tierslieu.web.formats import long_day

KEPT_FOR = timedelta(days=365)  # after its end
AT_ONCE = 200


def set_rule(
    db: Session, *, is_on: bool, times: int, months: int, most: int, weeks: int, now: datetime
) -> MissedRule:
    """What follows from now on when somebody misses ``times`` sessions without a word within
    ``months``: ``most`` bookings ahead for so many ``weeks``. What was missed before the rule was
    set, or set anew, never counts; limits that hold stay as they are."""
    lock_for_writing(db)
    rule = db.get(MissedRule, 1, with_for_update=True)
    if rule is None:
        rule = MissedRule(id=1, is_on=False, set_at=now)
        db.add(rule)
    was = (rule.is_on, rule.times, rule.months, rule.most, rule.weeks)
    becomes = (is_on, times, months, most, weeks)
    rule.is_on, rule.times, rule.months, rule.most, rule.weeks = becomes
    if was != becomes:
        rule.set_at = now
        note(db, Act.SETTINGS_CHANGED, now=now, about={"setting": "missed"})
    db.flush()
    return rule


def limit_person(db: Session, user: User, rule: MissedRule, *, now: datetime) -> BookingLimit:
    """Limit somebody by the rule as it is now. Whoever calls tells them."""
    limit = BookingLimit(
        user_id=user.id, since=now, until=now + timedelta(weeks=rule.weeks), most=rule.most
    )
    db.add(limit)
    db.flush()
    return limit


def counts_from(rule: MissedRule, now: datetime) -> datetime:
    """From when on a missed session counts against anybody: within the months of the rule, not
    before it was set."""
    return max(rule.set_at, now - timedelta(days=30 * rule.months))


def counts_since(db: Session, user_id: UUID, rule: MissedRule, now: datetime) -> datetime:
    """From when on a missed session counts against this person: as against anybody, and not again
    what led to a limit before, lifted or not."""
    since = counts_from(rule, now)
    latest = find_latest(db, user_id)
    return max(since, latest.since) if latest is not None else since


def lift_limit(db: Session, limit_id: UUID, *, now: datetime, actor_id: UUID) -> BookingLimit:
    """A facilitator lifts a limit: it limits nothing from now on. Lifted twice is lifted once.
    Raises :class:`NotYours`."""
    lock_for_writing(db)
    limit = db.get(BookingLimit, limit_id, with_for_update=True)
    if limit is None:
        raise NotYours
    if limit.lifted_at is None:
        limit.lifted_at, limit.lifted_by_id = now, actor_id
        db.flush()
    return limit


def check_limit(db: Session, user_id: UUID, now: datetime) -> None:
    """Raises :class:`Refused` with ``limited`` when this person has as many bookings ahead as they
    may for now. Whoever books holds their limit first (:func:`.queries.hold_limit`)."""
    _check_more(db, user_id, 1, now)


def check_may_invite(db: Session, user_id: UUID, seats: int, now: datetime) -> None:
    """Raises :class:`Refused` with ``limited`` when this person may not keep so many more seats
    for colleagues. Whoever invites holds their limit first."""
    _check_more(db, user_id, seats, now)


def _check_more(db: Session, user_id: UUID, more: int, now: datetime) -> None:
    # A seat kept for a colleague is one that others do not get, as a seat of one's own: else the
    # limit is gone round by keeping what one may not book. Taken, it is the colleague's.
    limit = find_limit(db, user_id, now)
    if limit is None:
        return
    ahead = count_ahead(db, user_id, now) + count_kept_ahead(db, user_id, now)
    if ahead + more > limit.most:
        raise Refused(say_limit(limit), code="limited")


def say_limit(limit: BookingLimit) -> str:
    """How many bookings ahead, until when, why, and what one can do."""
    return str(
        ngettext(
            "Jusqu’au %(until)s, vous pouvez avoir %(num)s réservation à venir à la fois, les "
            "places gardées pour des collègues comprises : des places que vous aviez sont "
            "restées vides. Un empêchement, une erreur ? Écrivez à l’équipe, qui peut lever "
            "cette limite ou vous inscrire.",
            "Jusqu’au %(until)s, vous pouvez avoir %(num)s réservations à venir à la fois, les "
            "places gardées pour des collègues comprises : des places que vous aviez sont "
            "restées vides. Un empêchement, une erreur ? Écrivez à l’équipe, qui peut lever "
            "cette limite ou vous inscrire.",
            limit.most,
            until=long_day(limit.until),
        )
    )


def forget_limits(db: Session, user_id: UUID) -> None:
    """Nothing is kept of this person's limits."""
    lock_for_writing(db)
    db.execute(delete(BookingLimit).where(BookingLimit.user_id == user_id))


def forget_old_limits(db: Session, *, now: datetime) -> int:
    """Forget what has been over for a year; returns how many."""
    lock_for_writing(db)
    found = list_over(db, now - KEPT_FOR, AT_ONCE)
    for limit in found:
        db.delete(limit)
    db.flush()
    return len(found)
