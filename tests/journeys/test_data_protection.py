"""Anybody reads what the place keeps and why; who answers for it takes the register away."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import download, follow, title

Open = Callable[..., Page]


def test_a_visitor_reads_why_a_datum_is_kept_and_an_administrator_takes_the_register(
    new_page: Open, sign_in: Open
) -> None:
    visitor = new_page()
    visitor.goto("/donnees-personnelles")
    follow(visitor, "Le registre complet des traitements")
    title(visitor, "Registre des traitements")
    follow(visitor.get_by_role("navigation", name="Les activités"), "Émargement")
    activity = visitor.locator("#attendance")
    expect(activity).to_be_in_viewport()
    expect(activity).to_contain_text("qui finance ou contrôle la formation")
    activity.get_by_text("chaque colonne, et pourquoi elle existe").click()
    expect(activity.get_by_text("Le nom d’une personne venue sans compte")).to_be_visible()
    expect(visitor.get_by_role("link", name="Télécharger le registre")).to_have_count(0)

    admin = sign_in("admin@example.org")
    admin.goto("/donnees-personnelles/registre")
    table = download(admin, lambda: follow(admin, "Télécharger le registre (CSV)")).decode()
    assert "responsable du traitement" in table
    assert "Réservations" in table


def test_the_mark_of_a_fold_keeps_its_size_beside_a_title_of_several_lines(sign_in: Open) -> None:
    page = sign_in("learner@example.org")
    page.goto("/compte/donnees")
    widths = page.eval_on_selector_all(
        "main details > summary",
        "all => [...new Set(all.map(one => getComputedStyle(one, '::before').inlineSize))]",
    )
    assert widths == ["8px"]
