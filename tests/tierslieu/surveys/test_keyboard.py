"""A questionnaire on a phone's width, with the keyboard alone and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.surveys import make_invitation, make_study
from tierslieu.surveys.models import Answer

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page(java_script_enabled=False)


def focused(page: Page) -> tuple[str | None, str | None]:
    """Name and value of what has the focus."""
    focus = page.locator(":focus")
    return focus.get_attribute("name"), focus.get_attribute("value")


def test_every_answer_is_given_with_tab_arrows_space_and_enter(
    served: str, page: Page, db: Session, make: Factory
) -> None:
    make_study(db)
    invitation = make_invitation(db, make.user())
    db.rollback()
    page.goto(f"{served}/questionnaire/{invitation.code}/page/1")
    page.locator("h1").click()
    page.keyboard.press("Tab")
    assert focused(page) == ("q-usefulness", "1")  # one stop a question, its first point
    page.keyboard.press("Space")
    for _step in range(3):
        page.keyboard.press("ArrowDown")
    assert focused(page) == ("q-usefulness", "4")
    page.keyboard.press("Tab")
    assert focused(page) == ("q-clarity", "1")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")  # from the first point round to «je préfère ne pas répondre»
    assert focused(page) == ("q-pace", "-98")
    page.keyboard.press("Tab")
    assert focused(page) == ("go", "next")
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/2")
    db.rollback()  # to see what was written since
    given = {a.item: a.value for a in db.scalars(select(Answer))}
    assert given == {"usefulness": "4", "clarity": "1", "pace": "-98"}


def test_no_page_is_wider_than_a_phone_and_every_point_is_large_enough_to_touch(
    served: str, page: Page, db: Session, make: Factory
) -> None:
    make_study(db)
    invitation = make_invitation(db, make.user())
    db.rollback()
    page.goto(f"{served}/questionnaire/{invitation.code}/page/1")
    labels = page.locator("fieldset label").all()
    assert len(labels) == 18
    for label in labels:
        box = label.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
