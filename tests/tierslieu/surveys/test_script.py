"""What the page shows while one answers is what the place asks of these answers, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.surveys import (
    instrument_of,
    make_invitation,
    make_study,
    make_wave,
    question,
)
from tierslieu.surveys.models import Answer

pytestmark = pytest.mark.browser
Asking = Callable[..., Page]
SEVERAL = {"kind": "several", "required": False}
NUMBER = {"kind": "number", "options": [], "minimum": 0, "maximum": 9000, "decimals": 1}


@pytest.fixture
def asking(served: str, open_page: Callable[..., Page], db: Session, make: Factory) -> Asking:
    """Opens a page that asks these questions, in a browser that tells what breaks in the script."""

    def open_asking(*questions: dict[str, Any], **browser: Any) -> Page:
        make_wave(db, make_study(db), instrument_of(questions))
        invitation = make_invitation(db, make.user(), "try")
        db.rollback()
        page = open_page(**browser)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(f"{served}/questionnaire/{invitation.code}/page/1")
        return page

    return open_asking


def send(page: Page) -> None:
    page.get_by_role("button", name="Envoyer mes réponses").click()


def kept(page: Page, db: Session) -> dict[str, str]:
    expect(page.get_by_role("heading", name="Merci")).to_be_visible()
    db.rollback()
    return {one.item: one.value for one in db.scalars(select(Answer))}


def test_a_box_left_unticked_beside_a_ticked_one_is_no_for_the_page_too(
    asking: Asking, db: Session
) -> None:
    page = asking(question("m", **SEVERAL), question("w", when={"item": "m_2", "is": 0}))
    expect(page.get_by_role("group", name="Question w")).to_be_hidden()  # nothing answered yet
    page.get_by_label("oui m").check()
    page.get_by_label("non w").check()
    page.get_by_label("non m").check()
    expect(page.get_by_role("group", name="Question w")).to_be_hidden()
    page.get_by_label("non m").uncheck()
    send(page)
    assert kept(page, db) == {"m_1": "1", "m_2": "0", "w": "2"}


@pytest.mark.parametrize("written", ["1 500", "1\u202f500", "1\u00a0500,0", " 1500 "])
def test_a_number_written_with_spaces_is_that_number_for_the_page_too(
    asking: Asking, db: Session, written: str
) -> None:
    page = asking(question("k", **NUMBER), question("w", when={"item": "k", "at_least": 1500}))
    page.get_by_label("Question k").fill("1 499")
    expect(page.get_by_role("group", name="Question w")).to_be_hidden()
    page.get_by_label("Question k").fill(written)
    page.get_by_label("oui w").check()
    send(page)
    assert kept(page, db) == {"k": "1500.0", "w": "1"}


def test_a_refusal_is_one_of_every_box_of_the_question(asking: Asking, db: Session) -> None:
    page = asking(question("m", **SEVERAL), question("w", when={"item": "m_2", "is": -98}))
    page.get_by_role("group", name="Question m").get_by_label("Je préfère ne pas").check()
    page.get_by_label("oui w").check()
    send(page)
    assert kept(page, db) == {"m_1": "-98", "m_2": "-98", "w": "1"}


def test_what_is_hidden_counts_for_nothing_in_what_hangs_on_it(asking: Asking, db: Session) -> None:
    page = asking(
        question("a"),
        question("b", when={"item": "a", "is": 1}),
        question("c", when={"item": "b", "is": 1}),
    )
    page.get_by_label("oui a").check()
    page.get_by_label("oui b").check()
    expect(page.get_by_role("group", name="Question c")).to_be_visible()
    page.get_by_label("non a").check()
    expect(page.get_by_role("group", name="Question c")).to_be_hidden()
    send(page)
    assert kept(page, db) == {"a": "2"}


def test_a_question_the_place_finds_wrong_is_shown_whatever_the_page_thinks(
    asking: Asking,
) -> None:
    page = asking(question("a"), question("w", when={"item": "a", "is": 1}))
    page.get_by_label("oui a").check()
    send(page)
    expect(page.get_by_role("group", name="Question w")).to_be_visible()
    page.get_by_label("non a").check()
    expect(page.get_by_role("group", name="Question w")).to_be_visible()


@pytest.mark.parametrize("name", ["dataset", "elements", "constructor"])
def test_a_question_called_as_something_of_the_browser_leaves_the_script_alone(
    asking: Asking, db: Session, name: str
) -> None:
    page = asking(question(name), question("w", when={"item": name, "is": 1}))
    expect(page.get_by_role("group", name="Question w")).to_be_hidden()
    page.get_by_label(f"oui {name}").check()
    page.get_by_label("oui w").check()
    send(page)
    assert kept(page, db) == {name: "1", "w": "1"}
