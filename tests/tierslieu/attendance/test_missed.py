"""Who missed two sessions without a word is written to kindly, once; nobody else is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, plain
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.missed import write_kindly
from tierslieu.attendance.models import Half, Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.bookings.rules import claim, release
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User

both = pytest.mark.both_databases
THURSDAYS = [datetime(2026, 11, 26, 14, 0) + timedelta(days=7 * n) for n in range(4)]  # noqa: DTZ001
ABSENT, EXCUSED, PRESENT = Presence.ABSENT, Presence.EXCUSED, Presence.PRESENT


@pytest.fixture
def dates(db: Session) -> list[LearningSession]:
    return [make_session(db, starts=starts, onsite=5) for starts in THURSDAYS]


def hold(
    db: Session,
    make: Factory,
    dates: list[LearningSession],
    said: list[Presence | None],
    user: User | None = None,
) -> User:
    """A seat at each date, and what the roll said of it."""
    user, team = user or make.user(name="Ada"), make.user("facilitator")
    for session, presence in zip(dates, said, strict=False):
        claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
        if presence is not None:
            entry = RollEntry(presence, user.id)
            note_presence(db, session.id, [entry], now=session.ends_at, actor_id=team.id)
    db.commit()
    return user


def run(db: Session, now: datetime) -> list[OutboxMessage]:
    write_kindly(db, now=now)
    db.commit()
    query = select(OutboxMessage).where(OutboxMessage.template == "attendance_missed")
    return list(db.scalars(query.order_by(OutboxMessage.created_at)))


def after(session: LearningSession, **more: float) -> datetime:
    return session.ends_at + timedelta(**(more or {"hours": 21}))


@both
def test_the_second_time_one_is_written_to_and_not_again_for_a_while(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    user = hold(db, make, dates, [ABSENT, ABSENT, ABSENT])
    assert run(db, after(dates[0])) == []
    assert run(db, after(dates[1], hours=19)) == [], "the roll may still be put right"
    (mail,) = run(db, after(dates[1]))
    assert mail.recipient == user.email
    assert [one["title"] for one in mail.context["missed"]] == ["Initiation à Python"] * 2
    assert len(run(db, after(dates[1]))) == 1
    assert len(run(db, after(dates[2]))) == 1, "a third time says nothing new"


@both
@pytest.mark.parametrize("other", [EXCUSED, PRESENT, None])
def test_who_was_there_who_was_excused_and_who_was_not_called_are_left_in_peace(
    db: Session, make: Factory, dates: list[LearningSession], other: Presence | None
) -> None:
    hold(db, make, dates, [ABSENT, other])
    assert run(db, after(dates[3])) == []


@both
def test_a_seat_given_back_and_a_morning_of_a_day_are_not_missed(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    user, team = hold(db, make, dates, [ABSENT]), make.user("facilitator")
    given = claim(db, dates[1].id, user.id, SeatMode.ONSITE, now=NOW)
    release(db, given.id, now=NOW, actor_id=user.id)
    whole = make_session(db, starts=datetime(2026, 12, 1, 9, 0), hours=8)  # noqa: DTZ001
    claim(db, whole.id, user.id, SeatMode.ONSITE, now=NOW)
    halves = [
        RollEntry(presence, user.id, half_days=((whole.starts_local.date(), half),))
        for presence, half in zip((ABSENT, PRESENT), Half, strict=True)
    ]
    note_presence(db, whole.id, halves, now=whole.ends_at, actor_id=team.id)
    db.commit()
    assert run(db, after(dates[3])) == []


@both
def test_what_is_long_past_is_forgotten(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    hold(db, make, dates, [ABSENT, ABSENT])
    assert run(db, after(dates[1], days=91)) == []


def test_the_mail_is_kind_leaves_by_day_and_leads_to_one_s_bookings(
    app: Flask, db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    hold(db, make, dates, [ABSENT, ABSENT])
    (mail,) = run(db, after(dates[1], hours=30))  # eleven at night
    assert mail.next_try_at - mail.created_at == timedelta(hours=9)
    words = render_mail(mail, app.config["TIERSLIEU"])
    for body in (words.text, words.html):
        assert "http://localhost/mes-reservations" in body
        assert "tout le monde" in plain(body)
        assert "None" not in body
        assert "{" not in body.split("</style>")[-1]
