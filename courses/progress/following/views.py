"""Who follows a path, and where one person stands: the team's pages."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request

from courses.enrolments.cohorts.queries import list_cohorts
from courses.enrolments.queries import (
    count_following,
    find_any_enrolment,
    list_following,
)
from courses.enrolments.words import status_words
from courses.paths import words as path_words
from courses.paths.queries import find_path
from courses.progress import words
from courses.progress.desk import blueprint, progress_of
from courses.progress.models import WaiverState
from courses.progress.queries import list_records
from courses.progress.waivers.queries import list_waivers
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import current_person, roles
from tierslieu.web.paging import PER_PAGE, asked_page, long_page


@blueprint.get("/parcours/<slug>/suivi")
@roles(FACILITATOR)
def following(slug: str) -> str:
    """Who follows this path, by name, and how far each is."""
    session, number = db.session(), asked_page()
    path = find_path(session, slug)
    if path is None:
        raise NotYours
    cohorts = list_cohorts(session, path.id)
    asked = request.args.get("promotion", "")
    cohort = next((one for one in cohorts if str(one.id) == asked), None)
    within = cohort.id if cohort else None
    start = (number - 1) * PER_PAGE
    count = count_following(session, path.id, within)
    found = list_following(session, path.id, within, count=count, offset=start, limit=PER_PAGE + 1)
    page = long_page(found, number, count)
    return render_template(
        "progress/following.html",
        path=path,
        cohort=cohort,
        cohorts=cohorts,
        page=page,
        progress=progress_of(*page.items),
        words=words,
        path_words=path_words,
        status_words=status_words(),
    )


@blueprint.get("/suivi/parcours/<uuid:enrolment_id>")
@roles(FACILITATOR)
def follow(enrolment_id: UUID) -> str:
    """One person on one path: each step, what is waived and why, what happened."""
    session = db.session()
    found = find_any_enrolment(session, enrolment_id)
    if found is None:
        raise NotYours
    progress, waivers = progress_of(found)[found.id], list_waivers(session, [found.id])
    records = list_records(session, [found.id])
    return render_template(
        "progress/follow.html",
        enrolment=found,
        progress=progress,
        cohorts=list_cohorts(session, found.path_id),
        history=words.history(found, progress, records, waivers, by_team=True),
        asked={w.step_id: w for w in waivers if w.state is WaiverState.ASKED},
        is_own=found.user_id == current_person().id,
        words=words,
        path_words=path_words,
        status_words=status_words(),
    )
