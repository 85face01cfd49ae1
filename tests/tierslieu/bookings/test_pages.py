"""The agenda, a session's page and one's bookings, as each person sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, make_session, seats_are_kept, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.mail.models import OutboxMessage

ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


def book(client: LookingClient, session: LearningSession, mode: str = "onsite") -> object:
    return client.post(f"/agenda/{session.id}/reserver", data={"mode": mode}, follow_redirects=True)


def fill(db: Session, make: Factory, session: LearningSession, count: int) -> list[Booking]:
    made = [
        claim(db, session.id, make.user().id, ONSITE, now=NOW - timedelta(hours=1, seconds=-n))
        for n in range(count)
    ]
    db.commit()
    return made


def test_a_visitor_reads_the_agenda_with_what_is_left_in_words(
    db: Session, make: Factory, client: LookingClient
) -> None:
    make_session(db, title="Séance libre", onsite=7)
    full = make_session(db, title="Séance pleine", onsite=1)
    fill(db, make, full, 4)
    page = text_of(client.get("/agenda"))
    assert "Jeudi 26 novembre" in page
    assert "Sur place · 7 places" in page
    assert "Sur place · complet : 3 en attente" in page
    assert "Proposer une séance" not in page


def test_the_agenda_shows_what_is_to_come_and_past_sessions_when_asked(
    db: Session, client: LookingClient
) -> None:
    make_session(db, title="Demain")
    make_session(db, title="Hier", starts=NOW.replace(tzinfo=None) - timedelta(days=1))
    to_come, past = text_of(client.get("/agenda")), text_of(client.get("/agenda?periode=passees"))
    assert ("Demain" in to_come, "Hier" in to_come) == (True, False)
    assert ("Demain" in past, "Hier" in past) == (False, True)


def test_the_agenda_is_narrowed_by_mode_and_period(db: Session, client: LookingClient) -> None:
    soon = NOW.replace(tzinfo=None) + timedelta(days=2)
    make_session(db, title="En salle bientôt", starts=soon)
    make_session(db, title="À distance", onsite=None, online=5, starts=soon)
    make_session(db, title="Plus tard", starts=soon + timedelta(days=20))

    def titles(query: str) -> list[str]:
        page = text_of(client.get(f"/agenda?{query}"))
        return [t for t in ("En salle bientôt", "À distance", "Plus tard") if t in page]

    assert titles("mode=en-ligne") == ["À distance"]
    assert titles("mode=sur-place") == ["En salle bientôt", "Plus tard"]
    assert titles("periode=semaine") == ["En salle bientôt", "À distance"]
    assert titles("mode=partout&periode=jamais&parcours=rien&page=zéro") == [
        "En salle bientôt",
        "À distance",
        "Plus tard",
    ]


def test_a_long_agenda_comes_page_by_page(db: Session, client: LookingClient) -> None:
    for n in range(27):
        starts = NOW.replace(tzinfo=None) + timedelta(days=1 + n)
        make_session(db, title=f"Séance n° {n}.", starts=starts, onsite=None, online=2)
    first, second = text_of(client.get("/agenda")), text_of(client.get("/agenda?page=2"))
    assert "Page 1 sur 2" in first
    assert "Séance n° 24." in first
    assert "Séance n° 25." not in first
    assert "Séance n° 26." in second
    assert "Séance n° 26." in text_of(client.get("/agenda?page=999"))


def test_an_empty_agenda_says_what_to_do(client: LookingClient) -> None:
    assert "Aucune séance n’est annoncée" in text_of(client.get("/agenda"))
    assert "Aucune séance ne correspond" in text_of(client.get("/agenda?mode=en-ligne"))


def test_a_visitor_is_led_to_sign_in_and_books_nothing(db: Session, client: LookingClient) -> None:
    session = make_session(db)
    page = client.get(f"/agenda/{session.id}")
    assert "Se connecter pour réserver" in text_of(page)
    # Who opens an account in order to book comes back to this session.
    assert f'href="/inscription?next=/agenda/{session.id}"' in page.text
    answer = client.post(f"/agenda/{session.id}/reserver", data={"mode": "onsite"})
    assert answer.status_code == 302
    assert "/login" in answer.location
    assert db.scalars(select(Booking)).all() == []


def test_a_learner_books_sees_the_seat_and_gives_it_back(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db), make.user()
    client.sign_in(user)
    page = text_of(book(client, session))
    assert "Votre place est confirmée" in page
    assert "Libérer ma place" in page
    assert "Initiation à Python" in text_of(client.get("/mes-reservations"))
    booking = db.scalars(select(Booking)).one()
    page = text_of(client.post(f"/reservations/{booking.id}/liberer", follow_redirects=True))
    assert "Votre place est libérée" in page
    assert "Réserver ma place" in page
    seats_are_kept(db, session)


def test_who_waits_reads_their_rank_why_and_what_comes_next(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db, onsite=2), make.user()
    fill(db, make, session, 3)
    client.sign_in(user)
    assert "S’inscrire" not in text_of(client.get(f"/agenda/{session.id}"))
    page = text_of(book(client, session))
    assert "vous avez la 2e place de la liste d’attente" in page
    assert "Les 2 places sont prises" in page
    assert "Chaque place libérée va aussitôt à la première personne de la liste" in page
    own = text_of(client.get("/mes-reservations"))
    assert "2e sur la liste" in own
    assert "Quitter la liste" in own


def test_a_booking_made_twice_is_refused_with_its_sentence(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db)
    client.sign_in(make.user())
    book(client, session)
    answer = book(client, session)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "Vous avez déjà une place à cette séance." in text_of(answer)
    assert len(db.scalars(select(Booking)).all()) == 1


@pytest.mark.parametrize(
    ("later", "sentence"),
    [
        (timedelta(days=7, hours=6), "Cette séance a commencé"),
        (timedelta(days=8), "Cette séance est passée"),
    ],
)
def test_a_session_begun_or_past_is_refused_with_its_sentence(
    db: Session, make: Factory, client: LookingClient, later: timedelta, sentence: str
) -> None:
    session = make_session(db)
    client.sign_in(make.user())
    with clock.fixed_at(NOW + later):
        answer = book(client, session)
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert sentence in text_of(answer)
        assert "Réserver ma place" not in text_of(client.get(f"/agenda/{session.id}"))


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("", "Choisissez : sur place ou en ligne."),
        ("partout", "Choisissez : sur place ou en ligne."),
        ("online", "Cette séance ne se tient pas de cette façon"),
    ],
)
def test_a_way_of_coming_that_is_not_offered_is_refused(
    db: Session, make: Factory, client: LookingClient, mode: str, sentence: str
) -> None:
    session = make_session(db)
    client.sign_in(make.user())
    answer = book(client, session, mode)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert sentence in text_of(answer)
    assert db.scalars(select(Booking)).all() == []


def test_an_unconfirmed_account_reads_what_to_do_first(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db)
    client.sign_in(make.user(confirmed_at=None))
    answer = book(client, session)
    assert "Confirmez d’abord votre adresse" in text_of(answer)
    assert db.scalars(select(Booking)).all() == []


def test_nobody_gives_back_the_seat_of_another_but_a_facilitator(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=1)
    seated, waiting = fill(db, make, session, 2)
    client.sign_in(waiting.user)
    assert client.post(f"/reservations/{seated.id}/liberer").status_code == 404
    client.sign_in(make.user("researcher"))
    assert client.post(f"/reservations/{seated.id}/liberer").status_code == 404
    db.expire_all()
    assert seated.status is BookingStatus.CONFIRMED
    client.sign_in(make.user("facilitator"))
    page = text_of(client.post(f"/reservations/{seated.id}/liberer", follow_redirects=True))
    assert f"La place va à {waiting.user.name}." in page
    seats_are_kept(db, session)


def test_the_online_link_is_shown_to_those_booked_online_and_to_nobody_else(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=2, online=1)
    link, address = session.online_link, f"/agenda/{session.id}"
    online, onsite, waiting, other = (make.user() for _ in range(4))
    claim(db, session.id, online.id, ONLINE, now=NOW)
    claim(db, session.id, onsite.id, ONSITE, now=NOW)
    claim(db, session.id, waiting.id, ONLINE, now=NOW)
    db.commit()

    def sees() -> tuple[bool, bool]:
        page = client.get(address).get_data(as_text=True)
        calendar = client.get(f"{address}.ics").get_data(as_text=True)
        return link in page, link in calendar.replace("\r\n ", "")

    assert sees() == (False, False)  # a visitor
    for person in (onsite, waiting, other):
        client.sign_in(person)
        assert sees() == (False, False)
    client.sign_in(online)
    assert sees() == (True, True)
    assert link not in client.get("/agenda.ics").get_data(as_text=True)


def test_only_a_facilitator_reads_who_is_booked_and_who_waits(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=1)
    seated, waiting = fill(db, make, session, 2)
    names = (seated.user.name, waiting.user.name)
    for person in (None, make.user(), make.user("researcher")):
        if person:
            client.sign_in(person)
        page = client.get(f"/agenda/{session.id}").get_data(as_text=True)
        assert not any(name in page for name in names)
        assert "@example.org" not in page
    client.sign_in(make.user("facilitator"))
    page = client.get(f"/agenda/{session.id}").get_data(as_text=True)
    assert all(name in page for name in names)


def test_a_facilitator_books_for_somebody_or_reads_why_not(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, person = make_session(db, onsite=1), make.user()
    client.sign_in(make.user("facilitator"))

    def book_for(email: str) -> str:
        data = {"email": email, "mode": "onsite"}
        return text_of(
            client.post(f"/agenda/{session.id}/inscrire", data=data, follow_redirects=True)
        )

    assert f"{person.name} a une place." in book_for(person.email.upper())
    assert "Cette personne a déjà une place" in book_for(person.email)
    assert "Personne n’a de compte à cette adresse" in book_for("nobody@example.org")
    assert "Écrivez l’adresse" in book_for("")
    other = make.user()
    assert f"{other.name} est sur la liste d’attente." in book_for(other.email)
    client.sign_in(person)
    answer = client.post(f"/agenda/{session.id}/inscrire", data={"email": other.email})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("where", "data"),
    [
        ("inscrire", {"email": "nobody@example.org", "mode": "onsite"}),
        ("reserver", {"mode": "online"}),
    ],
)
def test_what_is_to_be_corrected_leads_to_its_field(
    db: Session, make: Factory, client: LookingClient, where: str, data: dict[str, str]
) -> None:
    session = make_session(db)
    client.sign_in(make.user("facilitator"))
    page = client.post(f"/agenda/{session.id}/{where}", data=data).get_data(as_text=True)
    wrong = re.findall(r'<a href="#([^"]+)">', page.partition('class="flash error summary"')[2])
    assert wrong
    assert [name for name in wrong if f'id="{name}"' not in page] == []


def test_the_lists_of_one_person_are_theirs_alone(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, title="Séance d’une seule personne")
    claim(db, session.id, make.user().id, ONSITE, now=NOW)
    db.commit()
    client.sign_in(make.user())
    page = text_of(client.get("/mes-reservations"))
    assert "Séance d’une seule personne" not in page
    assert "Rien de réservé pour l’instant" in page


def test_a_past_seat_stays_in_the_list_of_what_was(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db), make.user()
    claim(db, session.id, user.id, ONSITE, now=NOW)
    db.commit()
    client.sign_in(user)
    with clock.fixed_at(NOW + timedelta(days=10)):
        page = text_of(client.get("/mes-reservations"))
    assert "Passées" in page
    assert "Libérer ma place" not in page


def test_what_was_is_paged_by_the_database_and_what_is_to_come_stands_first(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user, room = make.user(), make_room(db, places=3)
    for day in range(30):
        starts = datetime(2026, 11, 26, 14) + timedelta(days=day)  # noqa: DTZ001 - wall time
        one = make_session(db, title=f"Séance {day:02d}", starts=starts, room=room)
        claim(db, one.id, user.id, ONSITE, now=NOW)
    db.commit()
    client.sign_in(user)
    with clock.fixed_at(NOW + timedelta(days=34)):  # the first 27 are over
        first, second, beyond = (
            text_of(client.get(f"/mes-reservations?page={n}")) for n in (1, 2, 99)
        )
    assert "Page 1 sur 2" in first
    for to_come in ("Séance 27", "Séance 28", "Séance 29"):
        assert to_come in first
        assert to_come not in second
    assert ("Séance 26" in first, "Séance 01" in first) == (True, False)
    assert ("Séance 26" in second, "Séance 01" in second) == (False, True)
    assert "Rien de réservé" not in second
    assert "Page 2 sur 2" in beyond


def test_an_unknown_session_is_not_found(client: LookingClient) -> None:
    unknown = "/agenda/0199aaaa-0000-7000-8000-000000000000"
    assert client.get(unknown).status_code == 404
    assert client.get(f"{unknown}.ics").status_code == 404
    assert client.get("/agenda/nothing").status_code == 404


def test_of_a_cancelled_session_nobody_is_told_that_a_seat_is_confirmed(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user, session = make.user(), make_session(db, onsite=7)
    claim(db, session.id, user.id, ONSITE, now=NOW)
    session.cancelled_at, session.cancel_reason = NOW, "La salle est inondée."
    db.commit()
    client.sign_in(user)
    for address in (f"/agenda/{session.id}", "/mes-reservations"):
        page = text_of(client.get(address))
        assert "Annulée" in page, address
        assert "Place confirmée" not in page, address
    assert "places sur 7" not in text_of(client.get(f"/agenda/{session.id}"))


def test_a_refused_booking_sends_no_mail(db: Session, make: Factory, client: LookingClient) -> None:
    session = make_session(db, cancelled_at=NOW, cancel_reason="La salle est inondée.")
    client.sign_in(make.user())
    assert "Cette séance est annulée" in text_of(book(client, session))
    assert "La salle est inondée." in text_of(client.get(f"/agenda/{session.id}"))
    assert db.scalars(select(OutboxMessage)).all() == []
