"""The pages of signing without any script: the screen, one's own phone, the device of who leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import PASSWORD, with_password
from tests.support.sessions import NOW, make_session, text_of
from tests.support.signing_in import CODES, Phone
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.attendance.signing.models import Manner, Signature, SigningMiss
from tierslieu.attendance.signing.views import TICKET
from tierslieu.bookings.rules import claim
from tierslieu.people.models import User

THEN = NOW + timedelta(days=7, hours=5, minutes=3)


@pytest.fixture(autouse=True)
def _then() -> Iterator[None]:
    with clock.fixed_at(THEN):
        yield


def book(db: Session, session: LearningSession, user: User) -> User:
    claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    return user


def test_the_screen_shows_a_code_that_changes_and_no_name(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user(name="Zoé Unique"))
    client.sign_in(leader)
    seen = set()
    for seconds in (0, 30, 60):
        with clock.fixed_at(THEN + timedelta(seconds=seconds)):
            answer = client.get(f"/emargement/{session.id}/ecran")
            digits = CODES.show(session.id, clock.now())
            page = text_of(answer)
            assert f"<span>{digits[:3]}</span> <span>{digits[3:]}</span>" in page
            seen.add(digits)
    assert len(seen) == 3
    assert answer.headers["Cache-Control"] == "no-store"
    assert user.name not in page
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in page


def test_the_qr_code_leads_to_one_tap_after_signing_in(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db), with_password(make, email="ada@example.org")
    book(db, session, user)
    key = CODES.show_key(session.id, THEN)
    answer = client.get(f"/emargement/{session.id}/entrer/{key}")
    there = answer.headers["Location"]
    assert "/login" in client.get(there).headers["Location"]
    client.post("/login", json={"email": user.email, "password": PASSWORD})
    with clock.fixed_at(THEN + timedelta(minutes=10)):  # looked for the password
        page = client.get(there).get_data(as_text=True)
        assert "Vous signez pour vous" in page
        done = client.post(there, follow_redirects=True)
    assert "c’est signé" in text_of(done)
    assert db.scalars(select(Signature)).one().manner is Manner.ROOM
    assert db.scalars(select(Attendance)).one().user_id == user.id


def test_what_the_qr_code_led_to_is_of_no_use_to_somebody_else(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    session, here, absent = make_session(db, onsite=5), make.user(), make.user()
    for user in (here, absent):
        book(db, session, user)
    client.sign_in(here)
    there = client.get(f"/emargement/{session.id}/entrer/{CODES.show_key(session.id, THEN)}")
    address = there.headers["Location"]
    elsewhere = app.test_client()
    assert isinstance(elsewhere, LookingClient)
    elsewhere.sign_in(absent)
    assert "Vous signez pour vous" not in text_of(elsewhere.get(address))  # it was sent on
    assert elsewhere.post(address).status_code == 422
    assert client.post(address).status_code == 302
    assert [one.name for one in db.scalars(select(Signature))] == [here.name]
    with client.session_transaction() as kept:
        assert TICKET not in kept  # nor for who takes this phone next


def test_an_old_qr_code_or_ticket_asks_to_look_again(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db), make.user()
    book(db, session, user)
    client.sign_in(user)
    old = CODES.show_key(session.id, THEN - timedelta(minutes=5))
    page = text_of(client.get(f"/emargement/{session.id}/entrer/{old}", follow_redirects=True))
    assert "visez-le de nouveau" in page
    with client.session_transaction() as kept:
        kept[TICKET] = CODES.make_ticket(session.id, THEN - timedelta(hours=1))
    answer = client.post(f"/emargement/{session.id}")
    assert answer.status_code == 422
    assert "n’est plus bon" in text_of(answer)


def test_digits_are_typed_and_a_wrong_one_is_counted(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db), make.user()
    book(db, session, user)
    client.sign_in(user)
    right = CODES.show(session.id, THEN)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    answer = client.post(f"/emargement/{session.id}", data={"digits": wrong})
    assert answer.status_code == 422
    assert "a peut-être changé" in text_of(answer)
    assert len(db.scalars(select(SigningMiss)).all()) == 1
    db.rollback()
    for typed in ("12", "abcdef", ""):
        assert client.post(f"/emargement/{session.id}", data={"digits": typed}).status_code == 422
    typed = f" {right[:3]} {right[3:]} "
    done = client.post(f"/emargement/{session.id}", data={"digits": typed}, follow_redirects=True)
    assert "c’est signé" in text_of(done)


def test_ones_home_leads_to_signing_while_the_session_is_on(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db), make.user()
    book(db, session, user)
    client.sign_in(user)
    assert f"/emargement/{session.id}" in client.get("/").get_data(as_text=True)
    there = client.get("/emargement")
    assert there.headers["Location"].endswith(f"/emargement/{session.id}")
    page = client.get(f"/emargement/{session.id}").get_data(as_text=True)
    assert CODES.own(session.id, user.id) in page
    assert str(user.id) not in page.partition("<main")[2].partition("Mon code")[2]
    with clock.fixed_at(THEN + timedelta(hours=5)):
        assert f"/emargement/{session.id}" not in client.get("/").get_data(as_text=True)
        assert "Aucune séance à émarger" in text_of(client.get("/emargement"))


def test_without_a_seat_one_is_told_what_to_do(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db)
    client.sign_in(make.user())
    page = text_of(client.get(f"/emargement/{session.id}"))
    assert "elle vous ajoute sur sa feuille" in page
    digits = CODES.show(session.id, THEN)
    answer = client.post(f"/emargement/{session.id}", data={"digits": digits})
    assert answer.status_code == 422
    assert db.scalars(select(Signature)).all() == []


def test_the_facilitators_page_does_everything_by_plain_forms(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, leader = make_session(db, onsite=5), make.user("facilitator", name="Nadia Benali")
    typed, coded, seen = (book(db, session, make.user(name=n)) for n in ("Ada B", "Bo C", "Cy D"))
    client.sign_in(leader)
    address = f"/emargement/appareil/{session.id}"

    def post(**data: str) -> str:
        return text_of(client.post(address, data=data, follow_redirects=True))

    assert "Ce n’est pas le nom de cette ligne" in post(do="typed", who=str(typed.id), written="Bo")
    assert "Ada B a signé." in post(do="typed", who=str(typed.id), written="ada b")
    assert "Ada B a signé." in post(do="team", who=str(typed.id))  # already: nothing is added
    assert "Ce code n’est à personne" in post(do="own", code="AAAA-AAAA")
    assert "Bo C a signé." in post(do="own", code=CODES.own(session.id, coded.id))
    assert "sans signature" in post(do="team", who=str(seen.id))
    assert "Cette adresse ne semble pas complète" in post(
        do="walk_in", name="Maëlle", guest_email="maelle"
    )
    page = post(do="walk_in", name="Maëlle Le Goff", guest_email="maelle@example.org")
    assert "4 émargements attendent votre contreseing." in page
    assert "votre nom" in post(do="counter", leader="").lower()
    page = post(do="counter", leader="Nadia Benali")
    assert "Contresigné par : Nadia Benali, à 14 h 03." in page
    assert "Tout est contresigné." in page
    manners = [one.manner.value for one in db.scalars(select(Signature).order_by(Signature.number))]
    assert manners == ["typed", "own", "team", "team", "counter"]
    assert client.post(address, data={"do": "nothing"}).status_code == 422
    assert client.post(address, data={"do": "typed", "who": "x"}).status_code == 404


def test_the_facilitators_page_holds_names_and_nothing_more(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, leader = make_session(db), make.user("facilitator")
    people = [book(db, session, make.user(name="Ada B")) for _two in range(2)]
    client.sign_in(leader)
    answer = client.get(f"/emargement/appareil/{session.id}")
    page = answer.get_data(as_text=True)
    for user in people:
        assert user.email not in page
        assert CODES.own(session.id, user.id) not in page  # only its hash
    assert "(person" in page  # two of one name are told apart
    assert answer.headers["Permissions-Policy"].startswith("camera=(self)")


def test_the_list_that_goes_round_does_not_say_who_is_excused(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user(name="Ada B"))
    excused = RollEntry(Presence.EXCUSED, user.id)
    note_presence(db, session.id, [excused], now=THEN, actor_id=leader.id)
    db.commit()
    client.sign_in(leader)
    page = text_of(client.get(f"/emargement/appareil/{session.id}"))
    assert "Ada B" in page
    assert "<span data-state>pas encore</span>" in page
    assert "prévenu" not in page
    assert "a prévenu de son absence" in text_of(client.get(f"/agenda/{session.id}/appel"))


def test_the_list_can_be_put_on_a_phone_the_day_before(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user(name="Ada B"))
    client.sign_in(leader)
    address = f"/emargement/appareil/{session.id}"
    with clock.fixed_at(THEN - timedelta(days=1)):
        page = client.get(address).get_data(as_text=True)
        assert 'data-name="Ada B"' in page
        assert "demi-journée ouvre une demi-heure avant" in page
        data = {"do": "typed", "who": str(user.id), "written": "Ada B"}
        answer = client.post(address, data=data)
        assert answer.status_code == 422
        assert "On ne signe pas d’avance" in text_of(answer)


def test_a_phone_sends_what_it_kept_and_is_told_what_was_heard(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, leader = make_session(db), make.user("facilitator")
    user = book(db, session, make.user())
    phone = Phone(session.id, (session.starts_local.date(), Half.AFTERNOON))
    phone.sign(user.id, user.name, THEN, written="personne")
    address = f"/emargement/appareil/{session.id}/envoi"
    script = {"Accept": "application/json"}
    client.sign_in(leader)
    nonce = phone.records[0].link.nonce
    for state in ("noted", "known"):  # the first answer was lost
        answer = client.post(address, json=phone.body(THEN), headers=script)
        assert answer.get_json() == {"heard": [{"nonce": nonce, "state": state}]}
    assert db.scalars(select(Attendance.presence)).all() == [Presence.PRESENT]
    db.rollback()
    body = phone.body(THEN)
    body["records"][0] |= {"number": 2, "nonce": "0" * 8 + nonce[8:]}
    answer = client.post(address, json=body, headers=script)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "chain_broken")
    assert "faites l’appel à la main" in answer.get_json()["title"]
    for wrong in ({"day": "2026-02-30"}, {"at": "2026-13-01T00:00:00Z"}, {"manner": "room"}):
        body = phone.body(THEN)
        body["records"][0] |= wrong
        assert client.post(address, json=body, headers=script).status_code == 400


def test_a_phone_may_be_told_of_the_page_and_keep_it(client: LookingClient) -> None:
    worker = client.get("/emargement/appareil/service.js")
    worker.close()
    assert worker.mimetype in ("text/javascript", "application/javascript")
    assert "default-src 'none'" in worker.headers["Content-Security-Policy"]
    manifest = client.get("/emargement/appareil/manifeste.webmanifest").get_json(force=True)
    assert manifest["scope"] == manifest["start_url"] == "/emargement/appareil/"
