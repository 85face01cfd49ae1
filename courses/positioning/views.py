"""Answering a path's questions, reading what they propose, and deciding. Anybody may: nothing is
kept unless a person asks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.paths.models import Path
from courses.paths.words import audience_words
from courses.positioning import rules, words
from courses.positioning.carrying import carried, carry, drop
from courses.positioning.desk import blueprint, path_of, quiz_of
from courses.positioning.editing import views as _editing  # noqa: F401 - same blueprint
from courses.positioning.entrance import choose_quizzes
from courses.positioning.facts import Goal
from courses.positioning.keeping import views as _keeping  # noqa: F401 - same blueprint
from courses.positioning.models import QuizVersion
from courses.positioning.queries import find_kept_of_path, find_version, list_current
from courses.positioning.reading import UNKNOWN, tidy_answers
from courses.positioning.showing import result_page
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR, Audience
from tierslieu.web.access import current_person, current_person_or_none, public, signed_in
from tierslieu.web.formats import quoted

Answer = str | BaseResponse | tuple[str, int]
Answers = Mapping[str, Sequence[str]]


@blueprint.get("/par-ou-commencer")
@public
def start() -> str:
    """Who one is and what one seeks lead to the questions of the paths made for that. Anything
    strange asked is no answer."""
    said_audience, said_goal = request.args.get("public", ""), request.args.get("but", "")
    audience = next((one for one in Audience if one.value == said_audience), None)
    goal = next((one for one in Goal if one.value == said_goal), None)
    quizzes = [(one.path, rules.quiz_in(one)) for one in list_current(db.session())]
    return render_template(
        "positioning/start.html",
        found=choose_quizzes(quizzes, audience, goal),
        audience=audience,
        goal=goal,
        audiences=audience_words(),
        goals=words.goal_words(),
    )


@blueprint.route("/parcours/<slug>/positionnement", methods=["GET", "POST"])
@public
def quiz(slug: str) -> Answer:
    """The questions of a path on one page (GET); what the answers propose (POST), or the answers
    again, to be changed. Nothing is written anywhere."""
    path = path_of(slug)
    version = quiz_of(path)
    if path.retired_at is not None:
        flash(_("Ce parcours n’est plus proposé : on ne peut plus le commencer."), "info")
        return redirect(url_for("paths.path", slug=slug))
    if request.method == "POST" and "revoir" not in request.form:
        return result_page(path, *posted(path, version))
    answers = posted(path, version)[1] if request.method == "POST" else {}
    person = current_person_or_none()
    person_id = person.id if person else None
    now, session = clock.now(), db.session()
    quiz_facts = rules.quiz_in(version)
    return render_template(
        "positioning/quiz.html",
        path=path,
        version=version,
        quiz=quiz_facts,
        answers=tidy_answers(quiz_facts, answers),
        unknown=UNKNOWN,
        kept=find_kept_of_path(session, person.id, path.id) if person else None,
        is_carried=person is not None and carried(slug, person_id, now) is not None,
        is_visitor=person is None,
        is_of_the_team=person is not None and person.holds(FACILITATOR),
    )


def posted(path: Path, version: QuizVersion) -> tuple[QuizVersion, Answers]:
    """The answers that were sent, and the version of the questions they answer: the current one
    where it is not said, or strange."""
    try:
        asked = find_version(db.session(), path.id, UUID(request.form.get("version", "")))
    except ValueError:
        asked = None
    chosen = asked or version
    raw = {
        question.key: request.form.getlist(f"q-{question.key}")
        for question in rules.quiz_in(chosen).questions
    }
    return chosen, raw


@blueprint.post("/parcours/<slug>/positionnement/emporter")
@public
def take_along(slug: str) -> BaseResponse:
    """A visitor signs in, or joins, and finds their answers again."""
    path = path_of(slug)
    version, answers = posted(path, quiz_of(path))
    said = tidy_answers(rules.quiz_in(version), answers)
    carry(slug, version.id, said, clock.now())
    door = "security.register" if "compte" in request.form else "security.login"
    return redirect(url_for(door, next=url_for(".come_back", slug=slug)))


@blueprint.get("/parcours/<slug>/positionnement/reprendre")
@signed_in
def come_back(slug: str) -> Answer:
    """What a visitor answered before they signed in."""
    path = path_of(slug)
    found = carried(slug, current_person().id, clock.now())
    version = find_version(db.session(), path.id, found.version_id) if found else None
    if found is None or version is None:
        return redirect(url_for(".quiz", slug=slug))
    return result_page(path, version, found.answers)


@blueprint.post("/parcours/<slug>/positionnement/garder")
@signed_in
def keep(slug: str) -> Answer:
    """Keep one's answers, in the place of what one kept before."""
    path = path_of(slug)
    version, answers = posted(path, quiz_of(path))
    session, path_id, version_id = db.session(), path.id, version.id
    try:
        kept = rules.keep_answers(
            session, current_person().id, path_id, version_id, answers, now=clock.now()
        )
    except NotYours:
        raise
    except Refused as refused:
        session.rollback()
        path = path_of(slug)
        return result_page(path, quiz_of(path), answers, error=refused.message), 422
    session.commit()
    drop()
    flash(
        _("Vos réponses sont gardées. Personne d’autre ne les voit, sauf si vous les montrez."),
        "success",
    )
    return redirect(url_for(".kept", kept_id=kept.id))


@blueprint.post("/parcours/<slug>/positionnement/suivre")
@signed_in
def decide(slug: str) -> Answer:
    """Follow what one ticked; nothing is followed that was not."""
    path = path_of(slug)
    version, answers = posted(path, quiz_of(path))
    session, path_id, version_id = db.session(), path.id, version.id
    slugs, keys = request.form.getlist("parcours"), request.form.getlist("etape")
    if not all(slug.isprintable() for slug in slugs):  # PostgreSQL refuses the byte NUL
        raise NotYours
    try:
        made = rules.begin_chosen(
            session,
            current_person().id,
            path_id,
            slugs=slugs,
            keys=keys,
            now=clock.now(),
        )
    except NotYours:
        raise
    except Refused as refused:
        session.rollback()
        path = path_of(slug)
        asked = find_version(session, path.id, version_id) or quiz_of(path)
        page = result_page(path, asked, answers, error=refused.message, ticked={*slugs, *keys})
        return page, refused.status
    titles = ", ".join(quoted(one.path.short_title) for one in made)
    enrolment_id = made[0].id
    session.commit()
    drop()
    flash(_("Vous suivez maintenant %(paths)s.", paths=titles), "success")
    return redirect(url_for("progress.enrolment", enrolment_id=enrolment_id))


@blueprint.get("/parcours/<slug>/positionnement.json")
@public
def export(slug: str) -> BaseResponse:
    """The questions as a file, in the shape that importing takes."""
    content = quiz_of(path_of(slug)).content
    return Response(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{slug}-questions.json"'},
    )


__all__ = ["blueprint"]
