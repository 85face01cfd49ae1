"""The team chooses side by side, and each answer leaves with its word."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.courses import make_enrolment, make_path
from tests.support.factories import Factory
from tests.support.sessions import text_of
from tests.support.weeks import (
    accept,
    mails,
    make_application,
    make_week,
    stay,
)
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import Audience, User
from tierslieu.weeks.applications.models import ApplicationState

S = ApplicationState


def test_applications_stand_side_by_side_with_motivation_public_and_progress(
    app: Flask, db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    path = make_path(db)
    week = make_week(
        db, team, path_id=path.id, quotas={Audience.TEACHER: 2},
        quotas_until_local=datetime(2026, 12, 1),  # noqa: DTZ001
    )  # fmt: skip
    person = make.user(name="Alix Noël")
    make_enrolment(db, person, path)
    accept(db, make_application(db, week, make.user(name="Bo Mars")), team)
    make_application(db, week, person)
    page = text_of(client.sign_in(team).get(f"/semaines/{week.id}/candidatures"))
    for words in ("Alix Noël", "J’aimerais enseigner Python.", "Il reste 2 étapes",
                  "Enseignement", "1 sur 2", "1 sur 4"):  # fmt: skip
        assert words in page
    assert page.index("Alix Noël") < page.index("Bo Mars")  # what waits for an answer comes first
    only = text_of(client.get(f"/semaines/{week.id}/candidatures?etat=accepted"))
    assert "Bo Mars" in only
    assert "Alix Noël" not in only


def test_the_selection_is_paged_by_the_database(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team, beds=())
    for _n in range(26):
        make_application(db, week, make.user(), stay([]))
    client.sign_in(team)
    pages = [
        client.get(f"/semaines/{week.id}/candidatures?page={n}").get_data(as_text=True)
        for n in (1, 2)
    ]
    assert [page.count('class="card applicant"') for page in pages] == [24, 2]


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ("accepted", "Vous venez"),
        ("waiting", "1re sur la liste d’attente"),
        ("declined", "n’a pas pu retenir"),
        ("to_complete", "vous demande de compléter"),
    ],
)
def test_each_answer_leaves_by_mail_with_its_word(
    app: Flask, db: Session, make: Factory, team: User, client: LookingClient, decision: str,
    said: str,
) -> None:  # fmt: skip
    week = make_week(db, team)
    application = make_application(db, week, make.user())
    client.sign_in(team)
    answer = client.post(
        f"/semaines/candidatures/{application.id}",
        data={"decision": decision, "word": "Merci de votre envie."},
    )
    assert answer.location == f"/semaines/{week.id}/candidatures"
    template = "weeks_accepted" if decision == "accepted" else "weeks_state"
    mail = render_mail(mails(db, template)[-1], app.config["TIERSLIEU"])
    for body in (mail.text, mail.html):
        assert "Merci de votre envie." in body
        assert "None" not in body
    whole = f"{mail.subject} {mail.text}".replace("\u202f", " ").replace("\u00a0", " ")
    assert said in whole


def test_what_blocks_is_listed_and_the_answer_stays_to_be_given(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team, beds=(1,))
    accept(db, make_application(db, week, make.user()), team)
    application = make_application(db, week, make.user())
    answer = client.sign_in(team).post(
        f"/semaines/candidatures/{application.id}", data={"decision": "accepted", "word": ""}
    )
    assert answer.status_code == 422
    assert "nuit du lundi 1er au mardi 2 mars : plus aucun lit" in text_of(answer)
    db.expire_all()
    assert application.state is S.SUBMITTED


@pytest.mark.parametrize("data", [{}, {"decision": "chef"}, {"decision": "declined", "word": ""}])
def test_an_answer_that_says_nothing_is_refused(
    db: Session, make: Factory, team: User, client: LookingClient, data: dict[str, str]
) -> None:
    application = make_application(db, make_week(db, team), make.user())
    answer = client.sign_in(team).post(f"/semaines/candidatures/{application.id}", data=data)
    assert answer.status_code == 422
