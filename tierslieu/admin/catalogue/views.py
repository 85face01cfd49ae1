"""The catalogue of the place, for who runs it and for who writes it."""

from __future__ import annotations

from flask import current_app, render_template, request

from courses.enrolments.queries import count_following_each
from courses.paths import words as course_words
from tierslieu import clock
from tierslieu.admin.catalogue import words
from tierslieu.admin.catalogue.queries import Catalogue, Kind, State, list_courses
from tierslieu.admin.desk import blueprint
from tierslieu.admin.words import ROLE_LABELS
from tierslieu.db import db
from tierslieu.people.models import ADMINISTRATOR, FACILITATOR, RESEARCHER
from tierslieu.place.guard import is_open
from tierslieu.place.parts import part_of
from tierslieu.web.access import current_person, roles
from tierslieu.web.paging import PER_PAGE, Page, asked_page

#: Where each kind is written: who may go there sees its drafts; what is switched off is left out.
WRITTEN_AT = {
    Kind.PATH: "paths.edit",
    Kind.POSITIONING: "positioning.edit",
    Kind.BADGE: "designs.edit",
    Kind.WEEK: "weeks.edit_week",
    Kind.INSTRUMENT: "surveys.instrument",
    Kind.CHECKLIST: "support.checklist",
}
MOST_LETTERS = 200


def may(endpoint: str) -> bool:
    """Whether the person may go there, as the page itself says."""
    said = str(getattr(current_app.view_functions[endpoint], "access", ""))
    return any(current_person().holds(role) for role in said.split())


@blueprint.get("/administration/catalogue")
@roles(ADMINISTRATOR, FACILITATOR)
def catalogue() -> str:
    """What the place offers and how it stands, with the way to where each thing is changed."""
    session, number, asked = db.session(), asked_page(), request.args
    kinds = [kind for kind in Kind if is_open(part_of(WRITTEN_AT[kind]))]
    kind = next((one for one in kinds if one.value == asked.get("genre")), None)
    state = next((one for one in State if one.value == asked.get("etat")), None)
    text = asked.get("q", "").strip()[:MOST_LETTERS]
    runs = current_person().holds(ADMINISTRATOR)
    writes = {one for one in kinds if may(WRITTEN_AT[one])}
    today = clock.to_local(clock.now()).date()
    found = Catalogue(kinds, kinds if runs else writes, text, today)
    counts = found.count(session, state)
    items = found.page(session, kind, state, (number - 1) * PER_PAGE, PER_PAGE)
    paths = [one.id for one in items if one.kind is Kind.PATH and one.version]
    courses = list_courses(session, paths)
    lacking = {_role(one) for one in kinds if one not in writes}
    return render_template(
        "admin/catalogue/list.html",
        page=Page(items, number, counts.get(kind, 0) if kind else sum(counts.values())),
        counts=counts,
        kinds=kinds,
        kind=kind,
        state=state,
        text=text,
        writes=writes,
        runs=runs,
        lacking=[str(ROLE_LABELS[one][0]) for one in sorted(lacking)],
        following=count_following_each(session, paths) if may("progress.following") else {},
        courses=courses,
        course_words=course_words,
        switcher=ROLE_LABELS[FACILITATOR][0],
        today=today,
        words=words,
        Kind=Kind,
        State=State,
    )


def _role(kind: Kind) -> str:
    return RESEARCHER if kind is Kind.INSTRUMENT else FACILITATOR
