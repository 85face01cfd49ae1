"""A learner says what they are called on FUN; a facilitator imports a report on a phone; the steps
are done."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import follow, join, press, title, told, unlike
from tests.support.reports import make_report

Open = Callable[..., Page]


def test_a_report_is_imported_and_a_learner_finds_their_steps_done(
    sign_in: Open, new_page: Open
) -> None:
    username = unlike("fun").replace(" ", "-")
    learner = join(new_page(), unlike("Ida Note"))
    learner.page.goto("/parcours/snt")
    press(learner.page, "Suivre ce parcours")
    mine = learner.page.url
    learner.page.goto("/mes-parcours")
    follow(learner.page, "Mes identifiants ailleurs")
    learner.page.get_by_label("FUN").fill("deux mots")
    press(learner.page, "Garder mes identifiants")
    expect(learner.page.get_by_text("sans espace").first).to_be_visible()
    learner.page.get_by_label("FUN").fill(username)
    press(learner.page, "Garder mes identifiants")
    told(learner.page, "Vos identifiants sont gardés.")

    team = sign_in("facilitator@example.org")
    team.goto("/parcours/snt")
    follow(team, "Importer des notes")
    title(team, "Importer des notes")
    report = make_report(
        [
            {"username": username.upper(), "grade": "0,72"},
            {"email": "inconnue@example.org", "grade": "0.9"},
            {"username": "cassee", "grade": "bien"},
        ]
    )
    team.get_by_label("Relevé de notes").set_input_files(
        {"name": "inria_41018_s1_grade_report_2026-01-15-0830.csv", "mimeType": "text/csv",
         "buffer": report}
    )  # fmt: skip
    press(team, "Lire le relevé")
    title(team, "Ce qui va changer")
    expect(team.get_by_role("row", name=learner.name)).to_contain_text("3 étapes validées")
    expect(team.get_by_role("row", name="inconnue@example.org")).to_contain_text(
        "personne inconnue"
    )
    follow(team, "Changer le seuil ou les colonnes")
    team.get_by_label("Seuil de réussite").fill("72,5")
    press(team, "Garder ces réglages")
    expect(team.get_by_role("heading", name="Il n’y a rien à valider")).to_be_visible()
    follow(team, "Changer le seuil ou les colonnes")
    team.get_by_label("Seuil de réussite").fill("60")
    press(team, "Garder ces réglages")
    press(team, "Valider comme indiqué")
    told(team, "Relevé importé : 1 ligne a validé des étapes.")

    learner.page.goto(mine)
    expect(learner.page.get_by_text("72 %").first).to_be_visible()
