"""One's bookings as a program lists them: in which order, page by page, at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.courses import counted_queries
from tests.support.factories import Factory
from tests.support.programs import Caller, at, give_back, hold
from tests.support.sessions import NOW, make_session
from tierslieu import clock
from tierslieu.bookings.models import BookingStatus

both = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def program(client: LookingClient, db: Session, make: Factory) -> Caller:
    return Caller(client, db, make.user(), "bookings:write")


@both
def test_one_s_bookings_are_listed_by_the_hour_of_their_sessions_page_by_page(
    db: Session, make: Factory, program: Caller
) -> None:
    with clock.fixed_at(NOW - timedelta(days=3)):
        past = hold(db, make_session(db, starts=at(18)), program.owner)
    # Booked in another order than they are held; two at the same hour.
    held = [hold(db, make_session(db, starts=at(day)), program.owner) for day in (24, 21, 22, 22)]
    given_back = hold(db, make_session(db, starts=at(20)), program.owner)
    give_back(db, given_back)
    hold(db, make_session(db, starts=at(20)), make.user())
    in_order = [held[n] for n in (1, 2, 3, 0)]
    page = program.get("/bookings", limit=2)
    seen = [item["id"] for item in page["items"]]
    hold(db, make_session(db, starts=at(20)), program.owner)  # before what was read
    page = program.get("/bookings", limit=2, after=page["next"])
    seen += [item["id"] for item in page["items"]]
    assert page["next"] is None
    assert seen == [str(booking.id) for booking in in_order]
    earlier = program.get("/bookings", **{"from": "2026-11-18", "to": "2026-11-20"})
    assert [item["id"] for item in earlier["items"]] == [str(past.id)]


@both
def test_a_list_of_many_bookings_asks_the_database_no_more_than_a_list_of_one(
    db: Session, make: Factory, program: Caller
) -> None:
    def add(day: int) -> None:
        session = make_session(db, starts=at(day), onsite=1)
        hold(db, session, make.user())
        hold(db, session, make.user())
        assert hold(db, session, program.owner).status is BookingStatus.WAITING

    def count() -> int:
        db.rollback()
        db.expire_all()
        with counted_queries(db) as seen:
            assert all(item["rank"] == 2 for item in program.get("/bookings")["items"])
        return len(seen)

    add(20)
    program.get("/bookings")  # the key's day of use is written once
    alone = count()
    for day in (21, 22, 23, 24):
        add(day)
    assert count() == alone
    assert alone <= 7


def test_a_strange_place_in_the_list_is_refused(program: Caller) -> None:
    for query, code in (
        ({"after": "rien"}, "cursor_unknown"),
        ({"to": "2026-11-01"}, "period_empty"),
        ({"mode": "onsite"}, "unknown_field"),
        ({"from": "demain"}, "malformed_body"),
    ):
        assert program.refusal("GET", "/bookings", query_string=query) == (400, code)
