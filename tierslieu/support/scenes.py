"""Appointments and notes of the demonstration: some behind, some to come, free slots. All
invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import chain
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.clock import days, to_local
from tierslieu.errors import Refused
from tierslieu.house import Stage
from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentMode,
    AppointmentSlot,
    AppointmentState,
    Reason,
)
from tierslieu.support.appointments.rules import Asked, book
from tierslieu.support.notes.models import NoteLevel
from tierslieu.support.notes.rules import write_note
from tierslieu.support.slots.rules import Opening, answer, open_slots

MODES = tuple(AppointmentMode)
MOST = 9  # the demonstration's learners are eager
NOTES = (
    (
        NoteLevel.SHARED,
        "Convenu ensemble : finir le module sur les données avant la prochaine séance, et venir "
        "un mercredi en salle pour la partie réseau.",
    ),
    (NoteLevel.TEAM, "Avance bien seule, bute sur les fonctions : l’inviter à l’atelier."),
    (NoteLevel.AUTHOR, "Lui renvoyer le lien vers l’exercice des tableaux."),
)
ASKED = (
    Asked(MODES[0], Reason.STUCK, "Je ne comprends pas quand utiliser une fonction."),
    Asked(MODES[1], Reason.PROJECT, "J’aimerais enseigner, par où commencer ?"),
    Asked(MODES[2], Reason.DIPLOMA, "", "04 00 00 00 02"),
    Asked(MODES[0], Reason.PATH),
)


def play(db: Session, stage: Stage) -> None:
    """Two of the team receive, over the weeks around today."""
    people, learners = stage.props["people"], stage.props["learners"]
    nadia: UUID = people["facilitator@example.org"]
    paul: UUID = next(one for one in stage.props["facilitators"] if one != nadia)
    shown, second = people["learner@example.org"], people["learner2@example.org"]
    room_id = stage.props["rooms"][0]
    behind = list(chain.from_iterable(_open(db, stage, nadia, room_id, range(-15, 0, 3))))
    ahead = list(chain.from_iterable(_open(db, stage, nadia, room_id, range(1, 24, 3))))
    others = list(chain.from_iterable(_open(db, stage, paul, room_id, range(2, 24, 5))))
    who = [shown, second, *learners[5:]]
    for place, slot in enumerate(behind[::2]):
        made = _take(db, slot, who[place % 3], ASKED[place % len(ASKED)])
        if place < 3:
            state = AppointmentState.EXCUSED if place == 1 else AppointmentState.HELD
            answer(db, made.id, nadia, state, now=slot.ends_at + timedelta(minutes=5))
        if place == 0:
            for minute, (level, body) in enumerate(NOTES, start=6):
                now = slot.ends_at + timedelta(minutes=minute)
                write_note(db, shown, nadia, body, level, now=now, appointment_id=made.id)
    if ahead:
        _take(db, ahead[0], shown, ASKED[0], now=stage.today - days(2))
    if len(ahead) > 3:
        _take(db, ahead[2], second, ASKED[2], now=stage.today - days(1))
    if others:
        _take(db, others[0], learners[8], ASKED[1], now=stage.today - days(1))


def _take(
    db: Session, slot: AppointmentSlot, who: UUID, asked: Asked, *, now: datetime | None = None
) -> Appointment:
    return book(db, slot.id, who, asked, most=MOST, now=now or slot.starts_at - days(3))


def _open(
    db: Session, stage: Stage, who: UUID, room_id: UUID, away: range
) -> Iterator[list[AppointmentSlot]]:
    """Three slots at noon on those days from today, where nothing is led; never on a Sunday."""
    today = to_local(stage.today).date()
    for count in away:
        on = today + timedelta(days=count)
        if on.weekday() == 6:
            continue
        opening = Opening(
            first=on,
            starts=time(12),
            ends=time(13, 30),
            minutes=30,
            on_site=True,
            online=True,
            by_phone=True,
            room_id=room_id,
            place="la table près de la fenêtre",
            online_link="https://visio.example.org/suivi",
        )
        now = stage.today + days(min(count, 0) - 5)
        try:
            slots = open_slots(db, who, opening, now=now)
        except Refused:  # a session is led then
            continue
        yield slots
