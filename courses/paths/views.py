"""The catalogue and the page of a path: anybody may read them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from uuid import UUID

from flask import current_app, render_template, request
from markupsafe import Markup

from courses.paths import words
from courses.paths.desk import blueprint, is_of_the_team
from courses.paths.editing import views as _editing  # noqa: F401 - same blueprint
from courses.paths.exchange import views as _exchange  # noqa: F401 - same blueprint
from courses.paths.queries import (
    Time,
    choose_paths,
    count_steps,
    current_version,
    find_path,
    list_paths,
    list_subpaths,
)
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.house import Card, House, PathPanel
from tierslieu.people.models import Audience
from tierslieu.web.access import current_person_or_none, public
from tierslieu.web.panels import render_cards
from tierslieu.web.visitors import same_for_visitors


def _asked_audience() -> Audience | None:
    text = request.args.get("public", "")
    return Audience(text) if text in {audience.value for audience in Audience} else None


def _asked_time() -> Time | None:
    text = request.args.get("temps", "")
    return Time(text) if text in {time.value for time in Time} else None


@blueprint.get("/parcours")
@same_for_visitors
@public
def index() -> str:
    """The catalogue, by who one is and the time one has. Anything strange asked is no filter."""
    session = db.session()
    paths = list_paths(session)
    audience, time = _asked_audience(), _asked_time()

    def fitting(audience: Audience | None, time: Time | None) -> int:
        return len(choose_paths(paths, audience, time).fitting)

    return render_template(
        "paths/index.html",
        found=choose_paths(paths, audience, time),
        audience=audience,
        time=time,
        audiences=[(a, label, fitting(a, time)) for a, label in words.audience_words().items()],
        times=[(t, label, fitting(audience, t)) for t, label in words.time_words().items()],
        steps=count_steps(session),
        is_of_the_team=is_of_the_team(),
        words=words,
    )


def _panels(path_id: UUID) -> Sequence[tuple[Card, Markup]]:
    """What features above add to this page, most urgent first."""
    house: House = current_app.extensions["tierslieu.house"]
    person = current_person_or_none()
    user_id, now = (person.id if person else None), clock.now()
    cards = chain.from_iterable(
        panel.build(db.session(), path_id, user_id, now) for panel in house.all(PathPanel)
    )
    return render_cards(cards)


@blueprint.get("/parcours/<slug>")
@same_for_visitors
@public
def path(slug: str) -> str:
    """One path: what it is, its steps, what it asks, where it comes from."""
    session = db.session()
    found = find_path(session, slug)
    version = current_version(session, found.id) if found else None
    if found is None or version is None:
        raise NotYours
    return render_template(
        "paths/path.html",
        path=found,
        steps=version.steps,
        pools=version.pools,
        subpaths=list_subpaths(session, found.id),
        panels=_panels(found.id),
        version=version,
        is_of_the_team=is_of_the_team(),
        words=words,
    )
