"""Two accounts of one person become one: who may ask for it, and what opens nothing any more."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from tests.support.badges import (
    house_here,
    settings_here,
)
from tests.support.client import LookingClient
from tests.support.courses import make_enrolment, make_path
from tests.support.factories import Factory
from tests.support.joining import join
from tests.support.people import last_mail, outbox, sign_in, with_password
from tierslieu import clock
from tierslieu.agenda.models import CalendarFeed
from tierslieu.base import Base
from tierslieu.errors import NotYours, Refused
from tierslieu.house_joining import Joining
from tierslieu.mail.rendering import render_mail
from tierslieu.people import moving
from tierslieu.people.joining.rows import ACCOUNTS, list_columns, list_unique
from tierslieu.people.joining.rules import join_accounts
from tierslieu.people.models import OtherAddress, User
from tierslieu.people.queries import list_own_addresses
from tierslieu.tokens.rules import make_token


@pytest.fixture
def ada(make: Factory) -> User:
    """The account that is kept."""
    return with_password(make, name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def old(make: Factory) -> User:
    """Her earlier account."""
    return with_password(make, name="A. Lovelace", email="ada.byron@example.org")


def test_what_opened_the_account_that_goes_opens_nothing(
    db: Session, client: LookingClient, make: Factory, ada: User, old: User
) -> None:
    elsewhere: LookingClient = client.application.test_client()
    elsewhere.sign_in(old)
    assert elsewhere.get("/compte").status_code == 200
    _token, secret = make_token(
        db,
        old.id,
        name="Un programme",
        scopes=["enrolments:write"],
        days=30,
        now=clock.now(),
    )
    db.add(CalendarFeed(user_id=old.id, secret="s" * 40))
    db.commit()
    join(db, old, ada)
    assert elsewhere.get("/compte").status_code == 302
    answer = client.get("/api/v1/enrolments", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    assert client.get(f"/agenda/{'s' * 40}.ics").status_code == 404
    told = {(m.recipient, m.template) for m in outbox(db) if m.template.startswith("people")}
    assert told == {
        ("ada@example.org", "people_accounts_joined"),
        ("ada.byron@example.org", "people_accounts_joined"),
    }


@pytest.mark.both_databases
def test_what_cannot_go_together_leaves_both_as_they_were(
    db: Session, ada: User, old: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (ada, old):
        db.add(CalendarFeed(user_id=person.id, secret=f"{person.id}"))
    db.commit()
    # What closes and moves the address of a calendar both forget it.
    monkeypatch.setattr("tierslieu.agenda.offers.close_feed", lambda *_: 0)
    monkeypatch.setattr("tierslieu.agenda.offers.find_feed", lambda *_: None)
    with pytest.raises(Refused) as refused:
        join(db, old, ada)
    assert refused.value.code == "tangled"
    db.rollback()
    assert old.active
    assert db.get(CalendarFeed, old.id) is not None


@pytest.mark.both_databases
def test_an_address_proved_in_either_account_is_proved_one_only_asked_for_is_not(
    db: Session, ada: User, old: User
) -> None:
    now = clock.now()
    for person, email, proved in (
        (old, "work@example.org", now),
        (ada, "work@example.org", None),
        (old, "somebody@example.org", None),
        (old, ada.email, now),
    ):
        db.add(OtherAddress(user_id=person.id, email=email, proved_at=proved, asked_at=now))
    db.commit()
    join(db, old, ada)
    assert set(list_own_addresses(db, ada.id)) == {
        "ada@example.org",
        "ada.byron@example.org",
        "work@example.org",
    }
    emails = db.scalars(select(OtherAddress.email)).all()
    assert sorted(emails) == ["ada.byron@example.org", "work@example.org"]


def test_no_table_where_a_person_stands_once_is_forgotten(db: Session) -> None:
    """Such a table says in its feature's offers what becomes of two rows; else joining fails the
    day somebody has both."""
    named = [
        table for offer in house_here().all(Joining) for table in (*offer.doubles, *offer.tables)
    ]
    assert len(named) == len(set(named))
    once = {
        column.table.name
        for column in list_columns(ACCOUNTS)
        if any(True for _names in list_unique(column.table, column))
    }
    assert once == set(named)
    assert once < set(Base.metadata.tables)


def ask(db: Session, client: LookingClient, email: str) -> str:
    """Ask for that address; gives the link that was mailed to it."""
    client.post("/compte/adresses", data={"email": email, "use": "badges"})
    mail = last_mail(db)
    assert (mail.recipient, mail.template) == (email, "people_address_taken")
    letter = render_mail(mail, settings_here())
    assert all("/compte/reunir?cle=" in part for part in (letter.text, letter.html))
    return str(mail.context["link"])


def secret_of(link: str) -> str:
    return re.search(r"cle=([\w-]+)$", link)[1]  # type: ignore[index]


@pytest.mark.both_databases
def test_from_the_mailed_link_two_accounts_become_one(
    db: Session, client: LookingClient, make: Factory, ada: User, old: User
) -> None:
    make_enrolment(db, old, make_path(db))
    sign_in(client, ada.email)
    link = ask(db, client, old.email)
    db.rollback()
    page = client.get(link).get_data(as_text=True)
    assert "Réunir mes deux comptes" in page
    assert "parcours" in page  # what the other account brings
    db.rollback()
    assert old.active  # nothing by looking
    # The ordinary link of an address leads here too: it cannot be added and left an account.
    spare = f"/compte/adresses/confirmer?cle={secret_of(link)}"
    assert client.get(spare).headers["Location"].startswith("/compte/reunir")
    answer = client.post("/compte/reunir", data={"cle": secret_of(link)})
    assert answer.status_code == 302
    db.expire_all()
    assert not old.active
    assert list_own_addresses(db, ada.id) == ["ada@example.org", "ada.byron@example.org"]
    assert db.scalars(select(Enrolment)).one().user_id == ada.id
    db.rollback()
    assert client.get(link).status_code == 410  # once
    elsewhere = client.application.test_client()
    assert "ne correspondent pas" in sign_in(elsewhere, "ada.byron@example.org").text


def test_only_the_account_that_asked_joins(
    db: Session, client: LookingClient, make: Factory, ada: User, old: User
) -> None:
    client.sign_in(ada)
    link = ask(db, client, old.email)
    assert client.get(link).status_code == 200
    for person in (old, make.user(), None):
        other: LookingClient = client.application.test_client()
        if person is not None:
            other.sign_in(person)
        opened = other.get(link)
        assert opened.status_code == (302 if person is None else 410)
        other.post("/compte/reunir", data={"cle": secret_of(link)})
        db.expire_all()
        assert old.active
        db.rollback()


def test_a_mailbox_does_not_open_an_account_of_the_team(
    db: Session, client: LookingClient, make: Factory, ada: User
) -> None:
    leads = make.user("facilitator", "learner", email="leads@example.org")
    sign_in(client, ada.email)
    link = ask(db, client, leads.email)
    page = client.get(link).get_data(as_text=True)
    assert "connectez-vous à celui-là" in page
    assert client.post("/compte/reunir", data={"cle": secret_of(link)}).status_code == 409
    db.expire_all()
    assert leads.active
    assert not ada.holds("facilitator")
    db.rollback()
    # The other way round it goes, and roles stay with whom they were given to.
    joined = join(db, ada, leads)
    assert joined.holds("facilitator")


def test_an_account_is_joined_once_and_never_with_itself(db: Session, ada: User, old: User) -> None:
    with pytest.raises(NotYours):
        join_accounts(db, house_here(), ada.id, ada.id, now=clock.now())
    db.rollback()
    join(db, old, ada)
    for gone, kept in ((old.id, ada.id), (ada.id, old.id), (UUID(int=1), ada.id)):
        with pytest.raises(NotYours):
            join_accounts(db, house_here(), gone, kept, now=clock.now())
        db.rollback()


def test_a_link_for_an_address_that_got_an_account_since_adds_nothing_by_itself(
    db: Session, make: Factory, ada: User
) -> None:
    moving.ask_address(db, ada.id, "free@example.org", takes_over=False, now=clock.now())
    db.commit()
    secret = secret_of(last_mail(db).context["link"])
    make.user(email="free@example.org")
    with pytest.raises(Refused) as refused:
        moving.prove_address(db, secret, now=clock.now(), user_id=ada.id)
    assert refused.value.code == "already_known"
