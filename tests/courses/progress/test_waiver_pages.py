"""Asking for a waiver on a phone; the team's pages on who follows a path."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus, StopReason
from courses.enrolments.rules import change_status
from courses.paths.models import Path
from tests.support.client import LookingClient
from tests.support.courses import (
    NOW,
    counted_queries,
    make_enrolment,
    make_path,
    make_record,
    step_facts,
    steps_of,
)
from tests.support.factories import Factory
from tierslieu.people.models import User


@pytest.fixture
def path(db: Session) -> Path:
    return make_path(db, steps=[step_facts("P"), step_facts("A", needs=["p"])])


@pytest.fixture
def facilitator(make: Factory) -> User:
    return make.user("facilitator", name="Nadia Benali")


@pytest.fixture
def enrolment(db: Session, make: Factory, path: Path) -> Enrolment:
    return make_enrolment(db, make.user(name="Inès Roche"), path)


def test_a_locked_step_says_what_is_missing_who_can_waive_it_and_leads_to_asking(
    client: LookingClient, db: Session, path: Path, enrolment: Enrolment, facilitator: User
) -> None:
    first, second = steps_of(db, path)
    html = (
        client.sign_in(enrolment.user).get(f"/mes-parcours/{enrolment.id}/etapes/{second.id}").text
    )
    assert "Elle s’ouvre quand cette étape est faite" in html
    assert "Nadia Benali ou quelqu’un d’autre de l’équipe peut vous en dispenser" in html
    assert f"/mes-parcours/{enrolment.id}/etapes/{first.id}/dispense" in html
    assert "Déclarer cette étape faite" not in html


def test_a_waiver_is_asked_read_granted_and_seen(
    client: LookingClient, db: Session, path: Path, enrolment: Enrolment, facilitator: User
) -> None:
    first, second = steps_of(db, path)
    step = f"/mes-parcours/{enrolment.id}/etapes/{first.id}"
    client.sign_in(enrolment.user)
    refused = client.post(f"{step}/dispense", data={"request": " "})
    assert refused.status_code == 422
    assert "Dites en quelques mots" in refused.text
    asked = client.post(
        f"{step}/dispense", data={"request": "Licence <b>info</b>"}, follow_redirects=True
    )
    assert "Vous avez demandé une dispense" in asked.text
    client.sign_in(facilitator)
    assert "1 dispense demandée" in client.get("/a-traiter").text.replace("\u00a0", " ")
    html = client.get("/a-traiter/dispenses").text
    found = re.search(r'href="(/a-traiter/dispenses/[0-9a-f-]{36})"', html)
    assert found is not None
    page = client.get(found[1]).text
    assert "Licence &lt;b&gt;info" in page
    empty = client.post(found[1], data={"reponse": "accorder", "reason": ""})
    assert empty.status_code == 422
    granted = client.post(
        found[1], data={"reponse": "accorder", "reason": "Diplôme vu."}, follow_redirects=True
    )
    assert "Dispense accordée" in granted.text
    assert "Raison : Diplôme vu." in granted.text.replace("\u00a0", " ")
    client.sign_in(enrolment.user)
    assert "Diplôme vu." in client.get(step).text
    assert (
        "Déclarer cette étape faite"
        in client.get(f"/mes-parcours/{enrolment.id}/etapes/{second.id}").text
    )


def test_the_team_waives_of_its_own_accord_and_takes_back(
    client: LookingClient, db: Session, path: Path, enrolment: Enrolment, facilitator: User
) -> None:
    first = steps_of(db, path)[0]
    client.sign_in(facilitator)
    answer = client.post(
        f"/suivi/parcours/{enrolment.id}/etapes/{first.id}/dispense",
        data={"reason": "Vu en entretien."},
        follow_redirects=True,
    )
    found = re.search(r'href="(/a-traiter/dispenses/[0-9a-f-]{36})"', answer.text)
    assert found is not None
    html = client.get(found[1]).text
    assert "Elle ne l’a pas demandée" in html
    back = client.post(
        found[1], data={"reponse": "retirer", "reason": "Erreur."}, follow_redirects=True
    )
    assert "Dispense retirée" in back.text


def test_who_follows_a_path_is_listed_by_name_with_what_is_done_and_next(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    for name in ("Zoé Zimmer", "Élodie Abel"):
        make_enrolment(db, make.user(name=name), path)
    html = client.sign_in(facilitator).get("/parcours/essai/suivi").text
    assert html.index("Élodie Abel") < html.index("Zoé Zimmer")
    assert "0 sur 2" in html.replace("\u00a0", " ")
    assert "P\u00a0· Étape P" in html


def test_a_page_of_many_followers_takes_as_many_queries_as_one_of_few(
    client: LookingClient, db: Session, make: Factory, path: Path, facilitator: User
) -> None:
    client.sign_in(facilitator)

    def counted() -> int:
        with counted_queries(db) as seen:
            assert client.get("/parcours/essai/suivi").status_code == 200
        return len(seen)

    make_record(db, make_enrolment(db, make.user(), path), steps_of(db, path)[0])
    few = counted()
    for _ in range(30):
        make_record(db, make_enrolment(db, make.user(), path, now=NOW), steps_of(db, path)[0])
    assert counted() == few <= 16


def test_only_the_team_sees_how_somebody_stands(
    client: LookingClient, db: Session, make: Factory, path: Path, enrolment: Enrolment
) -> None:
    first = steps_of(db, path)[0]
    for pages in (
        f"/suivi/parcours/{enrolment.id}",
        "/parcours/essai/suivi",
        f"/suivi/parcours/{enrolment.id}/etapes/{first.id}/dispense",
    ):
        for role in ("learner", "researcher", "coordinator"):
            client.sign_in(make.user(role))
            assert client.get(pages).status_code == 403
    client.sign_in(make.user("facilitator"))
    mine = f"/mes-parcours/{enrolment.id}/etapes/{first.id}/dispense"
    assert client.get(mine).status_code == 404


def test_why_somebody_stopped_is_not_read_with_their_name(
    client: LookingClient, db: Session, make: Factory, enrolment: Enrolment, facilitator: User
) -> None:
    change_status(
        db,
        enrolment.id,
        EnrolmentStatus.STOPPED,
        now=NOW,
        actor_id=enrolment.user_id,
        cause=StopReason.PERSONAL,
        reason="Je suis malade",
    )
    db.commit()
    html = client.sign_in(facilitator).get(f"/suivi/parcours/{enrolment.id}").text
    assert "Arrêté" in html
    assert "malade" not in html
    assert "Une raison personnelle" not in html
    assert "malade" in client.sign_in(enrolment.user).get(f"/mes-parcours/{enrolment.id}").text


def test_who_is_let_off_every_step_is_told_that_nothing_is_asked(
    client: LookingClient, db: Session, path: Path, enrolment: Enrolment, facilitator: User
) -> None:
    client.sign_in(facilitator)
    for step in steps_of(db, path):
        client.post(
            f"/suivi/parcours/{enrolment.id}/etapes/{step.id}/dispense", data={"reason": "Vu."}
        )
    html = client.sign_in(enrolment.user).get(f"/mes-parcours/{enrolment.id}").text
    assert "Rien ne vous est demandé ici" in html
    assert "Vous recevrez un mail" not in html
