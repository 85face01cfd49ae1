"""A study whose people wrote, and agreed to be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.evaluation import T0, make_participants
from tests.support.factories import Factory
from tests.support.surveys import (
    instrument_of,
    make_invitation,
    make_own_study,
    make_wave,
    question,
    study_key,
)
from tierslieu.evaluation.free_text.models import ReadText, TextRequest
from tierslieu.evaluation.free_text.rules import ask_texts, begin_reading
from tierslieu.people.models import User
from tierslieu.surveys.models import Study, Wave
from tierslieu.surveys.rules import save_page
from tierslieu.surveys.studies.agreeing import agree
from tierslieu.surveys.studies.designing import publish_text, write_text

OPENED = T0 + timedelta(days=1)
ANSWERED = T0 + timedelta(days=30)
NOW = T0 + timedelta(days=60)
WORDS = {"kind": "text", "required": False, "max_length": 2000}
CONTENT = instrument_of(
    [
        question("sure"),
        {**WORDS, "name": "idea", "text": "Une idée ?", "label": "Idée"},
        {**WORDS, "name": "wish", "text": "Un souhait ?", "label": "Souhait"},
    ]
)


def allow_texts(db: Session, study: Study) -> int:
    """Publish a text that says that texts may be let out, and ask everybody anew; its version."""
    write_text(db, study.id, "Autre texte.", allows_texts=True)
    version = publish_text(db, study.id, asks_anew=True, now=OPENED).version
    db.commit()
    return version


def write_words(
    db: Session, person: User, idea: str, wish: str = "", *, now: datetime = ANSWERED
) -> None:
    """This person answers in their own words."""
    invitation = make_invitation(db, person, "t9", now=now)
    values = {"sure": "1", "idea": idea, "wish": wish}
    save_page(db, invitation.id, study_key(invitation.wave.study), 0, values, now=now)
    db.commit()


def make_written_study(
    db: Session,
    make: Factory,
    researcher: User,
    count: int = 8,
    words: Callable[[int], tuple[str, str]] = lambda n: (f"idee{n}mot", f"souhait{n}mot"),
) -> tuple[Study, Wave, list[User]]:
    """``count`` people agreed that their texts may be let out, and wrote these."""
    study = make_own_study(db, researcher, now=T0)
    wave = make_wave(db, study, CONTENT, "t9")
    version = allow_texts(db, study)
    people = make_participants(make, count, consenting=False)
    for number, person in enumerate(people):
        agree(db, person.id, study.id, version, now=OPENED + timedelta(hours=1))
        db.commit()
        write_words(db, person, *words(number), now=ANSWERED + timedelta(hours=number))
    return study, wave, people


def ask(
    db: Session, study: Study, wave: Wave, researcher: User, items: Sequence[str] = ("idea",)
) -> TextRequest:
    """The researcher asks for the answers to these questions."""
    chosen = [(wave.id, item) for item in items]
    request = ask_texts(db, study.id, chosen, "Pour coder.", user_id=researcher.id, now=NOW)
    db.commit()
    return request


def begin(db: Session, request: TextRequest, reader: User) -> list[ReadText]:
    """Somebody of the coordination begins to read; the copies."""
    key = study_key(request.study)
    begin_reading(db, request.study_id, request.id, key, user_id=reader.id, now=NOW)
    db.commit()
    return copies(db, request)


def copies(db: Session, request: TextRequest) -> list[ReadText]:
    """What the reading holds."""
    return list(
        db.scalars(
            select(ReadText)
            .where(ReadText.request_id == request.id)
            .order_by(ReadText.item, ReadText.id)
        )
    )
