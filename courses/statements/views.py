"""The team sees who sends statements, and says once what each activity is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from courses.paths.models import Path, Step
from courses.paths.queries import current_version
from courses.paths.words import step_name
from courses.progress.imports.applying import GRADED
from courses.progress.imports.words import PROVIDERS
from courses.statements import queries, rules, words
from courses.statements.forms import SEPARATOR, HomePageForm, activity_form
from courses.statements.models import ActivityState, XapiActivity, XapiHomePage
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import ADMINISTRATOR, FACILITATOR
from tierslieu.web.access import current_person, roles
from tierslieu.web.paging import PER_PAGE, Page, asked_page

blueprint = Blueprint("statements", __name__)
Answer = str | Response | tuple[str, int]


@blueprint.get("/traces")
@roles(FACILITATOR, ADMINISTRATOR)
def overview() -> str:
    """Who sends, what about, and what it is worth."""
    session, place = db.session(), asked_page()
    rows = queries.list_activities(session, offset=(place - 1) * PER_PAGE, limit=PER_PAGE)
    return render_template(
        "statements/overview.html",
        sources=queries.list_sources(session),
        home_pages=queries.list_home_pages(session),
        providers=PROVIDERS,
        page=Page(rows, place, queries.count_activities(session)),
        new=queries.count_activities(session, state=ActivityState.NEW),
        say=words.say_state,
        titles=defaultdict(str, _titles({one.path_id for one, _waiting in rows if one.path_id})),
    )


def _titles(path_ids: Iterable[UUID]) -> dict[tuple[UUID, str], str]:
    """What the steps of these paths are called today, by path and key."""
    found = {}
    for path_id in path_ids:
        version = current_version(db.session(), path_id)
        for step in version.steps if version else []:
            found[path_id, step.key] = step_name(step)
    return found


def _activity(activity_id: UUID) -> XapiActivity:
    found = queries.find_activity(db.session(), activity_id)
    if found is None:
        raise NotYours
    return found


def _steps() -> list[tuple[Path, Sequence[Step]]]:
    """Every step that can be validated so, by path."""
    found: list[tuple[Path, Sequence[Step]]] = []
    for path in queries.list_paths_with_versions(db.session()):
        version = current_version(db.session(), path.id)
        steps = [step for step in version.steps if step.kind in GRADED] if version else []
        if steps:
            found.append((path, steps))
    return found


@blueprint.route("/traces/activites/<uuid:activity_id>", methods=["GET", "POST"])
@roles(FACILITATOR, ADMINISTRATOR)
def activity(activity_id: UUID) -> Answer:
    """Say which step an activity validates: what waited for it is used at once."""
    found, paths = _activity(activity_id), _steps()
    now = f"{found.path.slug}{SEPARATOR}{found.step_key}" if found.path is not None else None
    form = activity_form(paths, now)
    if form.validate_on_submit():
        path_id, key = form.chosen(paths)
        try:
            used = rules.decide_activity(
                db.session(), activity_id, path_id, key,
                actor_id=current_person().id, now=clock.now(),
            )  # fmt: skip
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            flash(
                ngettext(
                    "C’est gardé, et %(num)s trace qui attendait est prise en compte.",
                    "C’est gardé, et %(num)s traces qui attendaient sont prises en compte.",
                    used,
                )
                if used
                else _("C’est gardé pour les prochaines traces."),
                "success",
            )
            return redirect(url_for(".overview"))
    page = render_template("statements/activity.html", activity=_activity(activity_id), form=form)
    return (page, 422) if form.errors else page


def _home_page(home_page_id: UUID) -> XapiHomePage:
    found = queries.find_home_page(db.session(), home_page_id)
    if found is None:
        raise NotYours
    return found


@blueprint.route("/traces/sites/<uuid:home_page_id>", methods=["GET", "POST"])
@roles(FACILITATOR, ADMINISTRATOR)
def home_page(home_page_id: UUID) -> Answer:
    """Say whose usernames the accounts of a site are."""
    found = _home_page(home_page_id)
    form = HomePageForm(provider=found.provider.value if found.provider is not None else "")
    if form.validate_on_submit():
        rules.decide_home_page(db.session(), home_page_id, form.chosen())
        db.session.commit()
        flash(_("C’est gardé pour les prochaines traces."), "success")
        return redirect(url_for(".overview"))
    page = render_template("statements/home_page.html", home_page=found, form=form)
    return (page, 422) if form.errors else page
