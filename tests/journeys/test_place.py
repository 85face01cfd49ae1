"""Who runs the place changes its hours and its parts; visitors see it at once; it is undone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import press, title

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
