"""Studies and their packages for programs: asked for, built by the worker, handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from flask import Response
from flask_babel import gettext as _

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours
from tierslieu.evaluation.desk import api_blueprint as blueprint
from tierslieu.evaluation.desk import hand_over, wake
from tierslieu.evaluation.kept import jobs
from tierslieu.evaluation.kept.queries import find_package, list_studies_with_waves
from tierslieu.evaluation.kept.rules import ask_package
from tierslieu.evaluation.models import PackageState, ResearchPackage
from tierslieu.surveys.models import Study
from tierslieu.surveys.studies.queries import find_study, may_research
from tierslieu.web.api import Body, address, answer, caller, listed, token
from tierslieu.web.openapi import described

SCOPE = "studies:export"


class WaveTold(Body):
    """One sending of a questionnaire."""

    slug: str
    title: str
    occasion: str
    instrument: str
    instrument_version: int


class StudyTold(Body):
    """A study with its waves; a closed one takes no answers any more."""

    id: UUID
    slug: str
    title: str
    description: str
    closed_at: datetime | None
    waves: list[WaveTold]


class ExportTold(Body):
    """A package that was asked for; ``message`` says why it could not be built."""

    id: UUID
    study: str
    state: Literal["asked", "built", "refused"]
    asked_at: datetime
    decided_at: datetime | None
    name: str | None
    sha256: str | None
    size: int | None
    participants: int | None
    message: str
    url: str


def _study(study: Study) -> StudyTold:
    return StudyTold(
        id=study.id,
        slug=study.slug,
        title=study.title,
        description=study.description,
        closed_at=study.closed_at,
        waves=[
            WaveTold(
                slug=wave.slug,
                title=wave.title,
                occasion=wave.occasion,
                instrument=wave.instrument.slug,
                instrument_version=wave.instrument.version,
            )
            for wave in study.waves
        ],
    )


def _export(package: ResearchPackage) -> ExportTold:
    built = package.state is PackageState.BUILT
    return ExportTold(
        id=package.id,
        study=package.study.slug,
        state=package.state.value,
        asked_at=package.asked_at,
        decided_at=package.decided_at,
        name=package.name if built else None,
        sha256=package.sha256 if built else None,
        size=package.size if built else None,
        participants=package.participants if built else None,
        message=package.problem,
        url=address("evaluation_api.export", export_id=package.id),
    )


@blueprint.get("/studies")
@token(SCOPE)
@described(answer=StudyTold, many=True)
def studies() -> Response:
    """List the open and closed studies one may export, with their waves, the oldest first."""
    session, person_id = db.session(), caller().person_id
    found = list_studies_with_waves(session)
    own = [one for one in found if one.opened_at and may_research(session, one, person_id)]
    return listed([_study(one) for one in own])


@blueprint.post("/studies/<uuid:study_id>/exports")
@token(SCOPE)
@described(answer=ExportTold, status=202, refusals={404: "not_found"})
def ask(study_id: UUID) -> Response:
    """Ask for the package of those who consent; the worker builds it.

    Whoever asks while one waits is given that one.
    """
    session = db.session()
    found = find_study(session, study_id)
    if found is None or not may_research(session, found, caller().person_id):
        raise NotYours(_("Il n’y a pas d’étude de cet identifiant."))
    asked = ask_package(session, study_id, user_id=caller().person_id, now=clock.now())
    told = _export(asked)
    session.commit()
    wake(jobs.NAME)
    response = answer(told, 202)
    response.headers["Location"] = told.url
    return response


@blueprint.get("/exports/<uuid:export_id>")
@token(SCOPE)
@described(
    file="application/zip",
    accepted=ExportTold,
    refusals={404: "not_found", 409: "package_refused", 410: "package_lost"},
)
def export(export_id: UUID) -> Response:
    """Hand over a package once it is built (202 while it waits); each time is written down."""
    session = db.session()
    found = find_package(session, export_id)
    if found is None or not may_research(session, found.study, caller().person_id):
        raise NotYours(_("Il n’y a pas de paquet de cet identifiant."))
    if found.state is PackageState.ASKED:
        return answer(_export(found), 202)
    response = hand_over(session, found, caller().person_id)
    session.commit()
    return response
