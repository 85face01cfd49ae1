"""Sessions by a recurrence rule. Each date is a session of its own: the rule only made them."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.days import public_holidays
from tierslieu.agenda.models import LearningSession, SeatMode, Series
from tierslieu.agenda.planning import Keep, Plan
from tierslieu.agenda.rules import plan_session
from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.web.formats import day

MOST = 52  # dates


class Every(enum.Enum):
    """How often."""

    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    MONTH = "month"  # the same weekday of the month: the second Thursday


class Scope(enum.Enum):
    """Which sessions of a series a change is for; those that began are left."""

    ONE = "one"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True)
class Checked:
    """A date before it is planned; ``problem``: why it cannot be, '' if it can; ``holiday``: which
    public holiday it is, '' on most days; ``unusual``: what one should know of it, '' on most."""

    day: date
    problem: str
    holiday: str = ""
    unusual: str = ""


def recurrence(every: Every, first: date, count: int) -> rrule:
    """The rule that gives those dates (RFC 5545)."""
    if every is Every.MONTH:
        nth = (first.day - 1) // 7 + 1
        if nth == 5:  # few months have a fifth one: the last
            nth = -1
        same = weekday(first.weekday(), nth)
        return rrule(MONTHLY, dtstart=_midnight(first), byweekday=same, count=count)
    interval = 2 if every is Every.TWO_WEEKS else 1
    return rrule(WEEKLY, dtstart=_midnight(first), interval=interval, count=count)


def list_days(every: Every, first: date, count: int) -> list[date]:
    """The dates, the first one included. Raises :class:`Refused` (field ``times``)."""
    if not 2 <= count <= MOST:
        raise Refused(_("Une série compte de 2 à %(most)s séances.", most=MOST), field="times")
    return [moment.date() for moment in recurrence(every, first, count)]


def at_day(plan: Plan, when: date) -> Plan:
    """The same on another day: its hours stay, what counts from it moves along."""
    return shifted(plan, _midnight(when) - _midnight(plan.starts_local.date()))


def shifted(plan: Plan, by: timedelta) -> Plan:
    """The same so much later, by the clock on the wall: opening, closing and keeping too."""
    keep = plan.keep
    return replace(
        plan,
        starts_local=plan.starts_local + by,
        ends_local=plan.ends_local + by,
        bookable_from=plan.bookable_from + by if plan.bookable_from else None,
        bookable_until=plan.bookable_until + by if plan.bookable_until else None,
        keep=Keep(keep.places, keep.audience, keep.until_local + by) if keep else None,
    )


def plan_of(session: LearningSession) -> Plan:
    """What a session is now, as one would plan it."""
    seats = {pool.mode: pool.capacity for pool in session.pools if pool.capacity}
    kept = next((pool for pool in session.pools if pool.kept), None)
    keep = None
    if kept is not None and kept.kept_for is not None and kept.kept_until is not None:
        keep = Keep(kept.kept, kept.kept_for, to_local(kept.kept_until))
    return Plan(
        title=session.title,
        starts_local=session.starts_local,
        ends_local=session.ends_local,
        description=session.description,
        bring=session.bring,
        room_id=session.room_id,
        onsite=seats.get(SeatMode.ONSITE),
        online_link=session.online_link,
        online=seats.get(SeatMode.ONLINE),
        facilitator_ids=tuple(sorted(person.id for person in session.facilitators)),
        step_id=session.step_id,
        prerequisites=session.prerequisites,
        level=session.level,
        audience=session.audience,
        admission=session.admission,
        invitation_code=session.invitation_code,
        bookable_from=to_local(session.bookable_from) if session.bookable_from else None,
        bookable_until=to_local(session.bookable_until) if session.bookable_until else None,
        keep=keep,
    )


def carried_over(own: Plan, was: Plan, becomes: Plan) -> Plan:
    """``own`` with what is changed from ``was`` to ``becomes``, and nothing else: what one date of
    a series has for itself stays. It moves by as much, and its end by as much as that one's."""
    days = own.starts_local - was.starts_local
    moved = shifted(replace(becomes, facilitator_ids=tuple(sorted(becomes.facilitator_ids))), days)
    before = shifted(was, days)
    changed = {
        field.name: getattr(moved, field.name)
        for field in fields(Plan)
        if getattr(moved, field.name) != getattr(before, field.name)
    }
    changed["starts_local"] = own.starts_local + (becomes.starts_local - was.starts_local)
    changed["ends_local"] = own.ends_local + (becomes.ends_local - was.ends_local)
    return replace(own, **changed)


def check_days(
    db: Session, plan: Plan, days: Sequence[date], *, now: datetime, actor_id: UUID
) -> list[Checked]:
    """What planning each of them would say; nothing is written."""
    lock_for_writing(db)
    found = []
    for when in days:
        problem = unusual = ""
        # What is unusual alone can be planned: it is asked first without, then with.
        for anyway in (False, True):
            attempt = db.begin_nested()
            try:
                moved = replace(at_day(plan, when), anyway=anyway)
                plan_session(db, moved, now=now, actor_id=actor_id)
            except Refused as refused:
                if refused.code == "unusual":
                    unusual = refused.message
                else:
                    problem = refused.message
            attempt.rollback()
            if not unusual:
                break
        holiday = ", ".join(public_holidays(when.year).get(when, []))
        found.append(Checked(when, problem, holiday, unusual))
    return found


def plan_series(
    db: Session,
    plan: Plan,
    every: Every,
    days: Sequence[date],
    *,
    now: datetime,
    actor_id: UUID,
    is_bundle: bool = False,
) -> list[LearningSession]:
    """A session on each of those days, all or none; ``is_bundle``: to be followed as a whole.
    Raises :class:`Refused`, naming the day."""
    lock_for_writing(db)
    if len(days) < 2:
        raise Refused(_("Gardez au moins deux dates, ou proposez une seule séance."), code="few")
    rule = str(recurrence(every, days[0], len(days))).partition("RRULE:")[2]
    series = Series(rule=rule, is_bundle=is_bundle, created_by_id=actor_id, created_at=now)
    db.add(series)
    db.flush()
    made = []
    for when in sorted(days):
        try:
            # Who ticks a date has read what is unusual about it.
            dated = replace(at_day(plan, when), anyway=True)
            session = plan_session(db, dated, now=now, actor_id=actor_id)
        except Refused as refused:
            raise naming(refused, when) from None
        session.series_id = series.id
        made.append(session)
    db.flush()
    return made


def naming(refused: Refused, when: date) -> Refused:
    """The same refusal, with the day it is about."""
    return Refused(
        _("Le %(day)s : %(why)s", day=day(when), why=refused.message),
        code=refused.code,
        field=refused.field,
        status=refused.status,
    )


def _midnight(when: date) -> datetime:
    return datetime(when.year, when.month, when.day)  # noqa: DTZ001 - wall time
