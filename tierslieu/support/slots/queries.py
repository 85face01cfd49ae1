"""Every SELECT of a facilitator's own slots and of who comes in them."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from tierslieu.agenda.models import LearningSession, session_facilitators
from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentSlot,
    AppointmentState,
)

BOOKED, CANCELLED = AppointmentState.BOOKED, AppointmentState.CANCELLED


class Shown(enum.Enum):
    """What of one's slots is looked at."""

    TO_COME = "a-venir"
    TO_ANSWER = "a-noter"
    FREE = "libres"
    PAST = "passes"


def _conditions(shown: Shown, now: datetime) -> list[ColumnElement[bool]]:
    if shown is Shown.TO_COME:
        return [Appointment.state == BOOKED, AppointmentSlot.ends_at > now]
    if shown is Shown.TO_ANSWER:
        return [Appointment.state == BOOKED, AppointmentSlot.ends_at <= now]
    if shown is Shown.FREE:
        return [
            Appointment.id.is_(None),
            AppointmentSlot.closed_at.is_(None),
            AppointmentSlot.starts_at > now,
        ]
    return [
        Appointment.state.in_(
            (AppointmentState.HELD, AppointmentState.EXCUSED, AppointmentState.ABSENT)
        )
    ]


def _own(facilitator_id: UUID, shown: Shown, now: datetime) -> Select[AppointmentSlot, Appointment]:
    stands = (Appointment.slot_id == AppointmentSlot.id) & (Appointment.state != CANCELLED)
    return (
        select(AppointmentSlot, Appointment)
        .outerjoin(Appointment, stands)
        .where(AppointmentSlot.facilitator_id == facilitator_id, *_conditions(shown, now))
    )


def count_own(db: Session, facilitator_id: UUID, shown: Shown, now: datetime) -> int:
    """How many slots of this facilitator are so."""
    rows = _own(facilitator_id, shown, now).with_only_columns(AppointmentSlot.id).subquery()
    return db.scalar(select(func.count()).select_from(rows)) or 0


def list_own(
    db: Session,
    facilitator_id: UUID,
    shown: Shown,
    now: datetime,
    *,
    offset: int = 0,
    limit: int,
) -> Sequence[tuple[AppointmentSlot, Appointment | None]]:
    """This facilitator's slots that are so, each with who comes; in order of time, what is past
    the latest first."""
    order = AppointmentSlot.starts_at
    rows = db.execute(
        _own(facilitator_id, shown, now)
        .options(joinedload(AppointmentSlot.room), joinedload(Appointment.user))
        .order_by(order.desc() if shown is Shown.PAST else order, AppointmentSlot.id)
        .offset(offset)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def list_received_between(
    db: Session, facilitator_id: UUID, since: datetime, until: datetime
) -> Sequence[Appointment]:
    """Who comes to this facilitator in that time and was not answered, in order of time."""
    return db.scalars(
        select(Appointment)
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .where(
            AppointmentSlot.facilitator_id == facilitator_id,
            Appointment.state == BOOKED,
            AppointmentSlot.ends_at > since,
            AppointmentSlot.starts_at < until,
        )
        .options(
            joinedload(Appointment.slot).joinedload(AppointmentSlot.room),
            joinedload(Appointment.user),
        )
        .order_by(AppointmentSlot.starts_at, Appointment.id)
    ).all()


def find_own_slot(db: Session, slot_id: UUID, facilitator_id: UUID) -> AppointmentSlot | None:
    """One of this facilitator's own slots."""
    return db.scalar(
        select(AppointmentSlot)
        .where(AppointmentSlot.id == slot_id, AppointmentSlot.facilitator_id == facilitator_id)
        .options(joinedload(AppointmentSlot.room))
    )


def find_received(db: Session, appointment_id: UUID, facilitator_id: UUID) -> Appointment | None:
    """An appointment in one of this facilitator's own slots: nobody else of the team sees what was
    said for it, nor the number."""
    return db.scalar(
        select(Appointment)
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .where(Appointment.id == appointment_id, AppointmentSlot.facilitator_id == facilitator_id)
        .options(
            joinedload(Appointment.slot).joinedload(AppointmentSlot.room),
            joinedload(Appointment.slot).joinedload(AppointmentSlot.facilitator),
            joinedload(Appointment.user),
        )
        .execution_options(populate_existing=True)
    )


def list_slots_between(
    db: Session, facilitator_id: UUID, since: datetime, until: datetime
) -> Sequence[AppointmentSlot]:
    """This facilitator's open slots that touch that time, in order of time."""
    return db.scalars(
        select(AppointmentSlot)
        .where(
            AppointmentSlot.facilitator_id == facilitator_id,
            AppointmentSlot.closed_at.is_(None),
            AppointmentSlot.starts_at < until,
            AppointmentSlot.ends_at > since,
        )
        .order_by(AppointmentSlot.starts_at, AppointmentSlot.id)
    ).all()


def list_led_between(
    db: Session, facilitator_id: UUID, since: datetime, until: datetime
) -> Sequence[LearningSession]:
    """The sessions that this facilitator leads and that touch that time, in order of time."""
    led = session_facilitators.c
    return db.scalars(
        select(LearningSession)
        .join(session_facilitators, led.session_id == LearningSession.id)
        .where(led.user_id == facilitator_id, led.starts_at < until, led.ends_at > since)
        .order_by(LearningSession.starts_at, LearningSession.id)
    ).all()


def list_slots_of(db: Session, facilitator_id: UUID) -> Sequence[AppointmentSlot]:
    """All slots of this facilitator, by their identifier: the order in which they are held."""
    return db.scalars(
        select(AppointmentSlot)
        .where(AppointmentSlot.facilitator_id == facilitator_id)
        .order_by(AppointmentSlot.id)
    ).all()
