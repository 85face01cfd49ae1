"""Every SELECT of plans. Who reads what is decided here, once: see :func:`_readable_by`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from tierslieu.among import is_among
from tierslieu.attention import Among
from tierslieu.clock import to_local
from tierslieu.people.models import FACILITATOR, Role, User, user_roles
from tierslieu.support.appointments.models import Appointment, AppointmentSlot
from tierslieu.support.plans.models import (
    Plan,
    PlanAgreement,
    PlanChecklist,
    PlanEvent,
    PlanState,
    PlanStep,
)

_OPEN = Plan.state != PlanState.DONE
_SHOWN = (
    joinedload(Plan.user),
    selectinload(Plan.steps).joinedload(PlanStep.path),
    selectinload(Plan.steps).joinedload(PlanStep.appointment).joinedload(Appointment.slot),
    selectinload(Plan.checklists).joinedload(PlanChecklist.checklist),
    selectinload(Plan.agreements).joinedload(PlanAgreement.agreed_by),
    selectinload(Plan.events).joinedload(PlanEvent.actor),
)


@dataclass(frozen=True)
class LateItem:
    """What somebody meant to have done by ``due``."""

    user_id: UUID
    what: str
    due: date


def _is_of_team(reader_id: UUID) -> ColumnElement[bool]:
    return exists().where(
        user_roles.c.user_id == reader_id,
        user_roles.c.role_id == Role.id,
        Role.name == FACILITATOR,
    )


def _readable_by(reader_id: UUID) -> ColumnElement[bool]:
    """One's own plan; the team reads another's that is shared, for as long as it is."""
    by_team = and_(Plan.shared_at.is_not(None), Plan.user_id != reader_id, _is_of_team(reader_id))
    return or_(Plan.user_id == reader_id, by_team)


def find_open(db: Session, user_id: UUID) -> Plan | None:
    """This person's open plan, as it is now."""
    return db.scalar(
        select(Plan)
        .where(Plan.user_id == user_id, _OPEN)
        .options(*_SHOWN)
        .execution_options(populate_existing=True)
    )


def find_readable(db: Session, plan_id: UUID, reader_id: UUID) -> Plan | None:
    """A plan that this reader may read."""
    return db.scalar(
        select(Plan)
        .where(Plan.id == plan_id, _readable_by(reader_id))
        .options(*_SHOWN)
        .execution_options(populate_existing=True)
    )


def find_followed(db: Session, plan_id: UUID, reader_id: UUID) -> Plan | None:
    """Somebody else's shared plan, for one of the team."""
    found = find_readable(db, plan_id, reader_id)
    return found if found is not None and found.user_id != reader_id else None


def find_agreement(db: Session, agreement_id: UUID, reader_id: UUID) -> PlanAgreement | None:
    """An agreement of a plan that this reader may read."""
    return db.scalar(
        select(PlanAgreement)
        .join(PlanAgreement.plan)
        .where(PlanAgreement.id == agreement_id, _readable_by(reader_id))
        .options(
            joinedload(PlanAgreement.plan).joinedload(Plan.user),
            joinedload(PlanAgreement.agreed_by),
        )
    )


def list_readable_of(db: Session, user_id: UUID, reader_id: UUID) -> Sequence[Plan]:
    """This person's plans that this reader may read, the latest first."""
    return db.scalars(
        select(Plan)
        .where(Plan.user_id == user_id, _readable_by(reader_id))
        .options(selectinload(Plan.steps))
        .order_by(Plan.created_at.desc(), Plan.id.desc())
    ).all()


def list_all_of(db: Session, user_id: UUID) -> Sequence[Plan]:
    """Every plan of this person with all that is in it, the first first."""
    return db.scalars(
        select(Plan)
        .where(Plan.user_id == user_id)
        .options(*_SHOWN)
        .order_by(Plan.created_at, Plan.id)
    ).all()


def list_words_by(db: Session, user_id: UUID) -> Sequence[PlanEvent]:
    """What this person did in others' plans, the first first."""
    return db.scalars(
        select(PlanEvent)
        .join(PlanEvent.plan)
        .where(PlanEvent.actor_id == user_id, Plan.user_id != user_id)
        .order_by(PlanEvent.at, PlanEvent.id)
    ).all()


def list_waiting(db: Session, reader_id: UUID) -> Sequence[Plan]:
    """Others' plans that wait for the team's agreement, whoever waits longest first."""
    return db.scalars(
        select(Plan)
        .where(
            Plan.asked_at.is_not(None), _OPEN, Plan.user_id != reader_id, _readable_by(reader_id)
        )
        .options(joinedload(Plan.user))
        .order_by(Plan.asked_at, Plan.id)
    ).all()


def list_followers(db: Session, plan: Plan) -> Sequence[User]:
    """Those of the team who have a part in it: who said something there, and who meets the person;
    by name."""
    said = select(PlanEvent.actor_id).where(PlanEvent.plan_id == plan.id)
    met = (
        select(AppointmentSlot.facilitator_id)
        .join(Appointment, Appointment.slot_id == AppointmentSlot.id)
        .where(Appointment.user_id == plan.user_id)
    )
    return db.scalars(
        select(User)
        .where(
            or_(User.id.in_(said), User.id.in_(met)),
            User.id != plan.user_id,
            User.active.is_(True),
            User.roles.any(Role.name == FACILITATOR),
        )
        .order_by(User.sort_name, User.id)
    ).all()


def list_with_dates(db: Session, user_id: UUID) -> Sequence[PlanStep]:
    """The steps of this person's open plan that have a date and are not done, the first first."""
    return db.scalars(
        select(PlanStep)
        .join(PlanStep.plan)
        .where(
            Plan.user_id == user_id, _OPEN, PlanStep.due.is_not(None), PlanStep.done_at.is_(None)
        )
        .order_by(PlanStep.due, PlanStep.position, PlanStep.id)
    ).all()


def list_due_between(db: Session, first: date, last: date) -> Sequence[PlanStep]:
    """Steps to do that fall due in those days (both included), of people whose account is open."""
    return db.scalars(
        select(PlanStep)
        .join(PlanStep.plan)
        .join(Plan.user)
        .where(
            _OPEN,
            User.active.is_(True),
            PlanStep.due.between(first, last),
            PlanStep.done_at.is_(None),
        )
        .options(joinedload(PlanStep.plan).joinedload(Plan.user))
        .order_by(PlanStep.due, PlanStep.plan_id, PlanStep.id)
    ).all()


def list_late(db: Session, now: datetime, among: Among = None) -> Sequence[LateItem]:
    """What is late by now in plans agreed with the team, and still shown to it, the longest first:
    a draft is a draft, and a private plan nobody's business. Of those people alone if some are
    given."""
    found = db.execute(
        select(Plan.user_id, PlanStep.title, PlanStep.due)
        .join(PlanStep.plan)
        .where(
            Plan.state == PlanState.AGREED,
            Plan.shared_at.is_not(None),
            PlanStep.due < to_local(now).date(),
            PlanStep.done_at.is_(None),
            is_among(Plan.user_id, among) if among is not None else true(),
        )
        .order_by(PlanStep.due, Plan.user_id, PlanStep.position, PlanStep.id)
    )
    return [LateItem(user_id, what, due) for user_id, what, due in found if due is not None]


def list_unchanged_since(
    db: Session, instant: datetime, limit: int, *, today: date
) -> Sequence[Plan]:
    """Plans that nobody has touched since then and that ask for nothing later, the oldest
    first."""
    ahead = exists().where(
        PlanStep.plan_id == Plan.id, PlanStep.done_at.is_(None), PlanStep.due > today
    )
    return db.scalars(
        select(Plan)
        .where(Plan.changed_at <= instant, or_(Plan.closed_at.is_not(None), ~ahead))
        .order_by(Plan.changed_at, Plan.id)
        .limit(limit)
    ).all()


def list_agreed(db: Session) -> Sequence[Plan]:
    """Every plan that stands agreed, with its agreements: for the audit."""
    return db.scalars(
        select(Plan).where(Plan.state == PlanState.AGREED).options(*_SHOWN).order_by(Plan.id)
    ).all()


def count_agreed(db: Session) -> int:
    """How many plans stand agreed."""
    query = select(func.count()).select_from(Plan).where(Plan.state == PlanState.AGREED)
    return db.scalar(query) or 0
