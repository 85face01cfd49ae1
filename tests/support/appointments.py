"""Slots, appointments and notes as tests need them; each call commits."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.sessions import NOW
from tierslieu.clock import to_utc
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User
from tierslieu.support.appointments.models import Appointment, AppointmentMode, AppointmentSlot
from tierslieu.support.appointments.rules import Asked, book
from tierslieu.support.slots.rules import Opening, open_slots

THURSDAY = date(2026, 11, 26)
ONSITE, ONLINE, PHONE = AppointmentMode
LINK = "https://visio.example.org/nadia"


def at(text: str) -> datetime:
    """``26 14:30``: that day of November, by the clock on the wall."""
    day, _space, hour = text.partition(" ")
    return to_utc(datetime.fromisoformat(f"2026-11-{day}T{hour}"))


def opening(**changes: Any) -> Opening:
    """Two slots of half an hour on Thursday at two, on site, online or by phone."""
    return Opening(
        **{
            "first": THURSDAY,
            "starts": time(14),
            "ends": time(15),
            "minutes": 30,
            "on_site": True,
            "online": True,
            "by_phone": True,
            "place": "le petit bureau",
            "online_link": LINK,
            **changes,
        }
    )


def make_slots(db: Session, keeper: User, **changes: Any) -> list[AppointmentSlot]:
    """The slots of :func:`opening`."""
    now = changes.pop("now", NOW)
    slots = open_slots(db, keeper.id, opening(**changes), now=now)
    db.commit()
    return slots


def take(
    db: Session, slot: AppointmentSlot, person: User, mode: AppointmentMode = ONSITE, **changes: Any
) -> Appointment:
    """That person has that slot."""
    most, now = changes.pop("most", 2), changes.pop("now", NOW)
    if mode is PHONE:
        changes.setdefault("phone", "06 12 34 56 78")
    made = book(db, slot.id, person.id, Asked(mode, **changes), most=most, now=now)
    db.commit()
    return made


def mails(db: Session, to: User, template: str = "") -> list[OutboxMessage]:
    """What was written to this person, the oldest first."""
    query = select(OutboxMessage).where(OutboxMessage.recipient == to.email)
    if template:
        query = query.where(OutboxMessage.template == f"support_{template}")
    return list(db.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def after(appointment: Appointment, minutes: int = 1) -> datetime:
    """When it is over."""
    return appointment.slot.ends_at + timedelta(minutes=minutes)
