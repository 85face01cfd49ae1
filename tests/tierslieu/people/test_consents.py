"""Two separate yeses, dated, and the second taken back in one click."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.people import rules
from tierslieu.people.models import ConsentKind
from tierslieu.people.queries import (
    has_consent,
    list_consents,
    list_research_participants,
)

pytestmark = pytest.mark.both_databases


def test_one_click_takes_research_back_and_leaves_the_notice(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user()
    client.sign_in(user)
    client.post("/compte/accords/notice")
    client.post("/compte/accords/recherche")
    db.rollback()
    assert list_research_participants(db) == [user.id]
    db.rollback()
    client.post("/compte/accords/recherche/retrait")
    db.rollback()
    assert list_research_participants(db) == []
    assert has_consent(db, user.id, ConsentKind.NOTICE)


def test_every_yes_and_its_end_keep_their_dates(db: Session, make: Factory) -> None:
    user = make.user()
    start = clock.now()
    for day in (0, 2):
        at = start + timedelta(days=day)
        rules.give_consent(db, user.id, ConsentKind.RESEARCH, now=at)
        rules.give_consent(db, user.id, ConsentKind.RESEARCH, now=at)  # a second click
        rules.withdraw_consent(db, user.id, ConsentKind.RESEARCH, now=at + timedelta(days=1))
    assert [(c.given_at, c.withdrawn_at) for c in list_consents(db, user.id)] == [
        (start + timedelta(days=n), start + timedelta(days=n + 1)) for n in (0, 2)
    ]


def test_a_new_text_asks_again(db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make.user()
    first = rules.give_consent(db, user.id, ConsentKind.RESEARCH, now=clock.now())
    monkeypatch.setitem(rules.TEXT_VERSIONS, ConsentKind.RESEARCH, "2031-01")
    second = rules.give_consent(db, user.id, ConsentKind.RESEARCH, now=clock.now())
    assert first.withdrawn_at is not None
    assert second.text_version == "2031-01"
    assert list_research_participants(db) == [user.id]


def test_taking_back_what_was_never_given_is_nothing(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user()
    assert rules.withdraw_consent(db, user.id, ConsentKind.RESEARCH, now=clock.now()) is None
    db.rollback()
    client.sign_in(user)
    assert client.post("/compte/accords/recherche/retrait").location == "/compte/accords"


def test_the_page_shows_both_with_their_dates(make: Factory, client: LookingClient) -> None:
    client.sign_in(make.user())
    before = client.get("/compte/accords").text
    assert "Pas d’accord donné" in before
    client.post("/compte/accords/recherche")
    after = client.get("/compte/accords").text
    assert "Accord donné le" in after
    assert "Ne plus prendre part" in after


def test_the_notice_itself_cannot_be_taken_back_by_address(
    make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user())
    assert client.post("/compte/accords/notice/retrait").status_code == 404
