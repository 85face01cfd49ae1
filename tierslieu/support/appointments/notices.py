"""The mails of appointments: one at each turn, in the same transaction as the turn itself.

They carry neither the telephone number nor the reason: who receives reads these on the page. What
is told to somebody else than who did it does not leave in the night, and is taken back if the next
turn comes before it left.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tierslieu.bookings.holding import tells_at
from tierslieu.mail.rules import Attachment, take_back_mails, write_mail
from tierslieu.mail.words import in_each
from tierslieu.people.models import User
from tierslieu.support.appointments.calendars import make_invitation
from tierslieu.support.appointments.models import Appointment, AppointmentMode
from tierslieu.support.appointments.words import describe_place, describe_with
from tierslieu.web.formats import day, span
from tierslieu.web.languages import speaking


def describe(appointment: Appointment) -> dict[str, Any]:
    """When, where and with whom in words, as mails print them; the link for who meets online."""
    slot = appointment.slot
    return {
        "day": in_each(lambda: day(slot.starts_local, year=True)),
        "hours": in_each(lambda: span(slot.starts_local, slot.ends_local)),
        "place": in_each(lambda: describe_place(slot, appointment.mode)),
        "access": slot.room.access
        if slot.room is not None and appointment.mode is AppointmentMode.ONSITE
        else "",
        "link": slot.online_link if appointment.mode is AppointmentMode.ONLINE else "",
        "with": in_each(lambda: describe_with(slot)),
    }


def tell_booked(db: Session, appointment: Appointment, now: datetime) -> None:
    """To both: it is taken, with the invitation."""
    _to_person(db, appointment, "support_booked", now)
    _to_team(db, appointment, appointment.slot.facilitator, "booked", now)


def tell_moved(
    db: Session,
    appointment: Appointment,
    was: dict[str, str],
    was_with: User | None,
    now: datetime,
) -> None:
    """To the person, and to who receives them; who received them before learns that it is free."""
    _to_person(db, appointment, "support_moved", now, was=was)
    is_with = appointment.slot.facilitator
    if was_with is not None and (is_with is None or was_with.id != is_with.id):
        if not _take_back(db, appointment, was_with, now):
            _to_team(db, appointment, was_with, "left", now, was=was)
        _to_team(db, appointment, is_with, "booked", now)
        return
    unknown = is_with is not None and _take_back(db, appointment, is_with, now)
    _to_team(db, appointment, is_with, "booked" if unknown else "moved", now, was=was)


def tell_cancelled(db: Session, appointment: Appointment, now: datetime) -> None:
    """By the person themselves: to both, with the CANCEL."""
    _to_person(db, appointment, "support_cancelled", now, by_self=True, word="")
    receiver = appointment.slot.facilitator
    if receiver is not None and not _take_back(db, appointment, receiver, now):
        _to_team(db, appointment, receiver, "cancelled", now)


def tell_closed(db: Session, appointment: Appointment, now: datetime) -> None:
    """By the team: to the person, with the word of who closed the slot, and the CANCEL."""
    _to_person(
        db,
        appointment,
        "support_cancelled",
        now,
        leaves_at=tells_at(appointment.slot.starts_at, now),
        by_self=False,
        word=appointment.slot.close_word,
    )


def tell_freed(db: Session, appointment: Appointment, now: datetime) -> None:
    """To who would have received somebody who leaves the place: it is free, no name is said."""
    receiver = appointment.slot.facilitator
    if receiver is not None and not _take_back(db, appointment, receiver, now):
        context = {
            "name": receiver.name,
            "who": "",
            "turn": "cancelled",
            "meeting": describe(appointment),
            "was": None,
            "path": "/mes-creneaux",
        }
        write_mail(
            db,
            receiver.email,
            "support_team",
            context,
            now=now,
            leaves_at=tells_at(appointment.slot.starts_at, now),
        )


def tell_reminder(
    db: Session, appointment: Appointment, now: datetime, *, days_left: int, key: str
) -> None:
    """«Tomorrow at two», with the link that cancels by one tap. ``key`` makes it unique."""
    _to_person(db, appointment, "support_reminder", now, due_key=key, days_left=days_left)


def _to_person(
    db: Session,
    appointment: Appointment,
    template: str,
    now: datetime,
    *,
    leaves_at: datetime | None = None,
    due_key: str | None = None,
    **more: Any,
) -> None:
    person = appointment.user
    context = {
        "name": person.name,
        "meeting": describe(appointment),
        "path": "/mes-rendez-vous",
        "tap": f"/rendez-vous/geste/{appointment.tap}",
        **more,
    }
    _write(db, appointment, person, template, context, now, leaves_at=leaves_at, due_key=due_key)


def _to_team(
    db: Session,
    appointment: Appointment,
    receiver: User | None,
    turn: str,
    now: datetime,
    *,
    was: dict[str, Any] | None = None,
) -> None:
    """``turn``: booked, moved, left (for another slot of somebody else) or cancelled."""
    if receiver is None:
        return
    context = {
        "name": receiver.name,
        "who": appointment.user.name,
        "turn": turn,
        "meeting": was if turn == "left" and was is not None else describe(appointment),
        "was": was if turn == "moved" else None,
        "path": "/mes-creneaux"
        if turn in ("left", "cancelled")
        else f"/mes-creneaux/rendez-vous/{appointment.id}",
    }
    _write(
        db,
        appointment,
        receiver,
        "support_team",
        context,
        now,
        leaves_at=tells_at(appointment.slot.starts_at, now),
        due_key=f"{_key(appointment, receiver)}:{turn}:{now.isoformat()}",
        is_gone=turn == "left",
    )


def _key(appointment: Appointment, receiver: User) -> str:
    return f"appointment:{appointment.id}:team:{receiver.id}"


def _take_back(db: Session, appointment: Appointment, receiver: User, now: datetime) -> bool:
    """Forget that somebody comes, if who receives them was to learn it in the morning only."""
    since = appointment.moved_at or appointment.booked_at
    keys = [
        f"{_key(appointment, receiver)}:booked:{at.isoformat()}"
        for at in {since, appointment.booked_at}
    ]
    return take_back_mails(db, keys, now=now)


def _write(
    db: Session,
    appointment: Appointment,
    to: User,
    template: str,
    context: dict[str, Any],
    now: datetime,
    *,
    leaves_at: datetime | None,
    due_key: str | None,
    is_gone: bool = False,
) -> None:
    with speaking(to.language):
        method, calendar = make_invitation(appointment, (to.name, to.email), now, is_gone=is_gone)
    part = Attachment("rendez-vous.ics", "text/calendar", calendar, {"method": method})
    write_mail(
        db,
        to.email,
        template,
        context,
        now=now,
        due_key=due_key,
        leaves_at=leaves_at,
        attachments=[part],
    )
