"""Reminders: the day before and in the morning, once each; quiet when cancelled and at night."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.support.appointments import ONLINE, ONSITE, at, mails, make_slots, take
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.sessions import plain
from tierslieu.clock import to_local
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User
from tierslieu.support.appointments.models import Appointment
from tierslieu.support.appointments.reminders import due_at, remind
from tierslieu.support.appointments.rules import Asked, cancel, move
from tierslieu.support.slots.rules import close_slot

both = pytest.mark.both_databases
HOURS = (0, 7, 8, 9, 12, 17, 18, 19, 22)  # those before and after a reminder is due, and others
EVERY_HOUR = [f"{day:02} {hour:02}:05" for day in range(23, 28) for hour in HOURS]


def run(db: Session, to: User, *moments: str) -> list[str]:
    """The job at each of those moments; when this person was reminded."""
    for moment in moments:
        remind(db, now=at(moment))
        db.commit()
    return [
        to_local(mail.created_at).isoformat(" ", "minutes")[8:]
        for mail in mails(db, to, "reminder")
    ]


def book(
    db: Session, nadia: User, ada: User, *, made: str = "20 10:00", hour: int = 14
) -> Appointment:
    slots = make_slots(db, nadia, starts=time(hour), ends=time(hour + 2))
    return take(db, slots[0], ada, now=at(made))


@both
def test_one_is_reminded_the_day_before_and_in_the_morning_and_no_more(
    db: Session, nadia: User, ada: User
) -> None:
    book(db, nadia, ada)
    assert run(db, ada, *EVERY_HOUR) == ["25 09:05", "26 08:05"]
    assert mails(db, nadia, "reminder") == []


@both
def test_what_begins_early_is_reminded_of_the_evening_before(
    db: Session, nadia: User, ada: User
) -> None:
    book(db, nadia, ada, hour=9)
    assert run(db, ada, *EVERY_HOUR) == ["25 09:05", "25 18:05"]


@both
@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("25 08:00", ["25 09:05", "26 08:05"]),
        ("25 10:00", ["26 08:05"]),
        ("26 07:00", ["26 08:05"]),
        ("26 09:00", []),
    ],
)
def test_who_took_it_after_a_reminder_was_due_gets_none(
    db: Session, nadia: User, ada: User, made: str, expected: list[str]
) -> None:
    book(db, nadia, ada, made=made)
    moments = [moment for moment in EVERY_HOUR if at(moment) > at(made)]
    assert run(db, ada, *moments) == expected


@both
def test_what_is_cancelled_by_either_side_is_quiet(
    db: Session, nadia: User, ada: User, make: Factory
) -> None:
    slots = make_slots(db, nadia)
    bo = make.user()
    cancel(db, take(db, slots[0], ada).id, ada.id, now=at("24 10:00"))
    take(db, slots[1], bo)
    close_slot(db, slots[1].id, nadia.id, "Désolée.", now=at("24 10:00"))
    db.commit()
    assert run(db, ada, *EVERY_HOUR) == run(db, bo, *EVERY_HOUR) == []


@both
def test_what_moves_is_reminded_of_anew(db: Session, nadia: User, ada: User) -> None:
    made = book(db, nadia, ada)
    later = make_slots(db, nadia, first=datetime(2026, 11, 27).date())[0]  # noqa: DTZ001
    run(db, ada, "25 09:05")
    move(db, made.id, ada.id, later.id, Asked(ONSITE), now=at("25 10:00"))
    db.commit()
    assert run(db, ada, *[one for one in EVERY_HOUR if at(one) > at("25 10:00")]) == [
        "25 09:05",
        "26 09:05",
        "27 08:05",
    ]


def test_who_moved_it_after_a_reminder_was_due_gets_none(
    db: Session, nadia: User, ada: User
) -> None:
    slots = make_slots(db, nadia)
    made = take(db, slots[0], ada, now=at("20 10:00"))
    move(db, made.id, ada.id, slots[1].id, Asked(ONSITE), now=at("25 09:30"))
    db.commit()
    assert run(db, ada, *[one for one in EVERY_HOUR if at(one) > at("25 09:30")]) == ["26 08:05"]


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), day=st.integers(0, 400))
def test_no_reminder_is_due_in_the_night_nor_after_the_start(
    hour: int, minute: int, day: int
) -> None:
    starts = datetime(2026, 11, 2, hour, minute) + timedelta(days=day)  # noqa: DTZ001 - wall time
    first, last = map(to_local, due_at(starts))
    assert first < last < starts
    assert all(8 <= due.hour < 21 for due in (first, last))


def test_the_reminder_says_when_where_and_carries_the_link_that_cancels(
    app: Flask, db: Session, nadia: User, ada: User
) -> None:
    slot = make_slots(db, nadia)[0]
    made = take(db, slot, ada, ONLINE)
    run(db, ada, "25 09:05", "26 08:05")
    before, morning = (
        render_mail(mail, app.config["TIERSLIEU"]) for mail in mails(db, ada, "reminder")
    )
    assert before.subject.startswith("Demain")
    assert morning.subject.startswith("Aujourd’hui")
    for form in (before.text, before.html):
        assert f"http://localhost/rendez-vous/geste/{made.tap}" in form
        assert "https://visio.example.org/nadia" in form
        assert "14 h – 14 h 30" in plain(form)
        assert "Nadia Benali" in form


def test_every_mail_is_whole_in_both_its_forms(
    app: Flask, db: Session, nadia: User, ada: User, make: Factory
) -> None:
    slots = make_slots(db, nadia, ends=time(16))
    other = make_slots(db, make.user("facilitator"))[1]
    made = take(db, slots[0], ada)
    move(db, made.id, ada.id, slots[1].id, Asked(ONLINE), now=at("20 10:00"))
    move(db, made.id, ada.id, other.id, Asked(ONSITE), now=at("20 10:01"))
    cancel(db, made.id, ada.id, now=at("20 10:02"))
    take(db, slots[2], ada)
    close_slot(db, slots[2].id, nadia.id, "Je <suis> souffrante.", now=at("20 10:03"))
    db.commit()
    written = db.query(OutboxMessage).all()
    assert {mail.template for mail in written} == {
        "support_booked", "support_moved", "support_cancelled", "support_team",
    }  # fmt: skip
    turns = {mail.context["turn"] for mail in written if mail.template == "support_team"}
    assert turns == {"booked", "moved", "left", "cancelled"}
    for mail in written:
        words = render_mail(mail, app.config["TIERSLIEU"])
        assert words.subject
        assert "<suis>" not in words.html
        assert "  " not in words.subject


@both
def test_nine_appointments_are_read_by_one_question_as_one_is(
    db: Session, nadia: User, make: Factory
) -> None:
    slots = make_slots(db, nadia, starts=time(14), ends=time(19), minutes=10)
    for slot in slots[:1]:
        take(db, slot, make.user())
    with counted_queries() as one:
        remind(db, now=at("25 09:05"))
    db.rollback()
    for slot in slots[1:9]:
        take(db, slot, make.user())
    with counted_queries() as nine:
        remind(db, now=at("25 09:05"))
    reading = [
        sum(line.startswith("SELECT appointment") for line in lines) for lines in (one, nine)
    ]
    assert reading == [1, 1]
