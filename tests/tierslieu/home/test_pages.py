"""The first page, by who comes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu.house import Card, HomeCard, House
from tierslieu.people.models import ROLES


def test_a_visitor_is_told_how_to_begin(client: LookingClient) -> None:
    page = client.get("/").get_data(as_text=True)
    for address in ("/parcours", "/agenda", "/verifier", "/login"):
        assert f'href="{address}"' in page


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_a_first_page_in_an_empty_place(
    make: Factory, client: LookingClient, role: str
) -> None:
    answer = client.sign_in(make.user(role, name="Aya Diop")).get("/")
    assert answer.status_code == 200
    assert "Bonjour Aya" in answer.get_data(as_text=True)


def test_cards_come_most_urgent_first_and_only_to_their_roles(
    app: Flask, make: Factory, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def card(name: str, roles: set[str], urgency: int) -> HomeCard:
        def build(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
            return [Card("errors/_card_try.html", {"name": name}, urgency)]

        return HomeCard(name, frozenset(roles), build)

    own = app.jinja_env.loader
    assert own is not None
    tried = DictLoader({"errors/_card_try.html": "<h2>{{ name }}</h2>"})
    monkeypatch.setattr(app.jinja_env, "loader", ChoiceLoader([own, tried]))
    offers = (card("tard", {"learner"}, 9), card("tôt", {"learner"}, 1), card("autre", {"x"}, 0))
    monkeypatch.setitem(app.extensions, "tierslieu.house", House(offers))
    page = client.sign_in(make.user("learner")).get("/").get_data(as_text=True)
    assert page.index("<h2>tôt</h2>") < page.index("<h2>tard</h2>")
    assert "autre" not in page
