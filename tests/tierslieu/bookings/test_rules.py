"""Taking a seat, standing in line, giving it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, seats_are_kept
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings import rules
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import rank_of
from tierslieu.bookings.rules import claim, forget_person, release
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.models import OutboxMessage

pytestmark = pytest.mark.both_databases
ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE


def mails_to(db: Session, email: str) -> list[str]:
    return list(
        db.scalars(
            select(OutboxMessage.template)
            .where(OutboxMessage.recipient == email)
            .order_by(OutboxMessage.id)
        )
    )


def fill(db: Session, make: Factory, session: LearningSession, seats: int) -> list[Booking]:
    """Bookings by new people, one second after the other."""
    return [
        claim(db, session.id, make.user().id, ONSITE, now=NOW + timedelta(seconds=n))
        for n in range(seats)
    ]


def test_a_free_seat_is_confirmed_at_once_and_told_by_mail_with_the_invitation(
    db: Session, make: Factory
) -> None:
    user, session = make.user(), make_session(db)
    booking = claim(db, session.id, user.id, ONSITE, now=NOW)
    db.commit()
    assert booking.status is BookingStatus.CONFIRMED
    assert session.pool(ONSITE).taken == 1
    mail = db.scalars(select(OutboxMessage)).one()
    assert (mail.recipient, mail.template) == (user.email, "bookings_confirmed")
    assert mail.attachments[0]["params"] == {"method": "REQUEST"}


def test_a_full_session_puts_you_in_line_in_the_order_of_asking(db: Session, make: Factory) -> None:
    session = make_session(db, onsite=1)
    first, second, third = fill(db, make, session, 3)
    db.commit()
    assert [b.status.value for b in (first, second, third)] == ["confirmed", "waiting", "waiting"]
    assert [rank_of(db, b) for b in (first, second, third)] == [0, 1, 2]
    assert mails_to(db, third.user.email) == ["bookings_waiting"]
    seats_are_kept(db, session)


def test_the_seat_given_back_goes_to_the_first_in_line_in_the_same_transaction(
    db: Session, make: Factory
) -> None:
    session = make_session(db, onsite=1)
    seated, first, second = fill(db, make, session, 3)
    promoted = release(db, seated.id, now=NOW + timedelta(hours=1), actor_id=seated.user_id)
    # Not committed yet: seen within the one transaction that will be.
    assert promoted is first
    assert first.status is BookingStatus.CONFIRMED
    assert rank_of(db, second) == 1
    db.commit()
    assert mails_to(db, first.user.email) == ["bookings_waiting", "bookings_promoted"]
    assert mails_to(db, seated.user.email) == ["bookings_confirmed", "bookings_released"]
    seats_are_kept(db, session)


def test_leaving_the_line_moves_the_others_up_and_promotes_nobody(
    db: Session, make: Factory
) -> None:
    session = make_session(db, onsite=1)
    _seated, first, second = fill(db, make, session, 3)
    assert release(db, first.id, now=NOW + timedelta(hours=1), actor_id=first.user_id) is None
    assert rank_of(db, second) == 1
    db.commit()
    mail = db.scalars(
        select(OutboxMessage).where(OutboxMessage.template == "bookings_released")
    ).one()
    assert mail.attachments == []  # nobody cancels an invitation that was never sent
    seats_are_kept(db, session)


def test_each_way_of_taking_part_has_its_own_seats_and_its_own_line(
    db: Session, make: Factory
) -> None:
    session = make_session(db, onsite=1, online=1)
    fill(db, make, session, 2)
    online = claim(db, session.id, make.user().id, ONLINE, now=NOW)
    assert online.status is BookingStatus.CONFIRMED
    promoted = release(db, online.id, now=NOW, actor_id=online.user_id)
    assert promoted is None  # who waits for a chair isn't moved online behind their back
    seats_are_kept(db, session)


def test_booking_again_after_having_released_is_welcome(db: Session, make: Factory) -> None:
    session, user = make_session(db), make.user()
    booking = claim(db, session.id, user.id, ONSITE, now=NOW)
    release(db, booking.id, now=NOW, actor_id=user.id)
    again = claim(db, session.id, user.id, ONSITE, now=NOW)
    db.commit()
    assert again.id != booking.id
    assert again.status is BookingStatus.CONFIRMED
    seats_are_kept(db, session)


def test_a_booking_made_twice_is_refused_whether_seated_or_in_line(
    db: Session, make: Factory
) -> None:
    session = make_session(db, onsite=1)
    seated, waiting = fill(db, make, session, 2)
    db.commit()
    for booking, word in ((seated, "déjà une place"), (waiting, "liste d’attente")):
        with pytest.raises(Refused, match=word) as refusal:
            claim(db, session.id, booking.user_id, ONSITE, now=NOW)
        assert refusal.value.code == "already_booked"
        db.rollback()
    seats_are_kept(db, session)


@pytest.mark.parametrize(
    ("moment", "word"),
    [(timedelta(days=7, hours=5), "a commencé"), (timedelta(days=8), "est passée")],
)
def test_a_session_that_began_or_is_past_takes_and_gives_back_no_seat(
    db: Session, make: Factory, moment: timedelta, word: str
) -> None:
    session = make_session(db)
    booking = claim(db, session.id, make.user().id, ONSITE, now=NOW)
    db.commit()
    with pytest.raises(Refused, match=word) as refusal:
        claim(db, session.id, make.user().id, ONSITE, now=NOW + moment)
    assert refusal.value.code == "closed"
    db.rollback()
    with pytest.raises(Refused, match=word):
        release(db, booking.id, now=NOW + moment, actor_id=booking.user_id)


def test_a_cancelled_session_takes_no_booking(db: Session, make: Factory) -> None:
    session = make_session(db, cancelled_at=NOW)
    with pytest.raises(Refused, match="annulée") as refusal:
        claim(db, session.id, make.user().id, ONSITE, now=NOW)
    assert refusal.value.code == "closed"


def test_a_way_of_taking_part_that_is_not_offered_is_refused_beside_its_field(
    db: Session, make: Factory
) -> None:
    session = make_session(db)
    with pytest.raises(Refused) as refusal:
        claim(db, session.id, make.user().id, ONLINE, now=NOW)
    assert (refusal.value.code, refusal.value.field) == ("mode_not_offered", "mode")


@pytest.mark.parametrize("values", [{"confirmed_at": None}, {"active": False}])
def test_an_account_that_is_not_confirmed_or_is_closed_books_nothing(
    db: Session, make: Factory, values: dict[str, object]
) -> None:
    session = make_session(db)
    with pytest.raises(Refused) as refusal:
        claim(db, session.id, make.user(**values).id, ONSITE, now=NOW)
    assert refusal.value.code == "not_eligible"
    seats_are_kept(db, session)


def test_a_seat_is_released_once(db: Session, make: Factory) -> None:
    session = make_session(db, onsite=2)
    booking = claim(db, session.id, make.user().id, ONSITE, now=NOW)
    release(db, booking.id, now=NOW, actor_id=booking.user_id)
    db.commit()
    with pytest.raises(Refused) as refusal:
        release(db, booking.id, now=NOW, actor_id=booking.user_id)
    assert refusal.value.code == "already_released"
    db.rollback()
    seats_are_kept(db, session)


def test_an_unknown_session_person_or_booking_is_not_found(db: Session, make: Factory) -> None:
    session, user = make_session(db), make.user()
    with pytest.raises(NotYours):
        claim(db, uuid4(), user.id, ONSITE, now=NOW)
    with pytest.raises(NotYours):
        claim(db, session.id, uuid4(), ONSITE, now=NOW)
    with pytest.raises(NotYours):
        release(db, uuid4(), now=NOW, actor_id=user.id)


def test_a_person_who_leaves_for_good_gives_their_seats_to_those_in_line(
    db: Session, make: Factory
) -> None:
    session = make_session(db, onsite=1)
    seated, first = fill(db, make, session, 2)
    past = make_session(db, starts=session.starts_local - timedelta(days=30))
    claim(db, past.id, seated.user_id, ONSITE, now=NOW - timedelta(days=60))
    db.commit()
    forget_person(db, seated.user_id, NOW)
    db.commit()
    assert first.status is BookingStatus.CONFIRMED
    seats_are_kept(db, session)
    seats_are_kept(db, past)


def test_who_books_while_they_are_erased_is_erased_the_next_time_and_loses_no_seat_meanwhile(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, other = make_session(db, onsite=1), make_session(db)
    seated, first = fill(db, make, session, 2)
    db.commit()
    hold_all_of = rules.hold_all_of

    def hold_then_book(db: Session, user_id: UUID) -> Any:
        held = hold_all_of(db, user_id)
        claim(db, other.id, user_id, ONSITE, now=NOW)  # from their phone, at that moment
        return held

    monkeypatch.setattr(rules, "hold_all_of", hold_then_book)
    with pytest.raises(Refused) as refused:
        forget_person(db, seated.user_id, NOW)
    assert refused.value.code == "busy"
    db.rollback()
    assert seated.status is BookingStatus.CONFIRMED
    claim(db, other.id, seated.user_id, ONSITE, now=NOW)
    db.commit()
    monkeypatch.undo()
    forget_person(db, seated.user_id, NOW)
    db.commit()
    assert first.status is BookingStatus.CONFIRMED
    seats_are_kept(db, session)
    seats_are_kept(db, other)


def test_a_refused_booking_leaves_nothing_half_written(db: Session, make: Factory) -> None:
    session = make_session(db, onsite=1)
    user = make.user()
    claim(db, session.id, user.id, ONSITE, now=NOW)
    db.commit()
    with pytest.raises(Refused):
        claim(db, session.id, user.id, ONSITE, now=NOW)
    db.commit()
    assert len(db.scalars(select(Booking)).all()) == 1
    assert len(db.scalars(select(OutboxMessage)).all()) == 1
    seats_are_kept(db, session)
