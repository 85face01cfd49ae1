"""Makes a study, its key, invitations and answers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.house import Happening
from tierslieu.people.models import User
from tierslieu.settings import Settings
from tierslieu.surveys.instruments.items import Questionnaire
from tierslieu.surveys.instruments.reading import content_hash, read_questionnaire
from tierslieu.surveys.models import Instrument, Invitation, Study, Wave
from tierslieu.surveys.pseudonyms import read_key
from tierslieu.surveys.rules import invite_due, save_page
from tierslieu.surveys.studies import AFTER_SESSION, open_study

DATA = Path(__file__).parents[1] / "data"


def settings() -> Settings:
    """The settings of the place under test."""
    found: Settings = current_app.config["TIERSLIEU"]
    return found


def make_study(db: Session) -> Study:
    """The place's study, open, with its key in the keys folder."""
    study = open_study(db, settings().keys_folder)
    db.commit()
    return study


def study_key(study: Study) -> bytes:
    """The key of the study."""
    return read_key(settings().keys_folder, study.slug)


def happening(
    user: User, label: str = "Boucles et listes", at: datetime | None = None
) -> Happening:
    """This person was at a session."""
    return Happening(user.id, at or clock.now(), f"session:{uuid4()}", label)


def make_invitation(
    db: Session, user: User, occasion: str = AFTER_SESSION, *, now: datetime | None = None
) -> Invitation:
    """This person is invited after a session of their own."""
    now = now or clock.now()
    [invitation] = invite_due(db, {occasion: [happening(user, at=now - timedelta(hours=1))]}, now)
    db.commit()
    return invitation


def questionnaire_of(invitation: Invitation) -> Questionnaire:
    """The questionnaire this invitation asks."""
    return read_questionnaire(invitation.wave.instrument.content)


def answers_for(questionnaire: Questionnaire, page: int, value: str = "4") -> dict[str, str]:
    """``value`` to every scale of the page; nothing to the rest."""
    items = questionnaire.pages[page].items
    return {item.name: value for item in items if item.kind.value == "likert"}


def answer(
    db: Session, invitation: Invitation, *, value: str = "4", now: datetime | None = None
) -> None:
    """Answer every scale of the invitation's questionnaire with ``value`` and send it."""
    questionnaire = questionnaire_of(invitation)
    key = study_key(invitation.wave.study)
    for page in range(len(questionnaire.pages)):
        values = answers_for(questionnaire, page, value)
        save_page(db, invitation.id, key, page, values, now=now or clock.now())
    db.commit()


def load_instrument(name: str) -> dict[str, Any]:
    """An instrument of ``tests/data/instruments``, by name of file."""
    found: dict[str, Any] = json.loads((DATA / "instruments" / f"{name}.json").read_text("utf-8"))
    return found


def make_wave(db: Session, study: Study, content: dict[str, Any], slug: str = "try") -> Wave:
    """A wave of the study that asks this instrument after the occasion of the same name."""
    questionnaire = read_questionnaire(content)
    instrument = Instrument(
        slug=questionnaire.slug,
        version=questionnaire.version,
        title=questionnaire.title,
        licence=content["licence"],
        source=content["source"],
        content=content,
        content_sha256=content_hash(content),
    )
    wave = Wave(
        position=len(study.waves) + 1,
        slug=slug,
        title="Essai",
        occasion=slug,
        instrument=instrument,
    )
    study.waves.append(wave)
    db.commit()
    return wave
