"""A person reads and takes away everything held on them; forgetting leaves nobody behind."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import with_password
from tierslieu import clock
from tierslieu.house import Check, House, Indicator, Job, PersonalData, ResearchTable
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rules import write_mail
from tierslieu.people.commands import create
from tierslieu.people.models import Consent, ConsentKind, Profile, User
from tierslieu.people.queries import find_user
from tierslieu.people.rules import give_consent

pytestmark = pytest.mark.both_databases


def _house(app: Flask) -> House:
    house: House = app.extensions["tierslieu.house"]
    return house


def test_the_download_holds_ones_own_data_and_nobody_elses(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    user = with_password(make, name="Ada", email="ada@example.org")
    make.user(name="Quelqu’un d’autre", email="autre@example.org")
    give_consent(db, user.id, ConsentKind.RESEARCH, now=clock.now())
    db.commit()
    client.sign_in(user)
    answer = client.get("/compte/donnees.json")
    assert answer.mimetype == "application/json"
    assert "mes-donnees.json" in answer.headers["Content-Disposition"]
    held = json.loads(answer.data)["held"]
    assert set(held) == {offer.name for offer in _house(app).all(PersonalData)}
    assert held["account"]["data"]["email"] == "ada@example.org"
    assert held["profile"]["data"]["town"] == "Antibes"
    assert held["consents"]["data"][0]["kind"] == "research"
    assert "autre@example.org" not in answer.text
    assert str(user.password) not in answer.text


def test_the_notice_says_of_each_thing_held_why_and_for_how_long(
    app: Flask, client: LookingClient
) -> None:
    page = client.get("/donnees-personnelles").text
    for offer in _house(app).all(PersonalData):
        for text in (offer.what, offer.why, offer.basis, offer.how_long):
            assert str(text).split("’")[0] in page


def test_the_public_pages_about_rights_are_open(client: LookingClient) -> None:
    assert client.get("/accessibilite").status_code == 200
    assert client.get("/donnees-personnelles").status_code == 200


def test_an_erased_person_cannot_be_told_nor_come_in(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    user = with_password(make, "facilitator", name="Ada", email="ada@example.org")
    give_consent(db, user.id, ConsentKind.RESEARCH, now=clock.now())
    db.commit()
    client.sign_in(user)
    ours = ("account", "profile", "consents")
    for offer in (o for o in _house(app).all(PersonalData) if o.name in ours):
        offer.erase(db, user.id)
    db.commit()
    assert find_user(db, "ada@example.org") is None
    left = db.get_one(User, user.id)
    assert (left.name, left.password, left.active, left.roles) == (
        "Personne partie",
        None,
        False,
        [],
    )
    assert db.scalar(select(Profile).where(Profile.user_id == user.id)) is None
    assert db.scalar(select(Consent).where(Consent.user_id == user.id)) is None
    db.rollback()
    assert client.get("/compte").status_code == 302


def test_profiles_reach_research_only_by_the_guarded_table_of_participants(app: Flask) -> None:
    """No feature hands out age bands or genders by pseudonym: k ≥ 5 is kept in one place."""
    columns = {c.name for t in _house(app).all(ResearchTable) for c in t.columns}
    assert not columns & {"audience", "age_band", "gender", "town"}


def test_new_people_of_the_month_are_those_who_confirmed(
    app: Flask, db: Session, make: Factory
) -> None:
    now = clock.now()
    make.user(created_at=now)
    make.user(created_at=now, confirmed_at=None)
    make.user(created_at=now - clock.days(40))
    figure = next(i for i in _house(app).all(Indicator) if i.key == "people_new")
    assert figure.compute(db, now - clock.days(30), now + clock.days(1)).numerator == 1
    assert figure.compute(db, now - clock.days(60), now - clock.days(30)).numerator == 1


def test_doctor_says_when_nobody_administers_the_place(
    app: Flask, db: Session, make: Factory
) -> None:
    check = next(c for c in _house(app).all(Check) if c.name == "administrator")
    said = (check.ask(db, clock.now()) or "").partition("tierslieu user create ")[2]
    typed = create.make_context("create", said.split())  # nothing is missing, nor unknown
    assert typed.params["roles"] == ("administrator",)
    make.user("administrator")
    assert check.ask(db, clock.now()) is None


def test_a_production_place_with_demonstration_accounts_is_not_well(
    app: Flask, db: Session, make: Factory
) -> None:
    check = next(c for c in _house(app).all(Check) if c.name == "demo_accounts")
    assert check.ask(db, clock.now()) is None
    make.user(is_demo=True)
    assert "mot de passe" in (check.ask(db, clock.now()) or "")


def test_mails_are_said_to_be_held_and_go_with_the_person(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    user, other = with_password(make, email="ada@example.org"), make.user(email="bob@example.org")
    for one in (user, other):
        context = {"name": one.name, "link": "/"}
        key = f"once:{one.email}"
        write_mail(db, one.email, "security_reset_notice", context, now=clock.now(), due_key=key)
    db.commit()
    client.sign_in(user)
    held = client.get("/compte/donnees.json").json["held"]
    assert [mail["template"] for mail in held["mails"]["data"]] == ["security_reset_notice"]
    for offer in _house(app).all(PersonalData):
        offer.erase(db, user.id)
    db.commit()
    gone, kept = db.scalars(select(OutboxMessage).order_by(OutboxMessage.recipient))
    assert (gone.recipient, gone.context, kept.recipient) == ("", {}, "bob@example.org")
    assert gone.sent_at is not None  # and never leaves
    assert gone.due_key == "once:ada@example.org"


def test_a_sent_mail_is_forgotten_after_thirty_days_a_waiting_one_is_not(
    app: Flask, db: Session
) -> None:
    [forget] = [job for job in _house(app).all(Job) if job.name == "forget_sent_mails"]
    app.config["TIERSLIEU"] = replace(app.config["TIERSLIEU"], demo=False)
    now = clock.now()
    for days, sent in ((31, True), (31, False), (29, True)):
        at = now - timedelta(days=days)
        mail = write_mail(db, f"{days}{sent}@example.org", "security_reset_notice", {}, now=at)
        assert mail is not None
        mail.sent_at = at if sent else None
    db.commit()
    assert forget.run(db, now) == 1
    db.commit()
    assert forget.run(db, now) == 0
    left = set(db.scalars(select(OutboxMessage.recipient)))
    assert left == {"", "31False@example.org", "29True@example.org"}


def test_all_that_is_said_of_ones_data_is_to_be_translated(app: Flask) -> None:
    for offer in _house(app).all(PersonalData):
        for text in (offer.what, offer.why, offer.basis, offer.how_long):
            assert not isinstance(text, str), (offer.name, text)
