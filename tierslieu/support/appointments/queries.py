"""Every SELECT of slots and appointments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from tierslieu.agenda.models import LearningSession, session_facilitators
from tierslieu.among import is_among
from tierslieu.attention import Among
from tierslieu.people.models import FACILITATOR, Role, User
from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentMode,
    AppointmentSlot,
    AppointmentState,
)

BOOKED, CANCELLED = AppointmentState.BOOKED, AppointmentState.CANCELLED
_SLOT_SHOWN = (joinedload(AppointmentSlot.facilitator), joinedload(AppointmentSlot.room))
_SHOWN = (
    joinedload(Appointment.slot).joinedload(AppointmentSlot.facilitator),
    joinedload(Appointment.slot).joinedload(AppointmentSlot.room),
    joinedload(Appointment.user),
)
_BY_MODE = {
    AppointmentMode.ONSITE: AppointmentSlot.on_site,
    AppointmentMode.ONLINE: AppointmentSlot.online,
    AppointmentMode.PHONE: AppointmentSlot.by_phone,
}


@dataclass(frozen=True)
class Wanted:
    """What free slots are narrowed to."""

    mode: AppointmentMode | None = None
    facilitator_id: UUID | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a slot must fulfil."""
        found: list[ColumnElement[bool]] = []
        if self.mode is not None:
            found.append(_BY_MODE[self.mode].is_(True))
        if self.facilitator_id is not None:
            found.append(AppointmentSlot.facilitator_id == self.facilitator_id)
        return found


def _led_meanwhile() -> ColumnElement[bool]:
    """Whether who keeps the slot leads a session at that time: planned after the slot was opened,
    by a floor that knows no slots."""
    led = session_facilitators.c
    return exists().where(
        led.user_id == AppointmentSlot.facilitator_id,
        led.starts_at < AppointmentSlot.ends_at,
        led.ends_at > AppointmentSlot.starts_at,
    )


def _standing() -> ColumnElement[bool]:
    return exists().where(Appointment.slot_id == AppointmentSlot.id, Appointment.state != CANCELLED)


def _free(reader_id: UUID, now: datetime) -> list[ColumnElement[bool]]:
    """What a slot fulfils that this reader may take."""
    return [
        AppointmentSlot.starts_at > now,
        AppointmentSlot.closed_at.is_(None),
        AppointmentSlot.facilitator_id != reader_id,  # nor without a facilitator
        AppointmentSlot.facilitator.has(
            User.active.is_(True) & User.roles.any(Role.name == FACILITATOR)
        ),
        ~_standing(),
        ~_led_meanwhile(),
    ]


def count_free(db: Session, wanted: Wanted, reader_id: UUID, now: datetime) -> int:
    """How many slots this reader may take."""
    conditions = [*_free(reader_id, now), *wanted.conditions()]
    return db.scalar(select(func.count()).select_from(AppointmentSlot).where(*conditions)) or 0


def list_free(
    db: Session, wanted: Wanted, reader_id: UUID, now: datetime, *, offset: int = 0, limit: int
) -> Sequence[AppointmentSlot]:
    """The slots this reader may take, in order of time."""
    return db.scalars(
        select(AppointmentSlot)
        .where(*_free(reader_id, now), *wanted.conditions())
        .options(*_SLOT_SHOWN)
        .order_by(AppointmentSlot.starts_at, AppointmentSlot.id)
        .offset(offset)
        .limit(limit)
    ).all()


def list_receivers(db: Session, reader_id: UUID, now: datetime) -> Sequence[User]:
    """Those with whom this reader may take an appointment now, by name."""
    return db.scalars(
        select(User)
        .where(User.id.in_(select(AppointmentSlot.facilitator_id).where(*_free(reader_id, now))))
        .order_by(User.sort_name, User.id)
    ).all()


def find_slot(db: Session, slot_id: UUID) -> AppointmentSlot | None:
    """One slot with all that its page shows."""
    return db.scalar(
        select(AppointmentSlot).where(AppointmentSlot.id == slot_id).options(*_SLOT_SHOWN)
    )


def is_led_meanwhile(db: Session, slot_id: UUID) -> bool:
    """Whether who keeps this slot leads a session at that time."""
    return bool(
        db.scalar(select(func.count()).where(AppointmentSlot.id == slot_id, _led_meanwhile()))
    )


def find_led_session(db: Session, slot: AppointmentSlot) -> LearningSession | None:
    """The session that who keeps this slot leads at that time, if any."""
    led = session_facilitators.c
    return db.scalar(
        select(LearningSession)
        .join(session_facilitators, led.session_id == LearningSession.id)
        .where(
            led.user_id == slot.facilitator_id,
            led.starts_at < slot.ends_at,
            led.ends_at > slot.starts_at,
        )
        .order_by(led.starts_at, led.session_id)
        .limit(1)
    )


def find_standing(db: Session, slot_id: UUID) -> Appointment | None:
    """The appointment that holds this slot, to come or answered, as it is now."""
    return db.scalar(
        select(Appointment)
        .where(Appointment.slot_id == slot_id, Appointment.state != CANCELLED)
        .options(*_SHOWN)
        .execution_options(populate_existing=True)
    )


def find_own(db: Session, appointment_id: UUID, user_id: UUID) -> Appointment | None:
    """This person's own appointment."""
    return db.scalar(
        select(Appointment)
        .where(Appointment.id == appointment_id, Appointment.user_id == user_id)
        .options(*_SHOWN)
        .execution_options(populate_existing=True)
    )


def find_by_tap(db: Session, secret: str) -> Appointment | None:
    """The appointment whose mails carry this secret."""
    return db.scalar(select(Appointment).where(Appointment.tap == secret).options(*_SHOWN))


def _to_come(user_id: UUID, now: datetime) -> list[ColumnElement[bool]]:
    return [
        Appointment.user_id == user_id,
        Appointment.state == BOOKED,
        AppointmentSlot.ends_at > now,
    ]


def count_ahead(db: Session, user_id: UUID, now: datetime, *, but: UUID | None = None) -> int:
    """How many appointments this person has that have not ended, that one left out."""
    query = (
        select(func.count())
        .select_from(Appointment)
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .where(*_to_come(user_id, now))
    )
    if but is not None:
        query = query.where(Appointment.id != but)
    return db.scalar(query) or 0


def list_to_come(db: Session, user_id: UUID, now: datetime) -> Sequence[Appointment]:
    """This person's appointments that have not ended, in order of time; there are few."""
    return db.scalars(
        select(Appointment)
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .where(*_to_come(user_id, now))
        .options(*_SHOWN)
        .order_by(AppointmentSlot.starts_at, Appointment.id)
    ).all()


def _behind(user_id: UUID, now: datetime) -> list[ColumnElement[bool]]:
    over = or_(Appointment.state != BOOKED, AppointmentSlot.ends_at <= now)
    return [Appointment.user_id == user_id, over]


def count_behind(db: Session, user_id: UUID, now: datetime) -> int:
    """How many appointments of this person are over or cancelled."""
    return (
        db.scalar(
            select(func.count())
            .select_from(Appointment)
            .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
            .where(*_behind(user_id, now))
        )
        or 0
    )


def list_behind(
    db: Session, user_id: UUID, now: datetime, *, offset: int = 0, limit: int
) -> Sequence[Appointment]:
    """This person's appointments that are over or cancelled, the latest first."""
    return db.scalars(
        select(Appointment)
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .where(*_behind(user_id, now))
        .options(*_SHOWN)
        .order_by(AppointmentSlot.starts_at.desc(), Appointment.id)
        .offset(offset)
        .limit(limit)
    ).all()


def list_all_of(db: Session, user_id: UUID) -> Sequence[Appointment]:
    """Every appointment of this person, in order of time."""
    return db.scalars(
        select(Appointment)
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .where(Appointment.user_id == user_id)
        .options(*_SHOWN)
        .order_by(AppointmentSlot.starts_at, Appointment.id)
    ).all()


def latest_appointments(db: Session, now: datetime, among: Among = None) -> dict[UUID, datetime]:
    """The last sign of somebody's appointments, by person: one to come or held, else when they
    booked; of those alone if some are given."""
    stands = (Appointment.state == AppointmentState.HELD) | (
        (Appointment.state == BOOKED) & (AppointmentSlot.starts_at > now)
    )
    query = (
        select(
            Appointment.user_id,
            func.max(Appointment.booked_at),
            func.max(case((stands, AppointmentSlot.starts_at))),
        )
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .group_by(Appointment.user_id)
    )
    if among is not None:
        query = query.where(is_among(Appointment.user_id, among))
    return {row[0]: max(at for at in row[1:] if at is not None) for row in db.execute(query)}


def find_clash(
    db: Session, user_id: UUID, slot: AppointmentSlot, *, but: UUID | None = None
) -> Appointment | None:
    """Another appointment of this person at the time of this slot, that one left out."""
    query = (
        select(Appointment)
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .where(
            Appointment.user_id == user_id,
            Appointment.state == BOOKED,
            AppointmentSlot.starts_at < slot.ends_at,
            AppointmentSlot.ends_at > slot.starts_at,
        )
        .options(*_SHOWN)
        .order_by(AppointmentSlot.starts_at, Appointment.id)
        .limit(1)
    )
    if but is not None:
        query = query.where(Appointment.id != but)
    return db.scalar(query)


def list_booked_between(db: Session, since: datetime, until: datetime) -> Sequence[Appointment]:
    """Appointments that stand and begin in that time, in order of time."""
    return db.scalars(
        select(Appointment)
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .where(
            Appointment.state == BOOKED,
            AppointmentSlot.starts_at > since,
            AppointmentSlot.starts_at <= until,
        )
        .options(*_SHOWN)
        .order_by(AppointmentSlot.starts_at, Appointment.id)
    ).all()


def list_with_phone(db: Session, ended_before: datetime, limit: int) -> Sequence[Appointment]:
    """Appointments that ended before then and still hold a telephone number."""
    return db.scalars(
        select(Appointment)
        .join(AppointmentSlot, AppointmentSlot.id == Appointment.slot_id)
        .where(Appointment.phone != "", AppointmentSlot.ends_at <= ended_before)
        .order_by(AppointmentSlot.ends_at, Appointment.id)
        .limit(limit)
    ).all()


def list_ended_before(db: Session, instant: datetime, limit: int) -> Sequence[AppointmentSlot]:
    """The slots that ended before then, the first first."""
    return db.scalars(
        select(AppointmentSlot)
        .where(AppointmentSlot.ends_at <= instant)
        .order_by(AppointmentSlot.ends_at, AppointmentSlot.id)
        .limit(limit)
    ).all()


def count_standing(db: Session) -> int:
    """How many appointments were not cancelled."""
    return db.scalar(select(func.count()).where(Appointment.state != CANCELLED)) or 0


def list_doubled(db: Session) -> Sequence[UUID]:
    """Slots with two standing appointments: there must be none."""
    return db.scalars(
        select(Appointment.slot_id)
        .where(Appointment.state != CANCELLED)
        .group_by(Appointment.slot_id)
        .having(func.count() > 1)
        .order_by(Appointment.slot_id)
    ).all()


def list_at_once(db: Session) -> Sequence[tuple[UUID, UUID]]:
    """Pairs of open slots that one facilitator keeps at one time: there must be none."""
    other = aliased(AppointmentSlot)
    rows = db.execute(
        select(AppointmentSlot.id, other.id)
        .join(
            other,
            (other.facilitator_id == AppointmentSlot.facilitator_id)
            & (other.id > AppointmentSlot.id)
            & (other.starts_at < AppointmentSlot.ends_at)
            & (other.ends_at > AppointmentSlot.starts_at),
        )
        .where(AppointmentSlot.closed_at.is_(None), other.closed_at.is_(None))
        .order_by(AppointmentSlot.id, other.id)
    )
    return [(first, second) for first, second in rows]
