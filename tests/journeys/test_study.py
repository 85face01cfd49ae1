"""A study, on a phone: a researcher makes it, somebody reads it, says yes, and leaves."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import follow, press, press_and_confirm, title, told, unlike

Open = Callable[..., Page]


def test_a_study_is_made_opened_agreed_to_and_left(sign_in: Open) -> None:
    team, name = sign_in("researcher@example.org"), unlike("Apprendre à deux")
    team.goto("/etudes")
    follow(team, "Nouvelle étude")
    team.get_by_label("Titre").fill(name)
    press(team, "Commencer")
    title(team, name)
    expect(team.get_by_text("Ajoutez une vague au moins.")).to_be_visible()

    follow(team, "Modifier la fiche")
    team.get_by_label("Ce que cherche l’étude").fill("Apprend-on mieux à deux ?")
    team.get_by_label("Qui en répond").fill("Claire Aubert, claire.aubert@example.org")
    press(team, "Garder")
    told(team, "C’est gardé.")
    follow(team, "Écrire le texte")
    team.get_by_label("Le texte").fill("**Deux questionnaires** de quatre minutes.")
    press(team, "Garder")
    told(team, "Le texte est gardé")

    follow(team, "Ajouter une vague")
    team.get_by_label("Titre de la vague").fill("En entrant")
    team.get_by_label("Questionnaire").select_option(label="Votre semaine intensive, version 1")
    team.get_by_label("Combien de jours on peut répondre").fill("500")
    press(team, "Garder")
    expect(team.get_by_role("alert")).to_contain_text("entre 1 et 180")
    expect(team.get_by_label("Titre de la vague")).to_have_value("En entrant")
    team.get_by_label("Combien de jours on peut répondre").fill("20")
    press(team, "Garder")
    told(team, "La vague est ajoutée.")
    press_and_confirm(team, "Ouvrir l’étude")
    told(team, "L’étude est ouverte")

    person = sign_in("learner2@example.org")
    person.goto("/compte/accords")
    follow(person, "Les études, et où sont passées mes données")
    person.get_by_role("link", name=name, exact=True).click()
    title(person, name)
    expect(person.get_by_text("Deux questionnaires")).to_be_visible()
    press(person, "J’accepte d’y prendre part")
    told(person, "C’est noté, merci.")
    expect(
        person.get_by_text("Aucun paquet de données ne contient encore rien de vous")
    ).to_be_visible()
    person.get_by_text("Ne plus y prendre part").click()
    person.get_by_label("Effacer aussi mes réponses déjà données").check()
    press(person, "Confirmer")
    told(person, "vous ne prenez plus part à cette étude")
    expect(person.get_by_role("button", name="J’accepte d’y prendre part")).to_be_visible()

    team.reload()
    press_and_confirm(team, "Clore l’étude")
    told(team, "L’étude est close")
    follow(team, "Détruire la clé")
    press(team, "Détruire la clé")
    expect(team.get_by_role("alert")).to_contain_text("nécessaire")
    team.get_by_label("Nom de l’étude").fill(team.locator("code").inner_text())
    press(team, "Détruire la clé")
    told(team, "La clé est détruite")
