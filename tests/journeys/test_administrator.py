"""Somebody writes that nothing works; who runs the place looks, suspends by mistake, reopens, and
the journal says all of it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import enter, follow, join, open_mail, press, title, told, unlike

Open = Callable[..., Page]


def test_an_administrator_helps_somebody_and_everything_they_did_can_be_read(
    new_page: Open, sign_in: Open
) -> None:
    name = unlike("Ysé")
    member = join(new_page(), name)
    page = sign_in("admin@example.org")
    page.goto("/administration/personnes")
    page.get_by_label("Nom ou adresse").fill(name)
    press(page, "Chercher")
    follow(page, name)
    follow(page, "Voir le lieu comme cette personne")
    page.get_by_label("Pour quelle raison").fill("Ysé ne voit pas sa place")
    press(page, "Voir le lieu à sa place")
    expect(page.get_by_text(f"Vous voyez le lieu comme {name}")).to_be_visible()
    page.goto("/compte/donnees")
    expect(page.get_by_text("rien ne s’y fait en son nom")).to_be_visible()
    press(page, "Revenir à mon compte")
    told(page, "Vous êtes de nouveau dans votre compte")
    title(page, name)

    page.get_by_label("Pourquoi").fill("Deux comptes pour une personne")
    press(page, "Suspendre")
    told(page, "est suspendu")
    member.page.goto("/compte")
    title(member.page, "Se connecter")
    open_mail(member.page, member.email, "Votre compte est suspendu")
    press(page, "Rouvrir le compte")
    told(page, "est ouvert de nouveau")

    enter_again = member.page
    enter_again.goto("/login")
    enter(enter_again, member.email)
    enter_again.goto("/compte/regards")
    expect(enter_again.get_by_text("Ysé ne voit pas sa place")).to_be_visible()

    follow(page, "Ce que le journal en dit")
    for act in ("Compte rouvert", "Compte suspendu"):
        expect(page.get_by_role("listitem").filter(has_text=act)).to_be_visible()
    with page.expect_download() as download:
        follow(page, "Télécharger (CSV)")
    assert "Compte suspendu" in download.value.path().read_text("utf-8-sig")
