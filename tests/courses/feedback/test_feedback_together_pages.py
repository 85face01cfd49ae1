"""«Moi aussi», merging and sending together through the web, seen by each kind of person."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback, FeedbackState, MeToo
from courses.paths.models import Step
from tests.support.client import LookingClient
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.feedback import BODY, bring, make_report
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail

NEW_WORDS = "Samira Haddad s’est trompée ici."


@pytest.fixture
def step(db: Session) -> Step:
    return steps_of(db, make_path(db))[0]


def said(db: Session) -> list[tuple[str, bool]]:
    db.rollback()
    return [(one.detail, one.wants_mail) for one in db.scalars(select(MeToo))]


def test_one_sees_what_was_read_before_sending_and_says_moi_aussi_instead(
    app: Flask, client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    author = make.user(name="Zéphyrine Quelconque")
    shown = bring(
        db, make_report(db, author, step), FeedbackState.CONFIRMED, make.user("facilitator")
    )
    unread = make_report(db, author, step, NEW_WORDS)
    client.sign_in(make.user())
    html = client.get(f"/etapes/{step.id}/signaler").text
    assert "Est-ce déjà signalé" in html
    assert BODY in html
    assert NEW_WORDS not in html
    assert "Zéphyrine" not in html
    page = f"/signalements/{shown.id}/moi-aussi"
    assert "Zéphyrine" not in client.get(page).text
    wrong = client.post(page, data={"detail": "x" * 1001})
    assert (wrong.status_code, said(db)) == (422, [])
    html = client.post(
        page, data={"detail": "Sur mobile", "wants_mail": "y"}, follow_redirects=True
    ).text
    assert "Où vous avez dit" in html
    client.post(page, data={"detail": "Sur tablette"})
    assert said(db) == [("Sur tablette", False)]
    assert "Garder mon" in client.get(page).text
    assert "1\u00a0personne de plus" in client.get(f"/etapes/{step.id}/signaler").text.replace(
        "1 personne", "1\u00a0personne"
    )
    assert "C’est retiré" in client.post(f"{page}/retirer", follow_redirects=True).text
    assert client.post(f"{page}/retirer").status_code == 404
    assert said(db) == []
    for gone in (unread.id, step.id):
        assert client.get(f"/signalements/{gone}/moi-aussi").status_code == 404
        assert client.post(f"/signalements/{gone}/moi-aussi").status_code == 404
    client.sign_in(author)
    assert "C’est votre signalement" in client.get(f"/etapes/{step.id}/signaler").text
    assert "votre propre signalement" in client.post(page).text
    assert "/login" in app.test_client().get(page).headers["Location"]


def test_the_team_sends_the_ticked_ones_together(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    one, two = (make_report(db, make.user(), step, f"Retour numéro {n}") for n in (1, 2))
    client.sign_in(make.user("facilitator"))
    html = client.get("/retours").text
    assert html.count('name="retour"') == 2
    assert "Cochez d’abord" in client.post("/retours", data={"retour": "rien"}).text
    wrong = client.post("/retours", data={"retour": str(one.id), "url": "ftp://x"})
    assert wrong.status_code == 422
    assert "commencer par https" in wrong.text
    data = {"retour": [str(one.id), str(two.id)], "url": "https://example.org/t/1"}
    html = client.post("/retours?etat=new", data=data, follow_redirects=True).text
    assert re.search(r"2.retours notés comme transmis", html)
    db.rollback()
    states = {report.state for report in db.scalars(select(CourseFeedback))}
    assert states == {FeedbackState.SENT}
    assert 'name="retour"' not in client.get("/retours").text
    client.sign_in(make.user())
    assert client.post("/retours", data=data).status_code == 403


def test_the_team_merges_a_duplicate_and_answers_the_other(
    app: Flask, client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    author = make.user()
    into, double = make_report(db, make.user(), step), make_report(db, author, step, NEW_WORDS)
    client.sign_in(make.user("facilitator"))
    assert "Réunir à celui-là" in client.get(f"/retours/{double.id}").text
    address = f"/retours/{double.id}/reunir/{into.id}"
    html = client.post(address, follow_redirects=True).text
    assert "n’en font plus qu’un" in html
    assert f'href="/retours/{double.id}"' in html, "the duplicate is still read from the other"
    assert "déjà réuni" in client.post(address, follow_redirects=True).text
    assert client.post(f"/retours/{step.id}/reunir/{into.id}").status_code == 404
    html = client.get(f"/retours/{double.id}").text
    assert f'href="/retours/{into.id}"' in html
    assert "Votre réponse" not in html
    data = {"etat": "fixed", "seen": "new", "url": "https://example.org/t/2", "word": "Fait."}
    client.post(f"/retours/{into.id}", data=data)
    mails = {}
    for message in db.scalars(select(OutboxMessage)):
        with app.test_request_context():
            mails[message.template] = render_mail(message, app.config["TIERSLIEU"]).text
    assert "compte comme un" in mails["feedback_merged"]
    assert NEW_WORDS in mails["feedback_merged"]
    assert "est corrigé" in mails["feedback_me_too_answered"]
    assert "Fait." in mails["feedback_me_too_answered"]
    assert "https://example.org/t/2" in mails["feedback_answered"]
    client.sign_in(author)
    html = client.get("/mes-signalements").text
    assert "Réuni à un autre retour" in html
    assert "corrigé" in html
    assert BODY not in html, "what somebody else wrote was not shown"
    assert client.post(address).status_code == 403


def test_a_text_that_tells_of_somebody_is_confirmed_without_being_shown(
    client: LookingClient, db: Session, make: Factory, step: Step
) -> None:
    found = make_report(db, make.user(), step, NEW_WORDS)
    client.sign_in(make.user("facilitator"))
    html = client.get(f"/retours/{found.id}").text
    assert re.search(r'<input[^>]*checked[^>]*name="shown"', html)
    client.post(f"/retours/{found.id}", data={"etat": "confirmed", "seen": "new"})
    assert not re.search(
        r'<input[^>]*checked[^>]*name="shown"', client.get(f"/retours/{found.id}").text
    )
    client.sign_in(make.user())
    assert NEW_WORDS not in client.get(f"/etapes/{step.id}/signaler").text
    assert client.get(f"/signalements/{found.id}/moi-aussi").status_code == 404
