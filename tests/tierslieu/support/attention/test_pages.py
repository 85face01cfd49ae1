"""The pages of attention: the team's list, what is noted, what the person sees and says."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.courses import make_enrolment, make_path
from tests.support.factories import Factory
from tests.support.sessions import NOW, text_of
from tierslieu.house import House, PersonalData
from tierslieu.people.models import User
from tierslieu.support.attention.models import (
    AttentionContact,
    AttentionPause,
    AttentionSetting,
    ContactOutcome,
    ContactWay,
)
from tierslieu.support.attention.rules import Contact, log_contact, pause, set_place

both = pytest.mark.both_databases
TODAY = date(2026, 11, 19)
SILENT = "Aucune trace depuis 8 semaines : dernière, un changement dans un parcours"
CALLED = {"way": "phone", "happened_on": "2026-11-18", "outcome": "goes_on", "words": "Rappelée."}


@pytest.fixture
def silent(db: Session, ada: User) -> User:
    """Ada, who began a path eight weeks ago and was not heard of since."""
    make_enrolment(db, ada, make_path(db), now=NOW - timedelta(weeks=8))
    return ada


def test_the_team_sees_who_is_silent_notes_a_call_and_the_person_reads_it_all(
    client: LookingClient, nadia: User, silent: User
) -> None:
    client.sign_in(nadia)
    assert "Prendre des nouvelles d’une personne" in text_of(client.get("/"))
    assert SILENT in text_of(client.get("/attention"))
    page = f"/attention/{silent.id}"
    assert SILENT in text_of(client.get(page))
    wrong = client.post(page, data={**CALLED, "outcome": "", "happened_on": "31/02/2026"})
    assert (wrong.status_code, wrong.text.count('class="error"')) == (422, 2)
    assert "Rappelée." in wrong.text, "what was typed is kept"
    done = client.post(page, data={**CALLED, "again_on": "2026-12-10"}, follow_redirects=True)
    assert "Votre contact est noté." in text_of(done)
    assert "Remis au 10 décembre 2026" in text_of(done)
    assert silent.email in done.text, "for who has a reason to write"
    assert "Personne à relancer" in text_of(client.get("/attention"))
    later = text_of(client.get("/attention?voir=plus-tard"))
    assert "Dernier contact le 18 novembre 2026, par téléphone : reprend bientôt" in later
    assert "Prendre des nouvelles" not in text_of(client.get("/")), "no card for nobody"
    own = text_of(client.sign_in(silent).get("/mon-suivi"))
    for words in ("Rappelée.", "par Nadia Benali", "Remis au 10 décembre 2026", SILENT):
        assert words in own
    assert "n’a laissé aucune trace depuis 6 semaines" in own, "the rule itself"
    assert "L’équipe a pris de vos nouvelles" in client.get("/ma-frise").text


def test_somebody_is_put_off_with_a_reason_and_taken_up_again(
    client: LookingClient, db: Session, nadia: User, silent: User
) -> None:
    page = f"/attention/{silent.id}"
    client.sign_in(nadia)
    wrong = client.post(f"{page}/plus-tard", data={"pause-until": "2026-12-01"})
    assert (wrong.status_code, 'id="pause-reason-error"' in wrong.text) == (422, True)
    past = {"pause-until": "2026-11-01", "pause-reason": "Concours"}
    wrong = client.post(f"{page}/plus-tard", data=past)
    assert (wrong.status_code, 'id="pause-until-error"' in wrong.text) == (422, True)
    done = client.post(
        f"{page}/plus-tard", data={"pause-reason": "On s’est parlé"}, follow_redirects=True
    )
    assert "Pas nécessaire, tant qu’il n’arrive rien de nouveau" in text_of(done)
    assert "Personne à relancer" in text_of(client.get("/attention"))
    client.post(f"{page}/reprendre")
    assert SILENT in text_of(client.get("/attention"))
    assert db.scalar(select(func.count()).select_from(AttentionPause)) == 1


def test_the_person_asks_not_to_be_called_and_takes_it_back(
    client: LookingClient, nadia: User, silent: User
) -> None:
    client.sign_in(silent)
    assert client.post("/mon-suivi", data={"until": "2026-11-19"}).status_code == 422
    assert client.post("/mon-suivi", data={"until": "demain"}).status_code == 422
    done = client.post("/mon-suivi", data={"until": "2027-01-10"}, follow_redirects=True)
    assert "Pas de relance avant le 10 janvier 2027" in text_of(done)
    assert "Personne à relancer" in text_of(client.sign_in(nadia).get("/attention"))
    team = text_of(client.get(f"/attention/{silent.id}"))
    assert "« Tout va bien, ne pas me relancer avant le 10 janvier 2027 »" in team
    assert "Laisser les règles parler" not in team, "what the person said is not the team's to end"
    client.sign_in(silent).post("/mon-suivi/reprendre")
    assert SILENT in text_of(client.sign_in(nadia).get("/attention"))


def test_facilitators_and_administrators_set_the_rules_and_the_place_switches_them_off(
    client: LookingClient, db: Session, nadia: User, silent: User, make: Factory
) -> None:
    client.sign_in(make.user("administrator", name="Inès Roche"))
    assert client.get("/attention").status_code == 403, "an administrator reads no names there"
    wrong = client.post("/attention/regles/silent", data={"silent-weeks": "1"})
    assert (wrong.status_code, 'id="silent-weeks-error"' in wrong.text) == (422, True)
    assert 'id="missed-times-error"' not in wrong.text
    assert 'name="missed-times" type="number" value="2"' in wrong.text.replace(" required", "")
    done = client.post(
        "/attention/regles/silent",
        data={"silent-is_on": "y", "silent-weeks": "9"},
        follow_redirects=True,
    )
    assert "depuis 9 semaines" in text_of(done)
    assert "Réglé le 19 novembre 2026 par Inès Roche." in text_of(done)
    assert client.post("/attention/regles/xyz").status_code == 404
    assert "Personne à relancer" in text_of(client.sign_in(nadia).get("/attention"))
    client.post("/attention/regles/place", data={})
    assert "Ce lieu ne relance pas" in text_of(client.get("/attention"))
    assert "aucune règle n’est active" in text_of(client.sign_in(silent).get("/mon-suivi"))
    assert db.scalar(select(func.count()).select_from(AttentionSetting)) == 2


def test_what_is_noted_of_somebody_is_read_by_them_and_the_team_and_by_nobody_else(
    client: LookingClient, db: Session, nadia: User, silent: User, make: Factory
) -> None:
    contact = Contact(ContactWay.PHONE, ContactOutcome.OTHER, TODAY, "Entre nous")
    log_contact(db, silent.id, nadia.id, contact, now=NOW)
    db.commit()
    cast = {
        "person": silent,
        "author": nadia,
        "colleague": make.user("facilitator"),
        "learner": make.user(),
        "researcher": make.user("researcher"),
        "administrator": make.user("administrator", "coordinator"),
    }
    pages = [f"/attention/{silent.id}", f"/suivi/{silent.id}", "/mon-suivi", "/attention", "/"]
    found = {
        name
        for name, who in cast.items()
        if any("Entre nous" in client.sign_in(who).get(page).text for page in pages)
    }
    assert found == {"person", "author", "colleague"}
    assert client.sign_in(nadia).get(f"/attention/{nadia.id}").status_code == 404
    learner = cast["learner"]
    assert learner.email not in client.get(f"/attention/{learner.id}").text
    nadia.roles = []
    db.commit()
    assert client.sign_in(nadia).get(f"/attention/{silent.id}").status_code == 403


@both
def test_a_person_receives_what_was_noted_and_who_leaves_takes_it_along(
    app: Flask, db: Session, nadia: User, silent: User
) -> None:
    contact = Contact(ContactWay.MAIL, ContactOutcome.WELL, TODAY, "Tout roule")
    log_contact(db, silent.id, nadia.id, contact, now=NOW)
    pause(db, silent.id, nadia.id, TODAY + timedelta(days=9), "Congés", now=NOW)
    set_place(db, True, actor_id=nadia.id, now=NOW)
    db.commit()
    house: House = app.extensions["tierslieu.house"]
    (data,) = [one for one in house.all(PersonalData) if one.name == "attention"]
    mine = data.export(db, silent.id)
    assert json.loads(json.dumps(mine)) == mine
    assert (mine["contacts_with_me"][0]["words"], mine["contacts_with_me"][0]["by"]) == (
        "Tout roule",
        "Nadia Benali",
    )
    assert mine["pauses_about_me"][0]["reason"] == "Congés"
    hers = data.export(db, nadia.id)
    assert (hers["contacts_by_me"], hers["rules_i_set"][0]["rule"]) == (["2026-11-19"], "place")
    assert "Tout roule" not in json.dumps(hers), "what they say is of somebody else"
    data.erase(db, nadia.id)
    db.commit()
    assert db.scalars(select(AttentionContact.author_id)).all() == [None]
    data.erase(db, silent.id)
    db.commit()
    for table in (AttentionContact, AttentionPause):
        assert db.scalar(select(func.count()).select_from(table)) == 0


def test_more_people_ask_no_more_questions_and_come_page_by_page(
    client: LookingClient, db: Session, nadia: User, silent: User, make: Factory
) -> None:
    def asked(url: str) -> int:
        db.expire_all()
        client.sign_in(nadia)
        with counted_queries() as sent:
            assert client.get(url).status_code == 200
        return len(sent)

    path = make_path(db, "meme")
    urls = ["/attention", "/"]
    few = [asked(url) for url in urls]
    for number in range(30):
        make_enrolment(db, make.user(), path, now=NOW - timedelta(weeks=9, days=number))
    assert [asked(url) for url in urls] == few
    text = text_of(client.get("/attention"))
    assert "Page 1 sur 4" in text
    assert "Ada Moreau" not in text, "who has waited longest comes first"
    assert "Ada Moreau" in text_of(client.get("/attention?page=4"))
