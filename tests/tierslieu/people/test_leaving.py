"""Reading all that is held on oneself, and leaving."""

from __future__ import annotations

import time

import pytest
from sqlalchemy.orm import Session

from tests.support.badges import house_here, settings_here
from tests.support.client import LookingClient
from tests.support.courses import make_enrolment, make_path
from tests.support.factories import Factory
from tests.support.people import outbox, sign_in, with_password
from tests.support.sessions import plain
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.house import PersonalData
from tierslieu.mail.rendering import render_mail
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import User
from tierslieu.people.queries import find_user
from tierslieu.people.rights.rules import leave
from tierslieu.people.rights.words import LONGEST, tell


def test_the_page_of_ones_data_says_what_the_file_says(
    db: Session, make: Factory, client: LookingClient
) -> None:
    ada, other = with_password(make, name="Ada", email="ada@example.org"), make.user(name="Zoé")
    make_enrolment(db, ada, make_path(db))
    page = plain(client.sign_in(ada).get("/compte/donnees").get_data(as_text=True))
    for text in ("ada@example.org", "Antibes", "Adresse mail", "en cours", "Pourquoi"):
        assert text in page
    assert "created_at" not in page
    assert other.name not in page
    assert client.get("/compte/donnees").headers["Cache-Control"] == "no-store"


def test_whoever_leaves_knows_it_and_is_told_by_mail(
    db: Session, make: Factory, client: LookingClient
) -> None:
    ada = with_password(make, name="Ada", email="ada@example.org")
    sign_in(client, ada.email)
    page = client.get("/compte/partir").get_data(as_text=True)
    for offer in house_here().all(PersonalData):
        assert str(offer.what).split("’")[0] in page
    assert client.post("/compte/partir").status_code == 422  # the box is not ticked
    db.expire_all()
    assert ada.active
    db.rollback()
    answer = client.post("/compte/partir", data={"knows": "y"}, follow_redirects=True)
    assert "Votre compte est fermé" in answer.text
    assert client.get("/compte").status_code == 302
    assert find_user(db, "ada@example.org") is None
    [mail] = outbox(db)
    assert (mail.recipient, mail.template) == ("ada@example.org", "people_left")
    letter = render_mail(mail, settings_here())
    assert "c’est fait" in letter.text
    assert "c’est fait" in letter.html
    assert "Ada" not in letter.text
    assert "ne correspondent pas" in sign_in(client, "ada@example.org").text


def test_leaving_asks_to_have_signed_in_lately(
    db: Session, make: Factory, client: LookingClient
) -> None:
    ada = with_password(make, email="ada@example.org")
    sign_in(client, ada.email)
    client.get("/compte/partir")  # looking does not make one newly signed in, nor signs one out
    with client.session_transaction() as session:
        session["fs_paa"] -= 2 * 60 * 60  # when one last proved who one is, in seconds
    assert client.get("/compte/partir").status_code == 200
    answer = client.post("/compte/partir", data={"knows": "y"})
    assert answer.status_code == 302
    db.expire_all()
    assert ada.active


@pytest.mark.both_databases
def test_the_last_administrator_cannot_leave(
    db: Session, make: Factory, client: LookingClient
) -> None:
    only = make.user("administrator")
    held = house_here().all(PersonalData)
    with pytest.raises(Refused) as refused:
        leave(db, only.id, held, now=clock.now())
    assert refused.value.code == "last_administrator"
    db.rollback()
    client.sign_in(only)
    with client.session_transaction() as session:
        session["fs_paa"] = time.time()
    page = client.post("/compte/partir", data={"knows": "y"})
    assert (page.status_code, "dernière personne" in page.text) == (422, True)
    make.user("administrator")
    leave(db, only.id, held, now=clock.now())
    db.commit()
    assert not db.get_one(User, only.id).active


def test_what_is_empty_is_left_out_and_what_is_long_is_cut() -> None:
    told = tell({"text": "x" * (LONGEST + 1), "word": "", "history": [], "link": None})
    assert [label for label, _value in told.rows] == ["Texte"]
    assert told.rows[0][1].is_cut
    assert len(told.rows[0][1].text) == LONGEST + 1
    assert tell([]).is_empty
    assert tell({"a": {"b": []}}).is_empty


@pytest.mark.both_databases
def test_mails_of_an_address_one_only_asked_for_are_neither_read_nor_lost(
    db: Session, make: Factory, client: LookingClient
) -> None:
    """Anybody may ask for anybody's address."""
    eve, bob = with_password(make, email="eve@example.org"), make.user(email="bob@example.org")
    write_mail(db, bob.email, "security_reset_notice", {}, now=clock.now())
    db.commit()
    client.sign_in(eve).post("/compte/adresses", data={"email": bob.email, "use": "badges"})
    assert client.get("/compte/donnees.json").json["held"]["mails"]["data"] == []
    leave(db, eve.id, house_here().all(PersonalData), now=clock.now())
    db.commit()
    kept = [mail for mail in outbox(db) if mail.recipient == bob.email]
    assert [mail.template for mail in kept] == ["security_reset_notice"]
    assert kept[0].sent_at is None
