"""Mutual aid in a real browser: asked on a phone, answered, solved, reported, moderated."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_every_page import INTEROP, axe
from tests.support.journeys import Member, follow, join, press, told, unlike

Open = Callable[..., Page]


def _fits_and_is_accessible(page: Page) -> None:
    source = (INTEROP / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    for scheme in ("light", "dark"):
        # Without motion, or a colour is measured on its way to another.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert axe(page, source) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def _follow_nsi_and_join(member: Member) -> None:
    page = member.page
    page.goto("/parcours/nsi")
    press(page, "Suivre ce parcours")
    page.goto("/parcours/nsi")
    follow(page, "Aller au groupe d’entraide")
    follow(page, "Rejoindre l’entraide")
    page.get_by_label("J’ai lu la charte et je l’accepte").check()
    press(page, "Entrer dans les groupes")
    told(page, "Bienvenue")


@pytest.mark.node
def test_a_question_is_asked_answered_solved_and_a_hurtful_word_hidden(
    new_page: Open, sign_in: Open
) -> None:
    asker, helper = join(new_page(), unlike("Camille")), join(new_page(), unlike("Samira"))
    for member in (asker, helper):
        _follow_nsi_and_join(member)
    phone, title = asker.page, unlike("Qui peut m’aider sur la récursivité ?")

    _fits_and_is_accessible(helper.page)
    helper.page.get_by_role("link", name="Proposer mon aide").click()
    _fits_and_is_accessible(helper.page)
    helper.page.get_by_label("Bloc 3 · Algorithmique").check()
    helper.page.get_by_label("Au tiers-lieu", exact=True).check()
    press(helper.page, "Proposer mon aide")
    told(helper.page, "le groupe voit que vous proposez votre aide")

    # By the keyboard alone: from the button to the question sent.
    phone.get_by_role("link", name="Demander de l’aide").focus()
    phone.keyboard.press("Enter")
    phone.get_by_label("Votre question en une ligne").focus()
    phone.keyboard.type(title)
    phone.keyboard.press("Tab")
    phone.keyboard.type("Bloc 3")
    phone.keyboard.press("Tab")
    phone.keyboard.type("Appelez-moi au 06 12 34 56 78.")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("alert")).to_contain_text("numéro de téléphone")
    phone.get_by_label("Expliquez").fill("def f(n):\n    return f(n)")
    press(phone, "Poser ma question")
    told(phone, "Votre demande est posée.")
    expect(phone.get_by_text("personnes proposent leur aide sur cette étape")).to_be_visible()
    _fits_and_is_accessible(phone)
    address = phone.url

    helper.page.goto(address)
    for words in ("Quel est le cas le plus simple ?", "Franchement, c’est facile."):
        helper.page.get_by_label("Votre message").fill(words)
        press(helper.page, "Publier")
        told(helper.page, "Votre réponse est publiée.")

    phone.reload()
    phone.get_by_role("checkbox").first.check()
    press(phone, "Marquer comme résolue")
    told(phone, "1 merci est parti.")
    rude = phone.get_by_role("article").filter(has_text="Franchement")
    rude.get_by_role("link", name="Signaler").click()
    _fits_and_is_accessible(phone)
    phone.get_by_label("C’est blessant").check()
    press(phone, "Signaler")
    told(phone, "L’équipe va lire ce message")

    team = sign_in("facilitator@example.org", 1280)
    follow(team, "Regarder")
    team.get_by_role("listitem").filter(has_text=title).get_by_role("link").click()
    _fits_and_is_accessible(team)
    team.get_by_label("Le masquer").check()
    team.get_by_label("Un mot à qui l’a écrit").fill("Gardons courage à qui demande.")
    press(team, "Décider")
    told(team, "C’est fait")

    phone.goto(address)
    expect(phone.get_by_text("Message masqué.")).to_be_visible()
    expect(phone.get_by_text("Franchement")).to_have_count(0)
    helper.page.goto(address)
    expect(helper.page.get_by_text("Gardons courage à qui demande.")).to_be_visible()
