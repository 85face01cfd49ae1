"""The journey the place exists for: who nobody knows leaves with proof that anybody can check."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

from tests.support.journeys import (
    add_room,
    book,
    download,
    enter,
    follow,
    open_mail,
    plan_session,
    press,
    press_in_mail,
    register,
    soon,
    title,
    told,
    unlike,
)


def test_from_registering_to_a_badge_that_anybody_verifies(
    new_page: Callable[..., Page], sign_in: Callable[..., Page]
) -> None:
    team, person = sign_in("facilitator@example.org"), new_page()
    name, badge, meeting = map(unlike, ("Camille Fabre", "Première séance", "Atelier d’essai"))
    session = _prepare_place(team, meeting, badge)

    _become_member(person, name)
    _follow_path(person)
    book(person, session)
    told(person, "Votre place est confirmée.")
    expect(person.locator(".tag", has_text="Place confirmée")).to_be_visible()

    _call_roll(team, session, name)
    _award(team, meeting, badge, name)
    link, files = _share(person, badge)
    _verify(new_page(), link, files, badge, name)


def _prepare_place(team: Page, meeting: str, badge: str) -> str:
    """A room, a session in it that begins soon, and a badge for having come."""
    room = unlike("salle Hypatie")
    add_room(team, room, 6)
    session = plan_session(team, meeting, soon(), room=room, seats=6)
    team.goto("/badges")
    follow(team, "Créer un badge")
    team.get_by_label("Nom du badge").fill(badge)
    team.get_by_label("Ce que sait faire la personne").fill("A poussé la porte et appris en vrai.")
    team.get_by_label("Critères, en toutes lettres").fill("Avoir été **là**, du début à la fin.")
    team.get_by_label("Heures de travail").fill("3")
    team.get_by_label("Chercher une compétence").fill("CRCN 3.4")
    press(team, "Chercher")
    team.get_by_role("group", name="Compétences attestées").get_by_role("checkbox").first.check()
    team.get_by_label("Ajouter une condition").select_option(
        "Présence à la séance d’où l’on attribue"
    )
    team.get_by_role("button", name="Ajouter à Groupe 1").click()
    expect(team.get_by_text("Ce badge s’attribuera depuis une séance")).to_be_visible()
    team.get_by_label("Rosace").check()
    team.get_by_role("button", name="Enregistrer le badge").click()
    title(team, badge)
    return session


def _become_member(person: Page, name: str) -> None:
    """Register, read the mail, confirm, sign in, fill in the profile."""
    person.goto("/")
    follow(person, "Se connecter")
    follow(person, "Créer un compte")
    email = register(person, name)
    follow(person, "Ouvrir la boîte aux lettres")
    open_mail(person, email, "Confirmez votre adresse")
    press_in_mail(person, "Confirmer mon adresse")
    title(person, "Se connecter")
    enter(person, email)
    title(person, "Faisons connaissance")
    person.get_by_label("J’enseigne", exact=True).check()
    person.get_by_label("Ce que vous enseignez").fill("SNT")
    person.get_by_label("Ville").fill("Antibes")
    press(person, "Enregistrer mon profil")
    told(person, "Votre profil est à jour.")


def _follow_path(person: Page) -> None:
    person.get_by_role("navigation", name="Principal").get_by_role("link", name="Parcours").click()
    person.get_by_label("Qui êtes-vous ?").select_option("teacher")
    press(person, "Trouver")
    person.get_by_role("link", name=re.compile(r"^SNT")).first.click()
    press(person, "Suivre ce parcours")
    expect(person.get_by_role("list", name="Étapes de mon parcours")).to_be_visible()


def _call_roll(team: Page, session: str, name: str) -> None:
    team.goto(session)
    follow(team, "Faire l’appel")
    team.get_by_role("listitem").filter(has_text=name).get_by_role("strong").click()
    press(team, "Enregistrer l’appel")
    told(team, "L’appel est enregistré.")
    expect(team.get_by_text("1 présence sur 1")).to_be_visible()


def _award(team: Page, meeting: str, badge: str, name: str) -> None:
    """From the badge: two clicks and the people of the session have it."""
    team.goto("/badges")
    team.get_by_role("link", name=badge).first.click()
    follow(team, "Attribuer ce badge")
    team.get_by_role("link", name=meeting).click()
    expect(team.get_by_label(name)).to_be_checked()
    press(team, "Attribuer le badge aux personnes cochées")
    told(team, "Badge attribué à 1 personne")


def _share(person: Page, badge: str) -> tuple[str, dict[str, bytes]]:
    """Its holder takes the files and opens its page; gives the address and the files."""
    person.goto("/")
    person.get_by_role("link", name=badge).first.click()
    expect(person.get_by_text("Ce badge est privé.")).to_be_visible()
    person.goto("/mes-badges")
    card = person.locator("li.award-card").filter(has_text=badge)
    files = {
        kind: download(person, card.get_by_role("link", name=name).click)
        for kind, name in {
            "pdf": "Attestation (PDF)",
            "png": "Image",
            "json": "Fichier signé",
        }.items()
    }
    card.get_by_role("button", name="Partager par une adresse").click()
    told(person, "Ce badge est partagé")
    return card.locator("code").inner_text(), files


def _verify(anybody: Page, link: str, files: dict[str, bytes], badge: str, name: str) -> None:
    """A stranger, without an account, four ways."""

    def expect_valid() -> None:
        expect(anybody.locator(".verdict.valid")).to_be_visible()
        title(anybody, badge)
        expect(anybody.get_by_text(f"Délivré à {name}")).to_be_visible()
        expect(anybody.locator(".checks .failed, .checks .unknown")).to_have_count(0)

    def start() -> None:
        anybody.goto("/")
        anybody.get_by_role("contentinfo").get_by_role("link", name="Vérifier un badge").click()

    anybody.goto(link)
    expect_valid()

    start()
    anybody.get_by_label("Ou son adresse").fill(link)
    press(anybody, "Vérifier")
    expect_valid()

    for kind, media in (("png", "image/png"), ("pdf", "application/pdf")):
        start()
        payload: FilePayload = {"name": f"b.{kind}", "mimeType": media, "buffer": files[kind]}
        anybody.get_by_label("Fichier du badge").set_input_files(payload)  # sent at once
        expect_valid()

    text = files["json"].decode()
    start()
    anybody.get_by_label("Ou son texte").fill(text)
    press(anybody, "Vérifier")
    expect_valid()

    start()
    assert name in text
    anybody.get_by_label("Ou son texte").fill(text.replace(name, "Camille Faure"))
    press(anybody, "Vérifier")
    expect(anybody.locator(".verdict.invalid")).to_be_visible()
    expect(anybody.locator(".checks .failed").first).to_be_visible()
