"""The pages on which a researcher designs a study, opens it, and ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from courses.paths.queries import list_paths
from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import RESEARCHER
from tierslieu.people.stepping_up import step_up
from tierslieu.surveys.desk import blueprint, occasions, settings
from tierslieu.surveys.editing.desk import Answer, answer_with, try_to
from tierslieu.surveys.models import Study, Wave
from tierslieu.surveys.pseudonyms import has_key
from tierslieu.surveys.queries import list_instruments
from tierslieu.surveys.studies import designing, words
from tierslieu.surveys.studies.due import ENTRY
from tierslieu.surveys.studies.forms import (
    BeginStudyForm,
    CutForm,
    PublishForm,
    ResearcherForm,
    StudyForm,
    TextForm,
    WaveForm,
)
from tierslieu.surveys.studies.queries import (
    find_draft_text,
    find_study,
    find_text,
    list_asked_waves,
    list_participants,
    list_researchers,
    list_texts,
    may_research,
)
from tierslieu.web.access import current_person, roles
from tierslieu.web.markdown import render_markdown

BASE = "/etudes/<uuid:study_id>"


def own_study(study_id: UUID) -> Study:
    """A study this person runs. Raises :class:`NotYours` for every other one."""
    found = find_study(db.session(), study_id)
    if found is None or not found.has_own_consent:
        raise NotYours
    if not may_research(db.session(), found, current_person().id):
        raise NotYours
    return found


def _back(study_id: UUID, anchor: str | None = None) -> BaseResponse:
    return redirect(url_for("surveys.design", study_id=study_id, _anchor=anchor))


def _do(study_id: UUID, act: Callable[[], Any], said: str, anchor: str | None = None) -> Answer:
    """Do what a button asks; a refusal is told on the page of the study."""
    own_study(study_id)
    try:
        act()
    except NotYours:
        raise
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
    else:
        db.session.commit()
        flash(said, "success")
    return _back(study_id, anchor)


@blueprint.route("/etudes/nouvelle", methods=["GET", "POST"])
@roles(RESEARCHER)
def new_study() -> Answer:
    """Begin a study."""
    form, session = BeginStudyForm(), db.session()
    if form.validate_on_submit():
        made: list[Study] = []

        def begin() -> None:
            title, person = form.title.data or "", current_person()
            made.append(designing.begin_study(session, title, person.id, now=clock.now()))

        if try_to(form, begin):
            session.commit()
            return _back(made[0].id)
    return answer_with(render_template("surveys/studies/new.html", form=form), form)


@blueprint.get(f"{BASE}/preparer")
@roles(RESEARCHER)
def design(study_id: UUID) -> str:
    """All of a study at once: what it is, its text, its waves, who runs it, what is missing."""
    session, found = db.session(), own_study(study_id)
    draft, text = find_draft_text(session, study_id), find_text(session, study_id)
    shown = text or draft
    return render_template(
        "surveys/studies/design.html",
        study=found,
        draft=draft,
        text=text,
        body=render_markdown(shown.body) if shown else "",
        # Ours, in the reader's language; the rest is the study's own.
        leave=render_markdown(words.may_leave()) if shown and shown.allows_texts else "",
        texts=list_texts(session, study_id),
        researchers=list_researchers(session, study_id),
        missing=designing.list_missing(session, found) if found.opened_at is None else [],
        asked=list_asked_waves(session, study_id),
        has_key=has_key(settings().keys, found.slug),
        participants=len(list_participants(session, found)),
        occasions=occasions(),
        publish_form=PublishForm(),
        researcher_form=ResearcherForm(),
        words=words,
    )


@blueprint.route(f"{BASE}/fiche", methods=["GET", "POST"])
@roles(RESEARCHER)
def describe(study_id: UUID) -> Answer:
    """What a study says of itself."""
    session, found = db.session(), own_study(study_id)
    form = StudyForm(obj=found, data={"path": str(found.path_id or "")})
    form.offer(list_paths(session))
    if form.validate_on_submit() and try_to(
        form, lambda: designing.describe_study(session, study_id, form.facts())
    ):
        session.commit()
        flash(_("C’est gardé."), "success")
        return _back(study_id)
    page = render_template("surveys/studies/describe.html", study=found, form=form)
    return answer_with(page, form)


@blueprint.route(f"{BASE}/texte", methods=["GET", "POST"])
@roles(RESEARCHER)
def write_text(study_id: UUID) -> Answer:
    """The text one agrees to, as it is being written."""
    session, found = db.session(), own_study(study_id)
    written = find_draft_text(session, study_id) or find_text(session, study_id)
    form = TextForm(obj=written)
    if form.validate_on_submit() and try_to(
        form,
        lambda: designing.write_text(
            session, study_id, form.body.data or "", allows_texts=bool(form.allows_texts.data)
        ),
    ):
        session.commit()
        flash(_("Le texte est gardé. Personne ne le voit avant sa publication."), "success")
        return _back(study_id, "texte")
    page = render_template(
        "surveys/studies/text.html",
        study=found,
        form=form,
        may_leave=render_markdown(words.may_leave()),
    )
    return answer_with(page, form)


@blueprint.post(f"{BASE}/texte/publier")
@roles(RESEARCHER)
def publish_text(study_id: UUID) -> Answer:
    """From now on one agrees to the text that was written."""
    asks_anew = bool(PublishForm().asks_anew.data)
    return _do(
        study_id,
        lambda: designing.publish_text(
            db.session(), study_id, asks_anew=asks_anew, now=clock.now()
        ),
        _("Le nouveau texte est publié."),
        "texte",
    )


def _wave_form(wave: Wave | None = None) -> WaveForm:
    form = WaveForm(obj=wave, data={"instrument": str(wave.instrument_id)} if wave else None)
    offered = [(one.key, str(one.label)) for one in occasions().values()]
    form.offer(list_instruments(db.session()), [(ENTRY, str(words.ENTRY_LABEL)), *offered])
    return form


@blueprint.route(f"{BASE}/vagues/nouvelle", methods=["GET", "POST"])
@roles(RESEARCHER)
def new_wave(study_id: UUID) -> Answer:
    """One more wave."""
    session, found, form = db.session(), own_study(study_id), _wave_form()
    if form.validate_on_submit() and try_to(
        form, lambda: designing.add_wave(session, study_id, form.facts(), occasions())
    ):
        session.commit()
        flash(_("La vague est ajoutée."), "success")
        return _back(study_id, "vagues")
    page = render_template("surveys/studies/wave.html", study=found, wave=None, form=form)
    return answer_with(page, form)


@blueprint.route(f"{BASE}/vagues/<uuid:wave_id>", methods=["GET", "POST"])
@roles(RESEARCHER)
def edit_wave(study_id: UUID, wave_id: UUID) -> Answer:
    """Change a wave."""
    session, found = db.session(), own_study(study_id)
    wave = next((one for one in found.waves if one.id == wave_id), None)
    if wave is None:
        raise NotYours
    form = _wave_form(wave)
    if form.validate_on_submit() and try_to(
        form, lambda: designing.change_wave(session, study_id, wave_id, form.facts(), occasions())
    ):
        session.commit()
        flash(_("C’est gardé."), "success")
        return _back(study_id, "vagues")
    page = render_template("surveys/studies/wave.html", study=found, wave=wave, form=form)
    return answer_with(page, form)


@blueprint.post(f"{BASE}/vagues/<uuid:wave_id>/retirer")
@roles(RESEARCHER)
def remove_wave(study_id: UUID, wave_id: UUID) -> Answer:
    """Take a wave away, or stop it."""
    return _do(
        study_id,
        lambda: designing.remove_wave(db.session(), study_id, wave_id, now=clock.now()),
        _("C’est fait : cette vague n’invite plus personne."),
        "vagues",
    )


@blueprint.post(f"{BASE}/ouvrir")
@roles(RESEARCHER)
def open_study(study_id: UUID) -> Answer:
    """Propose the study to people."""
    return _do(
        study_id,
        lambda: designing.open_study(db.session(), study_id, settings().keys, now=clock.now()),
        _("L’étude est ouverte : elle est proposée à partir de maintenant."),
    )


@blueprint.post(f"{BASE}/clore")
@roles(RESEARCHER)
def close_study(study_id: UUID) -> Answer:
    """End the study."""
    return _do(
        study_id,
        lambda: designing.close_study(db.session(), study_id, now=clock.now()),
        _("L’étude est close : plus personne n’est sollicité."),
    )


@blueprint.post(f"{BASE}/effacer")
@roles(RESEARCHER)
def forget_draft(study_id: UUID) -> BaseResponse:
    """Erase a draft."""
    own_study(study_id)
    try:
        designing.forget_draft(db.session(), study_id)
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
        return _back(study_id)
    db.session.commit()
    flash(_("Le brouillon est effacé."), "success")
    return redirect(url_for("evaluation.studies"))


@blueprint.route(f"{BASE}/cle", methods=["GET", "POST"])
@roles(RESEARCHER)
def cut_link(study_id: UUID) -> Answer:
    """Destroy the key of a closed study."""
    session, found, form = db.session(), own_study(study_id), CutForm()
    folder = settings().keys
    if form.validate_on_submit() and try_to(
        form, lambda: designing.cut_link(session, study_id, folder, form.slug.data or "")
    ):
        session.commit()
        flash(
            _("La clé est détruite : plus rien ne relie ces réponses à des personnes."), "success"
        )
        return _back(study_id)
    page = render_template(
        "surveys/studies/cut.html", study=found, form=form, has_key=has_key(folder, found.slug)
    )
    return answer_with(page, form)


@blueprint.post(f"{BASE}/equipe")
@roles(RESEARCHER)
@step_up
def add_researcher(study_id: UUID) -> Answer:
    """Somebody else runs the study too."""
    form = ResearcherForm()
    if not form.validate():
        own_study(study_id)
        flash(_("Donnez l’adresse d’un compte."), "error")
        return _back(study_id, "equipe")
    return _do(
        study_id,
        lambda: designing.add_researcher(
            db.session(), study_id, form.email.data or "", now=clock.now()
        ),
        _("C’est fait : cette personne mène l’étude avec vous."),
        "equipe",
    )


@blueprint.post(f"{BASE}/equipe/<uuid:user_id>/retirer")
@roles(RESEARCHER)
def remove_researcher(study_id: UUID, user_id: UUID) -> Answer:
    """Somebody runs the study no more."""
    answer = _do(
        study_id,
        lambda: designing.remove_researcher(db.session(), study_id, user_id),
        _("C’est fait : cette personne ne mène plus l’étude."),
        "equipe",
    )
    left = user_id == current_person().id
    return redirect(url_for("evaluation.studies")) if left else answer
