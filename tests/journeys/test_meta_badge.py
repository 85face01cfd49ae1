"""A facilitator judges with a file, makes a badge of badges, «three of these five», and awards it
where it waits."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

from tests.support.journeys import (
    add_condition,
    book,
    download,
    follow,
    join,
    plan_session,
    press,
    soon,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]
SHEET = FilePayload(name="grille.txt", mimeType="text/plain", buffer=b"Grille remplie.")


def _begin_badge(page: Page, name: str) -> None:
    page.goto("/badges")
    follow(page, "Créer un badge")
    page.get_by_label("Nom du badge").fill(name)
    page.get_by_label("Ce que sait faire la personne").fill("Apprend avec d’autres.")
    page.get_by_label("Critères, en toutes lettres").fill("Être là.")


def _save(page: Page, name: str) -> None:
    page.get_by_role("button", name="Enregistrer le badge").click()
    title(page, name)


def _judge(page: Page, name: str) -> None:
    """Say what was seen of this person, with a file."""
    page.get_by_role("checkbox", name=name).check()
    page.get_by_text("Dire ce que j’ai constaté").click()
    page.get_by_label("Ce que vous avez constaté").fill("Au tableau, seule.")
    heavy = FilePayload(name="film.pdf", mimeType="application/pdf", buffer=bytes(13 * 1024 * 1024))
    page.get_by_label("Fichier").set_input_files(heavy)
    for _again in range(2):  # said once, however often one presses
        press(page, "Attribuer le badge aux personnes cochées")
        expect(page.get_by_role("alert")).to_have_text(re.compile("pèse plus de 10.Mo"))
    expect(page.get_by_label("Ce que vous avez constaté")).to_have_value("Au tableau, seule.")
    page.get_by_label("Fichier").set_input_files(SHEET)


def test_three_of_these_five_badges_are_asked_and_awarded_from_the_proposals(
    sign_in: Open, new_page: Open
) -> None:
    team, learner = sign_in("facilitator@example.org"), join(new_page(), unlike("Ida Rhodes"))
    session_name = unlike("Séance à trois badges")
    session = plan_session(team, session_name, soon())
    book(learner.page, session)
    team.goto(session)
    follow(team, "Faire l’appel")
    team.locator("ul.roll").get_by_role("strong").first.click()
    press(team, "Enregistrer l’appel")
    told(team, "L’appel est enregistré.")
    own = [unlike(f"Pièce {number}") for number in range(1, 4)]
    for name in own:
        _begin_badge(team, name)
        add_condition(team, "Présence à la séance d’où l’on attribue")
        if name == own[0]:
            add_condition(team, "Jugement de l’équipe, preuve à l’appui")
            team.locator("#groups-0-conditions-1-statement").fill("a expliqué la boucle")
        _save(team, name)
        follow(team, "Attribuer ce badge")
        team.get_by_role("link", name=session_name).click()
        if name == own[0]:
            _judge(team, learner.name)
        press(team, "Attribuer le badge aux personnes cochées")
        told(team, "Badge attribué à 1 personne")

    parts = [*own, "Apprendre ensemble", "L’IA en classe"]
    whole = unlike("Trois de ces cinq")
    _begin_badge(team, whole)
    for number, name in enumerate(parts):
        add_condition(team, "Autre badge détenu")
        asked = team.locator(f"#groups-0-conditions-{number}-badge")
        expect(asked).to_be_focused()  # whoever adds a row goes on in it
        asked.select_option(name)
    team.get_by_label("Combien en faut-il").select_option("Au moins 3 de ces conditions")
    _save(team, whole)
    expect(team.get_by_text("Au moins 3 de ces 5 conditions")).to_be_visible()

    team.goto("/")
    team.locator('a[href="/badges/propositions"]').click()  # from the first page: one click
    section = team.locator("section.proposal").filter(has_text=whole)
    expect(section.get_by_label(learner.name)).to_be_checked()
    expect(section.get_by_text(f"badge «\u202f{own[0]}\u202f» reçu le")).to_be_visible()
    section.get_by_role("button", name="Attribuer aux personnes cochées").click()  # two
    told(team, "Badge attribué à 1 personne")
    expect(team.locator("section.proposal").filter(has_text=whole)).to_have_count(0)

    learner.page.goto("/mes-badges")
    card = learner.page.locator("li.award-card").filter(has_text=whole)
    card.get_by_role("heading").get_by_role("link").click()
    expect(learner.page.get_by_text(re.compile("Ce badge est authentique"))).to_be_visible()

    learner.page.goto("/mes-badges")
    card = learner.page.locator("li.award-card").filter(has_text=own[0])
    card.get_by_role("heading").get_by_role("link").click()
    expect(learner.page.get_by_text("Au tableau, seule.")).to_be_visible()
    file = learner.page.get_by_role("link", name="grille.txt")
    assert download(learner.page, file.click) == SHEET["buffer"]
