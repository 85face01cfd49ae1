"""The results of a study, for those who research it: a page, and the same on paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, render_template
from flask_babel import gettext as _

from tierslieu import clock
from tierslieu.db import db
from tierslieu.errors import NotYours, Refused
from tierslieu.evaluation.desk import blueprint, settings
from tierslieu.evaluation.disclosure import explain
from tierslieu.evaluation.nightly.reading import show_answers, show_rates
from tierslieu.evaluation.results import words
from tierslieu.evaluation.results.rules import Results
from tierslieu.evaluation.rules import wave_rates
from tierslieu.people.models import RESEARCHER
from tierslieu.place.showing import the_place
from tierslieu.surveys.models import Study
from tierslieu.surveys.pseudonyms import read_key
from tierslieu.surveys.studies.queries import find_study, may_research
from tierslieu.web.access import current_person, roles
from tierslieu.web.formats import long_day
from tierslieu.web.languages import current
from tierslieu.web.papers import draw_paper, send_paper


def _study(study_id: UUID) -> Study:
    """A study this person researches: :class:`NotYours` for any other."""
    session = db.session()
    found = find_study(session, study_id)
    if found is None or not may_research(session, found, current_person().id):
        raise NotYours
    return found


def _facts(study: Study) -> dict[str, Any]:
    """What the page and the paper say, read in one go. ``obstacle``: why answers are missing."""
    now, key, obstacle = clock.now(), None, ""
    if study.opened_at is None:
        obstacle = str(_("L’étude n’est pas encore ouverte : personne n’y a répondu."))
    else:
        try:
            key = read_key(settings().keys, study.slug)
        except Refused as refusal:
            obstacle = refusal.message
    session = db.session()
    answers, kept = show_answers(session, study, key, current(), now)
    # Of one moment, all of it: what is of the night, or what is read now.
    if kept is not None:
        [shown], _kept = show_rates(session, [study])
        rates = [(one.wave.title, one) for one in shown.waves]
    else:
        rates = [(wave.title, wave_rates(session, wave)) for wave in study.waves]
    return {
        "title": study.title,
        "results": Results(rates, answers),
        "kept": kept,
        "obstacle": obstacle,
        "words": words,
        "explain": explain,
        "made_on": long_day(kept.made_at if kept else now),
    }


@blueprint.get("/etudes/<uuid:study_id>/resultats")
@roles(RESEARCHER)
def results(study_id: UUID) -> str:
    """Rates, attrition, scores, change and answers of a study."""
    study = _study(study_id)
    return render_template("evaluation/results/page.html", study=study, **_facts(study))


@blueprint.get("/etudes/<uuid:study_id>/resultats.pdf")
@roles(RESEARCHER)
def results_pdf(study_id: UUID) -> Response:
    """The same on paper."""
    study = _study(study_id)
    facts, place = _facts(study), the_place()
    name = f"resultats-{study.slug}-{clock.to_local(clock.now()):%Y-%m-%d}.pdf"
    db.session.rollback()  # drawing takes time: no transaction stays open meanwhile
    data = draw_paper(
        "pdf/evaluation_results.html", place_name=place.name_here, contact=place.contact, **facts
    )
    return send_paper(data, name)
