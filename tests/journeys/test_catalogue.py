"""Who runs the place looks on a phone for what is off in its catalogue, goes where it is mended and
comes back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.journeys import follow, press, title

Open = Callable[..., Page]
COURSE = "Elements of AI : introduction"


def look_for(page: Page, state: str) -> None:
    page.goto("/administration/catalogue")
    page.get_by_label("État").select_option(label=state)
    press(page, "Chercher")


def test_an_administrator_finds_a_course_to_read_again_and_comes_back_to_the_list(
    sign_in: Open,
) -> None:
    page = sign_in("admin@example.org")
    look_for(page, "Ce qui est à revoir")
    line = page.get_by_role("listitem").filter(has_text=COURSE).first
    expect(line.get_by_text("licence non dite par la source")).to_be_visible()
    expect(line.get_by_text("le rôle « Animer »")).to_be_visible()
    expect(line.get_by_role("link", name="www.elementsofai.fr")).to_be_visible()
    expect(line.get_by_role("link", name=re.compile("^Modifier"))).to_have_count(0)
    wide = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert wide, "the list goes past the edge of a phone"
    line.get_by_role("link", name=COURSE, exact=True).click()
    title(page, COURSE)
    page.go_back()
    expect(page.get_by_label("État")).to_have_value("a-revoir")


def test_a_facilitator_goes_from_the_list_to_where_a_course_is_mended(sign_in: Open) -> None:
    page = sign_in("facilitator@example.org")
    look_for(page, "Ce qui est à revoir")
    follow(page, f"Modifier : {COURSE}")
    title(page, "Modifier ce parcours")
    expect(page).to_have_url(re.compile("/parcours/elements-of-ai/modifier"))
    page.go_back()
    expect(page.get_by_text("Ce qui est montré")).to_be_visible()
