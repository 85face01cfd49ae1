"""Written answers, on a phone: a researcher asks for them, the coordination reads and agrees."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.free_text import make_written_study
from tests.support.journeys import press, press_and_confirm, told
from tierslieu.people.models import User


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The place under test: six people who wrote take too long to make by hand."""
    server = make_server("127.0.0.1", 0, app, threaded=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def page_of(browser: Browser, app: Flask, served: str, user: User) -> Page:
    client = LookingClient(app)
    client.sign_in(user)
    cookie = client.get_cookie("session")
    assert cookie is not None
    context = browser.new_context(
        base_url=served, viewport={"width": 360, "height": 780}, locale="fr-FR"
    )
    context.add_cookies([{"name": "session", "value": cookie.value, "url": served}])
    return context.new_page()


def test_written_answers_are_asked_for_read_one_by_one_and_agreed_to(
    browser: Browser, app: Flask, served: str, db: Session, make: Factory
) -> None:
    researcher = make.user("researcher", name="Claire Aubert")
    reader = make.user("coordinator", name="Sam Roche")
    study, _wave, _people = make_written_study(
        db, make, researcher, 6, lambda n: (f"Merci à Madame Dupont, séance {n}.", "")
    )
    address, study_id = f"/etudes/{study.id}", study.id
    team = page_of(browser, app, served, researcher)
    team.goto(address)
    team.get_by_role("link", name="Demander des textes").click()
    press(team, "Demander")
    expect(team.get_by_role("alert")).to_contain_text("Choisissez au moins une question")
    team.get_by_label("Une idée").check()
    team.get_by_label("Pourquoi l’étude en a besoin").fill("Coder ce qui aide.")
    press(team, "Demander")
    told(team, "La demande est faite")

    person = page_of(browser, app, served, reader)
    person.goto("/")
    person.get_by_role("link", name="Voir la demande").click()
    expect(person.get_by_text("Coder ce qui aide.")).to_be_visible()
    press(person, "Commencer la lecture")
    for number in range(1, 7):
        expect(person.get_by_role("heading", level=1)).to_have_text(f"Texte {number} sur 6")
        quoted = person.locator("blockquote")
        expect(quoted).to_contain_text("Madame Dupont")
        assert person.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if number == 6:
            press(person, "Garder au lieu")
            continue
        person.get_by_label("Le passage à remplacer").fill("madame dupont")
        press(person, "Remplacer")
        told(person, "Le passage est remplacé")
        expect(quoted).to_have_text(re.compile(r"Merci à \[…\], séance \d\."))
        press(person, "Laisser sortir")
    expect(person.get_by_text("Tout est lu.")).to_be_visible()
    person.get_by_label("Les textes retenus peuvent sortir").check()
    person.get_by_label("Un mot pour l’équipe de l’étude").fill("Les noms sont ôtés.")
    press(person, "Répondre")
    told(person, "Votre réponse est donnée")

    team.goto(f"/etudes/{study_id}")
    expect(team.locator("#textes")).to_contain_text("accordée le")
    team.get_by_role("link", name=re.compile("Demande du")).click()
    expect(team.get_by_text("Les noms sont ôtés.")).to_be_visible()
    press_and_confirm(person, "Reprendre l’accord")
    told(person, "L’accord est repris")
    for page in (team, person):
        page.context.close()
