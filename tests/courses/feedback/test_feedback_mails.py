"""Whoever reported is told what became of it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.feedback.models import FeedbackKind, FeedbackState
from courses.feedback.rules import change_state, report
from tests.support.courses import NOW, make_path, steps_of
from tests.support.factories import Factory
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (FeedbackState.CONFIRMED, "a confirmé"),
        (FeedbackState.SENT, "est transmis"),
        (FeedbackState.FIXED, "est corrigé"),
        (FeedbackState.REFUSED, "n’est pas retenu"),
    ],
)
def test_the_mail_says_the_state_the_word_and_what_was_written(
    app: Flask, db: Session, make: Factory, state: FeedbackState, sentence: str
) -> None:
    step = steps_of(db, make_path(db))[0]
    body = "Le quiz <4> est faux.\nVraiment."
    found = report(db, make.user().id, step.id, kind=FeedbackKind.ERROR, body=body, now=NOW)
    actor = make.user("facilitator").id
    change_state(db, found.id, state, actor_id=actor, now=NOW, word="Voici pourquoi.")
    db.commit()
    message = db.scalars(select(OutboxMessage)).one()
    with app.test_request_context():
        mail = render_mail(message, app.config["TIERSLIEU"])
    assert sentence in mail.text
    assert sentence in mail.html
    assert body in mail.text
    assert "&lt;4&gt;" in mail.html
    assert "Voici pourquoi." in mail.text
    assert "http://localhost/mes-signalements" in mail.html
