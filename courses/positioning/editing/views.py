"""The pages on which the team writes a path's questions, tries them, publishes them, and takes them
in as a file."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.paths.editing.desk import Answer, answer_with, me, try_to
from courses.paths.editing.forms import DraftForm, FileForm
from courses.paths.facts import make_key
from courses.paths.models import Path
from courses.positioning import words
from courses.positioning.desk import blueprint, path_of
from courses.positioning.editing import rules
from courses.positioning.editing.forms import (
    ProposalForm,
    PublishForm,
    QuestionForm,
    SheetForm,
    proposal_values,
    question_values,
)
from courses.positioning.facts import ProposalFacts, QuestionFacts, QuizFacts
from courses.positioning.models import QuizDraft
from courses.positioning.queries import current_quiz, find_draft
from courses.positioning.reading import UNKNOWN, read_answers, tidy_answers
from courses.positioning.rules import look_around
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.people.models import FACILITATOR
from tierslieu.web.access import roles
from tierslieu.web.forms import Form

_BASE = "/parcours/<slug>/positionnement"


def _draft(path: Path) -> QuizDraft:
    draft = find_draft(db.session(), path.id)
    if draft is None:
        raise NotYours
    return draft


def _to_draft(slug: str, anchor: str | None = None) -> BaseResponse:
    return redirect(url_for(".edit", slug=slug, _anchor=anchor))


def _change(slug: str, change: rules.Change, form: DraftForm) -> None:
    rules.change_draft(
        db.session(),
        path_of(slug).id,
        change,
        revision=form.revision.data or 0,
        actor_id=me(),
        now=clock.now(),
    )


def _look_again(form: DraftForm, slug: str) -> None:
    """Whoever was told that the draft changed meanwhile may save over it, knowing so."""
    form.revision.data, form.revision.raw_data = _draft(path_of(slug)).revision, None


@blueprint.route(f"{_BASE}/modifier", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit(slug: str) -> Answer:
    """The draft of a path's questions; where there is none, the way to begin one (POST)."""
    session, form, path = db.session(), Form(), path_of(slug)
    if form.validate_on_submit() and try_to(
        form, lambda: rules.begin_draft(session, path_of(slug), actor_id=me(), now=clock.now())
    ):
        session.commit()
        return _to_draft(slug)
    draft = find_draft(session, path.id)
    if draft is None:
        version = current_quiz(session, path.id)
        return render_template("positioning/edit_begin.html", path=path, version=version)
    return _edit_page(path, draft, PublishForm(formdata=None, revision=draft.revision))


def _edit_page(path: Path, draft: QuizDraft, form: PublishForm) -> str:
    session, quiz = db.session(), rules.facts_in(draft)
    return render_template(
        "positioning/edit.html",
        path=path,
        draft=draft,
        quiz=quiz,
        around=look_around(session, path),
        version=current_quiz(session, path.id),
        problems=rules.problems_of(session, path, quiz),
        form=form,
        words=words,
    )


@blueprint.route(f"{_BASE}/modifier/fiche", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_sheet(slug: str) -> Answer:
    """What stands above the questions, and for whom they are."""
    path = path_of(slug)
    draft = _draft(path)
    form = SheetForm(data={**rules.facts_in(draft).model_dump(), "revision": draft.revision})
    if form.validate_on_submit() and try_to(
        form, lambda: _change(slug, rules.with_sheet(**form.values()), form)
    ):
        db.session.commit()
        return _to_draft(slug)
    _look_again(form, slug)
    page = render_template("positioning/edit_sheet.html", path=path_of(slug), form=form)
    return answer_with(page, form)


@blueprint.route(f"{_BASE}/modifier/question-nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_question(slug: str) -> Answer:
    """A question more, at the end."""
    return _edit_question(slug, None)


@blueprint.route(f"{_BASE}/modifier/questions/<key>", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_question(slug: str, key: str) -> Answer:
    """One question of the draft."""
    return _edit_question(slug, key)


def _edit_question(slug: str, key: str | None) -> Answer:
    path = path_of(slug)
    draft = _draft(path)
    quiz = rules.facts_in(draft)
    question: QuestionFacts | None = _find(quiz.questions, key) if key else None
    shown: dict[str, Any] = {"revision": draft.revision}
    shown |= question_values(question) if question else {}
    form = QuestionForm(quiz, look_around(db.session(), path), data=shown)

    def change() -> None:
        own = key or make_key("", form.text.data, [one.key for one in quiz.questions])
        _change(slug, rules.with_question(form.question(own), key=key), form)

    if form.validate_on_submit() and try_to(form, change):
        db.session.commit()
        return _to_draft(slug, "questions")
    _look_again(form, slug)
    page = render_template(
        "positioning/edit_question.html", path=path_of(slug), question=question, form=form
    )
    return answer_with(page, form)


def _find(items: tuple[Any, ...], key: str) -> Any:
    found = next((one for one in items if one.key == key), None)
    if found is None:
        raise NotYours
    return found


@blueprint.post(f"{_BASE}/modifier/questions/<key>/<act>")
@roles(FACILITATOR)
def arrange(slug: str, key: str, act: str) -> BaseResponse:
    """A question up, down or out: one tap each."""
    changes = {
        "monter": rules.with_question_moved(key, -1),
        "descendre": rules.with_question_moved(key, 1),
        "retirer": rules.without_question(key),
    }
    if act not in changes:
        raise NotYours
    return _tap(slug, changes[act], "questions" if act == "retirer" else f"question-{key}")


def _tap(slug: str, change: rules.Change, anchor: str) -> BaseResponse:
    # A tap rests on nothing that was read but the thing itself.
    rules.change_draft(
        db.session(), path_of(slug).id, change, revision=None, actor_id=me(), now=clock.now()
    )
    db.session.commit()
    return _to_draft(slug, anchor)


@blueprint.route(f"{_BASE}/modifier/proposition-nouvelle", methods=["GET", "POST"])
@roles(FACILITATOR)
def new_proposal(slug: str) -> Answer:
    """One more thing that answers may propose."""
    return _edit_proposal(slug, None)


@blueprint.route(f"{_BASE}/modifier/propositions/<key>", methods=["GET", "POST"])
@roles(FACILITATOR)
def edit_proposal(slug: str, key: str) -> Answer:
    """One thing that answers may propose."""
    return _edit_proposal(slug, key)


def _edit_proposal(slug: str, key: str | None) -> Answer:
    path = path_of(slug)
    draft = _draft(path)
    quiz = rules.facts_in(draft)
    proposal: ProposalFacts | None = _find(quiz.proposals, key) if key else None
    shown: dict[str, Any] = {"revision": draft.revision, "at_least": 1}
    shown |= proposal_values(proposal) if proposal else {}
    form = ProposalForm(look_around(db.session(), path), data=shown)

    def change() -> None:
        target = form.step.data or form.path.data or ""
        stem = f"{form.kind.data} {target}".replace("_", " ")
        own = key or make_key("", stem, [one.key for one in quiz.proposals])
        _change(slug, rules.with_proposal(form.proposal(own), key=key), form)

    if form.validate_on_submit() and try_to(form, change):
        db.session.commit()
        return _to_draft(slug, "propositions")
    _look_again(form, slug)
    page = render_template(
        "positioning/edit_proposal.html", path=path_of(slug), proposal=proposal, form=form
    )
    return answer_with(page, form)


@blueprint.post(f"{_BASE}/modifier/propositions/<key>/retirer")
@roles(FACILITATOR)
def remove_proposal(slug: str, key: str) -> BaseResponse:
    """A proposal out, and out of what the answers speak for."""
    return _tap(slug, rules.without_proposal(key), "propositions")


@blueprint.route(f"{_BASE}/modifier/essayer", methods=["GET", "POST"])
@roles(FACILITATOR)
def attempt(slug: str) -> str:
    """The draft as everybody would answer it, and what the answers would propose."""
    path = path_of(slug)
    quiz: QuizFacts = rules.facts_in(_draft(path))
    raw = {one.key: request.form.getlist(f"q-{one.key}") for one in quiz.questions}
    answers = tidy_answers(quiz, raw)
    is_sent = request.method == "POST"
    return render_template(
        "positioning/attempt.html",
        path=path,
        quiz=quiz,
        answers=answers,
        unknown=UNKNOWN,
        result=read_answers(quiz, answers, look_around(db.session(), path)) if is_sent else None,
        words=words,
    )


@blueprint.post(f"{_BASE}/modifier/publier")
@roles(FACILITATOR)
def publish(slug: str) -> Answer:
    """What was written becomes what everybody is asked."""
    form, made = PublishForm(), []
    _draft(path_of(slug))

    def act() -> None:
        made.append(
            rules.publish_draft(
                db.session(),
                path_of(slug),
                revision=form.revision.data or 0,
                actor_id=me(),
                now=clock.now(),
            )
        )

    if form.validate_on_submit() and try_to(form, act):
        db.session.commit()
        version = made[0]
        flash(
            _("Questions publiées, version %(number)s.", number=version.number)
            if version is not None
            else _("Ces questions sont déjà celles que tout le monde voit."),
            "success",
        )
        return redirect(url_for(".quiz", slug=slug))
    _look_again(form, slug)
    form.sure.data = False  # what is shown now was not read yet
    path = path_of(slug)
    return answer_with(_edit_page(path, _draft(path), form), form)


@blueprint.post(f"{_BASE}/modifier/abandonner")
@roles(FACILITATOR)
def give_up(slug: str) -> BaseResponse:
    """Throw the draft away."""
    rules.give_up_draft(db.session(), path_of(slug).id)
    db.session.commit()
    flash(_("Brouillon abandonné."), "success")
    return redirect(url_for("paths.path", slug=slug))


@blueprint.route(f"{_BASE}/importer", methods=["GET", "POST"])
@roles(FACILITATOR)
def take_in(slug: str) -> Answer:
    """Questions from a file: they become a draft, to be read before it is published."""
    form = FileForm()

    def take() -> None:
        data = form.file.data.read() if form.file.data else b""
        rules.import_draft(db.session(), path_of(slug), data, actor_id=me(), now=clock.now())

    if form.validate_on_submit() and try_to(form, take):
        db.session.commit()
        flash(_("Le fichier est devenu un brouillon : relisez-le, puis publiez-le."), "success")
        return _to_draft(slug)
    return answer_with(
        render_template("positioning/import.html", path=path_of(slug), form=form), form
    )
