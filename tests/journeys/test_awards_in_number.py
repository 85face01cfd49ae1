"""A badge for a whole list, on a phone: what will happen, the yes, how far it is; and the newcomer
who finds it waiting."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    enter,
    follow,
    new_address,
    open_mail,
    press,
    press_and_confirm,
    press_in_mail,
    register,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def find_mail(page: Page, email: str, subject: str) -> None:
    """The mail to that address, though a hundred came after it."""
    for number in range(1, 12):
        page.goto(f"/boite-aux-lettres?page={number}")
        line = page.get_by_role("listitem").filter(has_text=email).filter(has_text=subject)
        if line.count():
            line.first.get_by_role("link").click()
            break
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)


def test_a_list_is_checked_confirmed_and_watched_and_a_newcomer_finds_the_badge(
    new_page: Open, sign_in: Open
) -> None:
    team, newcomer, unwilling = sign_in("facilitator@example.org"), new_page(), new_page()
    email, other = new_address(), new_address()
    name = unlike("Samira Nouvelle")
    rows = [
        "Nom;Adresse mail;Note",
        f"{name};{email};Activité « tri par insertion » menée en classe",
        f";{other};",
        ";faux@;",
        f";{email.upper()};",
        ";facilitator@example.org;",
        *(f";{new_address()};" for _ in range(120)),
    ]
    team.goto("/badges")
    team.get_by_role("link", name="Apprendre ensemble").first.click()
    follow(team, "Attribuer ce badge")
    follow(team, "Attribuer avec un fichier")
    press(team, "Vérifier la liste")
    expect(team.get_by_role("alert")).to_contain_text("Choisissez un fichier CSV.")
    team.get_by_label("Fichier CSV").set_input_files(
        {"name": "eleves.csv", "mimeType": "text/csv", "buffer": "\r\n".join(rows).encode("cp1252")}
    )
    press(team, "Vérifier la liste")

    title(team, "Ce qui va se passer")
    expect(team.get_by_text("124 lignes lues.")).to_be_visible()
    expect(team.get_by_role("heading", name="Attribuer le badge à 122 personnes")).to_be_visible()
    mine = team.get_by_role("row").filter(has_text=email)
    expect(mine).to_contain_text("le badge l’attendra")
    expect(mine).to_contain_text("écrite 2 fois, comptée une fois")
    expect(team.get_by_role("row").filter(has_text="faux@")).to_contain_text("n’est pas complète")
    team.get_by_role("link", name=re.compile("^C’est vous")).click()
    expect(team.get_by_role("row").filter(has_text="facilitator@")).to_contain_text("soi-même")
    press(team, "Attribuer comme indiqué")
    expect(team.get_by_role("alert")).to_contain_text("Dites sur quoi repose")
    team.get_by_role("textbox", name="Sur quoi repose").fill("Atelier du 12 mars, au collège.")
    press(team, "Attribuer comme indiqué")

    # The page looks by itself how far it is: nobody touches it.
    expect(team.get_by_role("heading", name="L’attribution est terminée")).to_be_visible(
        timeout=120_000
    )
    bar = team.get_by_role("progressbar", name="Avancement")
    expect(bar).to_have_attribute("value", "122")
    expect(team.get_by_text("122 sur 122")).to_be_visible()

    find_mail(newcomer, email, "Un badge vous attend")
    press_in_mail(newcomer, "Voir mon badge")
    title(newcomer, "Apprendre ensemble")
    expect(newcomer.get_by_text("tri par insertion")).to_be_visible()
    follow(newcomer, "Créer mon compte")
    register(newcomer, name, email=email)
    open_mail(newcomer, email, "Confirmez votre adresse")
    press_in_mail(newcomer, "Confirmer mon adresse")
    title(newcomer, "Se connecter")
    enter(newcomer, email)
    expect(newcomer.locator("a.me")).to_be_visible()
    newcomer.goto("/mes-badges")
    card = newcomer.locator("li.award-card").filter(has_text="Apprendre ensemble")
    expect(card).to_have_count(1)
    expect(card.get_by_text("Privé", exact=True)).to_be_visible()
    card.get_by_role("link", name="Apprendre ensemble").last.click()
    follow(newcomer, "Voir sa page, telle que les autres la voient")
    expect(newcomer.locator(".verdict.valid")).to_be_visible()
    expect(newcomer.get_by_text("Atelier du 12 mars, au collège.")).to_be_visible()

    find_mail(unwilling, other, "Un badge vous attend")
    press_in_mail(unwilling, "Voir mon badge")
    waiting = unwilling.url
    press_and_confirm(unwilling, "Refuser ce badge")
    told(unwilling, "Le badge est refusé")
    assert unwilling.goto(waiting).status == 404  # type: ignore[union-attr]


def test_without_scripts_the_same_page_is_followed_by_its_link(
    new_page: Open, sign_in: Open
) -> None:
    team = sign_in("facilitator@example.org")
    team.route(re.compile(r"/static/js/"), lambda route: route.abort())
    team.goto("/badges")
    team.get_by_role("link", name="Apprendre ensemble").first.click()
    follow(team, "Attribuer ce badge")
    follow(team, "Attribuer avec un fichier")
    team.get_by_label("Fichier CSV").set_input_files(
        {"name": "l.csv", "mimeType": "text/csv", "buffer": f"mail\n{new_address()}\n".encode()}
    )
    press(team, "Vérifier la liste")
    team.get_by_role("textbox", name="Sur quoi repose").fill("Vue à l’atelier.")
    press(team, "Attribuer comme indiqué")
    over = team.get_by_role("heading", name="L’attribution est terminée")
    again = team.get_by_role("link", name="Actualiser")
    while not over.is_visible():
        again.or_(over).click()
    expect(team.get_by_text("1 sur 1")).to_be_visible()
