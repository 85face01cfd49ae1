"""Who runs the place: the month in figures, and who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import follow, join, press, press_and_confirm, title, unlike

Open = Callable[..., Page]


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
    press_and_confirm(role, "Donner")
    expect(role.get_by_text("a ce rôle")).to_be_visible()
    member.page.reload()
    member.page.get_by_role("link", name="À traiter").click()
    title(member.page, "À traiter")

    press_and_confirm(role, "Retirer")
    expect(role.get_by_text("a ce rôle")).to_have_count(0)
    answer = member.page.goto("/a-traiter")
    assert answer is not None
    assert answer.status == 403


def test_the_last_administrator_stays(sign_in: Open) -> None:
    admin = sign_in("admin@example.org")
    admin.goto("/administration/personnes?q=admin@example.org")
    admin.locator("main ul.roll").get_by_role("link").first.click()
    role = admin.get_by_role("listitem").filter(has_text=re.compile("^Admin"))
    press_and_confirm(role, "Retirer")
    expect(admin.get_by_role("main")).to_contain_text(re.compile("administr"))
    admin.goto("/administration/personnes?q=admin@example.org")
    admin.locator("main ul.roll").get_by_role("link").first.click()
    expect(role.get_by_text("a ce rôle")).to_be_visible()
