"""A closed pilot: only the invited make accounts, until a day; nothing tells who has one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import last_mail, outbox, registration
from tests.tierslieu.mail.test_sender import Box, serving
from tierslieu import clock
from tierslieu.db import db as database
from tierslieu.errors import Refused
from tierslieu.house import House
from tierslieu.house_kept import PersonalData
from tierslieu.limits import guard
from tierslieu.logbook.models import LogEntry
from tierslieu.mail.sender import send_due, smtp_delivery
from tierslieu.people.entry.inviting import invite_addresses, make_code
from tierslieu.people.entry.models import EntryInvitation, EntrySetting
from tierslieu.people.entry.rules import Door, admit, door_now, forget_over
from tierslieu.people.models import User
from tierslieu.people.rules import create_user

pytestmark = pytest.mark.both_databases
ROOM = "/administration/inscriptions"
DOOR = "/inscription"


@pytest.fixture
def now() -> Iterator[datetime]:
    """One instant for the whole test, far from midnight."""
    instant = clock.to_utc(clock.to_local(clock.now()).replace(hour=12, tzinfo=None))
    with clock.fixed_at(instant):
        yield instant


@pytest.fixture
def admin(app: Flask, make: Factory, now: datetime) -> LookingClient:
    browser: LookingClient = app.test_client()  # type: ignore[assignment]
    return browser.sign_in(make.user("administrator"))


def day(now: datetime, days: int) -> str:
    return (clock.to_local(now) + timedelta(days=days)).date().isoformat()


def close(admin: LookingClient, seen: int = 0, **more: str) -> None:
    form = {"who": "invited", "after": "closed", "seen": str(seen), **more}
    assert admin.post(ROOM, data=form).status_code == 302


def invite(admin: LookingClient, now: datetime, text: str, days: int = 7) -> str:
    form = {"text": text, "last": day(now, days), "sure": "yes"}
    return admin.post(f"{ROOM}/adresses", data=form, follow_redirects=True).text


def link_of(db: Session) -> str:
    path: str = last_mail(db).context["path"]
    return path


def rows(db: Session) -> list[EntryInvitation]:
    db.rollback()
    return list(db.scalars(select(EntryInvitation).order_by(EntryInvitation.made_at)))


def members(db: Session) -> set[str]:
    db.rollback()
    return {one.email for one in db.scalars(select(User)) if not one.holds("administrator")}


def test_where_nobody_closed_the_place_everybody_makes_an_account(
    db: Session, client: LookingClient
) -> None:
    assert client.post(DOOR, data=registration()).status_code == 302
    assert members(db) == {"aida@example.org"}


def test_a_closed_pilot_turns_strangers_away_with_words_and_leaves_the_rest_open(
    db: Session, admin: LookingClient, client: LookingClient
) -> None:
    close(admin)
    shown = client.get(DOOR)
    assert shown.status_code == 403
    assert "sur invitation" in shown.text
    assert "equipe@lieu.example" in shown.text
    assert client.post(DOOR, data=registration()).status_code == 403
    told = client.post(DOOR, json=registration())
    assert (told.status_code, told.get_json()["code"]) == (403, "sign_up_closed")
    assert members(db) == set()
    assert outbox(db) == []
    for open_to_all in ("/agenda", "/parcours", "/verifier", "/login"):
        assert client.get(open_to_all).status_code == 200
    assert db.scalars(select(LogEntry.act)).all() == ["entry_set"]


def test_an_invited_address_gets_a_mail_and_its_link_makes_one_account_for_it(
    app: Flask, db: Session, admin: LookingClient, client: LookingClient, now: datetime
) -> None:
    close(admin)
    assert "1 invitation part dans la minute." in invite(admin, now, "Aïda <AIDA@example.org>")
    box = Box()
    with serving(box) as url:
        assert send_due(db, now, app.config["TIERSLIEU"], smtp_delivery(url)) == 1
    assert box.got[0]["To"] == "aida@example.org"
    text = box.got[0].get_body(("plain",))
    assert text is not None
    found = re.search(r"http://localhost(/invitation/\S+)", text.get_content())
    assert found is not None
    link = found[1]
    secret = link.rpartition("/")[2]
    (row,) = rows(db)
    assert secret not in row.secret_hash
    assert "aida" not in link
    page = client.get(link)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert rows(db)[0].opened_at is None, "a program that tries links opens nothing"
    assert client.post(link).location == DOOR
    assert rows(db)[0].opened_at == now
    assert client.get(DOOR).status_code == 200
    assert client.post(DOOR, data=registration()).location == "/inscription/suite"
    assert members(db) == {"aida@example.org"}
    assert (rows(db)[0].uses, rows(db)[0].used_at) == (1, now)
    again = client.get(link)
    assert again.status_code == 410
    assert "déjà servi" in again.text
    assert "acceptée" in admin.get(ROOM).text


def test_the_link_of_one_address_serves_no_other_and_tells_nothing_of_accounts(
    db: Session, admin: LookingClient, client: LookingClient, make: Factory, now: datetime
) -> None:
    make.user(email="zoe@example.org")
    close(admin)
    invite(admin, now, "aida@example.org")
    client.post(link_of(db))
    count = len(outbox(db))
    answers = [
        client.post(DOOR, data=registration(email=address))
        for address in ("zoe@example.org", "inconnue@example.org")
    ]
    assert [one.status_code for one in answers] == [422, 422]
    known, unknown = (
        re.sub(r'(value=")[^"]*@[^"]*|csrf_token" value="[^"]*', "", one.text) for one in answers
    )
    assert known == unknown
    assert "vaut pour l’adresse qui l’a reçue" in known
    assert "aida@example.org" not in known
    assert len(outbox(db)) == count, "nobody is written to"
    assert members(db) == {"zoe@example.org"}


def test_a_code_serves_as_many_as_it_says_however_it_is_typed(
    app: Flask, db: Session, admin: LookingClient, now: datetime
) -> None:
    close(admin)
    form = {"code-label": "Classe", "code-most_uses": "2", "code-last": day(now, 3)}
    page = admin.post(f"{ROOM}/code", data=form, follow_redirects=True)
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", page.text)
    assert found is not None
    code = found[0]
    assert code not in admin.get(ROOM).text
    for number, typed in enumerate((code.lower().replace("-", " "), code, code)):
        client = app.test_client()
        answer = client.post("/invitation", data={"code": typed})
        if number < 2:
            assert answer.location == DOOR
            client.post(DOOR, data=registration(email=f"n{number}@example.org"))
        else:
            assert answer.status_code == 422
            assert "autant de fois" in answer.text
    assert members(db) == {"n0@example.org", "n1@example.org"}
    wrong = app.test_client().post("/invitation", data={"code": "ABCD-EFGH-JKLM"})
    assert wrong.status_code == 422
    assert "n’est pas complet" in wrong.text


def test_the_last_place_of_a_code_is_taken_once(
    db: Session, admin: LookingClient, make: Factory, now: datetime
) -> None:
    close(admin)
    _made, code = make_code(
        db, "Classe", most_uses=1, ends_at=now + timedelta(days=1), by_id=make.user().id, now=now
    )
    first = create_user(db, email="a@example.org", name="A", now=now)
    admit(db, first, code, now=now)
    db.commit()
    second = create_user(db, email="b@example.org", name="B", now=now)
    with pytest.raises(Refused) as refused:
        admit(db, second, code, now=now)
    assert refused.value.code == "used"
    db.rollback()
    assert "b@example.org" not in members(db)


def test_an_invitation_past_its_day_says_which_and_how_to_ask_for_another(
    db: Session, admin: LookingClient, client: LookingClient, now: datetime
) -> None:
    close(admin)
    invite(admin, now, "aida@example.org", days=2)
    link = link_of(db)
    with clock.fixed_at(now + timedelta(days=2)):
        assert client.get(link).status_code == 200, "all of its last day"
        client.post(link)
    with clock.fixed_at(now + timedelta(days=3)):
        over = client.get(link)
        assert over.status_code == 410
        assert "elle valait jusqu’au" in over.text
        assert "equipe@lieu.example" in over.text
        late = client.post(DOOR, data=registration())  # who opened it in time, and came too late
        assert late.status_code == 403
        assert "elle valait jusqu’au" in late.text
    assert members(db) == set()


@pytest.mark.parametrize(("after", "door"), [("closed", Door.NOBODY), ("open", Door.EVERYBODY)])
def test_past_the_end_of_the_pilot_sign_up_stays_closed_or_opens_as_it_was_said(
    db: Session,
    admin: LookingClient,
    client: LookingClient,
    now: datetime,
    after: str,
    door: Door,
) -> None:
    close(admin, last=day(now, 5), after=after)
    invite(admin, now, "aida@example.org", days=5)
    with clock.fixed_at(now + timedelta(days=6)):
        assert door_now(db, clock.now()) is door
        db.rollback()
        if door is Door.NOBODY:
            assert "Le pilote est terminé" in client.get(DOOR).text
            assert "Le pilote est terminé" in client.get(link_of(db)).text
        else:
            assert client.post(DOOR, data=registration()).status_code == 302
    assert members(db) == (set() if door is Door.NOBODY else {"aida@example.org"})


def test_an_invitation_does_not_outlast_the_pilot_nor_begin_in_the_past(
    db: Session, admin: LookingClient, now: datetime
) -> None:
    assert (
        admin.post(ROOM, data={"who": "invited", "last": day(now, -1), "seen": "0"}).status_code
        == 422
    )
    assert db.scalar(select(EntrySetting)) is None
    close(admin, last=day(now, 5))
    for days, said in ((6, "ne peut pas valoir plus longtemps"), (-1, "jour à venir")):
        form = {"text": "a@example.org", "last": day(now, days), "sure": "yes"}
        answer = admin.post(f"{ROOM}/adresses", data=form)
        assert answer.status_code == 422
        assert said in answer.text
    stale = {"who": "everybody", "seen": "0"}
    assert admin.post(ROOM, data=stale).status_code == 409
    assert rows(db) == []


def test_a_list_is_read_line_by_line_before_anything_leaves(
    db: Session, admin: LookingClient, make: Factory, now: datetime
) -> None:
    make.user(email="membre@example.org")
    close(admin)
    invite(admin, now, "deja@example.org")
    count = len(outbox(db))
    text = "Neuf@example.org\ndeja@example.org; membre@example.org\nneuf@example.org\npas une\n"
    page = admin.post(f"{ROOM}/adresses", data={"text": text, "last": day(now, 3)}).text
    for said in (
        "sera invitée",
        "déjà invitée",
        "a déjà un compte",
        "deux fois",
        "n’est pas une adresse",
        "Envoyer 1 invitation",
    ):
        assert said in page
    assert (len(outbox(db)), len(rows(db))) == (count, 1), "nothing was written"
    invite(admin, now, text)
    assert last_mail(db).recipient == "neuf@example.org"
    assert len(rows(db)) == 2
    many = "\n".join(f"p{number}@example.org" for number in range(501))
    assert "500 adresses au plus" in invite(admin, now, many)
    assert len(rows(db)) == 2


def test_an_invitation_is_sent_again_with_a_new_link_withdrawn_and_given_back(
    db: Session, admin: LookingClient, client: LookingClient, now: datetime
) -> None:
    close(admin)
    invite(admin, now, "aida@example.org")
    first, there = link_of(db), f"{ROOM}/{rows(db)[0].id}"
    with clock.fixed_at(now + timedelta(minutes=1)):
        admin.post(f"{there}/renvoyer")
    second = link_of(db)
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    admin.post(f"{there}/retirer")
    said = admin.get(ROOM).text
    assert 'Rétablir<span class="vh"> : aida@example.org</span>' in said
    gone = client.get(second)
    assert gone.status_code == 410
    assert "L’équipe a retiré cette invitation." in gone.text
    assert "n’attend plus personne" in admin.post(f"{there}/renvoyer", follow_redirects=True).text
    admin.post(f"{there}/retablir")
    assert client.get(second).status_code == 200
    acts = db.scalars(select(LogEntry.act).order_by(LogEntry.number)).all()
    assert acts == [
        "entry_set",
        "people_invited",
        "invitation_sent_again",
        "invitation_revoked",
        "invitation_restored",
    ]
    assert "aida" not in "".join(db.scalars(select(LogEntry.about)))


def test_codes_are_not_found_by_trying(app: Flask, admin: LookingClient) -> None:
    close(admin)
    app.config[guard.FACTOR] = 0.05  # three at once
    try:
        tries = [
            app.test_client().post("/invitation", data={"code": f"AAAA-BBBB-CC{n}"}).status_code
            for n in range(4)
        ]
        link = app.test_client().get("/invitation/AAAA-BBBB-CCCC").status_code
    finally:
        app.config[guard.FACTOR] = 0.0
    assert tries == [422, 422, 422, 429]
    assert link == 429


def test_who_was_invited_may_come_from_a_full_room(
    app: Flask, db: Session, admin: LookingClient, make: Factory, now: datetime
) -> None:
    close(admin)
    _made, code = make_code(
        db, "Salle", most_uses=9, ends_at=now + timedelta(days=1), by_id=make.user().id, now=now
    )
    db.commit()
    app.config[guard.FACTOR] = 0.05
    try:
        tries = [
            app.test_client().post("/invitation", data={"code": code}).status_code for _ in range(6)
        ]
    finally:
        app.config[guard.FACTOR] = 0.0
    assert tries == [302] * 6


def test_an_address_that_never_came_is_erased_fifteen_days_after_its_end(
    app: Flask, db: Session, make: Factory, now: datetime
) -> None:
    invite_addresses(
        db, "aida@example.org", ends_at=now + timedelta(days=2), by_id=make.user().id, now=now
    )
    db.commit()
    assert forget_over(db, now + timedelta(days=16)) == 0
    assert forget_over(db, now + timedelta(days=18)) == 1
    db.commit()
    assert rows(db) == []


def test_who_closes_their_account_leaves_no_invitation_behind(
    app: Flask, db: Session, make: Factory, now: datetime
) -> None:
    person = make.user(email="aida@example.org")
    db.add(EntryInvitation(email=person.email, secret_hash="x", ends_at=now, made_at=now))
    db.add(EntryInvitation(label="Classe", secret_hash="y", most_uses=3, ends_at=now, made_at=now))
    db.commit()
    house: House = app.extensions["tierslieu.house"]
    (held,) = (one for one in house.all(PersonalData) if one.name == "entry_invitations")
    assert held.export(db, person.id)[0]["email"] == "aida@example.org"
    held.erase(db, person.id)
    database.session.commit()
    assert [one.label for one in rows(db)] == ["Classe"]
