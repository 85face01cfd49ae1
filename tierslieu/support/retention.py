"""What is forgotten of appointments and notes, and when; and what becomes of them when somebody
leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from tierslieu.among import is_among
from tierslieu.db import lock_for_writing
from tierslieu.mail.queries import list_of_key
from tierslieu.mail.rules import forget_mails
from tierslieu.support.appointments import notices
from tierslieu.support.appointments.models import Appointment, AppointmentSlot, AppointmentState
from tierslieu.support.appointments.queries import (
    find_standing,
    list_all_of,
    list_ended_before,
    list_with_phone,
)
from tierslieu.support.appointments.rules import end, hold_person, lock_slot
from tierslieu.support.slots.queries import list_slots_of

PHONE_KEPT = timedelta(days=1)  # after the end, if nobody said how it went
KEPT = timedelta(days=3 * 365)
AT_ONCE = 200


def forget_phones(db: Session, *, now: datetime) -> int:
    """Erase the numbers of appointments that are over; returns how many."""
    lock_for_writing(db)
    found = list_with_phone(db, now - PHONE_KEPT, AT_ONCE)
    for appointment in found:
        appointment.phone = ""
    db.flush()
    return len(found)


def forget_old(db: Session, *, now: datetime) -> int:
    """Erase slots that ended three years ago, and who came in them; returns how many slots."""
    lock_for_writing(db)
    ids = [slot.id for slot in list_ended_before(db, now - KEPT, AT_ONCE)]
    if ids:
        db.execute(delete(Appointment).where(Appointment.slot_id.in_(ids)))
        db.execute(delete(AppointmentSlot).where(is_among(AppointmentSlot.id, ids)))
        db.expire_all()
    return len(ids)


def forget_taker(db: Session, user_id: UUID, *, now: datetime) -> None:
    """Somebody leaves: their appointments are gone, those to come are free for others, and who
    would have received them is told so."""
    lock_for_writing(db)
    hold_person(db, user_id)
    for appointment in sorted(list_all_of(db, user_id), key=lambda one: one.slot_id):
        lock_slot(db, appointment.slot_id)
        is_ahead = appointment.slot.starts_at > now
        told = list_of_key(db, f"appointment:{appointment.id}")
        if is_ahead and appointment.state is AppointmentState.BOOKED:
            end(db, appointment, now=now, actor_id=user_id)
            notices.tell_freed(db, appointment, now)
        forget_mails(db, told)
        db.delete(appointment)
    db.flush()


def forget_receiver(db: Session, user_id: UUID, *, now: datetime) -> None:
    """Somebody of the team leaves: who had booked with them is told, slots to come are gone; what
    was stays with those who came, without that name."""
    lock_for_writing(db)
    hold_person(db, user_id)
    for one in list_slots_of(db, user_id):
        slot = lock_slot(db, one.id)
        if slot.starts_at > now and slot.closed_at is None:
            appointment = find_standing(db, slot.id)
            slot.closed_at = now
            if appointment is not None:
                end(db, appointment, now=now, actor_id=None)
                notices.tell_closed(db, appointment, now)
        slot.facilitator_id = None
    db.flush()
