"""One's timeline on a phone; and somebody of the team who asks after a person, who reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.support.journeys import follow, press, title, told, unlike

Open = Callable[..., Page]


def test_a_learner_opens_their_timeline_narrows_it_and_moves_a_phase(sign_in: Open) -> None:
    page = sign_in("learner@example.org")
    page.goto("/")
    follow(page, "Ma frise : ce que j’ai fait, ce qui vient")
    title(page, "Ma frise")
    expect(page.get_by_role("img", name="Du ")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, "the picture fits the screen"
    page.get_by_role("link", name="Badges").filter(has_text="Badges ").first.click()
    expect(page.get_by_role("link", name="Badges").locator("nth=0")).to_be_visible()
    page.goto("/ma-frise")
    page.get_by_text("Changer mes phases").click()
    page.get_by_label("Je m’épanouis dans mon métier").fill("2026-01-05")
    press(page, "Enregistrer mes phases")
    told(page, "Vos phases sont à jour.")
    expect(page.get_by_role("region", name="Où j’en suis")).to_contain_text(
        "Je m’épanouis dans mon métier"
    )


def test_the_team_notes_a_call_and_the_person_reads_it_and_asks_for_time(sign_in: Open) -> None:
    words = unlike("Rappelée, reprend bientôt")
    team = sign_in("facilitator@example.org")
    team.goto("/suivi?q=Samira")
    follow(team, "Samira Haddad")
    follow(team, "Contacts pris")
    team.get_by_label("par téléphone").check()
    team.get_by_label("Reprend bientôt").check()
    team.get_by_label("En quelques mots").fill(words)
    press(team, "Noter ce contact")
    told(team, "Votre contact est noté.")

    learner = sign_in("learner@example.org")
    learner.goto("/mes-rendez-vous")
    follow(learner, "Quand l’équipe prend de mes nouvelles")
    title(learner, "Mon suivi")
    expect(learner.get_by_text(words)).to_be_visible()
    day = (datetime.now(UTC) + timedelta(days=40)).date()
    learner.get_by_label("Ne pas me relancer avant le").fill(day.isoformat())
    press(learner, "Tout va bien, ne pas me relancer")
    told(learner, "C’est noté")

    team.reload()
    expect(team.get_by_text("Tout va bien, ne pas me relancer avant le").first).to_be_visible()
