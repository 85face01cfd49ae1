"""Seats kept for colleagues: each answers in their own name, or the seat goes to the line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.rules import enrol
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, seats_are_kept
from tierslieu import clock
from tierslieu.agenda.models import Admission, LearningSession, SeatMode
from tierslieu.agenda.planning import Plan
from tierslieu.bookings.changes import call_off_session, change_session
from tierslieu.bookings.groups.rules import (
    MOST_A_DAY,
    MOST_AT_ONCE,
    Invited,
    decline_invitation,
    forget_inviter,
    invite_colleagues,
    take_invitation,
    withdraw_invitation,
)
from tierslieu.bookings.jobs import JOBS
from tierslieu.bookings.models import Booking, BookingStatus, SeatInvitation
from tierslieu.bookings.models import InvitationState as S
from tierslieu.bookings.rules import claim
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House, Invariant, PersonalData
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.words import take_language
from tierslieu.people.models import User

both = pytest.mark.both_databases
ONSITE = SeatMode.ONSITE
TWO = ["bo@ecole.example", "cy@ecole.example"]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@ecole.example")


@pytest.fixture
def session(db: Session) -> LearningSession:
    return make_session(db, onsite=3)


def invite(
    db: Session, session: LearningSession, user: User, emails: list[str] | None = None, **more: Any
) -> list[Invited]:
    made = invite_colleagues(db, session.id, user.id, ONSITE, emails or TWO, **{"now": NOW, **more})
    db.commit()
    return made


def refusal(db: Session, act: Any) -> str:
    with pytest.raises(Refused) as refused:
        act()
    db.rollback()
    return refused.value.code


def waiting(db: Session, make: Factory, session: LearningSession, now: datetime = NOW) -> Booking:
    made = claim(db, session.id, make.user().id, ONSITE, now=now)
    db.commit()
    return made


def all_holds(app: Flask, db: Session, session: LearningSession) -> None:
    seats_are_kept(db, session)
    house: House = app.extensions["tierslieu.house"]
    for invariant in house.all(Invariant):
        assert not invariant.check(db).broken, invariant.name


@both
def test_a_seat_is_kept_for_each_and_each_takes_it_in_their_own_name(
    app: Flask, db: Session, make: Factory, ada: User, session: LearningSession
) -> None:
    first, second = invite(db, session, ada)
    all_holds(app, db, session)
    assert session.pool(ONSITE).free == 1  # type: ignore[union-attr]
    mails = db.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert sorted(mail.recipient for mail in mails) == TWO
    bo = make.user(email="bo.autrement@maison.example")
    booking = take_invitation(db, first.secret, bo, now=NOW)
    db.commit()
    assert (booking.status, booking.user) == (BookingStatus.CONFIRMED, bo)
    assert (first.invitation.state, first.invitation.email) == (S.TAKEN, "")
    assert refusal(db, lambda: take_invitation(db, first.secret, make.user(), now=NOW)) == (
        "offer_over"
    )
    decline_invitation(db, second.secret, now=NOW)
    db.commit()
    assert (second.invitation.state, second.invitation.email) == (S.DECLINED, "")
    all_holds(app, db, session)


@both
def test_all_are_kept_or_none_and_it_is_said_how_many_are_left(
    db: Session, make: Factory, ada: User, session: LearningSession
) -> None:
    waiting(db, make, session)
    four = [f"p{n}@ecole.example" for n in range(3)]
    with pytest.raises(Refused) as refused:
        invite(db, session, ada, four)
    assert (refused.value.code, refused.value.field) == ("full", "emails")
    assert "2 places" in refused.value.message
    db.rollback()
    assert db.scalars(select(SeatInvitation)).all() == []
    seats_are_kept(db, session)


@both
def test_what_is_kept_too_long_goes_to_the_line_and_who_kept_it_is_told(
    app: Flask, db: Session, make: Factory, ada: User, session: LearningSession
) -> None:
    made = invite(db, session, ada, [*TWO, "di@ecole.example"])
    line = waiting(db, make, session)
    assert line.status is BookingStatus.WAITING
    until = made[0].invitation.held_until
    assert until == NOW + timedelta(days=3)
    (job,) = (job for job in JOBS if job.name == "invitations_over")
    assert job.run(db, until - timedelta(seconds=1)) == 0
    assert job.run(db, until) == 3
    assert job.run(db, until) == 0
    db.expire_all()
    assert line.status is BookingStatus.CONFIRMED
    assert {one.invitation.state for one in made} == {S.OVER}
    told = db.scalars(
        select(OutboxMessage).where(OutboxMessage.template == "bookings_invitation_over")
    ).all()
    assert {mail.recipient for mail in told} == {ada.email}
    everything = [str(mail.context) + mail.recipient for mail in db.scalars(select(OutboxMessage))]
    assert not [text for text in everything if "bo@ecole.example" in text], "nor in the outbox"
    with clock.fixed_at(until):
        all_holds(app, db, session)


@both
@pytest.mark.parametrize(("hours_before", "kept"), [(100, 72), (80, 56), (49, 25)])
def test_a_seat_is_kept_three_days_and_a_day_before_the_start_at_the_latest(
    db: Session, ada: User, session: LearningSession, hours_before: int, kept: int
) -> None:
    now = session.starts_at - timedelta(hours=hours_before)
    (one,) = invite(db, session, ada, TWO[:1], now=now)
    assert one.invitation.held_until == now + timedelta(hours=kept)


@both
def test_near_the_start_it_is_kept_as_long_as_an_offer(
    db: Session, ada: User, session: LearningSession
) -> None:
    now = session.starts_at - timedelta(hours=20)  # six in the evening: three hours, by day
    (one,) = invite(db, session, ada, TWO[:1], now=now)
    assert one.invitation.held_until == now + timedelta(hours=3)


@both
@pytest.mark.parametrize(
    ("emails", "code"),
    [
        (["pas une adresse"], "bad_address"),
        (["ada@ecole.example"], "bad_address"),
        (["  "], "bad_address"),
        ([f"p{n}@ecole.example" for n in range(MOST_AT_ONCE + 1)], "too_many"),
    ],
)
def test_what_is_no_list_of_colleagues_is_refused(
    db: Session, ada: User, session: LearningSession, emails: list[str], code: str
) -> None:
    assert refusal(db, lambda: invite(db, session, ada, emails)) == code


@both
def test_one_address_is_written_to_once_and_one_person_writes_to_so_many_a_day(
    db: Session, ada: User, session: LearningSession
) -> None:
    invite(db, session, ada)
    assert refusal(db, lambda: invite(db, session, ada, ["BO@ecole.example"])) == "already_booked"
    (one,) = invite(db, session, ada, [*TWO, "di@ecole.example"])
    assert one.invitation.email == "di@ecole.example"
    for start in (3, 11):
        many = make_session(db, onsite=20)
        invite(db, many, ada, [f"p{n}@ecole.example" for n in range(start, start + 8)])
    more = make_session(db, onsite=20)
    left = MOST_A_DAY - 19
    emails = [f"q{n}@ecole.example" for n in range(left + 1)]
    assert refusal(db, lambda: invite(db, more, ada, emails)) == "too_often"


@both
def test_who_may_not_book_keeps_no_seat_and_who_does_not_follow_the_path_takes_none(
    db: Session, make: Factory, ada: User
) -> None:
    path = make_path(db, "suivi")
    session = make_session(db, step=steps_of(db, path)[0], admission=Admission.ENROLLED)
    assert refusal(db, lambda: invite(db, session, ada)) == "not_eligible"
    enrol(db, ada.id, path.id, now=NOW)
    (one, _other) = invite(db, session, ada)
    bo = make.user()
    assert refusal(db, lambda: take_invitation(db, one.secret, bo, now=NOW)) == "not_eligible"
    enrol(db, bo.id, path.id, now=NOW)
    assert take_invitation(db, one.secret, bo, now=NOW).user is bo
    db.commit()
    assert refusal(db, lambda: take_invitation(db, _other.secret, bo, now=NOW)) == "already_booked"


@both
def test_who_kept_a_seat_gives_it_back_and_nobody_else(
    app: Flask, db: Session, make: Factory, ada: User, session: LearningSession
) -> None:
    one, _two = invite(db, session, ada)
    with pytest.raises(NotYours):
        withdraw_invitation(db, one.invitation.id, make.user("facilitator").id, now=NOW)
    db.rollback()
    withdraw_invitation(db, one.invitation.id, ada.id, now=NOW)
    db.commit()
    assert one.invitation.state is S.WITHDRAWN
    again = refusal(db, lambda: withdraw_invitation(db, one.invitation.id, ada.id, now=NOW))
    assert again == "already_released"
    all_holds(app, db, session)


@both
def test_who_leaves_takes_what_they_kept_along(
    app: Flask, db: Session, ada: User, session: LearningSession
) -> None:
    invite(db, session, ada)
    house: House = app.extensions["tierslieu.house"]
    (data,) = (d for d in house.all(PersonalData) if d.name == "seats_for_colleagues")
    assert sorted(one["for"] for one in data.export(db, ada.id)) == TWO
    forget_inviter(db, ada.id, NOW)
    db.commit()
    assert db.scalars(select(SeatInvitation)).all() == []
    all_holds(app, db, session)


@both
def test_when_the_session_is_called_off_the_invited_are_told_too(
    app: Flask, db: Session, ada: User, session: LearningSession
) -> None:
    one, _two = invite(db, session, ada)
    call_off_session(db, session.id, "Panne.", now=NOW)
    db.commit()
    told = db.scalars(
        select(OutboxMessage).where(OutboxMessage.template == "bookings_invited_cancelled")
    ).all()
    assert sorted(mail.recipient for mail in told) == TWO
    (job,) = (job for job in JOBS if job.name == "invitations_over")
    assert job.run(db, one.invitation.held_until) == 2
    db.expire_all()
    assert one.invitation.email == ""


@both
def test_who_is_kept_a_seat_hears_when_the_session_moves(
    db: Session, ada: User, session: LearningSession
) -> None:
    one, _two = invite(db, session, ada)
    sooner = Plan(
        session.title,
        session.starts_local - timedelta(days=5),
        session.ends_local - timedelta(days=5),
        room_id=session.room_id,
        onsite=3,
    )
    change_session(db, session.id, sooner, now=NOW)
    db.commit()
    told = db.scalars(
        select(OutboxMessage).where(OutboxMessage.template == "bookings_invited_changed")
    ).all()
    assert sorted(mail.recipient for mail in told) == TWO
    said = take_language(told[0].context, "fr")
    assert "21" in said["when_where"]["day"]
    assert "26" in said["was"]["day"]
    assert one.invitation.held_until == session.starts_at
    decline_invitation(db, one.secret, now=NOW)
    db.commit()
    assert TWO[0] not in {mail.recipient for mail in db.scalars(select(OutboxMessage))}


@both
def test_who_stands_in_line_takes_the_seat_a_colleague_kept(
    app: Flask, db: Session, make: Factory, ada: User, session: LearningSession
) -> None:
    one, _two = invite(db, session, ada)
    waiting(db, make, session)
    line = waiting(db, make, session)
    assert line.status is BookingStatus.WAITING
    assert take_invitation(db, one.secret, line.user, now=NOW) is line
    db.commit()
    assert line.status is BookingStatus.CONFIRMED
    all_holds(app, db, session)


# Pages
