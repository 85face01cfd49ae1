"""The queue of those who answer, made for the keyboard; the files handed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.paths import words as path_words
from courses.progress import words
from courses.progress.answering import queries, rules
from courses.progress.answering import words as said
from courses.progress.answering.counting import count_in_groups, steps_in
from courses.progress.answering.forms import WordsForm, read_ids, read_narrowing
from courses.progress.answering.previews import preview
from courses.progress.answering.queries import ALL
from courses.progress.certificates.queries import (
    find_certificate_of,
    list_clashes,
    list_open_clashes,
)
from courses.progress.desk import blueprint, the_house, the_settings
from courses.progress.forms import AnswerForm
from courses.progress.models import RecordSource, RecordState, StepRecord
from courses.progress.queries import find_record_for, list_tries
from courses.progress.waivers.queries import count_asked
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.house_paths import RecordPanel
from tierslieu.people.models import FACILITATOR
from tierslieu.uploads.sending import PICTURES, send_upload
from tierslieu.web.access import current_person, roles, signed_in
from tierslieu.web.paging import PER_PAGE, Page, asked_page
from tierslieu.web.panels import render_cards

VERDICTS = {"valider": RecordState.VALIDATED, "retourner": RecordState.RETURNED}


@blueprint.get("/a-traiter")
@roles(FACILITATOR)
def queue() -> str:
    """The declared steps that wait for an answer, oldest first."""
    return _queue_page()


def _queue_page() -> str:
    session, person_id, now = db.session(), current_person().id, clock.now()
    asked, number = read_narrowing(request.args), asked_page()
    groups = queries.list_waiting_groups(session, person_id)
    cohorts = queries.list_waiting_cohorts(session, groups)
    total = count_in_groups(groups, cohorts, asked, person_id)
    if total is None:
        total = queries.count_narrowed(session, person_id, asked, now=now)
    items = queries.list_narrowed(
        session, person_id, asked, now=now, limit=PER_PAGE, offset=(number - 1) * PER_PAGE
    )
    return render_template(
        "progress/queue.html",
        page=Page(items, number, total),
        asked=asked,
        is_narrowed=asked != ALL,
        steps=steps_in(groups),
        cohorts=cohorts,
        ages=said.ages(),
        asked_waivers=count_asked(session, person_id),
        clashes=[
            (clash, certificate, name, person_id in (clash.user_id, certificate.user_id))
            for clash, certificate, name in list_open_clashes(session)
        ],
        words=words,
        path_words=path_words,
        alike=RecordSource.DECLARED,
        **_bench(),
    )


def _bench() -> dict[str, Any]:
    """What every page of the queue offers: taking back what was just answered, the keys."""
    session, person_id = db.session(), current_person().id
    since = clock.now() - rules.UNDO_FOR
    habits = queries.find_habits(session, person_id)
    just = queries.list_just_answered(session, person_id, since=since)
    left = rules.seconds_left(just, clock.now())
    return {
        "just_answered": just,
        "has_shortcuts": habits is None or habits.has_shortcuts,
        "undo_words": said.undo(
            rules.count_answers(just), len({one.enrolment.user_id for one in just}), left
        ),
    }


@blueprint.route("/a-traiter/<uuid:record_id>", methods=["GET", "POST"])
@roles(FACILITATOR)
def answer(record_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """One declared step with its evidence: validate it, or return it with a word."""
    session, person_id = db.session(), current_person().id
    asked, form = read_narrowing(request.args), AnswerForm()
    _record(record_id)
    verdict = VERDICTS.get(request.form.get("reponse", ""))
    if verdict and form.validate_on_submit():
        try:
            record = rules.answer(
                session,
                record_id,
                verdict,
                actor_id=person_id,
                now=clock.now(),
                word=form.word.data or "",
            )
        except Refused as refused:
            session.rollback()
            if refused.field is None:
                flash(refused.message, "error")
                return redirect(url_for(".answer", record_id=record_id, **asked.args()))
            form.refuse(refused)
        else:
            session.commit()
            flash(said.answered(record), "success")
            return redirect(_next_url(record))
    if "choisi" in request.form:  # a usual word, to be changed or sent
        form.word.data = request.form["choisi"]
    return _answer_page(record_id, form)


def _next_url(record: StepRecord) -> str:
    """The one that has waited longest after this one, else the oldest, else the queue."""
    session, person_id, now = db.session(), current_person().id, clock.now()
    asked = read_narrowing(request.args)
    following = queries.find_following(session, person_id, asked, record, now=now)
    if following is None:
        return url_for(".queue", **asked.args())
    return url_for(".answer", record_id=following, **asked.args())


def _record(record_id: UUID) -> StepRecord:
    record = find_record_for(db.session(), current_person(), record_id)
    if record is None:
        raise NotYours
    return record


def _answer_page(record_id: UUID, form: AnswerForm) -> str | tuple[str, int]:
    session, person, now = db.session(), current_person(), clock.now()
    record, asked = _record(record_id), read_narrowing(request.args)
    tries = list_tries(session, record.enrolment_id, record.step_id)
    before, after = queries.find_neighbours(session, person.id, asked, record, now=now)
    page = render_template(
        "progress/answer.html",
        record=record,
        is_own=record.enrolment.user_id == person.id,
        earlier=[r for r in tries if r.declared_at < record.declared_at],
        waiting=queries.count_narrowed(session, person.id, asked, now=now),
        before=before,
        after=after,
        args=asked.args(),
        offered=rules.offered_words(session, person.id),
        usual=rules.usual_words(),
        clashes=_clashes(record),
        panels=render_cards(
            card
            for panel in the_house().all(RecordPanel)
            for card in panel.build(session, record_id, now)
        ),
        look=preview(the_settings().uploads, record.upload),
        form=form,
        path_words=path_words,
        **_bench(),
    )
    return (page, 422) if form.errors else page


def _clashes(record: StepRecord) -> list[str]:
    """Who else gave the certificate that this line rests on, by name."""
    found = find_certificate_of(db.session(), record.id)
    return [one.user.name for one in list_clashes(db.session(), found.id)] if found else []


@blueprint.post("/a-traiter/<uuid:record_id>/annuler")
@roles(FACILITATOR)
def take_back(record_id: UUID) -> BaseResponse:
    """Undo the answer just given, and come back to the line."""
    session, args = db.session(), read_narrowing(request.args).args()
    try:
        records = rules.take_back(session, record_id, actor_id=current_person().id, now=clock.now())
    except NotYours:
        raise
    except Refused as refused:
        session.rollback()
        flash(refused.message, "error")
        return redirect(url_for(".queue", **args))
    session.commit()
    answers = rules.count_answers(records)
    flash(said.taken_back(answers), "success")
    if answers > 1:
        return redirect(url_for(".queue", **args))
    return redirect(url_for(".answer", record_id=record_id, **args))


@blueprint.post("/a-traiter/ensemble")
@roles(FACILITATOR)
def together() -> str | BaseResponse | tuple[str, int]:
    """Validate several lines of one step: shown once more, then done."""
    session, person_id = db.session(), current_person().id
    args = read_narrowing(request.args).args()
    ids = read_ids(request.form.getlist("ligne"))
    try:
        if request.form.get("oui"):
            done, missed = rules.validate_several(session, ids, actor_id=person_id, now=clock.now())
            session.commit()
            flash(said.validated(done, missed), "success" if done else "info")
            return redirect(url_for(".queue", **args))
        chosen = rules.check_alike(session, ids, person_id)
    except Refused as refused:
        session.rollback()
        flash(refused.message, "error")
        return _queue_page(), refused.status
    if not chosen:
        flash(_("Ces lignes ont déjà reçu une réponse."), "info")
        return redirect(url_for(".queue", **args))
    return render_template(
        "progress/together.html",
        chosen=chosen,
        args=args,
        path_words=path_words,
        **_bench(),
    )


@blueprint.route("/a-traiter/mots", methods=["GET", "POST"])
@roles(FACILITATOR)
def usual_words() -> str | BaseResponse | tuple[str, int]:
    """One's usual words, on the keys 1 to 9; whether single keys act."""
    session, person_id = db.session(), current_person().id
    form = WordsForm()
    if form.validate_on_submit():
        try:
            rules.keep_words(session, person_id, form.words.data or "")
        except Refused as refused:
            session.rollback()
            form.refuse(refused)
        else:
            session.commit()
            flash(_("Vos mots sont gardés."), "success")
            return redirect(url_for(".queue"))
    habits = queries.find_habits(session, person_id)
    if not form.is_submitted():
        form.words.data = "\n".join(habits.words if habits else ())
    page = render_template(
        "progress/words.html",
        form=form,
        offered=rules.offered_words(session, person_id),
        usual=rules.usual_words(),
        most=rules.MOST_WORDS,
    )
    return (page, 422) if form.errors else page


@blueprint.post("/a-traiter/raccourcis")
@roles(FACILITATOR)
def shortcuts() -> BaseResponse:
    """Single keys act, or no longer."""
    is_on = request.form.get("actifs") == "oui"
    rules.set_shortcuts(db.session(), current_person().id, is_on=is_on)
    db.session.commit()
    flash(
        _("Les raccourcis sont actifs.") if is_on else _("Les raccourcis sont désactivés."),
        "success",
    )
    return redirect(url_for(".queue"))


@blueprint.get("/preuves/<uuid:record_id>")
@signed_in
def evidence(record_id: UUID) -> Response:
    """The file handed in: for who handed it in and for facilitators, always as a download."""
    upload = _record(record_id).upload
    if upload is None:
        raise NotYours
    return send_upload(the_settings().uploads, upload)


@blueprint.get("/preuves/<uuid:record_id>/apercu")
@signed_in
def evidence_picture(record_id: UUID) -> Response:
    """The picture handed in, to be shown on the page; no other kind of file is."""
    upload = _record(record_id).upload
    if upload is None or upload.media_type not in PICTURES:
        raise NotYours
    return send_upload(the_settings().uploads, upload, is_shown=True)
