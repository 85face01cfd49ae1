"""A series followed as a whole, on the pages of its dates and for programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.programs import Caller
from tests.support.sessions import NOW, bundle_of, make_room, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode, Series
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.people.models import FACILITATOR

ONSITE = SeatMode.ONSITE


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def dates(db: Session) -> list[LearningSession]:
    """Three Thursdays: two seats, one, two."""
    return bundle_of(db, [2, 1, 2])


def book(db: Session, dates: list[LearningSession], make: Factory) -> Booking:
    booking = claim(db, dates[0].id, make.user().id, ONSITE, now=NOW)
    db.commit()
    return booking


def test_the_page_of_any_date_says_it_goes_with_the_others_and_books_them_all(
    make: Factory, client: LookingClient, dates: list[LearningSession]
) -> None:
    client.sign_in(make.user())
    page = text_of(client.get(f"/agenda/{dates[1].id}"))
    assert (
        "Cette série se suit en entier : ses 3 dates se réservent et se libèrent ensemble." in page
    )
    assert "à suivre en entier" in page
    assert "Garder des places pour des collègues" not in page
    done = client.post(
        f"/agenda/{dates[1].id}/reserver", data={"mode": "onsite"}, follow_redirects=True
    )
    assert "Vous avez une place à toutes les dates." in text_of(done)
    assert "Libérer toutes mes dates" in text_of(done)
    assert text_of(client.get("/mes-reservations")).count("Libérer toutes mes dates") >= 3


def test_the_page_names_the_date_that_blocks_and_the_agenda_says_full(
    db: Session, make: Factory, client: LookingClient, dates: list[LearningSession]
) -> None:
    book(db, dates, make)
    client.sign_in(make.user())
    page = text_of(client.get(f"/agenda/{dates[0].id}"))
    assert "Il n’y a plus de place à cette date : jeudi 3 décembre." in page
    assert "complet" in text_of(client.get("/agenda"))
    done = client.post(
        f"/agenda/{dates[0].id}/reserver", data={"mode": "onsite"}, follow_redirects=True
    )
    assert "vous avez la 1re place de la liste d’attente de la série" in text_of(done)
    assert "vous attendez une place à chacune de ses dates" in text_of(done)
    own = text_of(client.get("/mes-reservations"))
    assert own.count("Quitter la liste") == 2  # once: the button, and what it asks
    home = text_of(client.get("/"))
    assert home.count("Initiation à Python") == 1


def test_giving_back_any_date_gives_back_all_to_come(
    db: Session, make: Factory, client: LookingClient, dates: list[LearningSession]
) -> None:
    booking = book(db, dates, make)
    client.sign_in(booking.user)
    done = client.post(f"/reservations/{booking.id}/liberer", follow_redirects=True)
    assert "Vos places à toutes les dates sont libérées." in text_of(done)
    assert "Rien de réservé pour l’instant" in text_of(client.get("/mes-reservations"))


def test_the_team_notes_that_somebody_misses_a_date_and_puts_them_back(
    db: Session, make: Factory, client: LookingClient, dates: list[LearningSession]
) -> None:
    booking = book(db, dates, make)
    client.sign_in(make.user(FACILITATOR))
    address = f"/reservations/{booking.id}/manque"
    assert "manque une date" in text_of(client.get(address))
    assert client.post(address, data={"why": ""}).status_code == 422
    done = client.post(address, data={"why": "conseil de classe"}, follow_redirects=True)
    page = text_of(done)
    assert "manque cette date et garde les autres" in page
    assert "Manquent cette date : 1" in page
    assert "conseil de classe" in page
    assert client.get(address).status_code == 404
    back = client.post(
        f"/agenda/{dates[0].id}/inscrire",
        data={"email": booking.user.email, "mode": "onsite"},
        follow_redirects=True,
    )
    assert "Manquent cette date" not in text_of(back)


def test_it_is_said_once_for_all_when_the_series_is_planned(
    db: Session, make: Factory, client: LookingClient
) -> None:
    facilitator, room = make.user(FACILITATOR), make_room(db)
    client.sign_in(facilitator)
    form = {
        "title": "Cinq jeudis",
        "day": "2026-11-26",
        "starts": "14:00",
        "ends": "17:00",
        "room": str(room.id),
        "onsite": "4",
        "facilitators": str(facilitator.id),
        "admission": "open",
        "repeat": "week",
        "times": "3",
    }
    page = text_of(client.post("/agenda/nouvelle", data=form))
    assert "On réserve toutes les dates ou aucune" in page
    chosen = {"dates": ["2026-11-26", "2026-12-03"], "confirmer": "1", "bundle": "y"}
    done = client.post("/agenda/nouvelle", data=form | chosen, follow_redirects=True)
    assert "Séance 1 d’une série de 2, à suivre en entier" in text_of(done)
    assert db.scalars(select(Series)).one().is_bundle


def test_the_convocation_holds_every_date(
    db: Session, make: Factory, client: LookingClient, dates: list[LearningSession]
) -> None:
    booking = book(db, dates, make)
    client.sign_in(booking.user)
    page = text_of(client.get(f"/reservations/{booking.id}/convocation"))
    assert page.count("14 h – 17 h") == 3


def test_a_program_reads_that_dates_go_together_and_books_them_by_one_call(
    db: Session, make: Factory, client: LookingClient, dates: list[LearningSession]
) -> None:
    user = make.user()
    program = Caller(client, db, user, "sessions:read", "bookings:write")
    told = program.get(f"/sessions/{dates[0].id}")
    assert told["bundle"] is True
    assert told["free"] == {"onsite": 1}
    made = program.ask("POST", f"/sessions/{dates[0].id}/bookings", json={})
    assert made.status_code == 201
    listed = program.get("/bookings")["items"]
    assert [one["status"] for one in listed] == ["confirmed"] * 3
    program.ask("DELETE", f"/bookings/{listed[2]['id']}")
    statuses = db.scalars(select(Booking.status).where(Booking.user_id == user.id))
    assert set(statuses) == {BookingStatus.CANCELLED}
