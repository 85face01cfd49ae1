"""The paper for one's head of school: the right facts, for its owner and the team alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.papers import assert_is_tagged, pages_of, said_by
from tests.support.sessions import NOW, make_room, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode, Series
from tierslieu.bookings.changes import call_off_session
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim, release
from tierslieu.people.models import User

STARTS = datetime(2026, 11, 26, 14, 0)  # noqa: DTZ001 - wall time


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace-Éluard")


@pytest.fixture
def booking(db: Session, make: Factory, ada: User) -> Booking:
    path = make_path(db, "snt", title="Sciences numériques")
    session = make_session(
        db,
        starts=STARTS,
        room=make_room(db, name="salle Grace", address="3 rue des Écoles", access="Bus 1"),
        onsite=2,
        step=steps_of(db, path)[0],
        bring="un ordinateur",
        facilitators=[make.user("facilitator", name="Nadia Benali")],
    )
    made = claim(db, session.id, ada.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    return made


def address(booking: Booking) -> str:
    return f"/reservations/{booking.id}/convocation"


@pytest.mark.usefixtures("drawn_outside")
def test_page_and_paper_say_who_is_expected_where_when_and_for_how_long(
    db: Session, client: LookingClient, ada: User, booking: Booking, tmp_path: Path
) -> None:
    page = text_of(client.sign_in(ada).get(address(booking)))
    answer = client.get(f"{address(booking)}.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    paper = said_by(answer.data, tmp_path)
    for said in (page, paper):
        for fact in (
            "Ada Lovelace-Éluard",
            "Initiation à Python",
            "Jeudi 26 novembre 2026",
            "14 h – 17 h",
            "salle Grace, 3 rue des Écoles",
            "Sciences numériques",
            "Nadia Benali",
            "un ordinateur",
        ):
            assert fact in said, fact
    # poppler reads no space in a cell that holds only «3 h».
    assert "3 h" in page
    assert "Durée totale 3" in paper
    assert len(pages_of(answer.data, tmp_path)) == 1
    assert "/TH" in assert_is_tagged(answer.data, "Convocation, Ada Lovelace-Éluard")
    assert "présence" not in paper.split("Après la séance")[0], "nobody was there yet"


def test_it_is_its_owner_s_and_the_team_s_and_nobody_else_s(
    make: Factory, client: LookingClient, ada: User, booking: Booking
) -> None:
    for role, status in (
        ("learner", 404), ("researcher", 404), ("administrator", 404), ("facilitator", 200),
    ):  # fmt: skip
        client.sign_in(make.user(role))
        for suffix in ("", ".pdf"):
            assert client.get(address(booking) + suffix).status_code == status, role


def test_who_waits_who_gave_back_and_whose_session_is_off_have_none(
    db: Session, make: Factory, client: LookingClient, ada: User, booking: Booking
) -> None:
    session = booking.session
    claim(db, session.id, make.user().id, SeatMode.ONSITE, now=NOW)
    waiting = claim(db, session.id, make.user().id, SeatMode.ONSITE, now=NOW)
    db.commit()
    assert waiting.status is BookingStatus.WAITING
    assert client.sign_in(waiting.user).get(address(waiting)).status_code == 404
    with clock.fixed_at(session.ends_at):
        assert client.sign_in(ada).get(address(booking)).status_code == 404
    assert client.get(address(booking)).status_code == 200
    other = make_session(db)
    theirs = claim(db, other.id, ada.id, SeatMode.ONSITE, now=NOW)
    call_off_session(db, other.id, "Panne.", now=NOW)
    release(db, booking.id, now=NOW, actor_id=ada.id)
    db.commit()
    for gone in (booking, theirs):
        assert client.get(f"{address(gone)}.pdf").status_code == 404


def test_the_dates_of_a_series_stand_on_one_paper(
    db: Session, client: LookingClient, ada: User, tmp_path: Path
) -> None:
    series = Series(rule="FREQ=WEEKLY;COUNT=4")
    db.add(series)
    db.commit()
    dates: list[LearningSession] = [
        make_session(db, starts=STARTS + timedelta(days=7 * n), series_id=series.id)
        for n in range(4)
    ]
    made = [claim(db, s.id, ada.id, SeatMode.ONSITE, now=NOW) for s in dates]
    release(db, made[2].id, now=NOW, actor_id=ada.id)
    db.commit()
    client.sign_in(ada)
    page = client.get(address(made[0]))
    assert "Avec les 2 autres dates de la série" in text_of(page)
    paper = said_by(client.get(f"{address(made[0])}.pdf?serie=1").data, tmp_path)
    days = ("26 novembre", "3 décembre", "10 décembre", "17 décembre")
    assert [day in paper for day in days] == [True, True, False, True]
    assert "Durée totale 9" in paper
    assert paper.count("14 h – 17 h") == 3
