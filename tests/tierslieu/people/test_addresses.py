"""Changing one's address, adding another: proved by mail, the earlier one remembered."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import last_mail, outbox
from tierslieu import clock
from tierslieu.errors import NotYours, Refused
from tierslieu.people import moving
from tierslieu.people.models import User
from tierslieu.people.queries import list_other_addresses, list_own_addresses

NEW = "ada.nouvelle@example.org"


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@example.org")


def ask(db: Session, person: User, email: str = NEW, *, takes_over: bool = True) -> str:
    """Ask for an address; gives the secret that was mailed to it."""
    moving.ask_address(db, person.id, email, takes_over=takes_over, now=clock.now())
    db.commit()
    return secret_of(last_mail(db).context["link"])


def secret_of(link: str) -> str:
    return re.search(r"cle=([\w-]+)$", link)[1]  # type: ignore[index]


@pytest.mark.both_databases
def test_the_new_address_takes_over_once_its_link_was_followed(
    db: Session, client: LookingClient, ada: User
) -> None:
    client.sign_in(ada)
    answer = client.post("/compte/adresses", data={"email": " ADA.Nouvelle@Example.org "})
    assert answer.status_code == 302
    mail = last_mail(db)
    assert (mail.recipient, mail.template) == (NEW, "people_address_asked")
    assert ada.email == "ada@example.org"  # nothing has changed yet
    link = mail.context["link"]
    assert NEW.partition("@")[0] not in link
    page = client.get(link).get_data(as_text=True)
    assert NEW in page
    db.rollback()
    assert ada.email == "ada@example.org"  # nor by looking at the page
    before = ada.fs_uniquifier
    db.rollback()
    client.post("/compte/adresses/confirmer", data={"cle": secret_of(link)})
    db.expire_all()
    assert ada.email == NEW
    assert ada.fs_uniquifier != before  # every other session is over
    assert list_own_addresses(db, ada.id) == [NEW, "ada@example.org"]
    told = last_mail(db)
    assert (told.recipient, told.template) == ("ada@example.org", "people_address_changed")
    assert NEW in client.get("/compte").get_data(as_text=True)  # this session goes on


def test_a_link_serves_once_and_for_a_day(db: Session, client: LookingClient, ada: User) -> None:
    secret = ask(db, ada)
    with pytest.raises(Refused) as late:
        moving.prove_address(db, secret, now=clock.now() + timedelta(hours=25), user_id=ada.id)
    assert late.value.code == "link_over"
    db.rollback()
    moving.prove_address(db, secret, now=clock.now(), user_id=ada.id)
    db.commit()
    with pytest.raises(Refused):
        moving.prove_address(db, secret, now=clock.now(), user_id=ada.id)
    db.rollback()
    assert client.get(f"/compte/adresses/confirmer?cle={secret}").status_code == 410
    assert client.get("/compte/adresses/confirmer").status_code == 410


def test_a_link_is_confirmed_from_the_account_that_asked_alone(
    db: Session, client: LookingClient, ada: User, make: Factory
) -> None:
    """Or whoever is written to would add their own address, and what waits there, to another's."""
    secret = ask(db, ada, takes_over=False)
    data = {"cle": secret}
    for person in (None, make.user()):
        if person is not None:
            client.sign_in(person)
        page = client.get(f"/compte/adresses/confirmer?cle={secret}").get_data(as_text=True)
        assert "depuis le compte qui l’a demandé" in page
        assert client.post("/compte/adresses/confirmer", data=data).status_code == 403
        db.rollback()
        assert list_own_addresses(db, ada.id) == ["ada@example.org"]
    client.sign_in(ada)
    assert client.post("/compte/adresses/confirmer", data=data).status_code == 302
    db.rollback()
    assert list_own_addresses(db, ada.id) == ["ada@example.org", NEW]


def test_forgetting_an_address_does_not_let_more_mails_go(db: Session, ada: User) -> None:
    def ask_and_forget() -> None:
        ask(db, ada)
        (row,) = list_other_addresses(db, ada.id)
        moving.forget_address(db, ada.id, row.id)
        db.commit()

    for _time in range(moving.MOST_MAILS):
        ask_and_forget()
    with pytest.raises(Refused) as refusal:
        ask_and_forget()
    assert refusal.value.code == "too_many"
    db.rollback()
    assert len(outbox(db)) == moving.MOST_MAILS


def test_asked_for_another_use_the_link_comes_with_another_mail(db: Session, ada: User) -> None:
    first = ask(db, ada, takes_over=False)
    second = ask(db, ada, takes_over=True)
    assert [mail.context["takes_over"] for mail in outbox(db)] == [False, True]
    with pytest.raises(Refused):
        moving.prove_address(db, first, now=clock.now(), user_id=ada.id)
    db.rollback()
    assert moving.prove_address(db, second, now=clock.now(), user_id=ada.id)[1] is True


def test_an_address_of_somebody_else_gets_a_warning_and_the_asker_sees_no_difference(
    db: Session, client: LookingClient, ada: User, make: Factory
) -> None:
    make.user(email="eve@example.org")
    client.sign_in(ada)
    pages = []
    for email in ("eve@example.org", "free@example.org"):
        client.post("/compte/adresses", data={"email": email})
        pages.append(client.get("/compte/adresses").get_data(as_text=True).replace(email, "X"))
        for row in list_other_addresses(db, ada.id):
            db.delete(row)
        db.commit()
    same = [re.sub(r"[0-9a-f-]{36}|csrf_token\" value=\"[^\"]*", "", page) for page in pages]
    assert same[0] == same[1]
    written = [(mail.recipient, mail.template) for mail in outbox(db)]
    assert written == [
        ("eve@example.org", "people_address_taken"),
        ("free@example.org", "people_address_asked"),
    ]
    # Its link joins two accounts of one person: for the asker alone, who must be signed in.
    assert outbox(db)[0].context["link"].startswith("/compte/reunir?cle=")


@pytest.mark.both_databases
def test_an_address_that_got_an_account_meanwhile_stays_with_it(
    db: Session, ada: User, make: Factory
) -> None:
    secret = ask(db, ada)
    make.user(email=NEW)
    with pytest.raises(Refused) as refusal:
        moving.prove_address(db, secret, now=clock.now(), user_id=ada.id)
    assert refusal.value.code == "already_known"
    db.rollback()
    db.expire_all()
    assert ada.email == "ada@example.org"


def test_an_added_address_is_known_and_changes_nothing_else(db: Session, ada: User) -> None:
    secret = ask(db, ada, "ada@rectorat.example", takes_over=False)
    assert list_own_addresses(db, ada.id) == ["ada@example.org"]
    before = ada.fs_uniquifier
    moving.prove_address(db, secret, now=clock.now(), user_id=ada.id)
    db.commit()
    assert (ada.email, ada.fs_uniquifier) == ("ada@example.org", before)
    assert list_own_addresses(db, ada.id) == ["ada@example.org", "ada@rectorat.example"]


def test_asking_again_at_once_sends_no_second_mail_and_too_many_are_refused(
    db: Session, ada: User
) -> None:
    ask(db, ada)
    moving.ask_address(db, ada.id, NEW, takes_over=True, now=clock.now())
    db.commit()
    assert len(outbox(db)) == 1
    for number in range(4):
        ask(db, ada, f"autre{number}@example.org")
    with pytest.raises(Refused) as refusal:
        moving.ask_address(db, ada.id, "encore@example.org", takes_over=True, now=clock.now())
    assert refusal.value.code == "too_many"


@pytest.mark.parametrize(
    ("email", "code"), [("ada@", "bad_email"), ("Ada@example.org", "same_email")]
)
def test_a_wrong_address_is_refused_beside_its_field(
    client: LookingClient, db: Session, ada: User, email: str, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        moving.ask_address(db, ada.id, email, takes_over=True, now=clock.now())
    assert (refusal.value.code, refusal.value.field) == (code, "email")
    db.rollback()
    answer = client.sign_in(ada).post("/compte/adresses", data={"email": email})
    assert answer.status_code == 422
    assert not outbox(db)


def test_an_address_is_forgotten_by_its_owner_alone(
    db: Session, client: LookingClient, ada: User, make: Factory
) -> None:
    moving.prove_address(db, ask(db, ada), now=clock.now(), user_id=ada.id)
    db.commit()
    row = list_other_addresses(db, ada.id)[0]
    with pytest.raises(NotYours):
        moving.forget_address(db, make.user().id, row.id)
    db.rollback()
    client.sign_in(ada).post(f"/compte/adresses/{row.id}/oublier")
    db.expire_all()
    assert list_own_addresses(db, ada.id) == [NEW]


def test_other_addresses_are_in_what_one_may_take_away_and_are_erased(
    db: Session, client: LookingClient, ada: User
) -> None:
    moving.prove_address(db, ask(db, ada), now=clock.now(), user_id=ada.id)
    db.commit()
    held = client.sign_in(ada).get("/compte/donnees.json").get_json()["held"]
    assert [row["email"] for row in held["addresses"]["data"]] == ["ada@example.org"]
    assert "people_address_changed" in {mail["template"] for mail in held["mails"]["data"]}
    moving.erase_addresses(db, ada.id)
    db.commit()
    assert list_own_addresses(db, ada.id) == [NEW]
