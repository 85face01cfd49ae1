"""What other platforms say on a phone: a report of Moodle whose activities are worth steps, and a
site of exercises that sends its own word."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import follow, join, press, title, told, unlike
from tests.support.reports import make_completions
from tests.support.served import ServedPlace
from tests.support.statements import make_statement

Open = Callable[..., Page]


def send(place: ServedPlace, secret: str, body: object) -> object:
    """A call as a site makes it."""
    request = urllib.request.Request(
        f"{place.url}/xapi/statements",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "X-Experience-API-Version": "1.0.3",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_activities_are_given_their_steps_once_and_a_learner_finds_both_done(
    sign_in: Open, new_page: Open, place: ServedPlace
) -> None:
    learner = join(new_page(), unlike("Ida Moodle"))
    learner.page.goto("/parcours/snt")
    press(learner.page, "Suivre ce parcours")
    mine = learner.page.url

    team = sign_in("facilitator@example.org")
    team.goto("/parcours/snt/importer-notes")
    quiz = unlike("Quiz")
    report = make_completions(
        ["Adresse de courriel"],
        [(quiz, "2026-02-01 23:59:00"), "Forum"],
        [
            ["Quelqu’un", learner.email, "Terminé (note pour passer atteinte)",
             "2026-01-20 10:05:00", "Pas terminé", ""],
            ["Quelqu’un", "cassee@example.org", "Fait", "", "", ""],
        ],
        excel=True,
    )  # fmt: skip
    team.get_by_label("Relevé de notes ou d’achèvement").set_input_files(
        {"name": "progress.csv", "mimeType": "text/csv", "buffer": report}
    )
    press(team, "Lire le relevé")
    title(team, "Ce que valent les activités de Moodle")
    expect(team.get_by_label("Adresse de courriel")).to_have_value("email")
    team.get_by_label(quiz).select_option(index=1)
    press(team, "Garder et voir ce qui va changer")
    title(team, "Ce qui va changer")
    expect(team.get_by_role("row", name=learner.name)).to_contain_text("1 étape validée")
    expect(team.get_by_role("row", name="cassee@example.org")).to_contain_text("ligne illisible")
    press(team, "Valider comme indiqué")
    told(team, "Relevé importé : 1 ligne a validé des étapes.")

    team.goto("/compte/cles")
    team.get_by_label("Son nom").fill(unlike("exercices"))
    team.get_by_label("Déposer des traces d’apprentissage", exact=False).check()
    press(team, "Créer la clé")
    title(team, "Votre clé est créée")
    secret = team.locator("code.secret").inner_text()
    thing = {"id": f"https://h5p.example.org/{unlike('a').replace(' ', '-')}",
             "definition": {"name": {"fr": unlike("Exercice")}}}  # fmt: skip
    said = make_statement(learner.email, object=thing)
    assert send(place, secret, [said]) == [said["id"]]
    team.goto("/parcours/snt/importer-notes")
    follow(team, "Traces d’apprentissage")
    title(team, "Traces d’apprentissage")
    follow(team, thing["definition"]["name"]["fr"])  # type: ignore[index]
    group = team.get_by_label("L’étape qu’elle valide").locator("optgroup[label*='SNT'] option")
    team.get_by_label("L’étape qu’elle valide").select_option(group.nth(1).get_attribute("value"))
    press(team, "Garder")
    told(team, "C’est gardé, et 1 trace qui attendait est prise en compte.")

    learner.page.goto(mine)
    expect(learner.page.get_by_text("progress.csv").first).to_be_visible()
    expect(learner.page.get_by_text("xAPI,").first).to_be_visible()
