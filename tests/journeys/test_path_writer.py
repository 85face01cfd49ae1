"""A facilitator writes a path on a phone; a learner follows it, meets a lock, is let off a step,
and goes on in the next version."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import (
    download,
    follow,
    join,
    press,
    press_and_confirm,
    title,
    told,
    unlike,
)

Open = Callable[..., Page]


def add_step(
    page: Page, name: str, *, kind: str = "en ligne", place: str = "", after: str = ""
) -> None:
    """One step at the end of the draft that is open."""
    follow(page, "Ajouter une étape")
    page.get_by_label("Nom de l’étape").fill(name)
    page.get_by_role("radio", name=kind, exact=True).check()
    if place:
        page.get_by_label("Est-elle demandée").select_option(label=place)
    if after:
        page.get_by_role("checkbox", name=after).check()
    press(page, "Garder cette étape")
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def publish(page: Page, version: int, changes: str = "") -> None:
    """The draft that is open becomes what everybody sees."""
    if changes:
        page.get_by_label("Ce qui change, en un mot").fill(changes)
    page.get_by_label("J’ai relu ce brouillon").check()
    press(page, "Publier ce parcours")
    told(page, f"Version {version} publiée.")


def test_a_path_written_on_a_phone_is_followed_with_its_lock_its_choice_and_a_waiver(
    sign_in: Open, new_page: Open
) -> None:
    team, name = sign_in("facilitator@example.org"), unlike("Parcours maison")
    team.goto("/parcours")
    follow(team, "Écrire un parcours")
    team.get_by_label("Nom du parcours").fill(name)
    team.get_by_label("Nom court").fill(name)
    press(team, "Commencer le brouillon")
    expect(team.get_by_text("Aucune étape n’est demandée")).to_be_visible()
    follow(team, "Ajouter un choix")
    team.get_by_label("Nom du choix").fill("Options")
    press(team, "Garder ce choix")
    expect(team.get_by_text("demande 1 étapes et n’en offre que 0")).to_be_visible()
    add_step(team, "Se préparer", kind="préparation")
    add_step(team, "Le socle", after="Se préparer")
    add_step(team, "Option vive", place="au choix dans « Options »")
    publish(team, 1)
    path = team.url

    learner = join(new_page(), unlike("Ida Choisit"))
    learner.page.goto(path)
    press(learner.page, "Suivre ce parcours")
    expect(learner.page.get_by_role("heading", name="Il reste 3 étapes")).to_be_visible()
    mine = learner.page.url
    follow(learner.page, "Le socle")
    expect(learner.page.get_by_role("heading", name="pas encore ouverte")).to_be_visible()
    learner.page.get_by_role("link", name="Demander une dispense").click()
    title(learner.page, "Demander une dispense")
    learner.page.get_by_label("Pourquoi cette étape").fill("Je programme depuis dix ans.")
    press(learner.page, "Demander la dispense")
    told(learner.page, "Dispense demandée : l’équipe vous répondra par mail.")

    team.goto("/a-traiter")
    team.get_by_role("link", name="demandée").click()
    follow(team, learner.name)
    expect(team.get_by_text("Je programme depuis dix ans.")).to_be_visible()
    team.get_by_label("La raison").fill("Vu votre dépôt.")
    press(team, "Accorder la dispense")
    expect(team.get_by_text("Raison : Vu votre dépôt.")).to_be_visible()

    learner.page.goto(mine)
    expect(learner.page.get_by_role("heading", name="Il reste 2 étapes")).to_be_visible()
    follow(learner.page, "Le socle")
    expect(learner.page.get_by_role("button", name="Déclarer l’étape faite")).to_be_visible()

    # The next version: a step goes, another comes.
    team.goto(path)
    follow(team, "Modifier ce parcours")
    press(team, "Commencer un brouillon")
    item = team.get_by_role("listitem").filter(has_text="Option vive")
    press_and_confirm(item, "Retirer")
    add_step(team, "Option neuve", place="au choix dans « Options »")
    publish(team, 2, "Une option remplace l’autre.")
    assert b'"Option neuve"' in download(team, lambda: follow(team, "Exporter en fichier"))

    learner.page.goto(mine)
    expect(learner.page.get_by_text("Une option remplace l’autre.")).to_be_visible()
    follow(learner.page, "Voir ce qui change")
    press(learner.page, "Passer à la version 2")
    told(learner.page, "Vous suivez maintenant la nouvelle version. Rien n’est perdu.")
    expect(learner.page.get_by_role("link", name="Option neuve")).to_be_visible()
    expect(learner.page.get_by_text("Dispensée").first).to_be_visible()
