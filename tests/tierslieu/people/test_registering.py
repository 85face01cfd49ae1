"""Opening an account: what is asked, what is kept, what a bad form gets, who learns what."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import (
    last_mail,
    outbox,
    profile,
    registration,
    sign_in,
    with_password,
    without_tokens,
)
from tierslieu.people.models import ConsentKind, User
from tierslieu.people.queries import find_user, has_consent


def _count(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(User)) or 0


@pytest.mark.both_databases
def test_one_registers_confirms_signs_in_and_fills_the_profile(
    db: Session, client: LookingClient
) -> None:
    answer = client.post("/inscription", data=registration())
    assert answer.status_code == 302
    assert "aida@example.org" in client.get(answer.location).text
    mail = last_mail(db)
    assert (mail.recipient, mail.template) == ("aida@example.org", "security_welcome")

    refused = sign_in(client, "aida@example.org")
    assert refused.status_code == 422
    assert "pas encore confirmée" in refused.text

    confirmed = client.get(mail.context["confirmation_link"])
    assert confirmed.location == "/login?next=/compte/profil"
    entered = sign_in(client, "aida@example.org", next="/compte/profil")
    assert entered.location == "/compte/profil"
    assert "Faisons connaissance" in client.get("/compte/profil").text
    assert client.post("/compte/profil", data=profile(name="Aïda")).location == "/compte"

    user = find_user(db, "aida@example.org")
    assert user is not None
    assert (user.name, user.is_15_or_over) == ("Aïda", True)
    assert [role.name for role in user.roles] == ["learner"]
    assert user.profile is not None


@pytest.mark.parametrize(
    ("asked", "back"),
    [
        ("/parcours/iai", "/parcours/iai"),
        ("//example.net/", "/compte"),
        ("https://example.net/", "/compte"),
    ],
)
def test_who_opens_an_account_to_do_something_comes_back_to_it(
    client: LookingClient, db: Session, asked: str, back: str
) -> None:
    page = client.get("/login", query_string={"next": asked}).text
    assert f'href="/inscription?next={quote(asked, safe="/:")}"' in page
    client.get("/inscription", query_string={"next": asked})
    client.post("/inscription", data=registration())
    client.get(last_mail(db).context["confirmation_link"])
    sign_in(client, "aida@example.org", next="/compte/profil")
    assert client.post("/compte/profil", data=profile()).location == back
    assert client.post("/compte/profil", data=profile()).location == "/compte"


@pytest.mark.parametrize("ticked", [None, "y"])
def test_research_is_a_box_of_its_own_and_no_is_the_default(
    db: Session, client: LookingClient, ticked: str | None
) -> None:
    client.post("/inscription", data=registration(research=ticked))
    user = find_user(db, "aida@example.org")
    assert user is not None
    assert has_consent(db, user.id, ConsentKind.NOTICE)
    assert has_consent(db, user.id, ConsentKind.RESEARCH) is (ticked is not None)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"is_15_or_over": None}, "avec un parent"),
        ({"notice": None}, "Lisez la page"),
        ({"name": "  "}, "Écrivez votre nom"),
        ({"name": "a\x07b"}, "caractère invisible"),
        ({"name": "\u202eadA"}, "caractère invisible"),
        ({"name": "\u200b -"}, "Écrivez votre nom"),
        ({"name": "x" * 300}, "120 caractères"),
        ({"email": "aida@"}, "pas complète"),
        ({"email": "aïda@example.org"}, "pas complète"),
        ({"email": "a\x00b@example.org"}, "pas complète"),
        ({"email": ""}, "Écrivez votre adresse"),
        ({"password": "trop court"}, "de 12 à 128"),
        ({"password": "x" * 129}, "de 12 à 128"),
        ({"password": "aaaaaaaaaaaaaa"}, "facile à deviner"),
        ({"password": "12345678901234"}, "facile à deviner"),
        ({"password": "azertyuiopqsdf"}, "facile à deviner"),
        ({"password": "aida@example.org"}, "facile à deviner"),
        ({"password": "Aïda N’Diaye 12"}, "facile à deviner"),
        ({"password": ""}, "Écrivez un mot de passe"),
    ],
)
def test_a_bad_form_gets_a_sentence_and_leaves_nothing_behind(
    db: Session, client: LookingClient, change: dict[str, str | None], sentence: str
) -> None:
    answer = client.post("/inscription", data=registration(**change))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert _count(db) == 0
    assert not outbox(db)


def test_no_line_end_adds_a_header_to_a_mail(db: Session, client: LookingClient) -> None:
    more = "\r\nBcc: somebody@example.org"
    assert (
        client.post("/inscription", data=registration(email="aida@example.org" + more)).status_code
        == 422
    )
    assert not outbox(db)
    client.post("/inscription", data=registration(name="Ada" + more))
    (mail,) = outbox(db)
    assert mail.recipient == "aida@example.org"
    assert db.scalars(select(User.name)).one() == "Ada Bcc: somebody@example.org"


@pytest.mark.parametrize("bad", [{"name": {"a": 1}}, {"password": 12}, {"name": "\ud800"}])
def test_a_script_that_sends_nonsense_is_told_so(
    db: Session, client: LookingClient, bad: dict[str, object]
) -> None:
    answer = client.post("/inscription", json=registration(**bad))
    assert answer.status_code == 400
    assert answer.json["response"]["field_errors"]
    assert _count(db) == 0


def test_a_known_address_gets_the_same_answer_and_its_owner_a_mail(
    db: Session, make: Factory, client: LookingClient
) -> None:
    with_password(make, email="connue@example.org")
    answers = {}
    for email in ("connue@example.org", "inconn@example.org"):
        browser = client.application.test_client()
        answer = browser.post("/inscription", data=registration(email=email))
        page = without_tokens(browser.get(answer.location).data).replace(email.encode(), b"X")
        answers[email] = (answer.status_code, answer.location, answer.data, page)
    assert answers["connue@example.org"] == answers["inconn@example.org"]
    told = {mail.recipient: mail.template for mail in outbox(db)}
    assert told == {
        "connue@example.org": "security_welcome_existing",
        "inconn@example.org": "security_welcome",
    }
    assert _count(db) == 2


def test_a_bad_form_tells_nothing_about_the_address_either(
    make: Factory, client: LookingClient
) -> None:
    with_password(make, email="connue@example.org")
    pages = [
        without_tokens(
            client.post("/inscription", data=registration(email=email, password="court")).data
        ).replace(email.encode(), b"X")
        for email in ("connue@example.org", "inconn@example.org")
    ]
    assert pages[0] == pages[1]


def test_an_address_is_one_account_however_it_is_typed(db: Session, client: LookingClient) -> None:
    for email in ("Aida@Example.ORG", " aida@example.org ", "AIDA@EXAMPLE.ORG"):
        client.application.test_client().post("/inscription", data=registration(email=email))
    assert _count(db) == 1
    assert find_user(db, "aIdA@example.org") is not None


def test_plus_signs_make_other_addresses_and_names_may_be_shared(
    db: Session, client: LookingClient
) -> None:
    for email in ("aida@example.org", "aida+lycee@example.org"):
        client.application.test_client().post("/inscription", data=registration(email=email))
    assert _count(db) == 2
    assert find_user(db, "aida+lycee@example.org") is not None


def test_a_domain_with_accents_is_kept_as_machines_write_it(
    db: Session, client: LookingClient
) -> None:
    client.post("/inscription", data=registration(email="aida@école.fr"))
    user = find_user(db, "aida@école.fr")
    assert user is not None
    assert user.email == "aida@xn--cole-9oa.fr"


def test_a_lost_confirmation_is_sent_again_and_unknown_addresses_get_the_same_answer(
    db: Session, make: Factory, client: LookingClient
) -> None:
    make.user(email="attend@example.org", confirmed_at=None)
    make.user(email="confirmee@example.org")
    pages = {
        without_tokens(client.post("/confirmation", data={"email": email}).data).replace(
            email.encode(), b"X"
        )
        for email in ("attend@example.org", "confirmee@example.org", "inconnue@example.org")
    }
    assert len(pages) == 1
    assert [m.recipient for m in outbox(db)] == ["attend@example.org"]
    client.get(last_mail(db).context["confirmation_link"])
    db.rollback()
    user = find_user(db, "attend@example.org")
    assert user is not None
    assert user.confirmed_at is not None


def test_a_confirmation_link_that_was_tampered_with_is_refused_with_a_way_on(
    db: Session, client: LookingClient
) -> None:
    client.post("/inscription", data=registration())
    link = last_mail(db).context["confirmation_link"]
    answer = client.get(link[:-3] + "abc", follow_redirects=True)
    assert "Demandez-en un autre" in answer.text
    user = find_user(db, "aida@example.org")
    assert user is not None
    assert user.confirmed_at is None


def test_the_page_says_how_younger_people_come(client: LookingClient) -> None:
    page = client.get("/inscription").text
    assert "Avant 15 ans" in page
    assert 'name="research"' in page
    assert "checked" not in page


def test_a_signed_in_person_has_no_second_account_to_open(
    make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user())
    assert client.get("/inscription").location == "/"
