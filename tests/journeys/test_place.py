"""Who runs the place changes its hours and its parts; visitors see it at once; it is undone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.test_every_page import INTEROP
from tests.support.journeys import press, title
from tests.support.looking import CONTRAST, axe

Open = Callable[..., Page]


def test_new_hours_stand_on_the_page_of_the_place_until_they_are_taken_back(
    new_page: Open, sign_in: Open
) -> None:
    admin, visitor = sign_in("admin@example.org"), new_page()
    admin.goto("/administration/personnes")
    rooms = admin.get_by_role("navigation", name="Administration")
    rooms.get_by_role("link", name="Le lieu").click()
    title(admin, "Le lieu")
    admin.locator("section.card").filter(
        has=admin.get_by_role("heading", name="Heures d’ouverture")
    ).get_by_role("link", name="Modifier").click()
    admin.get_by_label("Dimanche").fill("6 h 15 - 7 h 45")
    press(admin, "Enregistrer")
    expect(admin.get_by_role("main")).to_contain_text("C’est enregistré")
    visitor.goto("/")
    visitor.get_by_role("contentinfo").get_by_role("link", name="Adresse et horaires").click()
    expect(visitor.get_by_role("main")).to_contain_text("7\u00a0h\u00a045")
    expect(visitor.get_by_role("main")).to_contain_text("12 rue des Imprimeurs")
    admin.get_by_role("button", name="Annuler ce changement").click()
    expect(admin.get_by_role("main")).to_contain_text("est comme avant")
    visitor.reload()
    expect(visitor.get_by_role("main")).not_to_contain_text("7\u00a0h\u00a045")


def test_what_is_switched_off_is_closed_with_a_sentence_and_comes_back(
    sign_in: Open,
) -> None:
    admin = sign_in("admin@example.org")
    admin.goto("/administration/lieu/parties")
    admin.get_by_label("Traces d’apprentissage").uncheck()
    press(admin, "Enregistrer")
    expect(admin.get_by_role("main")).to_contain_text("Traces d’apprentissage")
    answer = admin.goto("/traces")
    assert answer is not None
    assert answer.status == 404
    expect(admin.get_by_role("main")).to_contain_text("est éteint ici")
    admin.goto("/administration/lieu")
    admin.get_by_role("button", name="Annuler ce changement").click()
    expect(admin.get_by_role("main")).to_contain_text("Tout est allumé")


AWKWARD = ("#ffff00", "#ffd1dc", "#000000", "#0000ff")


def test_a_colour_is_seen_on_both_schemes_before_it_is_kept_and_every_page_can_be_read(
    new_page: Open, sign_in: Open
) -> None:
    admin, visitor = sign_in("admin@example.org"), new_page()
    source = (INTEROP / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    admin.goto("/administration/lieu/couleurs")
    title(admin, "Couleurs")
    for colour in AWKWARD:
        admin.get_by_label("Ou l’écrire").fill(colour)
        press(admin, "Voir l’aperçu")
        expect(admin.get_by_label("Ou l’écrire")).to_have_value(colour)
        for scheme in ("light", "dark"):
            admin.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert axe(admin, source, CONTRAST) == []
    admin.get_by_label("Ou l’écrire").fill("#ffff00")
    press(admin, "Enregistrer")
    expect(admin.get_by_role("main")).to_contain_text("trop claire")
    admin.get_by_role("button", name="Prendre #").click()
    expect(admin.get_by_role("main")).to_contain_text("C’est enregistré")
    for scheme in ("light", "dark"):
        visitor.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for address in ("/", "/agenda"):
            visitor.goto(address)
            expect(visitor.locator('link[href^="/lieu/couleurs/"]')).to_have_count(1)
            assert axe(visitor, source, CONTRAST) == []
    admin.goto("/administration/lieu")
    admin.get_by_role("button", name="Annuler ce changement").click()
    expect(admin.get_by_role("main")).to_contain_text("est comme avant")
    visitor.goto("/")
    expect(visitor.locator('link[href^="/lieu/couleurs/"]')).to_have_count(0)


def test_a_logo_stands_in_the_header_until_it_is_taken_away(new_page: Open, sign_in: Open) -> None:
    admin, visitor = sign_in("admin@example.org"), new_page()
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30">'
        b'<path d="M0 0h90v30z" fill="#0e5a6d"/></svg>'
    )
    admin.goto("/administration/lieu/logo")
    title(admin, "Logo")
    file = {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": drawing}
    admin.get_by_label("Le logo", exact=False).first.set_input_files(files=[file])  # type: ignore[list-item]
    press(admin, "Enregistrer")
    expect(admin.get_by_role("main")).to_contain_text("C’est enregistré")
    visitor.goto("/")
    logo = visitor.locator("header .logo img")
    expect(logo).to_be_visible()
    assert logo.evaluate("image => image.complete && image.naturalWidth") == 1200
    box = logo.bounding_box()
    assert box is not None
    assert box["height"] <= 40.5
    assert 2.9 < box["width"] / box["height"] < 3.1
    admin.goto("/administration/lieu/logo")
    press(admin, "Ôter le logo")
    visitor.goto("/")
    expect(logo).to_have_count(0)
