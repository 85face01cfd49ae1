"""Every kind of question in a real browser: the keyboard alone, a phone, a screen reader's view."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.surveys import load_instrument, make_invitation, make_study, make_wave
from tierslieu.surveys.models import Answer

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def start(served: str, db: Session, make: Factory) -> str:
    """The address of a questionnaire that asks everything."""
    make_wave(db, make_study(db), load_instrument("toutes-questions-v1"))
    invitation = make_invitation(db, make.user(), "try")
    db.rollback()
    return f"{served}/questionnaire/{invitation.code}"


def to_the_grid(page: Page, start: str) -> None:
    page.goto(f"{start}/page/1")
    page.get_by_label("Oui", exact=True).check()
    page.get_by_label("Première").check()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url("**/page/2")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_grid_is_answered_with_the_keyboard_alone_one_stop_a_row(
    open_page: Open, start: str, db: Session, width: int
) -> None:
    page = open_page(width)
    to_the_grid(page, start)
    page.locator("h1").click()
    for row, steps in (("explain", 2), ("lost", 0), ("help", 5)):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        for _step in range(steps):
            page.keyboard.press("ArrowRight")
        assert page.locator(":focus").get_attribute("name") == f"q-sure_{row}"
    page.keyboard.press("Tab")  # the boxes of the matrix: each a stop
    page.keyboard.press("Space")
    for _step in range(5):
        page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("value") == "next"
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/3")
    db.rollback()
    given = {one.item: one.value for one in db.scalars(select(Answer))}
    assert (given["sure_explain"], given["sure_lost"], given["sure_help"]) == ("3", "1", "-98")
    assert (given["tools_py_1"], given["tools_py_2"]) == ("1", "0")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_screen_reader_hears_the_row_and_the_whole_words_of_each_point(
    open_page: Open, start: str, width: int
) -> None:
    page = open_page(width)
    to_the_grid(page, start)
    grid = page.get_by_role("group", name="Je me sens capable…")
    row = grid.get_by_role("group", name="d’aider une élève bloquée")
    expect(row.get_by_role("radio")).to_have_count(6)
    expect(row.get_by_role("radio", name="Tout à fait")).to_have_count(1)
    row.get_by_role("radio", name="Ne me concerne pas").check()
    expect(grid.get_by_role("radio", checked=True)).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for label in grid.locator("label").all():
        box = label.bounding_box()
        assert box is not None
        assert box["height"] >= 48


def test_what_hangs_on_an_answer_comes_and_goes_with_it_and_only_what_is_asked_is_sent(
    open_page: Open, start: str, db: Session
) -> None:
    page = open_page()
    page.goto(f"{start}/page/1")
    levels = page.get_by_role("group", name="À quels niveaux")
    expect(levels).to_be_hidden()
    page.get_by_label("Oui", exact=True).check()
    expect(levels).to_be_visible()
    page.get_by_label("Terminale").check()
    page.get_by_label("Non", exact=True).check()
    expect(levels).to_be_hidden()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url("**/page/3")
    db.rollback()
    assert {one.item for one in db.scalars(select(Answer))} == {"teaches"}


def test_without_scripts_what_hangs_on_an_answer_is_shown_and_not_required(
    open_page: Open, start: str
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{start}/page/1")
    expect(page.get_by_role("group", name="À quels niveaux")).to_be_visible()
    page.get_by_label("Non", exact=True).check()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url("**/page/3")


def test_a_slider_is_no_answer_until_it_is_moved(open_page: Open, start: str, db: Session) -> None:
    page = open_page()
    page.goto(f"{start}/page/1")
    page.get_by_label("Non", exact=True).check()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url("**/page/3")
    line, number = page.get_by_role("slider"), page.get_by_label("Reviendrez-vous")
    expect(number).to_have_value("")
    expect(line).to_have_class("unset")
    line.focus()
    page.keyboard.press("ArrowRight")
    expect(number).to_have_value("55")
    number.fill("20")
    expect(line).to_have_value("20")
    for name, rank in (("du temps", "2"), ("des exemples", "1"), ("des collègues", "3")):
        page.get_by_label(name).select_option(rank)
    page.get_by_label("Oui, j’accepte").check()
    page.get_by_role("button", name="Envoyer mes réponses").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    db.rollback()
    given = {one.item: one.value for one in db.scalars(select(Answer))}
    assert (given["likely"], given["wants_2"]) == ("20", "1")
