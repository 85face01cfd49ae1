"""The first page by who comes, and whether the place is well."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tierslieu import clock, schema
from tierslieu.clockwork import WorkerBeat
from tierslieu.home import health
from tierslieu.house import Card, Check, HomeCard, House
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


@pytest.fixture
def well(app: Flask, db: Session, monkeypatch: pytest.MonkeyPatch) -> House:
    """A place in which all is well."""
    monkeypatch.setattr(health, "current_revision", schema.newest_revision)
    house = House(())
    monkeypatch.setitem(app.extensions, "tierslieu.house", house)
    db.add(WorkerBeat(name="worker", at=clock.now()))
    db.commit()
    return house


def test_healthz_is_200_when_all_is_well(well: House, client: LookingClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_healthz_says_that_the_worker_is_silent(
    well: House, client: LookingClient, db: Session
) -> None:
    db.get_one(WorkerBeat, "worker").at = clock.now() - timedelta(minutes=4)
    db.commit()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert set(answer.json["wrong"]) == {"worker"}


def test_healthz_says_that_the_database_is_behind(
    well: House, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "current_revision", lambda: None)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert set(answer.json["wrong"]) == {"migrations"}


def test_healthz_asks_the_vital_checks_and_leaves_the_others_to_doctor(
    app: Flask, well: House, client: LookingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = (
        Check("vital", lambda db, now: "the key is gone"),
        Check("advice", lambda db, now: "a passphrase would be safer", is_vital=False),
    )
    monkeypatch.setitem(app.extensions, "tierslieu.house", House(checks))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json["wrong"] == {"vital": "the key is gone"}
