"""Many at once: never two people in one slot, never one more than one may have."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.appointment_racing import SlotOutcome, SlotRace, run
from tests.support.appointments import make_slots, take
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu.db import db as database
from tierslieu.house import House, Invariant
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User
from tierslieu.support.appointments.models import Appointment, AppointmentSlot, AppointmentState

pytestmark = [pytest.mark.both_databases, pytest.mark.proof]


def race(app: Flask, slots: list[AppointmentSlot], people: list[User], **more: Any) -> SlotOutcome:
    ids, user_ids = [slot.id for slot in slots], [person.id for person in people]
    settings = app.config["TIERSLIEU"]
    database.session.rollback()  # nothing of ours stays open while they run
    return run(SlotRace(settings.database_url, ids, user_ids, NOW, 8, **more))


def standing(app: Flask, db: Session) -> list[Appointment]:
    """What holds a slot by now, after a look at every invariant."""
    db.expire_all()
    house: House = app.extensions["tierslieu.house"]
    for invariant in house.all(Invariant):
        assert not invariant.check(db).broken, invariant.name
    found = db.scalars(select(Appointment).where(Appointment.state == AppointmentState.BOOKED))
    return list(found)


def test_eight_processes_on_few_slots_give_each_to_one_person(
    app: Flask, db: Session, make: Factory, nadia: User
) -> None:
    slots = make_slots(db, nadia, ends=time(16))
    people = [make.user() for _n in range(24)]
    outcome = race(app, slots, people, most=99)
    assert outcome.errors == []
    assert outcome.answers == {"booked": 4, "taken": 4 * 23}
    assert {one.slot_id for one in standing(app, db)} == {slot.id for slot in slots}
    booked = db.scalars(select(OutboxMessage).where(OutboxMessage.template == "support_booked"))
    assert len(list(booked)) == 4, "nobody was told of a slot that they do not have"


def test_one_person_who_presses_everywhere_at_once_has_two_appointments_and_no_more(
    app: Flask, db: Session, make: Factory, nadia: User
) -> None:
    slots = make_slots(db, nadia, ends=time(18), until=date(2026, 12, 3))
    ada = make.user()
    outcome = race(app, slots, [ada] * 8)
    assert outcome.errors == []
    assert set(outcome.answers) == {"booked", "too_many"}
    assert len(standing(app, db)) == 2


def test_people_who_move_while_slots_are_closed_never_wait_in_a_circle(
    app: Flask, db: Session, make: Factory, nadia: User
) -> None:
    slots = make_slots(db, nadia, ends=time(19), until=date(2026, 12, 3))
    people = [make.user() for _n in range(10)]
    outcome = race(app, slots, people, moving=True, closing=nadia.id)
    assert outcome.errors == []
    assert set(outcome.answers) <= {"booked", "taken", "closed", "closed_it", "cancelled"}
    held = standing(app, db)
    assert all(count <= 2 for count in Counter(one.user_id for one in held).values())
    for one in held:
        assert one.slot.closed_at is None


def test_people_who_want_one_anothers_slots_never_wait_in_a_circle(
    app: Flask, db: Session, make: Factory, nadia: User
) -> None:
    slots = make_slots(db, nadia, ends=time(18))
    people = [make.user() for _slot in slots]
    for slot, person in zip(slots, people, strict=True):
        take(db, slot, person)
    outcome = race(app, slots * 6, people, moving=True)
    assert outcome.errors == []
    assert outcome.answers == {"taken": 8 * 7 * 6, "booked": 8 * 6}, "one's own is no move"
    assert len(standing(app, db)) == 8
