"""Bookings for programs: the rules of the pages, for the owner of the key and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.programs import Caller, at, give_back, hold
from tests.support.sessions import NOW, make_session, seats_are_kept
from tierslieu import clock
from tierslieu.agenda.models import Admission, LearningSession, SeatMode
from tierslieu.agenda.rules import cancel_session
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import pass_on, release
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import User

both = pytest.mark.both_databases
ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def program(client: LookingClient, db: Session, make: Factory) -> Caller:
    return Caller(client, db, make.user(), "bookings:write")


def book(program: Caller, session: LearningSession, **body: Any) -> Any:
    return program.ask("POST", f"/sessions/{session.id}/bookings", json=body)


def refused(program: Caller, session: LearningSession, **body: Any) -> tuple[int, str]:
    return program.refusal("POST", f"/sessions/{session.id}/bookings", json=body)


def offered(db: Session, make: Factory, owner: User) -> tuple[LearningSession, Booking]:
    """A seat that came free four hours before the start, offered to this person."""
    session = make_session(db, starts=at(19), onsite=1)
    with clock.fixed_at(NOW - timedelta(days=3)):
        first, second = hold(db, session, make.user()), hold(db, session, owner)
    give_back(db, first)
    assert second.status is BookingStatus.OFFERED
    return session, second


@both
def test_a_seat_is_taken_for_the_owner_of_the_key_with_the_mail_of_the_page(
    db: Session, program: Caller
) -> None:
    session = make_session(db, onsite=1)
    path = f"/sessions/{session.id}/bookings"
    elsewhere = {"Host": "elsewhere.example"}
    answer = program.ask("POST", path, json={"mode": "onsite"}, headers=elsewhere)
    told = answer.get_json()
    booking = db.scalars(select(Booking)).one()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://localhost/api/v1/bookings/{booking.id}"
    assert told == {
        "id": str(booking.id),
        "status": "confirmed",
        "mode": "onsite",
        "rank": None,
        "expires_at": None,
        "created_at": "2026-11-19T08:00:00Z",
        "online_link": None,
        "session": {
            "id": str(session.id),
            "title": "Initiation à Python",
            "starts_at": "2026-11-26T13:00:00Z",
            "ends_at": "2026-11-26T16:00:00Z",
            "starts_local": "2026-11-26T14:00",
            "ends_local": "2026-11-26T17:00",
            "timezone": "Europe/Paris",
            "place": {
                "name": session.room.name if session.room else "",
                "address": "3 rue des Écoles",
                "access": "",
            },
            "state": "to_come",
            "url": f"http://localhost/agenda/{session.id}",
        },
    }
    assert booking.user_id == program.owner.id
    assert program.get(f"/bookings/{booking.id}") == told
    mails = select(OutboxMessage).where(OutboxMessage.template.startswith("bookings_"))
    mail = db.scalars(mails).one()
    assert (mail.recipient, mail.template) == (program.owner.email, "bookings_confirmed")
    seats_are_kept(db, session)


@both
def test_when_all_are_taken_one_stands_in_line_with_one_s_rank(
    db: Session, make: Factory, program: Caller
) -> None:
    session = make_session(db, onsite=1, online=1)
    held = hold(db, session, make.user())
    hold(db, session, make.user(), ONLINE)
    ahead = hold(db, session, make.user())
    hold(db, session, make.user(), ONLINE)
    answer = book(program, session, mode="onsite")
    told = answer.get_json()
    assert (answer.status_code, told["status"], told["rank"]) == (201, "waiting", 2)
    hold(db, session, make.user())  # who comes after does not move one back
    give_back(db, ahead)
    assert program.get("/bookings")["items"][0]["rank"] == 1
    give_back(db, held)
    told = program.get(f"/bookings/{told['id']}")
    assert (told["status"], told["rank"]) == ("confirmed", None), "given, a week before"
    seats_are_kept(db, session)


def test_the_mode_may_be_left_out_where_there_is_only_one(db: Session, program: Caller) -> None:
    only = make_session(db, onsite=None, online=2)
    assert book(program, only).get_json()["mode"] == "online"
    assert refused(program, make_session(db, onsite=1, online=1)) == (409, "mode_missing")
    assert refused(program, only, mode="onsite") == (409, "mode_not_offered")
    assert refused(program, make_session(db, onsite=0)) == (409, "mode_not_offered")


@both
def test_a_call_whose_answer_was_lost_may_be_made_again(db: Session, program: Caller) -> None:
    session = make_session(db, onsite=2)
    first = book(program, session).get_json()
    again = book(program, session)
    assert (again.status_code, again.get_json()["code"]) == (409, "already_booked")
    assert program.get(f"/bookings/{again.get_json()['booking_id']}") == first
    assert len(db.scalars(select(Booking)).all()) == 1
    seats_are_kept(db, session)


def test_what_is_closed_or_not_there_is_refused(
    db: Session, make: Factory, program: Caller
) -> None:
    begun = make_session(db, starts=at(19, 9))
    called_off = make_session(db)
    cancel_session(db, called_off.id, "La salle est inondée.", now=NOW)
    db.commit()
    for session in (begun, called_off):
        assert refused(program, session) == (409, "closed")
    address = f"/sessions/{uuid4()}/bookings"
    assert program.refusal("POST", address, json={}) == (404, "not_found")
    program.owner.confirmed_at = None
    db.commit()
    assert refused(program, make_session(db)) == (409, "not_eligible")
    assert db.scalars(select(Booking)).all() == []


def test_a_program_sends_the_code_of_an_invitation(db: Session, program: Caller) -> None:
    session = make_session(db, admission=Admission.CODE, invitation_code="Ada 1843")
    assert refused(program, session) == (409, "not_eligible")
    address = f"/sessions/{session.id}/bookings"
    booked = program.ask("POST", address, json={"mode": "onsite", "code": "ada1843"})
    assert booked.get_json()["status"] == "confirmed"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"mode": "hybrid"}, 400, "malformed_body"),
        ({"mode": 1}, 400, "malformed_body"),
        (
            {"mode": "onsite", "user_id": "00000000-0000-7000-8000-000000000000"},
            400,
            "unknown_field",
        ),
        ([], 400, "malformed_body"),
    ],
)
def test_a_body_of_another_shape_books_nothing(
    db: Session, program: Caller, body: Any, status: int, code: str
) -> None:
    session = make_session(db)
    address = f"/sessions/{session.id}/bookings"
    assert program.refusal("POST", address, json=body) == (status, code)
    assert program.refusal("POST", address) == (415, "unsupported_media_type")
    assert db.scalars(select(Booking)).all() == []


@both
def test_the_link_is_for_who_holds_a_seat_online_and_for_nobody_else(
    db: Session, make: Factory, program: Caller
) -> None:
    session = make_session(db, onsite=1, online=1)

    def link_of(booking_id: str) -> Any:
        told = program.get(f"/bookings/{booking_id}")["online_link"]
        assert program.get("/bookings")["items"][0]["online_link"] == told
        return told

    seated = book(program, session, mode="onsite").get_json()
    assert seated["online_link"] is None
    assert link_of(seated["id"]) is None
    moved = program.ask("POST", f"/bookings/{seated['id']}/mode", json={"mode": "online"})
    assert moved.get_json()["online_link"] == session.online_link
    assert link_of(seated["id"]) == session.online_link
    cancel_session(db, session.id, "Panne de visio.", now=NOW)
    db.commit()
    assert link_of(seated["id"]) is None

    full = make_session(db, onsite=None, online=1)
    hold(db, full, make.user(), ONLINE)
    waiting = book(program, full).get_json()
    assert (waiting["status"], waiting["online_link"]) == ("waiting", None)

    last = make_session(db, starts=at(19), onsite=None, online=1)
    with clock.fixed_at(NOW - timedelta(days=3)):
        first = hold(db, last, make.user(), ONLINE)
        mine = hold(db, last, program.owner, ONLINE)
    give_back(db, first)
    told = program.get(f"/bookings/{mine.id}")
    assert (told["status"], told["online_link"]) == ("offered", None)


@both
def test_a_seat_given_back_goes_to_the_next_at_once(
    db: Session, make: Factory, program: Caller
) -> None:
    session = make_session(db, onsite=1)
    mine = book(program, session).get_json()
    waiting = hold(db, session, make.user())
    answer = program.ask("DELETE", f"/bookings/{mine['id']}")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    db.expire_all()
    assert waiting.status is BookingStatus.CONFIRMED
    seats_are_kept(db, session)
    assert program.get("/bookings")["items"] == []
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/acceptance")):
        gone = program.refusal(method, f"/bookings/{mine['id']}{path}")
        assert gone == (404, "not_found"), "what one gave back is gone"
    assert book(program, session).get_json()["rank"] == 1, "one may come back, at the end"


@both
def test_an_offered_seat_is_taken_by_one_call(db: Session, make: Factory, program: Caller) -> None:
    session, booking = offered(db, make, program.owner)
    told = program.get(f"/bookings/{booking.id}")
    assert (told["status"], told["rank"]) == ("offered", None)
    assert datetime.fromisoformat(told["expires_at"]) == booking.offered_until
    assert refused(program, session) == (409, "already_booked")
    answer = program.ask("POST", f"/bookings/{booking.id}/acceptance")
    told = answer.get_json()
    assert (answer.status_code, told["status"], told["expires_at"]) == (200, "confirmed", None)
    again = program.refusal("POST", f"/bookings/{booking.id}/acceptance")
    assert again == (409, "not_offered")
    seats_are_kept(db, session)


@both
def test_an_offer_that_is_over_is_refused_and_stays_to_be_passed_on(
    db: Session, make: Factory, program: Caller
) -> None:
    session, booking = offered(db, make, program.owner)
    until = booking.offered_until
    assert until is not None
    with clock.fixed_at(until):
        over = program.refusal("POST", f"/bookings/{booking.id}/acceptance")
        assert over == (409, "offer_over")
        assert program.get(f"/bookings/{booking.id}")["status"] == "offered"
    seats_are_kept(db, session)


@both
def test_a_booking_that_ended_otherwise_says_so(
    db: Session, make: Factory, program: Caller
) -> None:
    _session, booking = offered(db, make, program.owner)
    taken = hold(db, make_session(db), program.owner)
    release(db, taken.id, now=NOW, actor_id=make.user("facilitator").id)
    db.commit()
    until = booking.offered_until
    assert until is not None
    with clock.fixed_at(until):
        assert pass_on(db, booking.id, now=until)
        db.commit()
        over = program.refusal("POST", f"/bookings/{booking.id}/acceptance")
        assert over == (409, "offer_over")
        assert program.get(f"/bookings/{booking.id}")["status"] == "cancelled"
    assert program.get(f"/bookings/{taken.id}")["status"] == "cancelled"
    assert program.refusal("DELETE", f"/bookings/{taken.id}") == (409, "already_released")
    assert program.get("/bookings")["items"] == []


def test_who_waits_has_no_seat_to_accept(db: Session, make: Factory, program: Caller) -> None:
    session = make_session(db, onsite=1)
    hold(db, session, make.user())
    mine = book(program, session).get_json()
    refusal = program.refusal("POST", f"/bookings/{mine['id']}/acceptance")
    assert refusal == (409, "not_offered")


@both
def test_the_switch_frees_the_chair_and_is_refused_where_it_is_full(
    db: Session, make: Factory, program: Caller
) -> None:
    session = make_session(db, onsite=1, online=1)
    mine = book(program, session, mode="onsite").get_json()
    address = f"/bookings/{mine['id']}/mode"
    other = hold(db, session, make.user(), ONLINE)
    assert program.refusal("POST", address, json={"mode": "online"}) == (409, "full")
    assert program.refusal("POST", address, json={"mode": "onsite"}) == (409, "already_booked")
    assert program.refusal("POST", address, json={}) == (400, "malformed_body")
    assert program.get(f"/bookings/{mine['id']}")["mode"] == "onsite"
    give_back(db, other)
    waiting = hold(db, session, make.user())
    told = program.ask("POST", address, json={"mode": "online"}).get_json()
    assert (told["mode"], told["status"]) == ("online", "confirmed")
    db.expire_all()
    assert waiting.status is BookingStatus.CONFIRMED
    seats_are_kept(db, session)
    only = book(program, make_session(db, onsite=1)).get_json()
    refusal = program.refusal("POST", f"/bookings/{only['id']}/mode", json={"mode": "online"})
    assert refusal == (409, "mode_not_offered")


@both
def test_somebody_else_s_booking_is_not_there_for_the_team_too(
    client: LookingClient, db: Session, make: Factory
) -> None:
    session = make_session(db, onsite=2, online=2)
    booking = hold(db, session, make.user())
    team = make.user("facilitator", "administrator")
    stranger = Caller(client, db, team, "bookings:write")
    for method, path, body in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "/acceptance", None),
        ("POST", "/mode", {"mode": "online"}),
    ):
        more = {} if body is None else {"json": body}
        refusal = stranger.refusal(method, f"/bookings/{booking.id}{path}", **more)
        assert refusal == (404, "not_found"), path
        nowhere = stranger.refusal(method, f"/bookings/{uuid4()}{path}", **more)
        assert nowhere == refusal
    assert stranger.get("/bookings")["items"] == []
    db.expire_all()
    assert (booking.status, booking.mode) == (BookingStatus.CONFIRMED, ONSITE)


def test_a_program_leads_to_pages_that_say_the_same(
    db: Session, client: LookingClient, program: Caller
) -> None:
    session = make_session(db)
    mine = book(program, session).get_json()
    page = client.sign_in(program.owner).get(mine["session"]["url"])
    assert f"/reservations/{mine['id']}/liberer" in page.text
