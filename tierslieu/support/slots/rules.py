"""Opening slots, closing one, saying how an appointment went.

A slot that overlaps another of its facilitator, or a session they lead, is refused: their row is
held as it is when a session is planned, so that both look one after the other. PostgreSQL itself
refuses two open slots at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.models import Room
from tierslieu.agenda.planning import FARTHEST, instant_of
from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR, User
from tierslieu.support.appointments import notices
from tierslieu.support.appointments.models import Appointment, AppointmentSlot, AppointmentState
from tierslieu.support.appointments.queries import find_standing
from tierslieu.support.appointments.rules import end, lock_slot
from tierslieu.support.slots.queries import find_received, list_led_between, list_slots_between
from tierslieu.web.formats import day, span

SHORTEST, LONGEST = 10, 240  # minutes
MOST_AT_ONCE = 300
MOST_WEEKS = 26
MAX_WORD = 1000  # characters
ANSWERS = (AppointmentState.HELD, AppointmentState.EXCUSED, AppointmentState.ABSENT)


@dataclass(frozen=True)
class Opening:
    """Slots of ``minutes`` one after the other between two hours of a day (wall time, Paris); the
    same every week ``until`` that day, if given. What is left at the end is no slot."""

    first: date
    starts: time
    ends: time
    minutes: int
    on_site: bool = False
    online: bool = False
    by_phone: bool = False
    room_id: UUID | None = None
    place: str = ""
    online_link: str = ""
    until: date | None = None

    def days(self) -> list[date]:
        """The days it is about."""
        last = self.until or self.first
        weeks = max((last - self.first).days // 7, 0)
        return [self.first + timedelta(weeks=n) for n in range(weeks + 1)]

    def times(self) -> Iterator[tuple[datetime, datetime]]:
        """When each slot begins and ends, wall time, in order."""
        step = timedelta(minutes=self.minutes)
        for on in self.days():
            at, end_of_day = datetime.combine(on, self.starts), datetime.combine(on, self.ends)
            while at + step <= end_of_day:
                yield at, at + step
                at += step


def open_slots(
    db: Session, facilitator_id: UUID, opening: Opening, *, now: datetime
) -> list[AppointmentSlot]:
    """Open them all, or none. Raises :class:`Refused` with the field it is about; ``slot_taken``
    and ``session_led`` name what is there already, and its day."""
    lock_for_writing(db)
    facilitator = _hold_facilitator(db, facilitator_id)
    _check_ways(db, opening)
    _check_days(opening, now)
    times = [
        (starts, ends, instant_of(starts, "starts"), instant_of(ends, "ends"))
        for starts, ends in opening.times()
    ]
    if times[0][2] <= now:
        raise _wrong(_("Ce moment est déjà passé : choisissez une date à venir."), "day")
    instants = [(starts_at, ends_at) for _s, _e, starts_at, ends_at in times]
    _check_apart(db, facilitator.id, instants)
    slots = [
        AppointmentSlot(
            facilitator_id=facilitator.id,
            starts_local=starts,
            ends_local=ends,
            starts_at=starts_at,
            ends_at=ends_at,
            on_site=opening.on_site,
            online=opening.online,
            by_phone=opening.by_phone,
            room_id=opening.room_id,
            place=opening.place,
            online_link=opening.online_link,
            created_at=now,
        )
        for starts, ends, starts_at, ends_at in times
    ]
    db.add_all(slots)
    db.flush()
    return slots


def close_slot(
    db: Session, slot_id: UUID, facilitator_id: UUID, word: str, *, now: datetime
) -> Appointment | None:
    """Take a slot back; who had booked it is told, with that word. Gives their appointment.

    Raises :class:`Refused` ``closed`` once it began or was closed, ``wrong_word`` when somebody
    booked it and there is no word for them, or it is too long.
    """
    lock_for_writing(db)
    slot = lock_slot(db, slot_id)
    if slot.facilitator_id != facilitator_id:
        raise NotYours
    if slot.closed_at is not None:
        raise Refused(_("Ce créneau est déjà fermé."), code="closed")
    if slot.starts_at <= now:
        raise Refused(_("Ce créneau a commencé : il ne se ferme plus."), code="closed")
    word = word.strip()
    appointment = find_standing(db, slot_id)
    if appointment is not None and not word:
        raise _wrong(
            _("Dites pourquoi à %(name)s : ce mot part dans le mail.", name=appointment.user.name),
            "word",
        )
    if len(word) > MAX_WORD:
        raise _wrong(_("Ce mot est trop long : 1 000 caractères sont possibles."), "word")
    slot.closed_at, slot.close_word = now, word
    db.flush()
    if appointment is not None:
        end(db, appointment, now=now, actor_id=facilitator_id)
        notices.tell_closed(db, appointment, now)
    return appointment


def answer(
    db: Session,
    appointment_id: UUID,
    facilitator_id: UUID,
    state: AppointmentState,
    *,
    now: datetime,
) -> Appointment:
    """Say how it went, or correct what was said; the number given for it is erased.

    Raises :class:`Refused` ``closed`` before it begins, or when it was cancelled.
    """
    lock_for_writing(db)
    found = find_received(db, appointment_id, facilitator_id)
    if found is None or state not in ANSWERS:
        raise NotYours
    lock_slot(db, found.slot_id)
    found = find_received(db, appointment_id, facilitator_id)
    if found is None:  # it left for somebody else's slot meanwhile
        raise NotYours
    if found.state is AppointmentState.CANCELLED:
        raise Refused(_("Ce rendez-vous est annulé."), code="closed")
    if found.slot.starts_at > now:
        raise Refused(_("Ce rendez-vous n’a pas commencé : vous le direz ensuite."), code="closed")
    found.state, found.answered_at, found.phone = state, now, ""
    db.flush()
    return found


def _hold_facilitator(db: Session, facilitator_id: UUID) -> User:
    person = db.get(
        User, facilitator_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if person is None or not person.holds(FACILITATOR):
        raise NotYours
    return person


def _check_ways(db: Session, opening: Opening) -> None:
    if not (opening.on_site or opening.online or opening.by_phone):
        raise _wrong(_("Choisissez au moins une façon de se rencontrer."), "modes")
    if opening.online and not opening.online_link:
        raise _wrong(
            _("Indiquez le lien : il n’est montré qu’à la personne qui vient en ligne."),
            "online_link",
        )
    if opening.online_link and not opening.online:
        raise _wrong(_("Cochez « en ligne », ou ôtez le lien."), "online_link")
    if opening.on_site and opening.room_id is None and not opening.place:
        raise _wrong(_("Où ? Choisissez une salle, ou dites-le en quelques mots."), "place")
    if not opening.on_site and (opening.room_id is not None or opening.place):
        raise _wrong(_("Cochez « sur place », ou ôtez le lieu."), "place")
    if opening.room_id is not None and db.get(Room, opening.room_id) is None:
        raise _wrong(_("Cette salle n’existe plus : choisissez-en une autre."), "room")


def _check_days(opening: Opening, now: datetime) -> None:
    today = to_local(now).date()
    if opening.first < today:
        raise _wrong(_("Ce moment est déjà passé : choisissez une date à venir."), "day")
    if opening.first > today + FARTHEST:
        raise _wrong(_("C’est dans plus de cinq ans : vérifiez l’année."), "day")
    if opening.ends <= opening.starts:
        raise _wrong(_("La fin vient avant le début : corrigez l’une des deux heures."), "ends")
    if not SHORTEST <= opening.minutes <= LONGEST:
        raise _wrong(_("Un rendez-vous dure de 10 minutes à 4 heures."), "minutes")
    if opening.until is not None:
        if opening.until < opening.first:
            raise _wrong(_("Cette date vient avant le premier jour."), "until")
        if opening.until > opening.first + timedelta(weeks=MOST_WEEKS):
            raise _wrong(_("Six mois au plus : vous pourrez prolonger ensuite."), "until")
    count = sum(1 for _times in opening.times())
    if not count:
        raise _wrong(_("Ce temps est trop court pour un rendez-vous de cette durée."), "minutes")
    if count > MOST_AT_ONCE:
        raise _wrong(
            _(
                "Cela ferait %(count)s créneaux : 300 au plus à la fois. Choisissez une date de "
                "fin plus proche, ou des rendez-vous plus longs.",
                count=count,
            ),
            "until" if opening.until else "minutes",
        )


def _check_apart(
    db: Session, facilitator_id: UUID, instants: Sequence[tuple[datetime, datetime]]
) -> None:
    since, until = instants[0][0], instants[-1][1]

    def touched(starts_at: datetime, ends_at: datetime) -> bool:
        return any(first < ends_at and last > starts_at for first, last in instants)

    for slot in list_slots_between(db, facilitator_id, since, until):
        if touched(slot.starts_at, slot.ends_at):
            raise Refused(
                _(
                    "Vous avez déjà un créneau %(day)s, %(hours)s : changez d’heure ou de jour.",
                    day=day(slot.starts_local),
                    hours=span(slot.starts_local, slot.ends_local),
                ),
                code="slot_taken",
                field="starts",
            )
    for session in list_led_between(db, facilitator_id, since, until):
        if touched(session.starts_at, session.ends_at):
            raise Refused(
                _(
                    "Vous animez « %(title)s » %(day)s, %(hours)s : changez d’heure ou de jour.",
                    title=session.title,
                    day=day(session.starts_local),
                    hours=span(session.starts_local, session.ends_local),
                ),
                code="session_led",
                field="starts",
            )


def _wrong(message: str, field: str) -> Refused:
    return Refused(message, code=f"wrong_{field}", field=field, status=422)
