"""From the room to online and back: the chair goes to the next, and nobody loses what they had."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, seats_are_kept, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import rank_of
from tierslieu.bookings.rules import claim, release, switch_mode
from tierslieu.errors import Refused
from tierslieu.mail.models import OutboxMessage

both = pytest.mark.both_databases
ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def session(db: Session) -> LearningSession:
    return make_session(db, onsite=1, online=1)


def book(db: Session, make: Factory, session: LearningSession, mode: SeatMode) -> Booking:
    made = claim(db, session.id, make.user().id, mode, now=NOW - timedelta(hours=1))
    db.commit()
    return made


def switch(db: Session, booking: Booking, mode: SeatMode) -> Booking:
    found = switch_mode(db, booking.id, mode, now=NOW, actor_id=booking.user_id)
    db.commit()
    return found


def refusal(db: Session, booking: Booking, mode: SeatMode) -> str:
    with pytest.raises(Refused) as refused:
        switch_mode(db, booking.id, mode, now=NOW, actor_id=booking.user_id)
    db.rollback()
    return refused.value.code


@both
def test_going_online_frees_the_chair_for_the_next_in_the_same_transaction(
    db: Session, make: Factory, session: LearningSession
) -> None:
    seated, waiting = (book(db, make, session, ONSITE) for _n in range(2))
    assert waiting.status is BookingStatus.WAITING
    switch_mode(db, seated.id, ONLINE, now=NOW, actor_id=seated.user_id)
    assert (seated.mode, seated.status) == (ONLINE, BookingStatus.CONFIRMED)
    assert waiting.status is BookingStatus.CONFIRMED, "before anybody else could come"
    db.commit()
    seats_are_kept(db, session)
    mail = db.scalars(
        select(OutboxMessage).where(OutboxMessage.template == "bookings_switched")
    ).one()
    assert mail.attachments[0]["params"] == {"method": "REQUEST"}
    assert mail.context["when_where"]["link"] == session.online_link


@both
def test_where_the_other_way_is_full_one_keeps_one_s_seat(
    db: Session, make: Factory, session: LearningSession
) -> None:
    seated, _online = book(db, make, session, ONSITE), book(db, make, session, ONLINE)
    assert refusal(db, seated, ONLINE) == "full"
    assert (seated.mode, seated.status) == (ONSITE, BookingStatus.CONFIRMED)
    seats_are_kept(db, session)


@both
def test_who_waits_takes_the_free_seat_of_the_other_way_or_goes_to_the_end_of_its_line(
    db: Session, make: Factory, session: LearningSession
) -> None:
    _seated, waiting = (book(db, make, session, ONSITE) for _n in range(2))
    assert switch(db, waiting, ONLINE).status is BookingStatus.CONFIRMED
    other, last = book(db, make, session, ONLINE), book(db, make, session, ONSITE)
    assert switch(db, last, ONLINE).status is BookingStatus.WAITING
    assert [rank_of(db, other), rank_of(db, last)] == [1, 2]
    seats_are_kept(db, session)


@both
def test_what_cannot_be_changed_is_told_and_left(
    db: Session, make: Factory, session: LearningSession
) -> None:
    seated = book(db, make, session, ONSITE)
    assert refusal(db, seated, ONSITE) == "already_booked"
    only = make_session(db, onsite=1)
    assert refusal(db, book(db, make, only, ONSITE), ONLINE) == "mode_not_offered"
    release(db, seated.id, now=NOW, actor_id=seated.user_id)
    db.commit()
    assert refusal(db, seated, ONLINE) == "already_released"


def test_on_the_page_it_is_one_button_and_only_one_s_own(
    db: Session, make: Factory, client: LookingClient, session: LearningSession
) -> None:
    booking = book(db, make, session, ONSITE)
    page = text_of(client.sign_in(booking.user).get(f"/agenda/{session.id}"))
    assert "Plutôt en ligne" in page
    stranger = make.user("facilitator")
    assert (
        client.sign_in(stranger)
        .post(f"/reservations/{booking.id}/facon", data={"vers": "online"})
        .status_code
        == 404
    )
    client.sign_in(booking.user)
    there = {"vers": "online"}
    done = client.post(f"/reservations/{booking.id}/facon", data=there, follow_redirects=True)
    assert "C’est changé : vous participez en ligne." in text_of(done)
    assert "Plutôt sur place" in text_of(done)
    client.post(f"/reservations/{booking.id}/facon", data=there)
    db.refresh(booking)
    assert booking.mode is ONLINE, "a second tap changes nothing back"
    assert client.post(f"/reservations/{booking.id}/facon").status_code == 404
    assert session.online_link in done.text
    book(db, make, session, ONSITE)
    full = client.get(f"/agenda/{session.id}")
    assert "Plutôt sur place" not in text_of(full)
    refused = client.post(
        f"/reservations/{booking.id}/facon",
        data={"vers": "onsite"},
        headers={"Referer": f"http://localhost/agenda/{session.id}"},
        follow_redirects=True,
    )
    assert "C’est complet sur place" in text_of(refused)


def test_who_waits_may_join_the_other_line(
    db: Session, make: Factory, client: LookingClient, session: LearningSession
) -> None:
    _onsite, _online = book(db, make, session, ONSITE), book(db, make, session, ONLINE)
    booking = book(db, make, session, ONSITE)
    client.sign_in(booking.user)
    assert "Plutôt en ligne" in text_of(client.get(f"/agenda/{session.id}"))
    there = {"vers": "online"}
    done = client.post(f"/reservations/{booking.id}/facon", data=there, follow_redirects=True)
    assert "Vous avez la 1re place de l’autre liste." in text_of(done)
