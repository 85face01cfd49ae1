"""Taking an appointment, moving it, cancelling it.

Locks in one order: the person who takes, then slots by their identifier, then appointments. So two
who want one slot come one after the other, and one person's limit is counted once at a time.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR, User
from tierslieu.support.appointments import notices
from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentMode,
    AppointmentSlot,
    AppointmentState,
    Reason,
)
from tierslieu.support.appointments.queries import (
    count_ahead,
    find_clash,
    find_own,
    find_standing,
    is_led_meanwhile,
)
from tierslieu.support.appointments.words import describe_with
from tierslieu.web.formats import day, span

MAX_WORDS = 1000  # characters
PHONE_DIGITS = range(6, 16)  # E.164: fifteen at most
_PHONE_SIGNS = set("+.-/() ")
BOOKED = AppointmentState.BOOKED


@dataclass(frozen=True)
class Asked:
    """How one wants to meet and, if one says so, why; ``phone`` only for a call."""

    mode: AppointmentMode
    reason: Reason | None = None
    words: str = ""
    phone: str = ""


def book(
    db: Session, slot_id: UUID, user_id: UUID, asked: Asked, *, most: int, now: datetime
) -> Appointment:
    """Take a slot; both are told by mail. Who has it already keeps it, as it is.

    Raises :class:`Refused` ``taken``, ``closed``, ``own_slot``, ``busy``, ``too_many`` (``most``
    appointments to come already), or 422 beside ``mode``, ``words`` or ``phone``.
    """
    lock_for_writing(db)
    hold_person(db, user_id)
    slot = lock_slot(db, slot_id)
    standing = find_standing(db, slot_id)
    if standing is not None and standing.user_id == user_id and standing.state is BOOKED:
        return standing
    _check_free(db, slot, standing, user_id, now)
    asked = _checked(slot, asked)
    if count_ahead(db, user_id, now) >= most:
        raise _too_many(most)
    _check_clash(db, user_id, slot)
    appointment = Appointment(
        slot_id=slot.id,
        user_id=user_id,
        mode=asked.mode,
        reason=asked.reason,
        words=asked.words,
        phone=asked.phone,
        tap=secrets.token_urlsafe(24),
        booked_at=now,
    )
    db.add(appointment)
    db.flush()
    notices.tell_booked(db, appointment, now)
    return appointment


def move(
    db: Session,
    appointment_id: UUID,
    user_id: UUID,
    slot_id: UUID,
    asked: Asked,
    *,
    now: datetime,
) -> Appointment:
    """Take another slot in its stead, or meet otherwise in the same one; the old slot is free.

    Raises :class:`Refused` as :func:`book`; ``closed`` once it began or was cancelled.
    """
    appointment = _lock_own(db, appointment_id, user_id, now, also=slot_id)
    old = appointment.slot
    slot = lock_slot(db, slot_id)
    if slot.id != old.id:
        _check_free(db, slot, find_standing(db, slot_id), user_id, now)
        _check_clash(db, user_id, slot, but=appointment.id)
    asked = _checked(slot, asked)
    was = notices.describe(appointment)
    told, was_mode = old.facilitator, appointment.mode
    appointment.slot = slot
    appointment.mode, appointment.phone = asked.mode, asked.phone
    appointment.reason, appointment.words = asked.reason, asked.words
    if slot.id == old.id and asked.mode is was_mode:
        db.flush()
        return appointment
    if slot.id != old.id:
        appointment.moved_at = now
    db.flush()
    notices.tell_moved(db, appointment, was, told, now)
    return appointment


def cancel(db: Session, appointment_id: UUID, user_id: UUID, *, now: datetime) -> Appointment:
    """Give it back, until it begins; the slot is free for somebody else.

    Raises :class:`Refused` ``closed`` once it began or was cancelled.
    """
    appointment = _lock_own(db, appointment_id, user_id, now)
    end(db, appointment, now=now, actor_id=user_id)
    notices.tell_cancelled(db, appointment, now)
    return appointment


def end(db: Session, appointment: Appointment, *, now: datetime, actor_id: UUID | None) -> None:
    """Write that it is cancelled; the number one gave for it is gone at once."""
    appointment.state = AppointmentState.CANCELLED
    appointment.cancelled_at = now
    appointment.cancelled_by_id = actor_id
    appointment.phone = ""
    db.flush()


def lock_slot(db: Session, slot_id: UUID) -> AppointmentSlot:
    """The slot as it is now, held until the commit."""
    slot = db.get(AppointmentSlot, slot_id, with_for_update=True, populate_existing=True)
    if slot is None:
        raise NotYours
    return slot


def hold_person(db: Session, user_id: UUID) -> None:
    """Keep others from taking or giving back for this person until the commit."""
    held = select(User.id).where(User.id == user_id).with_for_update(key_share=True)
    if db.scalar(held) is None:
        raise NotYours


def _lock_own(
    db: Session, appointment_id: UUID, user_id: UUID, now: datetime, *, also: UUID | None = None
) -> Appointment:
    """One's own appointment to come; its slot, and that other one, are held."""
    lock_for_writing(db)
    hold_person(db, user_id)
    found = find_own(db, appointment_id, user_id)
    if found is None:
        raise NotYours
    for slot_id in sorted({found.slot_id, also or found.slot_id}):
        lock_slot(db, slot_id)
    found = find_own(db, appointment_id, user_id)
    assert found is not None
    if found.state is AppointmentState.CANCELLED:
        raise Refused(_("Ce rendez-vous est déjà annulé."), code="closed")
    if found.state is not BOOKED or found.slot.starts_at <= now:
        raise Refused(
            _("Ce rendez-vous a commencé : il ne se change plus. Écrivez à l’équipe."),
            code="closed",
        )
    return found


def _check_free(
    db: Session,
    slot: AppointmentSlot,
    standing: Appointment | None,
    user_id: UUID,
    now: datetime,
) -> None:
    if slot.facilitator_id == user_id:
        raise Refused(_("C’est votre propre créneau : prenez-en un autre."), code="own_slot")
    if slot.starts_at <= now:
        raise Refused(_("Ce créneau a commencé : choisissez-en un autre."), code="closed")
    keeper = slot.facilitator
    receives = keeper is not None and keeper.active and keeper.holds(FACILITATOR)
    if slot.closed_at is not None or not receives or is_led_meanwhile(db, slot.id):
        raise Refused(_("Ce créneau n’est plus ouvert : choisissez-en un autre."), code="closed")
    if standing is not None:
        raise Refused(
            _("Quelqu’un vient de prendre ce créneau : choisissez-en un autre."), code="taken"
        )


def _check_clash(
    db: Session, user_id: UUID, slot: AppointmentSlot, *, but: UUID | None = None
) -> None:
    other = find_clash(db, user_id, slot, but=but)
    if other is not None:
        raise Refused(
            _(
                "Vous avez déjà un rendez-vous à cette heure, avec %(name)s, %(day)s, %(hours)s.",
                name=describe_with(other.slot),
                day=day(other.slot.starts_local),
                hours=span(other.slot.starts_local, other.slot.ends_local),
            ),
            code="busy",
        )


def _too_many(most: int) -> Refused:
    return Refused(
        ngettext(
            "Vous avez déjà %(num)s rendez-vous à venir. C’est le nombre possible à la fois, pour "
            "que chaque personne trouve un créneau : déplacez-le, ou annulez-le.",
            "Vous avez déjà %(num)s rendez-vous à venir. C’est le nombre possible à la fois, pour "
            "que chaque personne trouve un créneau : déplacez-en un, ou annulez-en un.",
            most,
        ),
        code="too_many",
    )


def _checked(slot: AppointmentSlot, asked: Asked) -> Asked:
    """What was asked, tidied, if the slot offers it."""
    if asked.mode not in slot.modes:
        raise _wrong(_("Ce créneau ne se tient pas ainsi : choisissez dans la liste."), "mode")
    if len(asked.words) > MAX_WORDS:
        raise _wrong(_("Ce texte est trop long : 1 000 caractères sont possibles."), "words")
    phone = ""
    if asked.mode is AppointmentMode.PHONE:
        phone = " ".join(asked.phone.split())
        if not phone:
            raise _wrong(
                _(
                    "À quel numéro vous appeler ? Il ne sert qu’à ce rendez-vous, "
                    "puis il est effacé."
                ),
                "phone",
            )
        digits = sum(c.isdigit() for c in phone)
        if digits not in PHONE_DIGITS or not all(
            (c.isascii() and c.isdigit()) or c in _PHONE_SIGNS for c in phone
        ):
            raise _wrong(
                _("Écrivez un numéro ainsi : 06 12 34 56 78, ou +33 6 12 34 56 78."), "phone"
            )
    return Asked(asked.mode, asked.reason, asked.words.strip(), phone)


def _wrong(message: str, field: str) -> Refused:
    return Refused(message, code=f"wrong_{field}", field=field, status=422)
