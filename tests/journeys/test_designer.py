"""A facilitator designs a badge on a phone and sees it change; the same without scripts."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, Page, expect

from tests.support.journeys import (
    add_condition,
    enter,
    follow,
    press,
    press_and_confirm,
    title,
    told,
    unlike,
)
from tests.support.served import ServedPlace

DEMO = "tiers-lieu-demo"
Open = Callable[..., Page]


def fill_words(page: Page, name: str) -> None:
    page.get_by_label("Nom du badge").fill(name)
    page.get_by_label("Ce que sait faire la personne").fill("Anime un atelier sur l’IA.")
    page.get_by_label("Critères, en toutes lettres").fill("- avoir **animé** un atelier.")
    add_condition(page, "Présence à la séance d’où l’on attribue")


def seen(page: Page) -> str:
    """The picture of the preview, as data."""
    return page.locator("#apercu img.badge").get_attribute("src") or ""


def changes(page: Page, before: str) -> str:
    """Waits for another picture than before; gives it."""
    expect(page.locator("#apercu img.badge")).not_to_have_attribute("src", before)
    return seen(page)


def test_a_badge_is_designed_on_a_phone_and_the_picture_follows(sign_in: Open) -> None:
    page, faults = sign_in("facilitator@example.org", 360), []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    name = unlike("Animer un atelier")
    page.goto("/badges")
    follow(page, "Créer un badge")
    fill_words(page, name)
    page.get_by_label("Approfondissement").check()
    page.get_by_text("Écrire en anglais").click()
    page.get_by_label("Nom anglais").fill("Leading a workshop")
    page.get_by_label("Phrase en anglais").fill("Leads a workshop about AI.")
    page.get_by_label("Critères en anglais").fill("Having led one.")

    # Skills are found while one types; what is ticked stays while one looks for others.
    search = page.get_by_label("Chercher une compétence")
    search.press_sequentially("digcomp 3.4")
    page.get_by_label("DigComp 3.4 Programming").check()
    search.fill("crcn édu évaluer")
    chip = page.get_by_label("DigComp 3.4 Programming")
    expect(page.locator(".chips")).to_contain_text("DigComp 3.4")
    expect(chip).to_be_checked()
    expect(search).to_be_focused()
    page.get_by_label("CRCN Édu 3.3").check()

    first = seen(page)
    page.get_by_label("Écu").check()
    second = changes(page, first)
    page.get_by_label("À choisir").check()
    third = changes(page, second)
    page.get_by_label("Texte sur l’image").press_sequentially("Atelier IA")
    fourth = changes(page, third)
    expect(page.locator("#apercu")).to_be_in_viewport()  # it stays in sight, down there too
    page.get_by_label("Couleur du dessin").fill("#6a4a86")
    expect(page.locator("#apercu")).to_contain_text("se lit mal")
    press(page, "Enregistrer le badge")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("faut au moins 4,5")
    alert.get_by_role("link", name="Couleur du dessin").click()
    expect(page.get_by_label("Couleur du dessin")).to_be_focused()
    expect(page.get_by_label("Nom du badge")).to_have_value(name)
    expect(chip).to_be_checked()
    page.get_by_label("Couleur du dessin").fill("#ffe9a8")
    expect(page.locator("#apercu img.badge")).to_have_attribute("src", fourth)
    press(page, "Enregistrer le badge")

    title(page, name)
    expect(page.get_by_text("Sait faire en autonomie")).to_be_visible()
    expect(page.locator("#english")).to_contain_text("Leading a workshop")
    expect(page.get_by_role("link", name="CRCN Édu 3.3")).to_be_visible()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    refused = [fault for fault in faults if "422" not in fault]  # the refusal itself
    assert not refused


def test_a_file_of_one_s_own_is_cleaned_before_one_s_eyes(sign_in: Open, tmp_path: Path) -> None:
    drawing = tmp_path / "atelier.svg"
    drawing.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" onload="alert(1)">'
        '<circle cx="50" cy="50" r="48" fill="#0e5a6d"/><text x="20" y="50">IA</text></svg>'
    )
    page = sign_in("facilitator@example.org", 360)
    page.on("dialog", lambda dialog: (_ for _ in ()).throw(AssertionError(dialog.message)))
    name = unlike("Badge dessiné ailleurs")
    page.goto("/badges/creer")
    fill_words(page, name)
    page.get_by_label("Un fichier à moi").check()
    expect(page.get_by_label("Écu")).to_be_hidden()
    page.get_by_label("Fichier SVG ou PNG").set_input_files(drawing)
    expect(page.locator("#apercu")).to_contain_text("les textes")
    press(page, "Enregistrer le badge")
    title(page, name)
    answer = page.request.get(page.url + ".svg")
    assert 'r="48"' in answer.text()
    assert "onload" not in answer.text()


def test_without_scripts_the_picture_is_seen_by_a_button(
    browser: Browser, place: ServedPlace
) -> None:
    context = browser.new_context(
        base_url=place.url, viewport={"width": 360, "height": 780}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/login")
    enter(page, "facilitator@example.org", DEMO)
    page.goto("/badges/creer")
    name = unlike("Badge sans script")
    fill_words(page, name)
    before = seen(page)
    page.get_by_label("Rosace").check()
    page.get_by_label("Texte sur l’image").fill("Sans script")
    press(page, "Voir le résultat")
    after = changes(page, before)
    page.get_by_label("Chercher une compétence").fill("python")
    press(page, "Chercher")
    page.get_by_label("ESCO Python").check()
    assert seen(page) == after
    press(page, "Enregistrer le badge")
    title(page, name)
    expect(page.get_by_role("link", name="ESCO Python")).to_be_visible()
    context.close()


def test_an_awarded_badge_goes_on_as_a_draft_that_can_be_given_up(
    sign_in: Open, new_page: Open
) -> None:
    page, visitor = sign_in("facilitator@example.org", 360), new_page()
    page.goto("/badges/l-ia-en-classe")
    press_and_confirm(page, "Préparer la version 2")
    title(page, "Préparer la version 2")
    page.get_by_label("Heures de travail").fill("14")
    press(page, "Enregistrer le badge")
    told(page, "Le badge est à jour.")
    expect(page.get_by_text("Brouillon", exact=True)).to_be_visible()
    answer = visitor.goto(page.url)
    assert answer is not None
    assert answer.status == 404
    press_and_confirm(page, "Abandonner ce brouillon")
    told(page, "Le brouillon est abandonné")
    title(page, "L’IA en classe")


def test_of_two_versions_the_older_leads_to_the_newer(new_page: Open) -> None:
    page = new_page()
    page.goto("/badges/ia-avec-intelligence")
    expect(page.get_by_text("Version 1, remplacée")).to_be_visible()
    follow(page, "Voir la version 2")
    title(page, "IA avec intelligence")
    assert page.url.endswith("-v2")


def test_a_browser_draws_a_badge_as_its_png_is(new_page: Open) -> None:
    page = new_page(480, 480)
    png = page.request.get("/badges/l-ia-en-classe.png").body()
    page.goto("/badges/l-ia-en-classe.svg")
    shot = page.screenshot(clip={"x": 0, "y": 0, "width": 240, "height": 240})
    drawn = Image.open(io.BytesIO(shot)).convert("RGB")
    ours = Image.open(io.BytesIO(png)).convert("RGBA").resize(drawn.size)
    white = Image.new("RGB", drawn.size, "#fff")
    white.paste(ours, mask=ours)
    difference = ImageStat.Stat(ImageChops.difference(drawn, white)).mean
    assert max(difference) < 5, "of 255, on average: only the edges differ"
