"""An intensive week from the first word to the welcome pack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    download,
    follow,
    in_days,
    join,
    open_mail,
    press,
    press_and_confirm,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def _make_week(page: Page, name: str, first: date) -> str:
    """A week of two days and one night in the demonstration's house, published."""
    page.goto("/agenda")
    follow(page, "Semaines intensives")
    follow(page, "Proposer une semaine")
    page.get_by_label("Titre").fill(name)
    last = first + timedelta(days=1)
    page.get_by_label("Premier jour").fill(first.isoformat())
    page.get_by_label("Dernier jour").fill(last.isoformat())
    page.get_by_label("Places", exact=True).fill("6")
    today = in_days(0).day
    page.get_by_label("Ouverture des candidatures").fill(f"{today}T00:00")
    page.get_by_label("Clôture des candidatures").fill(f"{in_days(30).day}T20:00")
    page.get_by_label("Maison").select_option(label="Internat des Restanques")
    page.get_by_label("Première nuit").fill(first.isoformat())
    page.get_by_label("Jour du départ").fill(last.isoformat())
    page.get_by_label("Déjeuners par jour (facultatif)", exact=True).fill("6")
    page.get_by_label("Arrêt de la liste pour l’internat").fill(f"{in_days(60).day}T12:00")
    page.get_by_label("Que faut-il apporter").fill("Des draps")
    press(page, "Enregistrer la semaine")
    told(page, "La semaine est enregistrée.")
    page.get_by_label("Titre").fill("Premier programme")
    page.get_by_label("Début").fill("14:00")
    page.get_by_label("Fin", exact=True).fill("17:00")
    page.get_by_label("Salle", exact=True).select_option(index=1)
    press(page, "Ajouter au programme")
    told(page, "La demi-journée est au programme.")
    press(page, "Publier la semaine")
    told(page, "La semaine est publiée.")
    return page.url


def test_a_week_is_made_applied_for_answered_and_its_welcome_pack_read(
    new_page: Open, sign_in: Open
) -> None:
    name, team = unlike("Semaine au bord"), sign_in("facilitator@example.org", 1280)
    address = _make_week(team, name, date.fromisoformat(in_days(90).day))

    person = join(new_page(), unlike("Alix"))
    phone = person.page
    phone.goto(address)
    follow(phone, "Écrire ma candidature")
    phone.get_by_label("Pourquoi cette semaine").fill("Je veux trois séances prêtes.")
    phone.get_by_label("Je partage volontiers, avec qui l’on voudra").check()
    press(phone, "Envoyer ma candidature")
    told(phone, "Votre candidature est enregistrée.")
    follow(phone, "Dire mes besoins")
    phone.get_by_label("Régime").select_option(label="Végétarien")
    phone.get_by_label("J’accepte que ces renseignements").check()
    press(phone, "Enregistrer mes besoins")
    told(phone, "C’est noté.")

    team.goto(address)
    follow(team, "Candidatures")
    follow(team, f"Répondre à {person.name}")
    team.get_by_label("Accepter", exact=True).check()
    team.get_by_label("Un mot pour la personne").fill("Bienvenue.")
    press(team, "Envoyer la réponse")
    told(team, f"{person.name} : candidature acceptée.")
    follow(team, "Internat")
    expect(team.get_by_role("cell", name="1 × végétarien").first).to_be_visible()
    expect(team.get_by_text(person.name)).to_have_count(0)

    open_mail(phone, person.email, "Vous venez")
    phone.goto("/")
    follow(phone, "Mon livret d’accueil")
    title(phone, "Votre livret d’accueil")
    expect(phone.get_by_text("Des draps")).to_be_visible()
    paper = download(phone, lambda: _take_along(phone))
    assert paper.startswith(b"%PDF")
    follow(phone, "Ma candidature")
    press_and_confirm(phone, "Retirer ma candidature")
    told(phone, "Votre candidature est retirée.")


def test_a_week_called_off_says_why_to_each_and_takes_nothing_any_more(
    new_page: Open, sign_in: Open
) -> None:
    name, team = unlike("Semaine emportée"), sign_in("facilitator@example.org")
    address = _make_week(team, name, date.fromisoformat(in_days(110).day))
    person = join(new_page(), unlike("Bo"))
    phone = person.page
    phone.goto(address)
    follow(phone, "Écrire ma candidature")
    phone.get_by_label("Pourquoi cette semaine").fill("Je veux trois séances prêtes.")
    press(phone, "Envoyer ma candidature")
    told(phone, "Votre candidature est enregistrée.")

    team.goto(address)
    follow(team, "Annuler la semaine")
    expect(team.get_by_text("Premier programme")).to_be_visible()
    press(team, "Annuler la semaine")  # nothing said yet
    expect(team.get_by_role("alert")).to_contain_text("Il reste quelque chose à corriger")
    team.get_by_label("Pourquoi").fill("L’internat est inondé.")
    press(team, "Annuler la semaine")
    told(team, "La semaine est annulée.")
    expect(team.get_by_role("link", name="Annuler la semaine")).to_have_count(0)

    open_mail(phone, person.email, f"Annulée : {name}")
    expect(phone.locator(".plain-mail")).to_contain_text("L’internat est inondé.")
    phone.goto(address)
    expect(phone.get_by_role("heading", name="Cette semaine n’aura pas lieu")).to_be_visible()
    follow(phone, "Voir ma candidature")
    expect(phone.get_by_text("L’internat est inondé.").first).to_be_visible()
    expect(phone.get_by_role("link", name="Candidater de nouveau")).to_have_count(0)


def _take_along(page: Page) -> None:
    # A browser shows a PDF: the link is told to save it instead.
    link = page.get_by_role("link", name="À emporter (PDF)")
    link.evaluate("link => link.setAttribute('download', '')")
    link.click()
