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
from tests.support.client import LookingClient
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, plain, seats_are_kept, text_of
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
from tierslieu.bookings.models import Booking, BookingLimit, BookingStatus, SeatInvitation
from tierslieu.bookings.models import InvitationState as S
from tierslieu.bookings.rules import claim
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House, Invariant, PersonalData
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
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
    assert "21" in told[0].context["when_where"]["day"]
    assert "26" in told[0].context["was"]["day"]
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


def test_from_the_page_of_a_session_to_the_seat_in_another_s_name(
    app: Flask, db: Session, make: Factory, client: LookingClient, ada: User,
    session: LearningSession,
) -> None:  # fmt: skip
    client.sign_in(ada)
    address = f"/agenda/{session.id}"
    assert f"{address}/collegues" in client.get(address).text
    sent = {"emails": "bo@ecole.example; cy@ecole.example", "mode": "onsite"}
    done = client.post(f"{address}/collegues", data=sent, follow_redirects=True)
    assert "2 places sont gardées ; un mail vient de partir à chacun." in text_of(done)
    assert "bo@ecole.example" in text_of(done)
    mail = db.scalars(
        select(OutboxMessage).where(OutboxMessage.recipient == "bo@ecole.example")
    ).one()
    words = render_mail(mail, app.config["TIERSLIEU"])
    link = str(mail.context["path"])
    for body in (words.text, words.html):
        assert f"http://localhost{link}" in body
        assert "Ada Lovelace" in body
        assert "None" not in body
        assert "{" not in body.split("</style>")[-1]
    visitor = app.test_client()
    page = visitor.get(link)
    assert "Ada Lovelace vous la garde jusqu’à" in text_of(page)
    assert "Créer un compte" in text_of(page)
    assert "bo@ecole.example" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    away = visitor.post(link, data={"geste": "prendre"})
    assert "/login" in away.location
    secret = link.rpartition("/")[2]
    assert secret not in away.location
    assert secret not in visitor.post(link, data={"geste": "inscrire"}).location
    assert visitor.get("/reservations/invitation").location == link
    assert visitor.get("/reservations/invitation").location == "/agenda"  # once, by this browser
    bo = make.user(name="Bo")
    taken = client.sign_in(bo).post(link, data={"geste": "prendre"}, follow_redirects=True)
    assert "Votre place est confirmée." in text_of(taken)
    assert "Cette place n’est plus gardée" in text_of(client.get(link))
    seats_are_kept(db, session)


def test_leaving_the_seat_needs_no_account(
    db: Session, client: LookingClient, ada: User, session: LearningSession
) -> None:
    one, _two = invite(db, session, ada)
    link = f"/reservations/invitation/{one.secret}"
    done = client.post(link, data={"geste": "laisser"}, follow_redirects=True)
    assert "C’est noté : la place va à quelqu’un d’autre." in text_of(done)
    seats_are_kept(db, session)
    for unknown in ("x", "x" * 64):
        assert client.get(f"/reservations/invitation/{unknown}").status_code == 404
        assert client.post(f"/reservations/invitation/{unknown}").status_code == 404


def test_a_wrong_list_comes_back_with_what_was_typed(
    db: Session, client: LookingClient, ada: User, session: LearningSession
) -> None:
    client.sign_in(ada)
    address = f"/agenda/{session.id}/collegues"
    wrong = client.post(address, data={"emails": "bo@ecole.example\nrien", "mode": "onsite"})
    assert wrong.status_code == 422
    assert "« rien » n’est pas une adresse complète." in text_of(wrong)
    assert "bo@ecole.example\nrien</textarea>" in wrong.text.replace("\r", "")
    assert client.post(address, data={"emails": "", "mode": "onsite"}).status_code == 422


def test_the_page_gives_back_what_one_keeps_and_shows_it_to_nobody_else(
    db: Session, make: Factory, client: LookingClient, ada: User, session: LearningSession
) -> None:
    one, _two = invite(db, session, ada)
    address = f"/agenda/{session.id}"
    give_back = f"/reservations/places-gardees/{one.invitation.id}/rendre"
    team = client.sign_in(make.user("facilitator"))
    page = text_of(team.get(address))
    assert "bo@ecole.example" not in page
    assert "2 places sont gardées pour des personnes invitées" in page
    assert team.post(give_back).status_code == 404
    client.sign_in(ada)
    assert plain("bo@ecole.example") in text_of(client.get(address))
    assert "La place est rendue." in text_of(client.post(give_back, follow_redirects=True))
    seats_are_kept(db, session)


@both
def test_who_is_limited_takes_a_seat_that_a_colleague_keeps_only_as_far_as_they_may(
    db: Session, make: Factory, session: LearningSession, ada: User
) -> None:
    bo = make.user(email="bo@ecole.example")
    db.add(BookingLimit(user_id=bo.id, since=NOW, until=NOW + timedelta(days=28), most=1))
    claim(db, make_session(db).id, bo.id, ONSITE, now=NOW)
    db.commit()
    first, _second = invite(db, session, ada)
    with pytest.raises(Refused) as refused:
        take_invitation(db, first.secret, bo, now=NOW)
    assert refused.value.code == "limited"
    db.rollback()
    seats_are_kept(db, session)


def limit(db: Session, user: User, most: int) -> None:
    until = NOW + timedelta(days=28)
    db.add(BookingLimit(user_id=user.id, since=NOW, until=until, most=most))
    db.commit()


@both
def test_who_has_all_that_their_limit_allows_keeps_no_seat_for_a_colleague(
    db: Session, make: Factory, session: LearningSession, ada: User
) -> None:
    limit(db, ada, 1)
    claim(db, make_session(db).id, ada.id, ONSITE, now=NOW)
    db.commit()
    assert refusal(db, lambda: invite(db, session, ada, TWO[:1])) == "limited"
    assert db.scalars(select(SeatInvitation)).all() == []
    seats_are_kept(db, session)


@both
def test_what_a_limited_person_keeps_counts_with_what_they_book_until_it_is_taken(
    db: Session, make: Factory, session: LearningSession, ada: User
) -> None:
    limit(db, ada, 2)
    other = make_session(db)
    assert refusal(db, lambda: invite(db, session, ada, [*TWO, "di@ecole.example"])) == "limited"
    first, second = invite(db, session, ada)
    assert refusal(db, lambda: claim(db, other.id, ada.id, ONSITE, now=NOW)) == "limited"
    take_invitation(db, first.secret, make.user(), now=NOW)  # a seat of that colleague's own
    db.commit()
    claim(db, other.id, ada.id, ONSITE, now=NOW)
    db.commit()
    assert refusal(db, lambda: invite(db, session, ada, TWO[:1])) == "limited"
    mine = take_invitation(db, second.secret, ada, now=NOW)  # from a seat kept to a seat booked
    db.commit()
    assert mine.status is BookingStatus.CONFIRMED
    seats_are_kept(db, session)
