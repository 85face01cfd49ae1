"""A researcher writes a questionnaire on a phone, question by question, and tries it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import follow, press, title, unlike

Open = Callable[..., Page]


def test_a_questionnaire_is_written_tried_and_followed_by_another_version(sign_in: Open) -> None:
    page = sign_in("researcher@example.org")
    page.goto("/etudes")
    follow(page, "Questionnaires")
    name = unlike("Pratiques de classe")
    page.get_by_label("Titre").fill(name)
    press(page, "Commencer")
    title(page, name)
    expect(page.get_by_text("Il n’a encore aucune question.")).to_be_visible()

    page.get_by_role("link", name="Ajouter une question").first.click()
    follow(page, "Une réponse")
    page.get_by_label("La question, en français").fill("Enseignez-vous cette année\u202f?")
    page.get_by_label("Libellé court, en français").fill("Enseigne")
    page.get_by_label("Les réponses").fill("Oui\nNon")
    press(page, "Garder")
    page.get_by_role("link", name="Ajouter une question").first.click()
    follow(page, "Une grille")
    page.get_by_label("La question, en français").fill("Je me sens capable…")
    page.get_by_label("Libellé court, en français").fill("Capable")
    page.get_by_label("Les réponses").fill("Pas du tout\nAssez\nTout à fait")
    page.get_by_label("Les lignes").fill("expliquer\naider")
    page.get_by_label("Ne demander que si").select_option("enseigne")
    page.get_by_label("Codes").fill("1")
    press(page, "Garder")
    expect(page.get_by_text("est\u00a0: Oui")).to_be_visible()
    follow(page, "Ajouter une échelle")
    page.get_by_label("Libellé, en français").fill("Assurance")
    items = page.get_by_role("group", name="Ses questions")
    items.get_by_label("capable_expliquer").check()
    items.get_by_label("capable_aider").check()
    press(page, "Garder")

    follow(page, "Essayer")
    rows = page.get_by_role("group", name="Je me sens capable…")
    expect(rows).to_be_hidden()
    page.get_by_label("Oui", exact=True).check()
    expect(rows).to_be_visible()
    for row in ("expliquer", "aider"):
        rows.get_by_role("group", name=row).get_by_label("Assez").check()
    press(page, "Voir les données")
    expect(page.locator("#donnees")).to_contain_text("assurance")
    expect(page.locator("#donnees")).to_contain_text("2.0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.goto("/questionnaires/f-sus/1")
    press(page, "En faire une nouvelle version")
    page.get_by_role("link", name="À propos de ce site").click()
    page.get_by_label("Libellé court, en français").fill("Notre F-SUS")
    press(page, "Garder")
    expect(page.get_by_text("Ce que reprend celle-ci")).to_be_visible()
    page.get_by_text("Effacer ce brouillon").first.click()
    page.locator("details[open] button").click()
    title(page, "Questionnaires")
