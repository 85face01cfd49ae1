"""A questionnaire on a phone's width, with the keyboard alone and without JavaScript."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from tests.support.browsers import CHROMIUM
from tests.support.factories import Factory
from tests.support.surveys import make_invitation, make_study
from tierslieu.surveys.models import Answer

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The place under test, served on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        page = browser.new_page(viewport={"width": 360, "height": 780}, java_script_enabled=False)
        yield page
        browser.close()


def focused(page: Page) -> tuple[str | None, str | None]:
    """Name and value of what has the focus."""
    focus = page.locator(":focus")
    return focus.get_attribute("name"), focus.get_attribute("value")


def test_every_answer_is_given_with_tab_arrows_space_and_enter(
    address: str, page: Page, db: Session, make: Factory
) -> None:
    make_study(db)
    invitation = make_invitation(db, make.user())
    db.rollback()
    page.goto(f"{address}/questionnaire/{invitation.code}/page/1")
    page.locator("h1").click()
    page.keyboard.press("Tab")
    assert focused(page) == ("usefulness", "1")  # one stop a question, its first point
    page.keyboard.press("Space")
    for _step in range(3):
        page.keyboard.press("ArrowDown")
    assert focused(page) == ("usefulness", "4")
    page.keyboard.press("Tab")
    assert focused(page) == ("clarity", "1")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")  # from the first point round to «je préfère ne pas répondre»
    assert focused(page) == ("pace", "-98")
    page.keyboard.press("Tab")
    assert focused(page) == ("go", "next")
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/2")
    db.rollback()  # to see what was written since
    given = {a.item: a.value for a in db.scalars(select(Answer))}
    assert given == {"usefulness": "4", "clarity": "1", "pace": "-98"}


def test_no_page_is_wider_than_a_phone_and_every_point_is_large_enough_to_touch(
    address: str, page: Page, db: Session, make: Factory
) -> None:
    make_study(db)
    invitation = make_invitation(db, make.user())
    db.rollback()
    page.goto(f"{address}/questionnaire/{invitation.code}/page/1")
    labels = page.locator("fieldset label").all()
    assert len(labels) == 18
    for label in labels:
        box = label.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
