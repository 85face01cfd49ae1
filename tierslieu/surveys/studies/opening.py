"""The instruments and the study that the place opens with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.store.shelf import Shelf
from tierslieu.surveys.instruments.reading import (
    check_languages,
    check_names,
    content_hash,
    load_shipped,
    read_questionnaire,
)
from tierslieu.surveys.models import Instrument, Study, Wave
from tierslieu.surveys.pseudonyms import has_key, make_key
from tierslieu.surveys.queries import (
    count_submitted,
    find_instrument,
    find_study_by_slug,
    list_studies,
)

STUDY_SLUG = "tiers-lieu"
AFTER_SESSION, END_OF_PATH = "after_session", "end_of_path"


@dataclass(frozen=True)
class PlannedWave:
    """One wave of the place's study, which asks version 1 of ``instrument``."""

    slug: str
    occasion: str
    title: str
    instrument: str
    delay_days: int = 0
    reminders: int = 0


WAVES = (
    PlannedWave(AFTER_SESSION, AFTER_SESSION, "Après chaque séance", "apres-seance"),
    PlannedWave(END_OF_PATH, END_OF_PATH, "À la fin d’un parcours", "fin-de-parcours", reminders=1),
    PlannedWave("after_week", "after_week", "Après une semaine intensive", "semaine", delay_days=1),
    PlannedWave(
        "six_months",
        END_OF_PATH,
        "Six mois après la fin d’un parcours",
        "six-mois",
        delay_days=183,
        reminders=1,
    ),
)


def register_instruments(db: Session) -> None:
    """Put the shipped instruments into the database. Raises ValueError if a version was changed."""
    for content in load_shipped():
        check_languages(content)
        questionnaire = read_questionnaire(content)
        digest = content_hash(content)
        known = find_instrument(db, questionnaire.slug, questionnaire.version)
        if known is None:
            db.add(
                Instrument(
                    slug=questionnaire.slug,
                    version=questionnaire.version,
                    title=questionnaire.title,
                    licence=content["licence"],
                    source=content["source"],
                    content=content,
                    content_sha256=digest,
                    is_shipped=True,
                )
            )
        elif known.content_sha256 != digest:
            raise ValueError(
                f"{questionnaire.slug} version {questionnaire.version} was changed: "
                "a changed questionnaire is a new version"
            )
    db.flush()


def open_study(db: Session, keys: Shelf) -> Study:
    """The study of the place with its waves and its key; a second run changes nothing.

    A key that is lost is not made anew while answers stand: they would get other pseudonyms.
    """
    register_instruments(db)
    study = find_study_by_slug(db, STUDY_SLUG)
    if study is None:
        study = Study(
            slug=STUDY_SLUG,
            title="Évaluation du tiers-lieu",
            description=(
                "Ce que les séances et les parcours apportent aux personnes qui les suivent, "
                "et ce qu’il faut corriger dans les cours en ligne."
            ),
            responsible="L’équipe de recherche associée au tiers-lieu",
        )
        study.opened_at = study.created_at = clock.now()
        db.add(study)
        db.flush()
    for position, planned in enumerate(WAVES, 1):
        if planned.slug not in {wave.slug for wave in study.waves}:
            study.waves.append(_wave(db, planned, position))
    db.flush()
    submitted = count_submitted(db)
    if not any(submitted.get(wave.id) for wave in study.waves):
        make_key(keys, study.slug)
    return study


def list_without_key(db: Session, keys: Shelf) -> list[str]:
    """The slugs of open studies whose key is not there."""
    return [
        study.slug
        for study in list_studies(db)
        if study.closed_at is None and not has_key(keys, study.slug)
    ]


def _wave(db: Session, planned: PlannedWave, position: int) -> Wave:
    instrument = find_instrument(db, planned.instrument, 1)
    assert instrument is not None
    check_names(read_questionnaire(instrument.content), planned.slug)
    return Wave(
        position=position,
        slug=planned.slug,
        title=planned.title,
        occasion=planned.occasion,
        instrument=instrument,
        delay_days=planned.delay_days,
        reminders=planned.reminders,
    )
