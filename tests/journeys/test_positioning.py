"""Where to begin, on a phone: a visitor tries, signs in, keeps, follows and books; a facilitator
changes a question."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    enter,
    follow,
    in_days,
    join,
    plan_session,
    press,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]
STEP = "Outils, activités pédagogiques pour SNT et initiation à Python"


def answer(page: Page, question: str, choice: str) -> None:
    """Tick one answer of a question."""
    page.get_by_role("group", name=question).get_by_text(choice, exact=True).click()


def test_a_visitor_answers_signs_in_keeps_follows_and_books(sign_in: Open, new_page: Open) -> None:
    team, session = sign_in("facilitator@example.org"), unlike("Python pas à pas")
    plan_session(team, session, in_days(9), seats=4, step=STEP)
    # An account there is already, and a browser that does not know it yet.
    member = join(new_page(), unlike("Lou Cherche"))
    page = new_page()
    page.goto("/parcours")
    page.get_by_role("link", name="Quelques questions pour savoir par où commencer").click()
    title(page, "Par où commencer")
    page.get_by_text("J’enseigne", exact=True).click()
    page.get_by_text("Enseigner l’informatique", exact=True).click()
    press(page, "Voir les parcours")
    page.get_by_role("link", name="Commencer les questions (SNT)", exact=True).click()
    answer(page, "On vous tend un court programme", "Je n’ai encore jamais lu de programme")
    answer(page, "On dit que tout est 0 et 1", "Je ne sais pas")
    press(page, "Voir ce qui m’est proposé")
    title(page, "« SNT » vous va, en commençant par ceci")
    expect(page.get_by_text("Vous avez répondu").first).to_be_visible()

    press(page, "Me connecter et continuer")
    enter(page, member.email, "une phrase que je connais")
    title(page, "« SNT » vous va, en commençant par ceci")
    press(page, "Garder mes réponses")
    told(page, "Vos réponses sont gardées.")
    press(page, "Suivre ce que j’ai coché")
    expect(page.get_by_text("rien n’est obligatoire")).to_be_visible()
    page.get_by_text("Je commence par").click()
    press(page, "Suivre ce que j’ai coché")
    told(page, "Vous suivez maintenant « SNT ».")
    expect(page.get_by_role("heading", name="Par où vous avez choisi")).to_be_visible()

    page.goto("/mes-positionnements")
    follow(page, "S’initier à l’enseignement en Sciences Numériques et Technologie")
    follow(page, session)
    press(page, "Réserver ma place")
    expect(page.locator("main > .flash").first).to_be_visible()
    expect(page.get_by_text("Place confirmée").first).to_be_visible()


def test_a_facilitator_changes_a_question_and_everybody_is_asked_the_new_one(
    sign_in: Open, new_page: Open
) -> None:
    team, words = sign_in("facilitator@example.org"), unlike("Que diriez-vous d’un réseau")
    team.goto("/parcours/elements-of-ai")
    follow(team, "Modifier les questions")
    press(team, "Commencer un brouillon")
    team.get_by_role("link", name="Sauriez-vous dessiner un réseau de neurones").click()
    team.get_by_label("La question").fill(words)
    press(team, "Garder cette question")
    expect(team.get_by_role("link", name=words)).to_be_visible()
    follow(team, "Essayer ce brouillon")
    answer(team, words, "Oui")
    press(team, "Voir ce qui serait proposé")
    expect(team.get_by_role("heading", name="5 · Les réseaux de neurones")).to_be_visible()
    follow(team, "Le brouillon")
    team.get_by_label("J’ai relu ces questions").check()
    press(team, "Publier ces questions")
    told(team, "Questions publiées, version 2.")

    visitor = new_page()
    visitor.goto("/parcours/elements-of-ai")
    follow(visitor, "Répondre aux questions")
    group = visitor.get_by_role("group", name=words)
    expect(group).to_be_visible()
    # By the keyboard alone.
    group.get_by_role("radio", name="Oui").focus()
    visitor.keyboard.press("Space")
    visitor.keyboard.press("ArrowDown")
    expect(group.get_by_role("radio", name="J’en ai vu des schémas")).to_be_checked()
