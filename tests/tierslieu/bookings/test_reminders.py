"""Reminders: three days before and in the morning, once each, with a link that gives back."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.courses import counted_queries
from tests.support.factories import Factory
from tests.support.sessions import make_session, plain
from tierslieu.agenda.models import SeatMode
from tierslieu.agenda.planning import Plan
from tierslieu.bookings.changes import call_off_session, change_session
from tierslieu.bookings.models import Booking
from tierslieu.bookings.reminders import due_at, remind
from tierslieu.bookings.rules import claim, release
from tierslieu.clock import to_local, to_utc
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail

both = pytest.mark.both_databases
STARTS = datetime(2026, 11, 26, 14, 0)  # noqa: DTZ001 - wall time


def at(text: str) -> datetime:
    day, _space, hour = text.partition(" ")
    return to_utc(datetime.fromisoformat(f"2026-11-{day}T{hour}"))


def book(db: Session, make: Factory, *, made: str = "10 10:00", **values: object) -> Booking:
    values = {"starts": STARTS, "onsite": 1, "created_at": at("01 10:00"), **values}
    session = make_session(db, **values)  # type: ignore[arg-type]
    mode = SeatMode.ONLINE if values.get("online") else SeatMode.ONSITE
    booking = claim(db, session.id, make.user(name="Ada").id, mode, now=at(made))
    db.commit()
    return booking


def run(db: Session, *moments: str) -> list[OutboxMessage]:
    """The job at each of those moments; the reminders there are after that."""
    for moment in moments:
        remind(db, now=at(moment))
        db.commit()
    query = select(OutboxMessage).where(OutboxMessage.template == "bookings_reminder")
    return list(db.scalars(query.order_by(OutboxMessage.created_at)))


HOURS = (0, 7, 8, 9, 12, 17, 18, 19, 22)  # those before and after a reminder is due, and others
EVERY_HOUR = [f"{day:02} {hour:02}:05" for day in range(21, 27) for hour in HOURS]


@both
def test_one_is_reminded_twice_and_no_more(db: Session, make: Factory) -> None:
    book(db, make)
    found = run(db, *EVERY_HOUR)
    assert [to_local(mail.created_at).isoformat(" ", "minutes") for mail in found] == [
        "2026-11-23 09:05", "2026-11-26 08:05",
    ]  # fmt: skip


@both
def test_what_begins_early_is_reminded_of_the_evening_before(db: Session, make: Factory) -> None:
    book(db, make, starts=STARTS.replace(hour=9))
    found = run(db, *EVERY_HOUR)
    assert [to_local(mail.created_at).isoformat(" ", "minutes") for mail in found] == [
        "2026-11-23 09:05", "2026-11-25 18:05",
    ]  # fmt: skip


@both
@pytest.mark.parametrize(
    ("made", "reminders"), [("23 08:00", 2), ("23 12:00", 1), ("26 07:00", 1), ("26 12:00", 0)]
)
def test_who_booked_just_now_is_not_reminded_of_it(
    db: Session, make: Factory, made: str, reminders: int
) -> None:
    book(db, make, made=made)
    assert len(run(db, *(moment for moment in EVERY_HOUR if moment > made))) == reminders


@both
def test_a_worker_that_was_down_reminds_late_or_not_at_all(db: Session, make: Factory) -> None:
    book(db, make)
    assert len(run(db, "23 20:00")) == 1, "the same day is not too late"
    book(db, make)
    assert len(run(db, "25 10:00")) == 1, "two days later it is: the morning comes"
    assert len(run(db, "26 13:59")) == 3
    assert len(run(db, "26 14:00")) == 3


@both
def test_nobody_is_reminded_of_what_they_gave_back_nor_of_what_was_called_off(
    db: Session, make: Factory
) -> None:
    given, called_off, waiting = (book(db, make) for _n in range(3))
    in_line = claim(db, waiting.session_id, make.user().id, SeatMode.ONSITE, now=at("10 11:00"))
    release(db, given.id, now=at("11 10:00"), actor_id=given.user_id)
    call_off_session(db, called_off.session_id, "Panne.", now=at("11 10:00"))
    db.commit()
    found = run(db, *EVERY_HOUR)
    assert {mail.recipient for mail in found} == {waiting.user.email}
    assert in_line.user.email not in {mail.recipient for mail in found}


@both
def test_a_session_that_moves_to_another_day_is_reminded_of_anew(
    db: Session, make: Factory
) -> None:
    booking = book(db, make)
    assert len(run(db, "23 09:05")) == 1
    session = booking.session
    moved = Plan(
        session.title,
        session.starts_local + timedelta(days=2),
        session.ends_local + timedelta(days=2),
        room_id=session.room_id,
        onsite=1,
    )
    change_session(db, session.id, moved, now=at("23 10:00"))
    db.commit()
    assert len(run(db, "25 09:05")) == 2


@both
def test_many_reminders_are_written_in_a_few_queries(db: Session, make: Factory) -> None:
    counts = []
    for people in (3, 30):
        session = make_session(db, starts=STARTS, onsite=people)
        for _n in range(people):
            claim(db, session.id, make.user().id, SeatMode.ONSITE, now=at("10 10:00"))
        db.commit()
        remind(db, now=at("23 09:00"))
        db.commit()
        with counted_queries(db) as seen:
            assert remind(db, now=at("23 09:10")) == 0
        db.rollback()
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_mail_says_when_and_where_carries_the_invitation_and_a_link_that_gives_back(
    app: Flask, db: Session, make: Factory
) -> None:
    booking = book(db, make, online=2, onsite=None, bring="un casque")
    first, last = run(db, "23 09:05", "26 08:05")
    for mail, subject in ((first, "Dans 3 jours : Initiation"), (last, "Aujourd’hui : Initiation")):
        words = render_mail(mail, app.config["TIERSLIEU"])
        assert plain(words.subject).startswith(subject)
        for body in (words.text, words.html):
            assert f"http://localhost/reservations/geste/{booking.tap}" in body
            assert booking.session.online_link in body
            assert "un casque" in body
            assert "None" not in body
        assert mail.attachments[0]["params"] == {"method": "REQUEST"}
    sequences = [
        Calendar.from_ical(base64.b64decode(mail.attachments[0]["content"])).events[0]["sequence"]
        for mail in (first, last)
    ]
    assert sequences[0] < sequences[1], "each invitation outranks the one before"


def test_tomorrow_is_called_tomorrow(app: Flask, db: Session, make: Factory) -> None:
    book(db, make, starts=STARTS.replace(hour=9))
    words = render_mail(run(db, "25 18:05")[0], app.config["TIERSLIEU"])
    assert plain(words.subject).startswith("Demain : Initiation à Python, 9 h")


@given(
    st.datetimes(datetime(2026, 1, 10), datetime(2027, 12, 30)).filter(  # noqa: DTZ001
        lambda local: not 2 <= local.hour < 3
    )
)
def test_reminders_are_due_in_order_before_the_start_and_by_day(starts: datetime) -> None:
    first, last = due_at(starts)
    assert first < last < to_utc(starts)
    assert 8 <= to_local(first).hour < 21
    assert 8 <= to_local(last).hour < 21
