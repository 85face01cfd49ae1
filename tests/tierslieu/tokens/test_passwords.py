"""A password that leaked takes with it what it let somebody make: sessions and access keys."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import PASSWORD, last_mail, sign_in, with_password
from tests.support.tokens import make_secret
from tierslieu import clock
from tierslieu.agenda.rules import renew_feed
from tierslieu.tokens.rules import recognise

NEW = "une autre phrase, plus longue"
ADDRESS = "ada@example.org"


def opens(db: Session, secret: str) -> bool:
    """Whether this key still opens something."""
    db.rollback()
    found = recognise(db, secret, clock.now()) is not None
    db.rollback()
    return found


@pytest.mark.both_databases
def test_changing_the_password_offers_to_end_the_keys_and_says_how_many(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = with_password(make, "facilitator", email=ADDRESS, is_demo=True)
    sign_in(client, ADDRESS)
    assert "clés d’accès" not in client.get("/compte/mot-de-passe").text, "there is none"
    secrets = [make_secret(db, user, "awards:write") for _ in range(2)]
    other = make_secret(db, make.user("facilitator"), "awards:write")
    page = client.get("/compte/mot-de-passe").text
    assert "2 clés laissent des programmes agir en votre nom" in page
    ticked = page.partition('name="close_ways"')[0].rpartition("<input")[2]
    assert "checked" in ticked + page.partition('name="close_ways"')[2].partition(">")[0]
    asked = {"password": PASSWORD, "new_password": NEW}
    client.post("/compte/mot-de-passe", data={**asked, "password": "faux", "close_ways": "y"})
    assert all(opens(db, secret) for secret in secrets), "nothing was changed"
    client.post("/compte/mot-de-passe", data=asked)
    assert all(opens(db, secret) for secret in secrets), "unticked"
    again = {"password": NEW, "new_password": f"{NEW} encore", "close_ways": "y"}
    assert client.post("/compte/mot-de-passe", data=again).location == "/compte"
    assert not any(opens(db, secret) for secret in secrets)
    assert opens(db, other)


@pytest.mark.both_databases
def test_a_password_set_by_a_mailed_link_ends_keys_and_sessions(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = with_password(make, "facilitator", email=ADDRESS, is_demo=True)
    elsewhere = client.application.test_client()
    sign_in(elsewhere, ADDRESS)
    secret = make_secret(db, user, "awards:write")
    client.post("/mot-de-passe-oublie", data={"email": ADDRESS})
    link = last_mail(db).context["reset_link"]
    assert "vos clés d’accès" in client.get(link).text
    assert opens(db, secret)
    assert client.post(link, data={"password": NEW}).location == "/login"
    assert not opens(db, secret)
    assert elsewhere.get("/compte").status_code == 302


@pytest.mark.both_databases
def test_a_password_that_was_lost_takes_with_it_the_address_that_tells_where_one_will_be(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = with_password(make, email=ADDRESS)
    address = f"/agenda/{renew_feed(db, user.id, now=clock.now()).secret}.ics"
    db.commit()
    assert client.get(address).status_code == 200
    sign_in(client, ADDRESS)
    assert "L’adresse de votre calendrier" in client.get("/compte/mot-de-passe").text
    asked = {"password": PASSWORD, "new_password": NEW}
    client.post("/compte/mot-de-passe", data=asked)
    assert client.get(address).status_code == 200, "unticked"
    client.post("/deconnexion")
    client.post("/mot-de-passe-oublie", data={"email": ADDRESS})
    link = last_mail(db).context["reset_link"]
    assert "l’adresse de votre calendrier" in client.get(link).text
    client.post(link, data={"password": f"{NEW} encore"})
    assert client.get(address).status_code == 404
    again = f"/agenda/{renew_feed(db, user.id, now=clock.now()).secret}.ics"
    db.commit()
    sign_in(client, ADDRESS, f"{NEW} encore")
    changed = {"password": f"{NEW} encore", "new_password": PASSWORD, "close_ways": "y"}
    client.post("/compte/mot-de-passe", data=changed)
    assert client.get(again).status_code == 404
