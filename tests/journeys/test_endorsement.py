"""A partner's word: asked for by the team, given on a phone without an account, carried by the next
award; and a holder who asks somebody who saw them at work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_every_page import INTEROP, axe
from tests.support.journeys import (
    follow,
    new_address,
    open_mail,
    press,
    press_and_confirm,
    press_in_mail,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def look(page: Page) -> None:
    """No walk leads to the pages of a link: they are sound in light and dark, whole on a phone."""
    source = (INTEROP / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    for scheme in ("light", "dark"):
        # Without motion, or a colour is measured on its way to another.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert axe(page, source) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.node
def test_a_partner_endorses_a_badge_from_the_mail_on_a_phone_and_the_next_award_carries_it(
    new_page: Open, sign_in: Open
) -> None:
    team, partner = sign_in("facilitator@example.org"), new_page(360)
    organisation, address = unlike("Université d’exemple"), new_address()
    team.goto("/badges")
    team.get_by_role("link", name="Les fondements de l’informatique").first.click()
    page_of_badge = team.url
    follow(team, "Demander un soutien")
    press(team, "Envoyer la demande")
    expect(team.get_by_role("alert")).to_contain_text("Écrivez l’adresse de la personne")
    team.get_by_label("Organisme", exact=True).fill(organisation)
    team.get_by_label("Adresse mail de la personne").fill(address)
    press(team, "Envoyer la demande")
    told(team, "La demande est partie par mail.")
    expect(team.get_by_role("heading", name=organisation)).to_be_visible()

    open_mail(partner, address, "Votre soutien pour le badge")
    press_in_mail(partner, "Lire le badge et répondre")
    title(partner, "Les fondements de l’informatique")
    for fold in partner.locator("details.more > summary").all():
        fold.click()
    look(partner)
    partner.get_by_label("Votre nom").fill("Claude Exemple")
    partner.get_by_label("Votre fonction").fill("vice-présidence formation")
    partner.get_by_label("Ce que vous en dites").fill("Nous le reconnaissons.\n<b>Vraiment</b>.")
    press(partner, "Relire avant de signer")
    expect(partner.get_by_role("alert")).to_contain_text("Cochez cette case")
    partner.get_by_label("Je suis en droit de parler").check()
    press(partner, "Relire avant de signer")
    title(partner, "Relire avant de signer")
    look(partner)
    expect(partner.locator("blockquote")).to_contain_text("<b>Vraiment</b>.")
    press(partner, "Corriger")
    partner.get_by_label("Organisme que vous représentez").fill(f"{organisation} (Nord)")
    press(partner, "Relire avant de signer")
    press(partner, "Signer ce soutien")
    told(partner, "votre soutien est signé et publié")
    look(partner)
    own_page = partner.url

    visitor = new_page()
    visitor.goto(page_of_badge)
    card = visitor.locator("section.card").filter(has_text="Qui s’en porte garant")
    expect(card).to_contain_text(f"{organisation} (Nord)")
    expect(card).to_contain_text("Claude Exemple, vice-présidence formation")
    expect(visitor.locator("body")).not_to_contain_text(address)

    team.goto(page_of_badge)
    follow(team, "Attribuer ce badge")
    follow(team, "Attribuer avec un fichier")
    holder = new_address()
    team.get_by_label("Fichier CSV").set_input_files(
        {"name": "l.csv", "mimeType": "text/csv", "buffer": f"mail\n{holder}\n".encode()}
    )
    press(team, "Vérifier la liste")
    team.get_by_role("textbox", name="Sur quoi repose").fill("Vue à l’atelier.")
    press(team, "Attribuer comme indiqué")
    expect(team.get_by_role("heading", name="L’attribution est terminée")).to_be_visible(
        timeout=60_000
    )
    team.goto(f"{page_of_badge}/attribues")
    follow(team, holder)
    expect(team.locator(".verdict.valid")).to_be_visible()
    expect(team.locator(".checks")).to_contain_text(f"{organisation} (Nord)")

    partner.goto(own_page)
    press_and_confirm(partner, "Retirer mon soutien")
    told(partner, "Votre soutien est retiré")
    visitor.goto(page_of_badge)
    expect(card).to_contain_text("soutien retiré le")
    expect(card.locator("article").filter(has_text=organisation)).to_have_count(0)


def test_a_holder_asks_somebody_who_saw_them_at_work(new_page: Open, sign_in: Open) -> None:
    holder, witness = sign_in("learner@example.org"), new_page(360)
    address, other = new_address(), new_address()
    holder.goto("/mes-badges")
    holder.locator("a[href^='/credentials/']:not([href*='.'])").first.click()
    page_of_award = holder.url
    follow(holder, "Demander un soutien")
    for one in (address, other):
        holder.get_by_label("Organisme", exact=True).fill("Collège d’exemple")
        holder.get_by_label("Adresse mail de la personne").fill(one)
        press(holder, "Envoyer la demande")
        told(holder, "La demande est partie par mail.")

    open_mail(witness, other, "Votre soutien pour le badge")
    press_in_mail(witness, "Lire le badge et répondre")
    press_and_confirm(witness, "Décliner")
    title(witness, "Vous avez décliné")

    open_mail(witness, address, "Votre soutien pour le badge")
    press_in_mail(witness, "Lire le badge et répondre")
    witness.get_by_label("Votre nom").fill("Sam Exemple")
    witness.get_by_label("Votre fonction").fill("tutorat de stage")
    witness.get_by_label("Je suis en droit de parler").check()
    press(witness, "Relire avant de signer")
    press(witness, "Signer ce soutien")
    told(witness, "votre soutien est signé et publié")

    holder.goto(page_of_award)
    expect(holder.locator(".verdict.valid")).to_be_visible()
    card = holder.locator("section.card").filter(has_text="Soutiens de cette attribution")
    expect(card).to_contain_text("Se présente comme «\u00a0Collège d’exemple\u00a0»")
    expect(holder.locator(".checks")).to_contain_text("Collège d’exemple")
