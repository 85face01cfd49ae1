"""Who runs the place says what it is, where and when it is open; the last change is taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards.keys import load_signer
from badges.awards.models import Award
from tests.support.authenticator import ADD, read_options
from tests.support.badges import make_award, open_badges, settings_here
from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.home import visiting
from tierslieu.logbook.models import LogEntry
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import make_email, render_mail, render_words
from tierslieu.mail.rules import write_mail
from tierslieu.place.models import PlaceVersion
from tierslieu.place.queries import read_place
from tierslieu.settings import Settings
from tierslieu.web.formats import NBSP

pytestmark = pytest.mark.both_databases
PLACE = "/administration/lieu"
IDENTITY, SITES = f"{PLACE}/presentation", f"{PLACE}/adresses"
HOURS, CLOSURES = f"{PLACE}/horaires", f"{PLACE}/fermetures"
NAMED = {
    "name": "La Verrière",
    "name_en": "The Glasshouse",
    "about": "On y apprend.",
    "contact": "bonjour@verriere.example",
    "phone": "04 65 71 00 01",
}


def acts(db: Session) -> list[str]:
    db.rollback()
    return list(db.scalars(select(LogEntry.act).order_by(LogEntry.number)))


def numbers(db: Session) -> list[int]:
    db.rollback()
    return list(db.scalars(select(PlaceVersion.number).order_by(PlaceVersion.number)))


@pytest.fixture
def admin(make: Factory, client: LookingClient) -> LookingClient:
    client.sign_in(make.user("administrator"))
    return client


def test_until_something_is_changed_the_place_is_as_the_settings_say(client: LookingClient) -> None:
    page = client.get("/lieu").text
    assert "Tiers-lieu d’essai" in page
    assert "equipe@lieu.example" in page
    assert "Ouvert aujourd" not in page


def test_a_new_name_and_contact_stand_on_pages_in_the_language_of_who_reads(
    db: Session, admin: LookingClient
) -> None:
    assert admin.post(IDENTITY, data={"seen": 0, **NAMED}).status_code == 302
    page = admin.get("/lieu").text
    assert "La Verrière" in page
    assert "On y apprend." in page
    assert "mailto:bonjour@verriere.example" in page
    assert 'href="tel:0465710001"' in page
    assert "Tiers-lieu d’essai" not in page
    admin.post("/langue", data={"langue": "en", "ou": "/lieu"})
    assert "The Glasshouse" in admin.get("/lieu").text
    assert acts(db) == ["place_changed"]
    page = admin.get("/administration/journal").text
    assert "Name, presentation and contact" in page or "Nom, présentation et contact" in page


def test_mails_bear_the_new_name_in_the_language_of_the_mail(
    app: object, db: Session, admin: LookingClient, make_settings: Callable[..., Settings]
) -> None:
    admin.post(IDENTITY, data={"seen": 0, **NAMED})
    write_mail(db, "nadia@example.org", "people_left", {}, now=clock.now())
    db.commit()
    message = db.scalars(select(OutboxMessage)).one()
    settings = make_settings("sqlite")
    mail = make_email(message, settings)
    assert mail["From"].addresses[0].display_name == "La Verrière"
    assert mail["Reply-To"] == "bonjour@verriere.example"
    assert "La Verrière" in render_mail(message, settings).text
    message.language = "en"
    db.commit()
    assert make_email(message, settings)["From"].addresses[0].display_name == "The Glasshouse"


def test_what_was_written_into_a_mail_names_the_place_as_it_is_called_now(
    app: Flask, db: Session, admin: LookingClient
) -> None:
    admin.post(IDENTITY, data={"seen": 0, **NAMED})
    for language, name in (("fr", "La Verrière"), ("en", "The Glasshouse")):
        mail = render_words(
            "people_left",
            {},
            language=language,
            settings=app.config["TIERSLIEU"],
            recipient="nadia@example.org",
            written={f"opening_{language}": "{lieu} !"},
        )
        assert f"{name} !" in mail.text


def test_devices_that_keep_a_key_or_give_codes_show_the_place_s_name_of_today(
    app: Flask, admin: LookingClient
) -> None:
    admin.post(IDENTITY, data={"seen": 0, **NAMED, "name": "La Verrière : Moulins"})
    assert read_options(admin.get(ADD).text)["rp"]["name"] == "La Verrière : Moulins"
    codes = app.extensions["tierslieu.security"].totp_factory
    with app.test_request_context("/compte/double-verification"):
        uri = codes.get_totp_uri("ada@example.org", codes.generate_totp_secret())
    assert parse_qs(urlsplit(uri).query)["issuer"] == ["La Verrière   Moulins"]


def test_a_badge_already_signed_keeps_the_name_it_bears_and_a_new_one_takes_the_new(
    db: Session, make: Factory, admin: LookingClient
) -> None:
    signer = open_badges(db)
    team, holder, other = make.user("facilitator"), make.user(), make.user()
    old = make_award(db, holder, team, signer)
    db.commit()
    signed, old_id = old.credential, old.id
    admin.post(IDENTITY, data={"seen": 0, **NAMED})
    new = make_award(db, other, team, load_signer(db, settings_here()))
    db.commit()
    assert json.loads(new.credential)["issuer"]["name"] == "La Verrière"
    kept = db.get_one(Award, old_id, populate_existing=True)
    assert kept.credential == signed
    assert kept.issuer_name == "Tiers-lieu d’essai"
    client = admin
    client.sign_in(holder)
    page = client.get(f"/credentials/{old_id}").text
    assert "par <" in page
    assert re.search(r"Délivré à .*Tiers-lieu d’essai", page)


def test_what_is_no_name_address_or_number_is_refused_beside_its_field_and_nothing_is_kept(
    db: Session, admin: LookingClient
) -> None:
    wrong = {"seen": 0, "name": " ", "contact": "deux@exemple.fr, trois@exemple.fr", "phone": "abc"}
    answer = admin.post(IDENTITY, data=wrong)
    assert answer.status_code == 422
    for sentence in ("Donnez un nom", "une seule adresse mail", "Écrivez ce numéro"):
        assert sentence in answer.text
    assert admin.post(IDENTITY, data=NAMED).status_code == 422  # from no version
    assert admin.post(SITES, data={"seen": 0, "sites-0-name": "Gare"}).status_code == 422
    answer = admin.post(HOURS, data={"seen": 0, "monday": "toujours"})
    assert answer.status_code == 422
    assert numbers(db) == []


@pytest.mark.parametrize(
    "address", ["équipe@lieu.example", "un,deux@lieu.example", "a@lieu.example<"]
)
def test_an_address_that_no_mail_program_could_answer_to_is_refused(
    db: Session, admin: LookingClient, address: str
) -> None:
    answer = admin.post(IDENTITY, data={"seen": 0, **NAMED, "contact": address})
    assert answer.status_code == 422
    assert "une seule adresse mail" in answer.text
    assert numbers(db) == []


def test_addresses_are_added_and_one_that_is_emptied_is_gone(
    db: Session, admin: LookingClient
) -> None:
    two = {
        "sites-0-name": "Centre",
        "sites-0-address": "1 rue Haute, Moulins",
        "sites-1-address": "2 quai Bas, Vichy",
        "sites-1-access": "Deux marches.",
        "sites-2-address": "",
    }
    assert admin.post(SITES, data={"seen": 0, **two}).status_code == 302
    page = admin.get("/lieu").text
    assert "1 rue Haute" in page
    assert "Deux marches." in page
    assert 'name="sites-2-address"' in admin.get(SITES).text
    admin.post(SITES, data={"seen": 1, **two, "sites-0-address": "", "sites-0-name": ""})
    page = admin.get("/lieu").text
    assert "1 rue Haute" not in page
    assert "2 quai Bas" in page


def test_opening_hours_are_said_for_the_week_for_today_and_for_days_closed(
    db: Session, admin: LookingClient
) -> None:
    every = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    admin.post(HOURS, data={"seen": 0, **dict.fromkeys(every, "9h-12h, 14h-18h")})
    page = admin.get("/lieu").text.replace(NBSP, " ")
    assert "Lundi à dimanche : 9 h – 12 h" in page
    assert "Ouvert aujourd’hui : 9 h – 12 h" in page
    assert "Ouvert aujourd’hui" in admin.get("/agenda").text  # at the foot of every page
    today = clock.to_local(clock.now()).date()
    days = {"first": today.isoformat(), "last": (today + timedelta(days=1)).isoformat()}
    assert admin.post(CLOSURES, data={"seen": 1, **days, "why": "travaux"}).status_code == 302
    page = admin.get("/lieu").text
    assert "Fermé aujourd’hui" in page
    assert "travaux" in page
    assert "Lundi à dimanche" in page
    back = {"first": days["last"], "last": days["first"]}
    assert admin.post(CLOSURES, data={"seen": 2, **back}).status_code == 422
    after = admin.post(f"{CLOSURES}/oter", data={"seen": 2, **days}, follow_redirects=True)
    assert "Ouvert aujourd’hui" in admin.get("/lieu").text
    assert "Annuler ce changement" in after.text  # where one stands, what was taken off comes back
    admin.post(f"{PLACE}/annuler", data={"seen": 3})
    assert "Fermé aujourd’hui" in admin.get("/lieu").text


def test_a_closure_that_is_over_is_said_no_more(
    admin: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock.to_local(clock.now()).date()
    day = {"first": today.isoformat(), "last": today.isoformat()}
    admin.post(CLOSURES, data={"seen": 0, **day, "why": "inventaire"})
    assert "inventaire" in admin.get("/lieu").text
    assert "Fermé aujourd’hui" in admin.get("/agenda").text  # though no hours are said
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(visiting.clock, "now", lambda: later)
    assert "inventaire" not in admin.get("/lieu").text


def test_days_that_are_over_are_not_noted_as_closed_and_the_same_days_stand_once(
    db: Session, admin: LookingClient
) -> None:
    today = clock.to_local(clock.now()).date()
    past = {"first": str(today - timedelta(days=9)), "last": str(today - timedelta(days=1))}
    refused = admin.post(CLOSURES, data={"seen": 0, **past})
    assert refused.status_code == 422
    assert "Ce jour est déjà passé" in refused.text
    days = {"first": str(today - timedelta(days=1)), "last": str(today + timedelta(days=1))}
    admin.post(CLOSURES, data={"seen": 0, **days, "why": "travaux"})
    admin.post(CLOSURES, data={"seen": 1, **days, "why": "grands travaux"})
    page = admin.get(CLOSURES).text
    assert page.count("travaux") == page.count("grands travaux") == 1
    admin.post(CLOSURES, data={"seen": 2, **days, "why": "grands travaux"})
    assert numbers(db) == [1, 2]  # said already


def test_what_is_wrong_in_one_of_several_addresses_is_told_on_top_with_the_way_there(
    admin: LookingClient,
) -> None:
    one = {"sites-0-address": "1 rue Haute", "sites-1-name": "Gare"}
    page = admin.post(SITES, data={"seen": 0, **one}).text
    summary = page.partition("data-focus")[2].partition("</ul>")[0]
    assert '<a href="#sites-1-address">Adresse</a>' in summary
    assert "Écrivez l’adresse" in summary
    assert "#sites-0" not in summary


def test_two_who_change_the_same_thing_are_told_apart_and_nothing_is_overwritten(
    db: Session, admin: LookingClient
) -> None:
    admin.post(IDENTITY, data={"seen": 0, **NAMED})
    answer = admin.post(IDENTITY, data={"seen": 0, **NAMED, "name": "Autre nom"})
    assert answer.status_code == 409
    assert "Quelqu’un d’autre a changé cela entre-temps" in answer.text
    assert 'value="Autre nom"' in answer.text  # what was typed is not lost
    # Another section is nobody's quarrel.
    assert admin.post(SITES, data={"seen": 0, "sites-0-address": "Ici"}).status_code == 302
    assert numbers(db) == [1, 2]
    page = admin.get("/lieu").text
    assert "La Verrière" in page
    assert "Ici" in page


def test_the_last_change_is_taken_back_and_that_too(db: Session, admin: LookingClient) -> None:
    admin.post(SITES, data={"seen": 0, "sites-0-address": "Là-bas"})
    admin.post(IDENTITY, data={"seen": 1, **NAMED})
    assert "Annuler ce changement" in admin.get(PLACE).text
    assert admin.post(f"{PLACE}/annuler", data={"seen": 1}).status_code in (302, 409)
    assert numbers(db) == [1, 2]  # it was not the last one any more
    assert admin.post(f"{PLACE}/annuler", data={"seen": 2}).status_code == 302
    page = admin.get("/lieu").text
    assert "Tiers-lieu d’essai" in page  # as the settings say again
    assert "Là-bas" in page
    admin.post(f"{PLACE}/annuler", data={"seen": 3})
    assert "La Verrière" in admin.get("/lieu").text
    assert acts(db) == ["place_changed"] * 2 + ["place_taken_back"] * 2


def test_saving_what_is_said_already_is_no_change(db: Session, admin: LookingClient) -> None:
    admin.post(IDENTITY, data={"seen": 0, **NAMED})
    assert (
        "Rien n’a changé"
        in admin.post(IDENTITY, data={"seen": 1, **NAMED}, follow_redirects=True).text
    )
    assert numbers(db) == [1]


def test_reading_the_place_leaves_no_transaction_open(db: Session, admin: LookingClient) -> None:
    db.rollback()
    read_place(db, settings_here())
    assert not db.in_transaction()
