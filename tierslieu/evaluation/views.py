"""Studies for those who research, figures for those who run the place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation import rules
from tierslieu.evaluation.disclosure import explain
from tierslieu.evaluation.figures import month_figures, month_of
from tierslieu.evaluation.queries import find_study, list_downloads
from tierslieu.house import House
from tierslieu.people.models import ADMINISTRATOR, COORDINATOR, RESEARCHER
from tierslieu.settings import Settings
from tierslieu.surveys.models import Study
from tierslieu.surveys.pseudonyms import read_key
from tierslieu.surveys.queries import list_studies
from tierslieu.web.access import current_person, roles

blueprint = Blueprint("evaluation", __name__)


def _settings() -> Settings:
    settings: Settings = current_app.config["TIERSLIEU"]
    return settings


def _house() -> House:
    house: House = current_app.extensions["tierslieu.house"]
    return house


def _study(study_id: UUID) -> Study:
    study = find_study(db.session(), study_id)
    if study is None:
        raise NotYours()
    return study


@blueprint.get("/etudes")
@roles(RESEARCHER, COORDINATOR)
def studies() -> str:
    """Every study with the response rate of its waves."""
    session = db.session()
    shown = [
        (study, [rules.wave_rates(session, wave) for wave in study.waves])
        for study in list_studies(session)
    ]
    return render_template("evaluation/studies.html", studies=shown, explain=explain)


@blueprint.get("/etudes/<uuid:study_id>")
@roles(RESEARCHER, COORDINATOR)
def study(study_id: UUID) -> str:
    """One study: rates for all who may come, answers and the package for those who research."""
    session = db.session()
    found = _study(study_id)
    researches = current_person().holds(RESEARCHER)
    waves: list[dict[str, Any]] = [
        {"rates": rules.wave_rates(session, wave), "distributions": []} for wave in found.waves
    ]
    obstacle = ""
    if researches:
        try:
            key = read_key(_settings().keys_folder, found.slug)
            for wave, shown in zip(found.waves, waves, strict=True):
                shown["distributions"] = rules.wave_distributions(session, wave, key)
        except Refused as refusal:
            obstacle = refusal.message
    return render_template(
        "evaluation/study.html",
        study=found,
        waves=waves,
        researches=researches,
        obstacle=obstacle,
        downloads=list_downloads(session, found.id),
        explain=explain,
    )


@blueprint.post("/etudes/<uuid:study_id>/paquet")
@roles(RESEARCHER)
def download(study_id: UUID) -> Response:
    """Build the package of those who consent today, write down that it leaves, hand it over."""
    session = db.session()
    found = _study(study_id)
    settings, now = _settings(), clock.now()
    key = read_key(settings.keys_folder, found.slug)
    package = rules.prepare_package(session, found, key, _house(), settings.place_name, now=now)
    rules.note_download(session, found, package, user_id=current_person().id, now=now)
    session.commit()
    return Response(
        package.content,
        mimetype="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{package.name}.zip"',
            "Cache-Control": "no-store",
        },
    )


@blueprint.get("/chiffres")
@roles(COORDINATOR, ADMINISTRATOR)
def figures() -> str:
    """The figures of the month beside those of the month before."""
    now = clock.now()
    month = month_of(now)
    return render_template(
        "evaluation/figures.html",
        figures=month_figures(db.session(), _house(), now),
        month=month.name,
        before=month.before.name,
        explain=explain,
    )
