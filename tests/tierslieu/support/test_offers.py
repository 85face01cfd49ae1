"""What following a person offers: their data, its erasure, the timeline, the jobs, the audit."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.appointments import PHONE, after, at, mails, make_slots, take
from tests.support.factories import Factory
from tests.support.sessions import NOW
from tierslieu import clock
from tierslieu.house import House, Invariant, Job, PersonalData, TimelineSource
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User
from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentSlot,
    AppointmentState,
    Reason,
)
from tierslieu.support.appointments.rules import cancel
from tierslieu.support.notes.models import FollowNote, NoteLevel
from tierslieu.support.notes.rules import write_note
from tierslieu.support.slots.rules import answer

both = pytest.mark.both_databases


def offers(app: Flask, kind: Any) -> dict[str, Any]:
    house: House = app.extensions["tierslieu.house"]
    return {one.name: one for one in house.all(kind)}


def count(db: Session, table: Any) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


@both
def test_a_person_receives_their_appointments_and_what_is_written_on_them(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    take(db, make_slots(db, nadia)[0], ada, PHONE, reason=Reason.DIPLOMA, words="La VAE")
    for level in NoteLevel:
        write_note(db, ada.id, nadia.id, f"Mots {level.value}", level, now=NOW)
    db.commit()
    data = offers(app, PersonalData)
    (mine,) = data["appointments"].export(db, ada.id)["taken"]
    assert json.loads(json.dumps(mine)) == mine
    assert (mine["with"], mine["words"], mine["phone"]) == (
        "Nadia Benali",
        "La VAE",
        "06 12 34 56 78",
    )
    notes = {one["level"]: one for one in data["follow_notes"].export(db, ada.id)["about_me"]}
    assert (notes["shared"]["words"], notes["shared"]["author"]) == ("Mots shared", "Nadia Benali")
    assert notes["team"]["words"] == "Mots team"
    assert "author" not in notes["team"]
    assert notes["author"]["words"] is None
    assert "sous un mois" in notes["author"]["how_to_read_it"]
    assert "Mots author" not in json.dumps(notes)
    assert len(data["appointments"].export(db, nadia.id)["kept_for_others"]) == 2
    by_me = data["follow_notes"].export(db, nadia.id)
    assert len(by_me["by_me"]) == 3
    assert "Mots" not in json.dumps(by_me), "what they say is of somebody else"


@both
def test_who_leaves_takes_their_appointments_and_the_notes_on_them_along(
    app: Flask, db: Session, nadia: User, ada: User, make: Factory
) -> None:
    slots = make_slots(db, nadia)
    made = take(db, slots[0], ada, words="Je pars bientôt")
    write_note(db, ada.id, nadia.id, "Note", NoteLevel.SHARED, now=NOW, appointment_id=made.id)
    db.commit()
    data = offers(app, PersonalData)
    for name in ("follow_notes", "appointments"):
        data[name].erase(db, ada.id)
        db.commit()
    assert (count(db, Appointment), count(db, FollowNote)) == (0, 0)
    told = mails(db, nadia)[-1]
    assert told.context["turn"] == "cancelled"
    everything = str([(mail.context, mail.recipient) for mail in mails(db, nadia)])
    assert "Ada" not in everything, "no mail to the team names who has left"
    take(db, slots[0], make.user())


@both
def test_a_facilitator_who_leaves_tells_who_was_to_come_and_what_was_stays_without_their_name(
    app: Flask, db: Session, nadia: User, ada: User, make: Factory
) -> None:
    slots = make_slots(db, nadia)
    behind, ahead = take(db, slots[0], ada), take(db, slots[1], make.user())
    answer(db, behind.id, nadia.id, AppointmentState.HELD, now=after(behind))
    for level in NoteLevel:
        write_note(db, ada.id, nadia.id, level.value, level, now=NOW)
    db.commit()
    ahead.slot.starts_at += timedelta(days=1)
    ahead.slot.ends_at += timedelta(days=1)
    db.commit()
    with clock.fixed_at(at("26 18:00")):
        data = offers(app, PersonalData)
        for name in ("follow_notes", "appointments"):
            data[name].erase(db, nadia.id)
            db.commit()
    db.expire_all()
    assert (behind.state, behind.slot.facilitator) == (AppointmentState.HELD, None)
    assert ahead.state is AppointmentState.CANCELLED
    assert mails(db, ahead.user)[-1].template == "support_cancelled"
    left = db.scalars(select(FollowNote).order_by(FollowNote.written_at)).all()
    assert {note.level for note in left} == {NoteLevel.TEAM, NoteLevel.SHARED}
    assert all(note.author_id is None for note in left)


@both
def test_numbers_are_forgotten_a_day_after_and_all_of_it_after_three_years(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    made = take(db, make_slots(db, nadia)[0], ada, PHONE)
    end = made.slot.ends_at
    jobs = offers(app, Job)
    assert jobs["appointment_phones"].run(db, end + timedelta(hours=23)) == 0
    assert jobs["appointment_phones"].run(db, end + timedelta(hours=24)) == 1
    assert jobs["appointment_phones"].run(db, end + timedelta(hours=24)) == 0
    db.expire_all()
    assert made.phone == ""
    assert jobs["follow_up_forgotten"].run(db, end + timedelta(days=1000)) == 0
    write_note(db, ada.id, nadia.id, "x", NoteLevel.TEAM, now=end, appointment_id=made.id)
    db.commit()
    jobs["follow_up_forgotten"].run(db, end + timedelta(days=3 * 365, hours=1))
    assert (count(db, Appointment), count(db, AppointmentSlot), count(db, FollowNote)) == (0, 0, 0)


def test_the_reminders_are_written_by_the_job_and_a_second_run_does_nothing(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    take(db, make_slots(db, nadia)[0], ada)
    job = offers(app, Job)["appointment_reminders"]
    assert [job.run(db, at("25 09:05")), job.run(db, at("25 09:15"))] == [1, 0]


def test_the_timeline_holds_appointments_and_shared_notes_alone(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    slots = make_slots(db, nadia)
    take(db, slots[0], ada, words="Secret")
    cancel(db, take(db, slots[1], ada).id, ada.id, now=NOW)
    for level in NoteLevel:
        write_note(db, ada.id, nadia.id, level.value, level, now=NOW)
    db.commit()
    events = list(offers(app, TimelineSource)["support"].events(db, ada.id, NOW))
    assert [(one.title, one.detail) for one in events] == [
        ("Rendez-vous avec Nadia Benali", "prévu"),
        ("Rendez-vous avec Nadia Benali", "annulé"),
        ("Note partagée", "Nadia Benali"),
    ]


def test_the_audit_finds_nothing_broken_in_what_the_rules_write(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    take(db, make_slots(db, nadia)[0], ada)
    checks = offers(app, Invariant)
    finding = checks["appointments_one_each"].check(db)
    assert (finding.checked, finding.broken) == (1, [])
    assert checks["slots_apart"].check(db).broken == []
    assert count(db, OutboxMessage) == 2
