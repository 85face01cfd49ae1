"""Studies for those who research, figures for those who run the place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.dashboard import views as _dashboard  # noqa: F401 - same blueprint
from tierslieu.evaluation.desk import blueprint, hand_over, house, settings, wake
from tierslieu.evaluation.disclosure import explain
from tierslieu.evaluation.free_text import views as _free_text  # noqa: F401 - same blueprint
from tierslieu.evaluation.free_text.queries import list_requests
from tierslieu.evaluation.kept import jobs
from tierslieu.evaluation.kept.queries import find_package, list_packages
from tierslieu.evaluation.kept.rules import ask_package, list_held_back
from tierslieu.evaluation.nightly import views as _nightly  # noqa: F401 - same blueprint
from tierslieu.evaluation.nightly.reading import show_distributions, show_month, show_rates
from tierslieu.evaluation.participants import views as _participants  # noqa: F401 - same blueprint
from tierslieu.evaluation.queries import list_downloads
from tierslieu.evaluation.results import views as _results  # noqa: F401 - same blueprint
from tierslieu.evaluation.yearly import views as _yearly  # noqa: F401 - same blueprint
from tierslieu.people.models import ADMINISTRATOR, COORDINATOR, RESEARCHER
from tierslieu.people.stepping_up import step_up
from tierslieu.surveys.models import Study
from tierslieu.surveys.pseudonyms import read_key
from tierslieu.surveys.queries import list_studies
from tierslieu.surveys.studies.queries import find_study, may_research
from tierslieu.web.access import current_person, roles
from tierslieu.web.languages import current


def _study(study_id: UUID) -> Study:
    study = find_study(db.session(), study_id)
    if study is None or (
        not _researches(study)
        and (study.opened_at is None or not current_person().holds(COORDINATOR))
    ):
        raise NotYours()
    return study


def _researches(study: Study) -> bool:
    """Whether this person sees the answers of the study and has its packages."""
    person = current_person()
    return person.holds(RESEARCHER) and may_research(db.session(), study, person.id)


@blueprint.get("/etudes")
@roles(RESEARCHER, COORDINATOR)
def studies() -> str:
    """Every study with the response rate of its waves."""
    session, person = db.session(), current_person()
    theirs = [
        study
        for study in list_studies(session)
        if _researches(study) or (person.holds(COORDINATOR) and study.opened_at is not None)
    ]
    shown, kept = show_rates(session, theirs)
    return render_template("evaluation/studies.html", studies=shown, kept=kept, explain=explain)


@blueprint.get("/etudes/<uuid:study_id>")
@roles(RESEARCHER, COORDINATOR)
def study(study_id: UUID) -> str | BaseResponse:
    """One study: rates for all who may come, answers and the package for those who research."""
    session = db.session()
    found = _study(study_id)
    if found.opened_at is None:
        return redirect(url_for("surveys.design", study_id=study_id))
    researches = _researches(found)
    [shown_study], kept = show_rates(session, [found])
    waves: list[dict[str, Any]] = [
        {"rates": rates, "distributions": []} for rates in shown_study.waves
    ]
    packages = list_packages(session, found.id) if researches else []
    obstacle, weighed = "", None
    if researches:
        try:
            key = read_key(settings().keys, found.slug)
            told, weighed = show_distributions(session, found, key, current())
            for wave, shown in zip(found.waves, waves, strict=True):
                shown["distributions"] = told[wave.id]
        except Refused as refusal:
            obstacle = refusal.message
    return render_template(
        "evaluation/study.html",
        study=found,
        waves=waves,
        kept=kept,
        weighed=weighed,
        researches=researches,
        obstacle=obstacle,
        downloads=list_downloads(session, found.id),
        packages=packages,
        held_back=list_held_back(session, found, packages),
        text_requests=list_requests(session, found.id),
        explain=explain,
    )


@blueprint.post("/etudes/<uuid:study_id>/paquet")
@roles(RESEARCHER)
@step_up
def ask(study_id: UUID) -> BaseResponse:
    """Have the worker build the package of those who consent."""
    session = db.session()
    if not _researches(_study(study_id)):
        raise NotYours
    ask_package(session, study_id, user_id=current_person().id, now=clock.now())
    session.commit()
    wake(jobs.NAME)
    return redirect(url_for(".study", study_id=study_id, _anchor="paquets"))


@blueprint.get("/etudes/<uuid:study_id>/paquets/<uuid:package_id>.zip")
@roles(RESEARCHER)
@step_up
def download(study_id: UUID, package_id: UUID) -> Response:
    """Write down that a package leaves, and hand it over."""
    session = db.session()
    found = find_package(session, package_id)
    if found is None or found.study_id != study_id or not _researches(_study(study_id)):
        raise NotYours()
    response = hand_over(session, found, current_person().id)
    session.commit()
    return response


@blueprint.get("/chiffres")
@roles(COORDINATOR, ADMINISTRATOR)
def figures() -> str:
    """The figures of the month beside those of the month before."""
    shown = show_month(db.session(), house(), clock.now())
    return render_template(
        "evaluation/figures.html",
        figures=shown.figures,
        month=shown.month.name,
        before=shown.month.before.name,
        kept=shown.kept,
        explain=explain,
    )
