"""Two accounts become one, then one leaves: on a phone, from the mails."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    follow,
    join,
    open_mail,
    press,
    press_in_mail,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def test_somebody_with_two_accounts_joins_them_reads_what_is_kept_and_leaves(
    new_page: Open,
) -> None:
    first, second = join(new_page(), unlike("Maïa")), join(new_page(), unlike("Maïa D."))
    first.page.goto("/parcours/snt")
    press(first.page, "Suivre ce parcours")
    expect(first.page.locator("main > .flash").first).to_be_visible()
    page = second.page
    page.goto("/compte")
    follow(page, "Changer mon adresse")
    page.get_by_label("Nouvelle adresse").fill(first.email)
    page.get_by_label("La garder en plus, pour reconnaître mes badges").check()
    press(page, "Envoyer le lien")
    told(page, "Un mail vient de partir")
    open_mail(page, first.email, "Votre adresse a été demandée par un autre compte")
    press_in_mail(page, "Réunir mes comptes")
    title(page, "Réunir mes deux comptes")
    press(page, "Réunir mes deux comptes")
    told(page, "vos deux comptes n’en font plus qu’un")
    expect(page.get_by_text(first.email)).to_be_visible()

    page.goto("/compte")
    follow(page, "Voir mes données")
    expect(page.get_by_text(second.email).first).to_be_visible()
    page.locator("summary", has_text="Les parcours que vous suivez").click()
    expect(page.get_by_text("en cours").first).to_be_visible()  # brought by the other account

    follow(page, "Voir ce qui s’effacerait")
    press(page, "Fermer mon compte")
    expect(page.get_by_text("Cochez la case pour fermer votre compte.").first).to_be_visible()
    page.get_by_label("Je sais que mon compte ne pourra pas être rouvert.").check()
    press(page, "Fermer mon compte")
    title(page, "Votre compte est fermé")
    page.goto("/compte")
    title(page, "Se connecter")
    open_mail(page, second.email, "Votre compte est fermé")
