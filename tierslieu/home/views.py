"""The first page, by who comes; and whether the place is well."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from flask import Flask, Response, current_app, jsonify, render_template

from tierslieu import clock
from tierslieu.db import db
from tierslieu.home import visiting
from tierslieu.home.desk import blueprint, the_house
from tierslieu.home.health import ask_health, is_well
from tierslieu.home.metrics import answer_metrics
from tierslieu.home.timeline import views as _timeline  # noqa: F401 - same blueprint
from tierslieu.house import Card, HomeCard
from tierslieu.people.models import User
from tierslieu.web.access import current_person_or_none, public
from tierslieu.web.panels import render_cards
from tierslieu.web.seeing import is_open_card, seeing
from tierslieu.web.unseen import asks_nobody
from tierslieu.web.visitors import same_for_visitors

__all__ = ["blueprint"]


def _cards(person: User) -> Iterable[Card]:
    """What this person should see."""
    held = {role.name for role in person.roles}
    now = clock.now()
    offers = (offer for offer in the_house().all(HomeCard) if offer.roles & held)
    cards = chain.from_iterable(offer.build(db.session(), person.id, now) for offer in offers)
    return (card for card in cards if seeing() is None or is_open_card(card))


@blueprint.get("/")
@same_for_visitors
@public
def index() -> str:
    """A visitor is told how to begin; a person sees what is next for them."""
    person = current_person_or_none()
    if person is None:
        return render_template("home/visitor.html", **visiting.visit_facts())
    return render_template("home/person.html", person=person, cards=render_cards(_cards(person)))


@blueprint.get("/healthz")
@asks_nobody
@public
def healthz() -> tuple[Response, int]:
    """200 when all is well, else 503 and what is wrong, by name; 200 too for what can be borne."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    wrong = ask_health(app)
    status = {"status": "ok" if is_well(wrong) else "unwell"}
    answer = jsonify({**status, "wrong": wrong} if wrong else status)
    answer.headers["Cache-Control"] = "no-store"
    return answer, 200 if is_well(wrong) else 503


@blueprint.get("/metrics")
@asks_nobody
@public
def metrics() -> Response:
    """The measures of the place, for who bears the token of the monitor."""
    return answer_metrics()
