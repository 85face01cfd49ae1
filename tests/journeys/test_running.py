"""Who runs the place: the month in figures, and who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.support.journeys import follow, join, press, title, told, unlike

Open = Callable[..., Page]


def _of_the_role(role: Locator, does: str) -> None:
    """Give or take this role: the button says which one, for who hears it among others."""
    role.locator("summary").click()
    role.get_by_role("button", name=re.compile(rf"^{does}\s:\s\w")).click()


def test_the_figures_of_the_month_come_with_their_definition(sign_in: Open) -> None:
    page = sign_in("coordinator@example.org")
    card = page.locator("section.card").filter(has=page.get_by_role("heading", name="du mois"))
    expect(card.locator(".stat").first).to_be_visible()
    follow(card, "Voir tous les chiffres et leur définition")
    title(page, re.compile("du mois"))
    figures = page.locator("main .grid section.card")
    for figure in figures.all():
        expect(figure.locator("p.soft").last).to_be_visible()  # what is counted, in words
        figure.get_by_text("Lire les chiffres").click()
        expect(figure.get_by_role("table")).to_be_visible()


def test_figures_are_counted_again_by_the_worker_when_they_are_asked_for(sign_in: Open) -> None:
    page = sign_in("coordinator@example.org")
    page.goto("/chiffres")
    again = page.get_by_role("button", name="Recompter maintenant")
    with page.expect_navigation():  # what is looked at next is on the page that came
        again.click()
    title(page, re.compile("du mois"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    made = page.get_by_text("Ils sont refaits chaque nuit.")
    for _look in range(500):
        if again.count():
            break
        expect(made).to_contain_text("Nouveau compte demandé : rechargez la page dans un moment.")
        page.reload()
    expect(again).to_be_visible()
    expect(made).not_to_contain_text("Nouveau compte demandé")


def test_an_administrator_gives_a_role_and_takes_it_back(new_page: Open, sign_in: Open) -> None:
    admin, member = sign_in("admin@example.org"), join(new_page(), unlike("Inès Nouvelle"))
    member.page.goto("/")
    expect(member.page.get_by_role("link", name="À traiter")).to_have_count(0)

    admin.goto("/")
    admin.get_by_label("Nom ou adresse").fill(member.name.lower())
    press(admin, "Chercher")
    follow(admin, member.name)
    role = admin.get_by_role("listitem").filter(
        has=admin.locator("strong", has_text=re.compile("^(Facilit|Anim)"))
    )
    _of_the_role(role, "Donner")
    expect(role.get_by_text("a ce rôle")).to_be_visible()
    member.page.reload()
    member.page.get_by_role("link", name="À traiter").click()
    title(member.page, "À traiter")

    _of_the_role(role, "Retirer")
    expect(role.get_by_text("a ce rôle")).to_have_count(0)
    answer = member.page.goto("/a-traiter")
    assert answer is not None
    assert answer.status == 403


def test_an_administrator_reads_which_mails_somebody_was_sent(
    new_page: Open, sign_in: Open
) -> None:
    member, admin = join(new_page(), unlike("Rita " + "Courrier" * 7)), sign_in("admin@example.org")
    admin.goto("/")
    admin.get_by_label("Nom ou adresse").fill(member.name.lower())
    press(admin, "Chercher")
    follow(admin, member.name)
    follow(admin, "Les mails qui lui ont été écrits")
    title(admin, "Les mails qui lui ont été écrits")
    sent = admin.get_by_role("listitem").filter(has_text="Confirmer son adresse, à l’inscription")
    expect(sent).to_be_visible()
    assert admin.evaluate("document.documentElement.scrollWidth") <= 360
    follow(admin, member.name)  # the way back
    title(admin, member.name)


def test_an_administrator_replaces_a_key_that_signs(sign_in: Open) -> None:
    admin = sign_in("admin@example.org")
    admin.goto("/administration/personnes")
    follow(admin, "Clés")
    title(admin, "Clés")
    assert admin.evaluate("document.documentElement.scrollWidth") <= 360
    signs = admin.get_by_role("listitem").filter(has_text=re.compile(r"P-256\s*signe\s"))
    name = signs.locator("code").inner_text()
    signs.locator("summary").click()
    signs.get_by_role("button", name=re.compile("^Remplacer")).click()
    told(admin, "Une nouvelle clé signe maintenant.")
    former = admin.get_by_role("listitem").filter(has_text=name)
    expect(former.get_by_text("ne signe plus")).to_be_visible()
    expect(signs.locator("code")).not_to_have_text(name)


def test_the_last_administrator_stays(sign_in: Open) -> None:
    admin = sign_in("admin@example.org")
    admin.goto("/administration/personnes?q=admin@example.org")
    admin.locator("main ul.roll").get_by_role("link").first.click()
    role = admin.get_by_role("listitem").filter(has_text=re.compile("^Admin"))
    _of_the_role(role, "Retirer")
    expect(admin.get_by_role("main")).to_contain_text(re.compile("administr"))
    admin.goto("/administration/personnes?q=admin@example.org")
    admin.locator("main ul.roll").get_by_role("link").first.click()
    expect(role.get_by_text("a ce rôle")).to_be_visible()
