"""Seats kept for colleagues by who may only book so many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, seats_are_kept
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.groups.rules import (
    Invited,
    invite_colleagues,
    take_invitation,
)
from tierslieu.bookings.models import BookingLimit, BookingStatus, SeatInvitation
from tierslieu.bookings.rules import claim
from tierslieu.errors import Refused
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
