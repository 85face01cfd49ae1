"""What backups offer: one every night, a word to who runs the place, a question for doctor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from tierslieu.backup.jobs import JOB
from tierslieu.backup.queries import find_last_kept
from tierslieu.backup.rules import find_trouble
from tierslieu.backup.words import in_english, in_french
from tierslieu.house import Card, Check, HomeCard
from tierslieu.mail.queries import count_held
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.settings import Settings


def _settings() -> Settings:
    told: Settings = current_app.config["TIERSLIEU"]
    return told


def _card(db: Session, user_id: UUID, now: datetime) -> Iterable[Card]:
    settings, held = _settings(), count_held(db)
    # A demonstration has nothing to lose: nobody is asked for anything.
    trouble = [] if settings.demo else find_trouble(db, settings, now)
    context = {
        "last": find_last_kept(db),
        "trouble": [in_french(code) for code in trouble],
        "held": held,
    }
    is_urgent = bool(trouble or held)
    yield Card(
        "backup/_card.html",
        context,
        urgency=3 if is_urgent else 60,
        tone="ask" if is_urgent else "",
    )


def _ask(db: Session, now: datetime) -> str | None:
    settings = _settings()
    return None if settings.demo else in_english(find_trouble(db, settings, now))


def _held(db: Session, now: datetime) -> str | None:
    held = count_held(db)
    return f"{held} mails of before the restore are held back" if held else None


OFFERS = (
    JOB,
    HomeCard("backups", frozenset({ADMINISTRATOR}), _card),
    Check("backups", _ask, is_vital=False),
    Check("mails_held", _held, is_vital=False),
)
