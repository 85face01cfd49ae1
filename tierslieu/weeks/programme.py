"""The programme of a week: half-days that are sessions of the agenda, chosen or made for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tierslieu.agenda.models import Admission, LearningSession
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.rules import plan_session
from tierslieu.errors import NotYours, Refused
from tierslieu.web.formats import day, upper_first
from tierslieu.weeks.applications.claims import give_back_seat, take_session
from tierslieu.weeks.applications.models import ApplicationSeat, ApplicationState, WeekApplication
from tierslieu.weeks.applications.queries import list_in_state
from tierslieu.weeks.models import Week, week_sessions
from tierslieu.weeks.queries import find_week_of_session
from tierslieu.weeks.rules import check_stands, lock_week


def add_session(
    db: Session,
    week_id: UUID,
    session_id: UUID,
    *,
    now: datetime,
    actor_id: UUID,
    is_own: bool = False,
) -> Week:
    """Make a session of the agenda a half-day of the week; who is accepted already gets a seat.
    ``is_own``: it is there for this week alone.

    Raises :class:`NotYours`, or :class:`Refused` with ``closed``, ``of_bundle``, ``other_days``,
    ``taken``, or ``blocked`` when one of them has no seat: then nothing is changed.
    """
    week = lock_week(db, week_id)
    check_stands(week)
    session = db.get(LearningSession, session_id)
    if session is None:
        raise NotYours
    if session.cancelled_at is not None or session.starts_at <= now:
        raise Refused(
            _("Cette séance est annulée ou a commencé : choisissez-en une autre."), code="closed"
        )
    if session.is_of_bundle:
        raise Refused(
            _(
                "Cette séance se suit avec toutes celles de sa série : ses places ne se prennent "
                "pas une à une. Planifiez plutôt une demi-journée pour cette semaine."
            ),
            code="of_bundle",
        )
    if not week.first_day <= session.starts_local.date() <= week.last_day:
        raise Refused(
            _(
                "%(day)s n’est pas un jour de la semaine.",
                day=upper_first(day(session.starts_local)),
            ),
            code="other_days",
            field="day",
        )
    if (other := find_week_of_session(db, session.id)) is not None:
        raise Refused(
            _("Cette séance est déjà du programme de « %(week)s ».", week=other.title), code="taken"
        )
    everything = db.begin_nested()
    db.execute(insert(week_sessions).values(week_id=week.id, session_id=session.id, is_own=is_own))
    db.expire(week, ["sessions"])
    for application in list_in_state(db, week.id, ApplicationState.ACCEPTED):
        try:
            take_session(db, application, session, now, actor_id)
        except Refused:
            everything.rollback()
            raise
    everything.commit()
    return week


def add_half_day(
    db: Session, week_id: UUID, plan: Plan, *, now: datetime, actor_id: UUID
) -> LearningSession:
    """Plan a session for this week alone, and make it one of its half-days.

    Raises as :func:`~tierslieu.agenda.rules.plan_session` and :func:`add_session` do.
    """
    week = lock_week(db, week_id)
    check_stands(week)
    if not week.first_day <= plan.starts_local.date() <= week.last_day:
        raise Refused(
            _(
                "Ce jour n’est pas de la semaine : choisissez entre le %(first)s et le %(last)s.",
                first=day(week.first_day),
                last=day(week.last_day),
            ),
            code="other_days",
            field="day",
        )
    # On invitation: one comes in by the week, not by the agenda.
    for_week = replace(
        plan,
        admission=Admission.CODE,
        invitation_code=plan.invitation_code or token_hex(8),
    )
    session = plan_session(db, for_week, now=now, actor_id=actor_id)
    add_session(db, week_id, session.id, now=now, actor_id=actor_id, is_own=True)
    return session


def remove_session(
    db: Session, week_id: UUID, session_id: UUID, *, now: datetime, actor_id: UUID
) -> Week:
    """Take a half-day to come out of the programme; the seats taken for the week are given back.
    The session itself stays at the agenda. A published week keeps one half-day at least."""
    week = lock_week(db, week_id)
    check_stands(week)
    session = next((one for one in week.sessions if one.id == session_id), None)
    if session is None:
        raise NotYours
    if session.starts_at <= now:
        raise Refused(_("Cette demi-journée a commencé : elle reste au programme."), code="closed")
    if week.published_at is not None and len(week.standing) == 1 and not session.cancelled_at:
        raise Refused(
            _("C’est la dernière demi-journée de la semaine : ajoutez-en une autre d’abord."),
            code="last_one",
        )
    seats = db.scalars(
        select(ApplicationSeat)
        .join(WeekApplication, WeekApplication.id == ApplicationSeat.application_id)
        .where(WeekApplication.week_id == week.id)
        .order_by(ApplicationSeat.application_id, ApplicationSeat.booking_id)
    )
    for seat in seats:
        if seat.booking.session_id == session.id:
            give_back_seat(db, seat, now=now, actor_id=actor_id, is_told=True)
    db.execute(
        week_sessions.delete().where(
            week_sessions.c.week_id == week.id, week_sessions.c.session_id == session.id
        )
    )
    db.expire(week, ["sessions"])
    return week
