"""Making, seeing and taking back one's access keys."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import last_mail
from tests.support.tokens import make_secret
from tierslieu import clock
from tierslieu.mail.rendering import render_mail
from tierslieu.tokens.queries import list_tokens
from tierslieu.tokens.rules import recognise

pytestmark = pytest.mark.both_databases
FORM = {"name": "export du lundi", "scopes": ["sessions:read"], "days": "30"}


def test_a_key_is_shown_once_and_never_again(
    client: LookingClient, make: Factory, db: Session
) -> None:
    owner = make.user()
    client.sign_in(owner)
    answer = client.post("/compte/cles", data=FORM)
    assert answer.location == "/compte/cles/nouvelle"
    answer = client.get(answer.location)
    assert answer.headers["Cache-Control"] == "no-store"
    secret = re.search(r"tl_[0-9a-f]{64}", answer.get_data(as_text=True))
    assert secret is not None
    token = recognise(db, secret[0], clock.now())
    assert token is not None
    assert token.scopes == ["sessions:read"]
    again = client.get("/compte/cles/nouvelle", follow_redirects=True).get_data(as_text=True)
    assert "Une clé n’est montrée qu’une fois" in again
    page = client.get("/compte/cles").get_data(as_text=True)
    for shown in (again, page):
        assert "export du lundi" in shown
        assert "tl_" not in shown
    assert len(list_tokens(db, owner.id)) == 1


def test_a_scope_beyond_ones_role_is_neither_proposed_nor_taken(
    client: LookingClient, make: Factory, db: Session
) -> None:
    owner = make.user("learner")
    client.sign_in(owner)
    assert "awards:write" not in client.get("/compte/cles").get_data(as_text=True)
    answer = client.post("/compte/cles", data={**FORM, "scopes": ["awards:write"]})
    assert answer.status_code == 422
    assert not list_tokens(db, owner.id)


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"name": "a\x07b"}, {"scopes": []}, {"days": "3"}, {"days": "x"}]
)
def test_a_form_filled_wrongly_comes_back_with_what_is_wrong(
    client: LookingClient, make: Factory, db: Session, changes: dict[str, object]
) -> None:
    owner = make.user()
    client.sign_in(owner)
    answer = client.post("/compte/cles", data={**FORM, **changes})
    assert answer.status_code == 422
    assert "Il reste quelque chose à corriger" in answer.get_data(as_text=True)
    assert not list_tokens(db, owner.id)


def test_the_same_name_twice_is_refused_beside_its_field(
    client: LookingClient, make: Factory
) -> None:
    client.sign_in(make.user())
    client.post("/compte/cles", data=FORM)
    answer = client.post("/compte/cles", data=FORM)  # a page sent again by the browser
    assert answer.status_code == 409
    assert "Vous avez déjà une clé de ce nom" in answer.get_data(as_text=True)


def test_a_key_is_taken_back_by_its_owner_alone(
    client: LookingClient, make: Factory, db: Session
) -> None:
    owner = make.user()
    secret = make_secret(db, owner, "sessions:read")
    token_id = list_tokens(db, owner.id)[0].id
    client.sign_in(make.user("administrator"))
    assert client.post(f"/compte/cles/{token_id}/retirer").status_code == 404
    client.sign_in(owner)
    page = client.post(f"/compte/cles/{token_id}/retirer", follow_redirects=True)
    assert "n’ouvre plus rien" in page.get_data(as_text=True)
    db.rollback()
    assert recognise(db, secret, clock.now()) is None


def test_a_key_whose_role_was_taken_back_says_so(
    client: LookingClient, make: Factory, db: Session
) -> None:
    owner = make.user("facilitator")
    make_secret(db, owner, "awards:write")
    owner.roles = make.user("learner").roles
    db.commit()
    client.sign_in(owner)
    assert "rôle repris" in client.get("/compte/cles").get_data(as_text=True)


def test_the_mail_says_what_the_key_permits_and_where_to_take_it_back(
    app: object, make: Factory, db: Session
) -> None:
    from tests.support.badges import settings_here

    make_secret(db, make.user(), "sessions:read")
    mail = render_mail(last_mail(db), settings_here())
    for body in (mail.text, mail.html):
        assert "Lire l’agenda" in body
        assert "http://localhost/compte/cles" in body
