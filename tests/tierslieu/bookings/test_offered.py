"""Near the start a freed seat is offered: taken by a tap, declined, or passed on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.offering import (
    LONG_BEFORE,
    NEAR,
    ONSITE,
    STARTS,
    S,
    at,
    give_back,
    mails,
    make_line,
    run,
    states,
)
from tests.support.sessions import make_session, plain, seats_are_kept, text_of
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.agenda.planning import Plan
from tierslieu.bookings.changes import call_off_session, change_session
from tierslieu.bookings.models import Booking
from tierslieu.bookings.rules import (
    accept,
    claim,
    forget_person,
    pass_on,
    release,
    switch_mode,
)
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House, Invariant
from tierslieu.mail.words import take_language

both = pytest.mark.both_databases


@pytest.fixture
def line(db: Session, make: Factory) -> list[Booking]:
    return make_line(db, make)


def refusal(db: Session, booking: Booking, now: datetime) -> str:
    with pytest.raises(Refused) as refused:
        accept(db, booking.id, now=now)
    db.rollback()
    return refused.value.code


@both
def test_long_before_a_freed_seat_is_given_and_near_the_start_it_is_offered(
    db: Session, line: list[Booking]
) -> None:
    give_back(db, line[0], at("20 10:00"))
    assert states(line) == ["cancelled", "confirmed", "waiting", "waiting"]
    assert give_back(db, line[1], NEAR) is line[2]
    assert states(line) == ["cancelled", "cancelled", "offered", "waiting"]
    assert line[2].offered_until == at("25 17:30")
    seats_are_kept(db, line[0].session)
    assert [mail.template for mail in mails(db, line[2])] == [
        "bookings_waiting",
        "bookings_offered",
    ]
    assert not mails(db, line[2])[-1].attachments, "no invitation before one has said yes"


@both
def test_an_offered_seat_is_taken_with_the_invitation(db: Session, line: list[Booking]) -> None:
    give_back(db, line[0], NEAR)
    assert refusal(db, line[2], NEAR) == "not_offered"
    accept(db, line[1].id, now=NEAR + timedelta(hours=1))
    db.commit()
    assert states(line) == ["cancelled", "confirmed", "waiting", "waiting"]
    last = mails(db, line[1])[-1]
    assert (last.template, last.attachments[0]["params"]) == (
        "bookings_confirmed", {"method": "REQUEST"},
    )  # fmt: skip
    seats_are_kept(db, line[0].session)
    assert refusal(db, line[1], NEAR) == "not_offered"


@both
def test_an_offer_that_is_over_is_no_more_taken_by_going_online(db: Session, make: Factory) -> None:
    session = make_session(db, onsite=1, online=5, starts=datetime(2026, 11, 26, 14))  # noqa: DTZ001
    first, second = make.user(), make.user()
    held = claim(db, session.id, first.id, SeatMode.ONSITE, now=at("19 10:00"))
    waits = claim(db, session.id, second.id, SeatMode.ONSITE, now=at("19 11:00"))
    db.commit()
    give_back(db, held, NEAR)
    assert states([waits]) == ["offered"]
    assert waits.offered_until is not None
    with pytest.raises(Refused) as refused:
        switch_mode(db, waits.id, SeatMode.ONLINE, now=waits.offered_until, actor_id=second.id)
    assert refused.value.code == "offer_over"
    db.rollback()
    assert states([waits]) == ["offered"], "the job takes it back and tells them"


@both
def test_a_declined_seat_is_offered_to_the_next_at_once(db: Session, line: list[Booking]) -> None:
    give_back(db, line[0], NEAR)
    assert give_back(db, line[1], NEAR) is line[2]
    assert states(line) == ["cancelled", "cancelled", "offered", "waiting"]
    seats_are_kept(db, line[0].session)


@both
def test_an_offer_without_an_answer_passes_on_by_itself_each_person_told(
    db: Session, line: list[Booking]
) -> None:
    give_back(db, line[0], NEAR)
    assert run(db, "offers_over", at("25 17:29")) == 0
    assert refusal(db, line[1], at("25 17:30")) == "offer_over", "the job may be late"
    assert run(db, "offers_over", at("25 17:30")) == 1
    assert run(db, "offers_over", at("25 17:30")) == 0, "a second run does nothing"
    assert states(line) == ["cancelled", "cancelled", "offered", "waiting"]
    assert line[1].is_unanswered
    assert not line[0].is_unanswered
    assert mails(db, line[1])[-1].template == "bookings_passed_on"
    assert refusal(db, line[1], at("25 17:40")) == "offer_over"
    assert line[2].offered_until == at("25 20:30")
    seats_are_kept(db, line[0].session)
    again = claim(db, line[0].session_id, line[1].user_id, ONSITE, now=at("25 18:00"))
    db.commit()
    assert again.status is S.WAITING, "at the end of the line"


@both
def test_what_is_freed_at_night_is_told_in_the_morning_and_kept_from_then_on(
    db: Session, line: list[Booking]
) -> None:
    give_back(db, line[0], at("26 02:00"))
    assert line[1].offered_until == at("26 11:00")
    assert mails(db, line[1])[-1].next_try_at == at("26 08:00")
    assert mails(db, line[0])[-1].next_try_at == at("26 02:00"), "who acts is answered at once"


@both
def test_a_seat_given_at_night_is_told_in_the_morning_as_things_stand_then(
    db: Session, line: list[Booking]
) -> None:
    night = at("21 02:00")
    session = line[0].session
    give_back(db, line[0], night)
    assert mails(db, line[1])[-1].next_try_at == at("21 08:00")
    later = Plan(
        session.title,
        session.starts_local + timedelta(hours=1),
        session.ends_local + timedelta(hours=1),
        room_id=session.room_id,
        onsite=1,
    )
    change_session(db, session.id, later, now=night)
    db.commit()
    told = mails(db, line[1])
    assert [mail.template for mail in told] == ["bookings_waiting", "bookings_promoted"]
    said = take_language(told[-1].context, "fr")
    assert said["when_where"]["hours"].startswith("15"), "one mail, with the new hour"
    call_off_session(db, session.id, "Panne.", now=night)
    db.commit()
    assert [mail.template for mail in mails(db, line[1])] == [
        "bookings_waiting", "bookings_cancelled",
    ], "no mail of the morning speaks of a seat that is gone"  # fmt: skip


@both
def test_a_closed_account_and_a_cancelled_session_leave_no_seat_behind(
    db: Session, line: list[Booking]
) -> None:
    give_back(db, line[0], NEAR)
    forget_person(db, line[1].user_id, NEAR)
    db.commit()
    assert line[2].status is S.OFFERED
    seats_are_kept(db, line[2].session)
    call_off_session(db, line[2].session_id, "Panne.", now=NEAR)
    db.commit()
    assert run(db, "offers_over", at("26 15:00")) == 1, "swept once its time is over"
    assert mails(db, line[2])[-1].template == "bookings_cancelled", "and nobody is told of it again"
    assert line[3].status is S.WAITING
    assert not pass_on(db, line[2].id, now=at("26 15:00"))


@both
def test_at_the_start_an_unanswered_offer_leaves_its_chair_and_offers_it_to_nobody(
    app: Flask, db: Session, line: list[Booking]
) -> None:
    give_back(db, line[0], at("26 13:50"))
    assert line[1].offered_until == at("26 14:00")
    run(db, "offers_over", at("26 14:00"))
    assert states(line) == ["cancelled", "cancelled", "waiting", "waiting"]
    assert line[1].session.pool(ONSITE).taken == 0  # type: ignore[union-attr]
    house: House = app.extensions["tierslieu.house"]
    with clock.fixed_at(at("26 14:01")):
        for invariant in house.all(Invariant):
            assert not invariant.check(db).broken, invariant.name


@both
def test_who_holds_an_offer_reads_the_new_hour_and_until_when_it_stands_now(
    db: Session, line: list[Booking]
) -> None:
    give_back(db, line[0], at("26 08:30"))
    assert line[1].offered_until == at("26 11:15")
    session = line[0].session
    earlier = Plan(
        session.title,
        session.starts_local - timedelta(hours=3),
        session.ends_local - timedelta(hours=3),
        room_id=session.room_id,
        onsite=1,
    )
    change_session(db, session.id, earlier, now=at("26 09:00"))
    db.commit()
    last = mails(db, line[1])[-1]
    assert last.template == "bookings_offered"
    said = take_language(last.context, "fr")
    assert plain(said["until"]["hour"]) == "11 h"
    assert plain(said["when_where"]["hours"]).startswith("11 h")
    assert line[1].offered_until == at("26 11:00")


@both
def test_a_way_of_coming_that_is_given_up_leaves_nobody_in_line_and_nothing_that_cannot_be_erased(
    db: Session, make: Factory
) -> None:
    session = make_session(db, starts=STARTS, onsite=2, online=1)
    gone, seated, waits = (
        claim(
            db, session.id, make.user().id, SeatMode.ONLINE, now=LONG_BEFORE + timedelta(seconds=n)
        )
        for n in range(3)
    )
    db.commit()
    give_back(db, gone, LONG_BEFORE)  # the second sits, the third waits
    release(db, seated.id, now=LONG_BEFORE, actor_id=seated.user_id)
    pool = session.pool(SeatMode.ONLINE)
    assert pool is not None
    waits.status, waits.confirmed_at, pool.taken = S.WAITING, None, 0
    db.commit()
    onsite = Plan(
        session.title, session.starts_local, session.ends_local, room_id=session.room_id, onsite=2
    )
    change_session(db, session.id, onsite, now=LONG_BEFORE + timedelta(hours=1))
    db.commit()
    assert waits.status is S.CANCELLED
    assert mails(db, waits)[-1].template == "bookings_released"
    for booking in (gone, seated, waits):
        forget_person(db, booking.user_id, LONG_BEFORE)
    db.commit()
    seats_are_kept(db, session)


def test_nobody_accepts_another_s_seat(
    db: Session, client: LookingClient, line: list[Booking]
) -> None:
    give_back(db, line[0], NEAR)
    with clock.fixed_at(NEAR):
        for stranger in (line[2].user, line[3].user):
            answer = client.sign_in(stranger).post(f"/reservations/{line[1].id}/prendre")
            assert answer.status_code == 404
    assert states(line)[1] == "offered"
    with pytest.raises(NotYours):
        accept(db, line[0].user_id, now=NEAR)


# Pages


@pytest.fixture
def near() -> Iterator[None]:
    with clock.fixed_at(NEAR):
        yield


def test_the_page_says_why_one_waits_and_what_will_happen(
    db: Session, client: LookingClient, line: list[Booking]
) -> None:
    address = f"/agenda/{line[2].session_id}"
    client.sign_in(line[2].user)
    with clock.fixed_at(LONG_BEFORE):
        page = text_of(client.get(address))
    assert "2e sur la liste" in page
    assert "La seule place est prise. 1 personne attend depuis plus longtemps que vous." in page
    assert "La veille de la séance et le jour même, la place vous sera proposée" in page
    with clock.fixed_at(NEAR):
        page = text_of(client.get(address))
    assert "la nuit, de 21 h à 8 h, ne compte pas" in page


def test_an_offer_stands_first_on_every_page_with_its_two_answers(
    db: Session, client: LookingClient, line: list[Booking], near: None
) -> None:
    give_back(db, line[0], NEAR)
    client.sign_in(line[1].user)
    for address in ("/", "/mes-reservations", f"/agenda/{line[1].session_id}"):
        page = text_of(client.get(address))
        assert "La place vous est gardée jusqu’à 17 h 30, mercredi 25 novembre" in page, address
        assert "Je viens : confirmer ma place" in page
        assert "Je ne viens pas" in page
    assert "Place proposée, à confirmer" in text_of(client.get("/agenda"))
    calendar = client.get(f"/agenda/{line[1].session_id}.ics").get_data(as_text=True)
    assert "STATUS:TENTATIVE" in calendar
    answer = client.post(f"/reservations/{line[1].id}/prendre", follow_redirects=True)
    assert "Votre place est confirmée." in text_of(answer)
    assert client.post(f"/reservations/{line[1].id}/prendre").status_code == 302


def test_the_team_sees_who_was_offered_a_seat_and_until_when(
    db: Session, make: Factory, client: LookingClient, line: list[Booking], near: None
) -> None:
    give_back(db, line[0], NEAR)
    page = text_of(client.sign_in(make.user("facilitator")).get(f"/agenda/{line[1].session_id}"))
    assert "Places proposées : 1" in page
    assert "à confirmer avant 17 h 30" in page
    assert "Liste d’attente : 2" in page
