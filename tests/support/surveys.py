"""Makes a study, its key, invitations and answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.house import Happening, Occasion
from tierslieu.people.models import User
from tierslieu.settings import Settings
from tierslieu.surveys.instruments.items import Questionnaire
from tierslieu.surveys.instruments.reading import content_hash, read_questionnaire
from tierslieu.surveys.models import Instrument, Invitation, Study, Wave
from tierslieu.surveys.pseudonyms import read_key
from tierslieu.surveys.queries import find_instrument
from tierslieu.surveys.rules import invite_due, save_page
from tierslieu.surveys.studies.designing import (
    StudyFacts,
    WaveFacts,
    add_wave,
    begin_study,
    describe_study,
    write_text,
)
from tierslieu.surveys.studies.designing import open_study as open_study_of
from tierslieu.surveys.studies.due import ENTRY
from tierslieu.surveys.studies.opening import AFTER_SESSION, open_study

DATA = Path(__file__).parents[1] / "data"


def settings() -> Settings:
    """The settings of the place under test."""
    found: Settings = current_app.config["TIERSLIEU"]
    return found


def make_study(db: Session) -> Study:
    """The place's study, open, with its key in the keys folder."""
    study = open_study(db, settings().keys)
    db.commit()
    return study


def study_key(study: Study) -> bytes:
    """The key of the study."""
    return read_key(settings().keys, study.slug)


def happening(
    user: User, label: str = "Boucles et listes", at: datetime | None = None
) -> Happening:
    """This person was at a session."""
    return Happening(user.id, at or clock.now(), f"session:{uuid4()}", label)


def occasions(
    happenings: Mapping[str, Iterable[Happening]], *, is_ahead: bool = False
) -> dict[str, Occasion]:
    """These happenings, found by when they were, as features offer them."""
    return {key: _occasion(key, list(found), is_ahead) for key, found in happenings.items()}


def _occasion(key: str, happenings: list[Happening], is_ahead: bool) -> Occasion:
    def find(db: Session, since: datetime, until: datetime) -> list[Happening]:
        return [one for one in happenings if since <= one.at < until]

    return Occasion(key, "…", find, is_ahead)


def make_invitations(
    db: Session, people: Sequence[User], occasion: str = AFTER_SESSION, *, now: datetime
) -> list[Invitation]:
    """Each of these people is invited after a session of their own, at once; in their order."""
    found = [happening(user, at=now - timedelta(hours=1)) for user in people]
    invited = invite_due(db, occasions({occasion: found}), now)
    assert len(invited) == len(people)
    whose = {invitation.user_id: invitation for invitation in invited}
    ordered = [whose[one.user_id] for one in found]
    db.commit()
    return ordered


def make_invitation(
    db: Session, user: User, occasion: str = AFTER_SESSION, *, now: datetime | None = None
) -> Invitation:
    """This person is invited after a session of their own."""
    [invitation] = make_invitations(db, [user], occasion, now=now or clock.now())
    return invitation


def questionnaire_of(invitation: Invitation) -> Questionnaire:
    """The questionnaire this invitation asks."""
    return read_questionnaire(invitation.wave.instrument.content)


def answers_for(questionnaire: Questionnaire, page: int, value: str = "4") -> dict[str, str]:
    """``value`` to every scale of the page; nothing to the rest."""
    items = questionnaire.pages[page].items
    scales = [item for item in items if item.kind.value in ("likert", "grid")]
    return {one.name: value for item in scales for one in item.variables}


def typed(answers: Mapping[str, str], go: str = "next") -> dict[str, str]:
    """These answers, as the form of a page sends them with one of its buttons."""
    return {"go": go, **{f"q-{name}": value for name, value in answers.items()}}


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


def question(name: str, **facts: Any) -> dict[str, Any]:
    """A question of an instrument: yes (1) or no (2), required, unless told otherwise."""
    options = [{"value": 1, "label": f"oui {name}"}, {"value": 2, "label": f"non {name}"}]
    asked = {"name": name, "text": f"Question {name}", "label": name, "required": True}
    return {"kind": "choice", "options": options, **asked, **facts}


def instrument_of(*pages: Iterable[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    """An instrument of these pages of questions."""
    named = [
        {"title": f"Page {number}", "items": list(items)}
        for number, items in enumerate(pages, start=1)
    ]
    known = {"slug": "essai", "version": 1, "title": "Essai", "minutes": 1}
    return {**known, "licence": "CC0", "source": "Nous", "pages": named, **facts}


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


def make_own_study(
    db: Session, researcher: User, *waves: WaveFacts, path_id: UUID | None = None, now: datetime
) -> Study:
    """A study this person runs, open, with these waves; unless told, one at its entry."""
    instrument = find_instrument(db, "f-sus", 1)
    if instrument is None:
        make_study(db)
    study = begin_study(db, "Usages de l’IA", researcher.id, now=now)
    facts = StudyFacts("Usages de l’IA", "Ce que l’on en fait.", "Labo, labo@example.org", path_id)
    describe_study(db, study.id, facts)
    write_text(db, study.id, "**Oui** à ceci.")
    for wave in waves or (wave_facts(db),):
        add_wave(db, study.id, wave, occasions({wave.occasion: []}))
    open_study_of(db, study.id, settings().keys, now=now)
    db.commit()
    return study


def wave_facts(
    db: Session, occasion: str = ENTRY, slug: str = "f-sus", **changes: Any
) -> WaveFacts:
    """A wave that asks version 1 of a shipped questionnaire, with a reminder after a week."""
    instrument = find_instrument(db, slug, 1)
    if instrument is None:
        make_study(db)
        instrument = find_instrument(db, slug, 1)
    assert instrument is not None
    facts: dict[str, Any] = {"delay_days": 0, "open_days": 30, "reminders": 1}
    facts |= {"title": "Essai", "remind_every_days": 7, **changes}
    return WaveFacts(occasion=occasion, instrument_id=instrument.id, **facts)
