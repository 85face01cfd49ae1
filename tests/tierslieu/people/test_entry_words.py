"""What leads to an account says so only while one can be made; in a closed pilot, by invitation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session
from tests.support.weeks import make_week
from tierslieu import clock
from tierslieu.mail.letters.every import KINDS
from tierslieu.mail.rendering import render_words
from tierslieu.people.entry.rules import set_entry
from tierslieu.web.languages import LOCALES

OPEN, HELD = "Créer un compte", "J’ai une invitation"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


def close(db: Session, make: Factory, days: int | None = None) -> None:
    """Close the place; ``days``: until then, and to everybody afterwards."""
    now = clock.now()
    set_entry(
        db,
        is_closed=True,
        ends_at=now + timedelta(days=days) if days is not None else None,
        opens_after=False,
        seen=0,
        by_id=make.user("administrator").id,
        now=now,
    )
    db.commit()


@pytest.fixture
def pages(db: Session, make: Factory) -> list[str]:
    """Where a visitor is told that it takes an account."""
    week = make_week(db, make.user("facilitator"))
    return ["/login", f"/agenda/{make_session(db).id}", f"/semaines/{week.id}"]


def test_pages_lead_a_visitor_to_an_account_as_far_as_the_place_is_open(
    db: Session, make: Factory, client: LookingClient, pages: list[str]
) -> None:
    for page in pages:
        assert OPEN in client.get(page).text
    assert OPEN in client.get("/ressources").text
    close(db, make, days=1)
    for page in pages:
        text = client.get(page).text
        assert OPEN not in text
        assert HELD in text
        assert "que sur invitation" in text
    assert OPEN not in client.get("/ressources").text
    with clock.fixed_at(clock.now() + timedelta(days=2)):
        for page in pages[:1]:
            text = client.get(page, headers={"Cache-Control": "no-cache"}).text
            assert OPEN not in text
            assert HELD not in text
            assert "n’en ouvre plus pour le moment" in text


@pytest.mark.parametrize("template", ["awards_waiting", "community_invited"])
def test_mails_to_who_has_no_account_ask_for_none_that_cannot_be_made(
    app: Flask, db: Session, make: Factory, template: str
) -> None:
    def said(language: str) -> tuple[str, str]:
        sample = {**KINDS[template].sample, "has_account": False}
        mail = render_words(
            template,
            sample,
            language=language,
            settings=app.config["TIERSLIEU"],
            recipient="eve@example.org",
            written={},
        )
        return mail.text, mail.html

    for form in said("fr"):
        assert "réez un compte" in form
    close(db, make)
    for language in LOCALES:
        for form in said(language):
            assert "réez un compte" not in form
            assert "/inscription" not in form
    for form in said("fr"):
        assert "demandez-en un à l’équipe" in form
