"""Who runs the place reads every mail, puts words into it, tries it on themselves, goes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import outbox
from tests.tierslieu.mail.test_sender import Box, serving
from tierslieu import clock
from tierslieu.admin.wording import rules
from tierslieu.admin.wording.rules import save_wording
from tierslieu.errors import Refused
from tierslieu.limits import guard
from tierslieu.logbook.models import LogEntry
from tierslieu.mail.letters.every import KINDS
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.mail.rules import write_mail
from tierslieu.mail.sender import send_due, smtp_delivery
from tierslieu.mail.wording.models import TEXTS, MailWording

pytestmark = pytest.mark.both_databases
LIST = "/administration/textes"
MAIL = f"{LIST}/people_reopened"
EMPTY = dict.fromkeys(TEXTS, "")


def versions(db: Session, template: str = "people_reopened") -> list[MailWording]:
    db.rollback()
    query = select(MailWording).where(MailWording.template == template)
    return list(db.scalars(query.order_by(MailWording.number)))


def write(db: Session, to: str = "b@example.org", **context: Any) -> OutboxMessage:
    found = write_mail(db, to, "people_reopened", {"name": "Zoé", **context}, now=clock.now())
    db.commit()
    assert found is not None
    return found


@pytest.fixture
def admin(make: Factory, client: LookingClient) -> LookingClient:
    return client.sign_in(make.user("administrator", name="Maud Chef", email="maud@example.org"))


@pytest.fixture
def framed(app: Flask, make: Factory) -> Iterator[FlaskClient]:
    """An administrator's browser that takes the page of a mail as it is."""
    keeps = app.test_client_class
    browser = app.test_client().sign_in(make.user("administrator"))  # type: ignore[attr-defined]
    browser.open = lambda *args, **more: FlaskClient.open(browser, *args, **more)
    yield browser
    app.test_client_class = keeps


def test_every_mail_of_the_place_is_listed_with_when_it_goes_and_to_whom(
    admin: LookingClient,
) -> None:
    page = admin.get(LIST).text
    for kind in KINDS.values():
        assert f'href="{LIST}/{kind.template}"' in page
    assert "Part dès qu’une place est réservée. Pour la personne inscrite." in page


def test_words_are_put_into_a_mail_and_reach_its_reader_filled_in_and_escaped(
    app: Flask, db: Session, admin: LookingClient
) -> None:
    waiting = write(db)  # before: what leaves later says what is written then
    texts = {
        "subject_fr": "De retour à {LIEU} ?",
        "opening_fr": "Contente de vous revoir, {nom} <3\n\nVraiment.",
        "closing_fr": "Maud",
        "closing_en": "See you, {name}",
    }
    answer = admin.post(MAIL, data={**texts, "seen": "0"}, follow_redirects=True)
    assert "C’est enregistré" in answer.text
    assert "Maud Chef" in answer.text, "the history says who"
    db.expire_all()
    mail = render_mail(waiting, app.config["TIERSLIEU"])
    assert mail.subject == f"De retour à {app.config['TIERSLIEU'].place_name} ?"
    assert mail.text.startswith(
        "Votre compte est ouvert de nouveau"
    )  # the subject it has by itself
    assert "Bonjour Zoé,\n\nContente de vous revoir, Zoé <3\n\nVraiment." in mail.text
    assert "Contente de vous revoir, Zoé &lt;3" in mail.html
    assert "localhost/login" in mail.text
    written = db.scalars(select(LogEntry)).one()
    assert (written.act, written.about) == (
        "mail_reworded",
        '{"mail": "people_reopened", "version": 1}',
    )
    waiting.language = "en"
    db.commit()
    english = render_mail(waiting, app.config["TIERSLIEU"])
    assert "See you, Zoé" in english.text
    assert "Contente" not in english.text
    assert "De retour" not in english.subject


def test_a_word_that_a_mail_cannot_fill_in_leaves_its_passage_out_and_the_mail_leaves(
    app: Flask, db: Session, make: Factory
) -> None:
    texts = {**EMPTY, "subject_fr": "Bonjour {nom}", "opening_fr": "Cher {nom}"}
    actor = make.user("administrator")
    save_wording(db, "people_reopened", texts, seen=0, by_id=actor.id, now=clock.now())
    db.commit()
    mail = render_mail(write(db, name=""), app.config["TIERSLIEU"])
    assert mail.subject == "Votre compte est ouvert de nouveau"
    assert "Cher" not in mail.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Bonjour {prénom}", "Ce mail ne connaît pas {prénom}. Le mot le plus proche est {nom}"),
        ("Le {lieux} ouvre", "Le mot le plus proche est {lieu}"),
        ("À {séance}", "Ce mail ne connaît pas {séance}"),
        ("Bonjour {nom", "Une accolade est seule"),
        ("x" * 1501, "1500"),
    ],
)
def test_a_word_no_mail_of_this_kind_knows_is_refused_beside_its_field_with_the_nearest(
    db: Session, admin: LookingClient, text: str, said: str
) -> None:
    answer = admin.post(MAIL, data={"opening_fr": text, "closing_fr": "gardé", "seen": "0"})
    assert answer.status_code == 422
    assert said in answer.text
    assert ">gardé</textarea>" in answer.text.replace("\r\n", "")
    assert versions(db) == []


def test_a_subject_that_says_what_happened_is_not_replaced(
    db: Session, admin: LookingClient
) -> None:
    there = f"{LIST}/weeks_state"
    assert "il ne se remplace pas" in admin.get(there).text
    answer = admin.post(there, data={"subject_fr": "Semaine", "seen": "0"})
    assert answer.status_code == 422
    assert versions(db, "weeks_state") == []


def test_two_who_write_at_once_are_told_and_the_second_keeps_what_they_typed(
    db: Session, admin: LookingClient
) -> None:
    admin.post(MAIL, data={"closing_fr": "le premier", "seen": "0"})
    answer = admin.post(MAIL, data={"closing_fr": "le second", "seen": "0"})
    assert answer.status_code == 409
    assert "Quelqu’un d’autre a changé ce mail" in answer.text
    assert "le premier" in answer.text  # in the history
    assert ">\r\nle second</textarea>" in answer.text or "le second</textarea>" in answer.text
    assert [one.closing_fr for one in versions(db)] == ["le premier"]
    for strange in ("9", "-1", "x", ""):
        there = admin.post(MAIL, data={"closing_fr": "le second", "seen": strange})
        assert there.status_code == 409, strange
    admin.post(MAIL, data={"closing_fr": "le second", "seen": "1"})
    assert [one.number for one in versions(db)] == [1, 2]
    admin.post(MAIL, data={"closing_fr": "le second", "seen": "2"})
    assert len(versions(db)) == 2, "the same again is no new version"


def test_the_last_change_is_undone_and_the_original_comes_back_with_nothing_lost(
    db: Session, admin: LookingClient
) -> None:
    for number, word in enumerate(("un", "deux")):
        admin.post(MAIL, data={"closing_fr": word, "seen": str(number)})
    admin.post(f"{MAIL}/versions/1", data={"seen": "2"})
    admin.post(f"{MAIL}/versions/0", data={"seen": "3"})
    assert [one.closing_fr for one in versions(db)] == ["un", "deux", "un", ""]
    late = admin.post(f"{MAIL}/versions/2", data={"seen": "3"}, follow_redirects=True)
    assert "a changé entre-temps" in late.text
    assert len(versions(db)) == 4
    assert admin.post(f"{MAIL}/versions/9", data={"seen": "4"}).status_code == 404
    assert db.scalars(select(LogEntry.act)).all() == ["mail_reworded"] * 4


def test_a_trial_goes_to_whoever_asks_and_nobody_else_says_so_and_really_leaves(
    app: Flask, db: Session, admin: LookingClient
) -> None:
    admin.post(MAIL, data={"closing_en": "From Maud", "seen": "0"})
    admin.post(f"{MAIL}/essai", data={"langue": "en", "email": "other@example.org"})
    (row,) = outbox(db)
    assert row.recipient == "maud@example.org"
    db.rollback()
    box = Box()
    with serving(box) as url:
        assert send_due(db, clock.now(), app.config["TIERSLIEU"], smtp_delivery(url)) == 1
    (mail,) = box.got
    assert mail["To"] == "maud@example.org"
    assert str(mail["Subject"]).startswith("[")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "From Maud" in text.get_content()
    assert "Camille Exemple" in text.get_content()


def test_trials_are_counted(app: Flask, db: Session, admin: LookingClient) -> None:
    app.config[guard.FACTOR] = 0.1  # two at once
    try:
        sent = [admin.post(f"{MAIL}/essai").status_code for _ in range(3)]
    finally:
        app.config[guard.FACTOR] = 0.0
    assert sent == [302, 302, 429]
    assert len(outbox(db)) == 2


def test_the_frame_shows_what_is_saved_or_typed_runs_nothing_and_keeps_nothing(
    db: Session, framed: FlaskClient
) -> None:
    shown = framed.get(f"{MAIL}/html/fr")
    assert "Camille Exemple" in shown.text
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert framed.get(f"{MAIL}/html/de").status_code == 404
    draft = framed.post(
        f"{MAIL}/apercu", data={"subject_fr": "Coucou", "closing_fr": "<b>{nom}", "langue": "fr"}
    )
    assert "default-src 'none'" in draft.headers["Content-Security-Policy"]
    assert '<strong lang="fr">Coucou</strong>' in draft.text
    assert "&lt;b&gt;Camille Exemple" in draft.text
    assert "<b>Camille" not in draft.text
    refused = framed.post(f"{MAIL}/apercu", data={"closing_fr": "{inconnu}"})
    assert refused.status_code == 422
    assert "Ce mail ne connaît pas {inconnu}" in refused.text
    assert versions(db) == []
    assert outbox(db) == []


def test_the_number_of_a_version_is_given_once_whoever_wrote_at_the_same_instant(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = make.user("administrator")
    db.add(MailWording(template="people_left", number=1, closing_fr="déjà"))
    db.commit()
    # The other's version was not there yet when this one looked.
    monkeypatch.setattr(rules, "find_current", lambda *asked: None)
    with pytest.raises(Refused) as refused:
        save_wording(
            db, "people_left", {**EMPTY, "closing_fr": "x"}, seen=0, by_id=actor.id, now=clock.now()
        )
    assert refused.value.code == "changed_meanwhile"
