"""A plan, on a phone: aims, steps, a diploma's list, shown to the team, agreed, changed."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import (
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


def test_a_person_makes_a_plan_and_agrees_on_it_with_the_team(
    sign_in: Open, new_page: Open
) -> None:
    ada = join(new_page(), unlike("Ada"))
    page = ada.page
    page.goto("/mon-plan")
    follow(page, "Commencer mon plan")
    page.get_by_label("Préparer le CAPES NSI, concours externe").check()
    page.get_by_label("Autre visée, dans vos mots").fill("Animer un club")
    press(page, "Commencer mon plan")
    told(page, "Vos visées sont enregistrées.")
    for words in ("Lire le programme", "Observer un cours"):
        follow(page, "Ajouter une étape")
        page.get_by_label("Ce qu’il y a à faire").fill(words)
        page.get_by_label("Pour quand").fill(in_days(30).day)
        press(page, "Ajouter cette étape")
        told(page, "L’étape est dans votre plan.")
    follow(page, "Changer Observer un cours")
    press(page, "Monter")
    page.goto("/mon-plan")
    expect(page.locator(".plan-step").first).to_contain_text("Observer un cours")
    page.get_by_role("button", name="Fait : Observer un cours").click()
    expect(page.get_by_role("button", name="Fait : Observer un cours")).to_have_attribute(
        "aria-pressed", "true"
    )
    follow(page, "Ajouter la liste d’un diplôme")
    card = page.locator("section").filter(has_text="Un diplôme par la VAE")
    card.get_by_role("button", name="Mettre dans mon plan").click()
    told(page, "La liste est dans votre plan")
    follow(page, "Me donner une date Passer devant le jury")
    page.get_by_label("Pour quand").fill(in_days(90).day)
    press(page, "Enregistrer")
    told(page, "L’étape est changée.")

    team = sign_in("facilitator@example.org")
    press(page, "Montrer à l’équipe")
    press_and_confirm(page, "Demander l’accord")
    told(page, "Votre demande est partie")
    team.goto("/suivi/plans")
    follow(team, ada.name)
    title(team, f"Plan de {ada.name}")
    team.get_by_label("Votre mot").fill("Et l’oral ?")
    press(team, "Envoyer ce mot")
    told(team, "Votre mot est sur son plan")
    open_mail(new_page(), ada.email, "Du nouveau sur votre plan")

    page.goto("/mon-plan")
    expect(page.get_by_text("Et l’oral").first).to_be_visible()
    press_and_confirm(page, "Demander l’accord")
    team.reload()
    press_and_confirm(team, "Donner mon accord")
    told(team, "Le plan est convenu")
    page.reload()
    expect(page.get_by_text("convenu", exact=True)).to_be_visible()
    follow(page, "Changer Lire le programme")
    press_and_confirm(page, "Retirer cette étape")
    expect(page.get_by_text("en changement", exact=True)).to_be_visible()
    page.get_by_role("link", name="Ce qui a été convenu").click()
    expect(page.get_by_text("Lire le programme")).to_be_visible()
