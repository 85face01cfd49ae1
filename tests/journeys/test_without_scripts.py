"""The same place without JavaScript, by touch alone, by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.support.journeys import (
    add_room,
    book,
    download,
    enter,
    follow,
    in_days,
    join,
    open_mail,
    plan_session,
    press,
    press_and_confirm,
    press_in_mail,
    register,
    soon,
    title,
    told,
    unlike,
)
from tests.support.served import ServedPlace

DEMO = "tiers-lieu-demo"
Open = Callable[..., Page]


@pytest.fixture
def open_with(browser: Browser, place: ServedPlace) -> Iterator[Callable[..., Page]]:
    """Opens a phone with settings of its own."""
    contexts: list[BrowserContext] = []

    def open_page(**settings: Any) -> Page:
        context = browser.new_context(
            base_url=place.url,
            viewport={"width": 360, "height": 780},
            locale="fr-FR",
            timezone_id="Europe/Paris",
            **settings,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def _signed_in(page: Page, email: str, password: str = DEMO) -> Page:
    page.goto("/login")
    enter(page, email, password)
    expect(page.locator("a.me")).to_be_visible()
    return page


def test_without_scripts_one_registers_books_and_gives_the_seat_back(
    open_with: Callable[..., Page], sign_in: Open
) -> None:
    name = unlike("Séance sans script")
    session = plan_session(sign_in("facilitator@example.org"), name, in_days(48))
    page = open_with(java_script_enabled=False)
    email = register(page, unlike("Lise Sobre"))
    open_mail(page, email, "Confirmez votre adresse")
    press_in_mail(page, "Confirmer mon adresse")
    enter(page, email)
    title(page, "Faisons connaissance")
    press(page, "Enregistrer mon profil")  # the sentence comes from the place, not from a script
    expect(page.locator(".field.wrong")).to_contain_text("Choisissez la phrase la plus proche.")
    page.get_by_label("J’enseigne", exact=True).check()
    press(page, "Enregistrer mon profil")
    told(page, "Votre profil est à jour.")
    book(page, session)
    told(page, "Votre place est confirmée.")
    press_and_confirm(page, "Libérer ma place")
    told(page, "Votre place est libérée.")


def test_without_scripts_the_roll_is_called(open_with: Callable[..., Page]) -> None:
    team = _signed_in(open_with(java_script_enabled=False), "facilitator@example.org")
    learner = _signed_in(open_with(java_script_enabled=False), "learner2@example.org")
    name, room = unlike("Appel sans script"), unlike("salle Emmy")
    add_room(team, room, 5)
    session = plan_session(team, name, soon(), room=room, seats=5)
    book(learner, session)
    team.goto(session)
    team.get_by_role("link", name="Faire l’appel").click()
    team.locator("ul.roll").get_by_role("strong").first.click()
    press(team, "Enregistrer l’appel")
    told(team, "L’appel est enregistré.")
    expect(team.get_by_text("1 présence sur 1")).to_be_visible()


def test_without_scripts_a_badge_is_shared_and_verified(open_with: Callable[..., Page]) -> None:
    holder = _signed_in(open_with(java_script_enabled=False), "learner@example.org")
    holder.goto("/mes-badges")
    image = holder.get_by_role("link", name=re.compile("^Image")).first
    content = download(holder, image.click)
    anybody = open_with(java_script_enabled=False)
    anybody.goto("/verifier")
    payload: FilePayload = {"name": "badge.png", "mimeType": "image/png", "buffer": content}
    anybody.get_by_label("Fichier du badge").set_input_files(payload)
    press(anybody, "Vérifier")
    expect(anybody.locator(".verdict.valid")).to_be_visible()
    expect(anybody.locator(".checks .passed").first).to_be_hidden()
    anybody.get_by_text("Comment on le sait", exact=True).click()
    expect(anybody.locator(".checks .passed").first).to_be_visible()
    anybody.get_by_text("Comparer avec une personne", exact=True).click()
    anybody.get_by_label("Adresse mail de la personne").fill("learner@example.org")
    press(anybody, "Comparer")
    expect(anybody.locator(".verdict.valid")).to_be_visible()
    anybody.get_by_text("Comment on le sait", exact=True).click()
    expect(anybody.get_by_text("Il a bien été délivré à la personne")).to_be_visible()


@pytest.mark.parametrize("person", ["learner", "facilitator", "researcher", "coordinator", "admin"])
def test_a_thumb_finds_every_button_of_the_first_page_and_of_the_agenda(
    open_with: Callable[..., Page], person: str
) -> None:
    page = _signed_in(open_with(has_touch=True, is_mobile=True), f"{person}@example.org")
    for address in ("/", "/agenda", "/parcours"):
        page.goto(address)
        low = page.eval_on_selector_all(
            "nav.main a, main .btn, main summary, main input:not([type=hidden]), main select",
            """all => all
              .map(e => (e.type === 'checkbox' || e.type === 'radio') && e.closest('label') || e)
              .filter(e => e.offsetHeight && e.offsetHeight < 48)
              .map(e => `${e.offsetHeight} ${e.outerHTML.slice(0, 90)}`)""",
        )
        assert low == [], address


def test_with_the_keyboard_alone_one_signs_in_and_books(new_page: Open, sign_in: Open) -> None:
    name = unlike("Séance au clavier")
    session = plan_session(sign_in("facilitator@example.org"), name, in_days(49))
    page = new_page(1280)
    page.goto("/login")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(page, "input[name=email]")
    page.keyboard.type("coordinator@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(DEMO)
    page.keyboard.press("Enter")
    expect(page.locator("a.me")).to_be_visible()

    page.goto(session)
    _tab_to(page, "form.form button[type=submit]")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    told(page, "Votre place est confirmée.")
    _tab_to(page, "details.confirm > summary")
    page.keyboard.press("Enter")
    _tab_to(page, "details.confirm button")
    page.keyboard.press("Enter")
    told(page, "Votre place est libérée.")


def test_what_the_keyboard_reaches_in_the_roll_is_never_under_the_bar(new_page: Open) -> None:
    team, learner = new_page(360, 560), join(new_page(), unlike("Rose Dieng"))
    team.goto("/login")
    team.get_by_label("Adresse mail").first.fill("facilitator@example.org")
    team.get_by_label("Mot de passe", exact=True).fill(DEMO)
    team.keyboard.press("Enter")
    team.locator("a.me").wait_for()
    session = plan_session(team, unlike("Séance au clavier"), soon())
    book(learner.page, session)
    team.goto(session)
    follow(team, "Faire l’appel")
    expect(team.locator(".save-bar")).to_be_visible()
    reached = 0
    for _ in range(60):
        team.keyboard.press("Tab")
        covered = team.evaluate(
            """() => {
              const box = (e) => e.getBoundingClientRect();
              const here = document.activeElement;
              if (!here.closest("main form") || here.closest(".save-bar")) return null;
              return box(here).bottom > box(document.querySelector(".save-bar")).top;
            }"""
        )
        reached += covered is not None
        assert not covered
    assert reached > 3


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until that is where the keyboard stands."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"the keyboard never reaches {selector}")
