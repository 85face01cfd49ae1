"""The pages of free texts: asking for them; reading them, each alone; answering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.desk import blueprint, settings
from tierslieu.evaluation.free_text import rules
from tierslieu.evaluation.free_text.forms import AskTextsForm, DecisionForm, PassageForm
from tierslieu.evaluation.free_text.gathering import list_questions
from tierslieu.evaluation.free_text.models import ReadingState, ReadText, TextRequest
from tierslieu.evaluation.free_text.queries import find_request, find_to_read
from tierslieu.people.models import COORDINATOR, RESEARCHER
from tierslieu.people.stepping_up import step_up
from tierslieu.surveys.editing.desk import Answer, answer_with, try_to
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Study, Wave
from tierslieu.surveys.pseudonyms import find_key, read_key
from tierslieu.surveys.studies.queries import allows_texts, find_study, may_research
from tierslieu.web.access import current_person, roles

BASE = "/etudes/<uuid:study_id>/textes"
ONE = f"{BASE}/<uuid:request_id>"


def _researched(study_id: UUID) -> Study:
    found = find_study(db.session(), study_id)
    if found is None or not may_research(db.session(), found, current_person().id):
        raise NotYours
    return found


def _to_read(study_id: UUID, request_id: UUID) -> TextRequest:
    found = find_to_read(db.session(), study_id, request_id, current_person().id)
    if found is None:
        raise NotYours
    return found


def _key(found: TextRequest) -> bytes:
    return read_key(settings().keys, found.study.slug)


def _texts(found: TextRequest) -> list[ReadText]:
    """What the reading is about; nothing once the study's key is gone."""
    key = find_key(settings().keys, found.study.slug)
    return rules.list_readable(db.session(), found, key) if key is not None else []


def _wording(wave: Wave, item: str) -> str:
    asked = read_questionnaire(wave.instrument.content).items()
    return next((one.text for one in asked if one.name == item), item)


def _back(study_id: UUID, request_id: UUID) -> BaseResponse:
    return redirect(url_for(".text_request", study_id=study_id, request_id=request_id))


def _do(
    found: TextRequest, act: Callable[[], Any], said: str, refused_at: str | None = None
) -> BaseResponse | None:
    """Do what a button asks, and say so; a refusal is told on the page of the request, or at
    ``refused_at``."""
    try:
        act()
    except NotYours:
        raise
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
        return redirect(refused_at) if refused_at else _back(found.study_id, found.id)
    db.session.commit()
    flash(said, "success")
    return None


@blueprint.route(f"{BASE}/demander", methods=["GET", "POST"])
@roles(RESEARCHER)
def ask_texts(study_id: UUID) -> Answer:
    """Ask that the answers to some questions be let out."""
    session, found = db.session(), _researched(study_id)
    form = AskTextsForm()
    form.offer(list_questions(found))
    made: list[TextRequest] = []

    def ask() -> None:
        person, now = current_person(), clock.now()
        reason = form.reason.data or ""
        made.append(
            rules.ask_texts(session, study_id, form.chosen(), reason, user_id=person.id, now=now)
        )

    if form.validate_on_submit() and try_to(form, ask):
        session.commit()
        flash(_("La demande est faite : la coordination en est prévenue."), "success")
        return _back(study_id, made[0].id)
    page = render_template(
        "evaluation/free_text/ask.html",
        study=found,
        form=form,
        is_allowed=allows_texts(session, found),
    )
    return answer_with(page, form)


def _show(found: TextRequest, form: DecisionForm) -> str:
    person, session = current_person(), db.session()
    reads = (
        person.holds(COORDINATOR)
        and find_to_read(session, found.study_id, found.id, person.id) is not None
    )
    return render_template(
        "evaluation/free_text/request.html",
        study=found.study,
        asked=found,
        questions=[(one, _wording(one.wave, one.item)) for one in found.questions],
        reads=reads,
        progress=rules.count_progress(_texts(found)) if reads else None,
        form=form,
    )


@blueprint.get(ONE)
@roles(RESEARCHER, COORDINATOR)
def text_request(study_id: UUID, request_id: UUID) -> str:
    """What was asked and what became of it; for the coordination, where the reading is."""
    session, person = db.session(), current_person()
    found = find_request(session, study_id, request_id)
    if found is None:
        raise NotYours
    researches = person.holds(RESEARCHER) and may_research(session, found.study, person.id)
    if not researches and not person.holds(COORDINATOR):
        raise NotYours
    return _show(found, DecisionForm())


@blueprint.post(f"{ONE}/lecture")
@roles(COORDINATOR)
def begin_reading(study_id: UUID, request_id: UUID) -> BaseResponse:
    """Take the texts that are there now, and open the first."""
    found, session = _to_read(study_id, request_id), db.session()
    stopped = _do(
        found,
        lambda: rules.begin_reading(
            session,
            study_id,
            request_id,
            _key(found),
            user_id=current_person().id,
            now=clock.now(),
        ),
        _("La lecture est ouverte. Ce qui sera écrit désormais attendra une autre demande."),
    )
    return stopped or redirect(url_for(".read_next", study_id=study_id, request_id=request_id))


@blueprint.get(f"{ONE}/lire")
@roles(COORDINATOR)
def read_next(study_id: UUID, request_id: UUID) -> BaseResponse:
    """The next text that was not read; the request once all were."""
    for one in _texts(_to_read(study_id, request_id)):
        if one.state is ReadingState.WAITING:
            return redirect(
                url_for(".read_text", study_id=study_id, request_id=request_id, text_id=one.id)
            )
    return _back(study_id, request_id)


@blueprint.route(f"{ONE}/lire/<uuid:text_id>", methods=["GET", "POST"])
@roles(COORDINATOR)
def read_text(study_id: UUID, request_id: UUID, text_id: UUID) -> Answer:
    """One text alone: let it out, keep it, or replace a passage first."""
    found, session = _to_read(study_id, request_id), db.session()
    texts = _texts(found)
    index = next((number for number, one in enumerate(texts) if one.id == text_id), None)
    if index is None:
        raise NotYours
    act, form = request.form.get("act"), PassageForm()
    where = (session, study_id, request_id, text_id)
    person = current_person()
    if act == "replace" and form.validate_on_submit():
        passage, by = form.passage.data or "", form.by.data or ""
        if try_to(
            form,
            lambda: rules.replace_passage(
                *where, _key(found), passage=passage, by=by, user_id=person.id
            ),
        ):
            session.commit()
            flash(_("Le passage est remplacé. Relisez le texte."), "success")
            return redirect(request.path)
    elif act in ("let_out", "keep"):
        if act == "let_out":
            seen = request.form.get("seen", "")
            stopped = _do(
                found,
                lambda: rules.let_out(*where, _key(found), seen=seen, user_id=person.id),
                _("Ce texte peut sortir."),
                request.path,
            )
        else:
            stopped = _do(
                found,
                lambda: rules.keep_in(*where, _key(found), user_id=person.id),
                _("Ce texte reste au lieu."),
            )
        return stopped or redirect(url_for(".read_next", study_id=study_id, request_id=request_id))
    page = render_template(
        "evaluation/free_text/read.html",
        study=found.study,
        asked=found,
        text=texts[index],
        seen=rules.wording_of(texts[index]),
        wording=_wording(texts[index].wave, texts[index].item),
        number=index + 1,
        count=len(texts),
        before=texts[index - 1].id if index else None,
        after=texts[index + 1].id if index + 1 < len(texts) else None,
        form=form,
    )
    return answer_with(page, form)


@blueprint.post(f"{ONE}/reponse")
@roles(COORDINATOR)
@step_up
def answer_request(study_id: UUID, request_id: UUID) -> Answer:
    """Agree, or refuse, with a word."""
    found, session, form = _to_read(study_id, request_id), db.session(), DecisionForm()
    person, now, word = current_person(), clock.now(), form.word.data or ""

    def answer() -> None:
        if form.answer.data == "agree":
            key = _key(found)
            rules.agree(session, study_id, request_id, key, word, user_id=person.id, now=now)
        else:
            rules.refuse(session, study_id, request_id, word, user_id=person.id, now=now)

    if form.validate_on_submit() and try_to(form, answer):
        session.commit()
        flash(_("Votre réponse est donnée, et l’équipe de l’étude prévenue."), "success")
        return _back(study_id, request_id)
    return answer_with(_show(_to_read(study_id, request_id), form), form)


@blueprint.post(f"{ONE}/retrait")
@roles(COORDINATOR)
def withdraw_texts(study_id: UUID, request_id: UUID) -> BaseResponse:
    """Take the agreement back."""
    found, person = _to_read(study_id, request_id), current_person()
    _do(
        found,
        lambda: rules.withdraw(
            db.session(), study_id, request_id, user_id=person.id, now=clock.now()
        ),
        _("L’accord est repris : ces textes ne sortent plus."),
    )
    return _back(study_id, request_id)
