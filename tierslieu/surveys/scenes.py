"""Questionnaires of the demonstration: most people answer, some decline, some forget."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.house import Happening, Occasion, Stage
from tierslieu.surveys.instruments.items import PREFERS_NOT, Item, ItemKind
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Invitation
from tierslieu.surveys.pseudonyms import read_key
from tierslieu.surveys.rules import decline, invite_due, save_page

PERIOD = timedelta(days=90)
ANSWERS, DECLINES = 0.72, 0.08  # shares of those invited; the others keep silent
TEXTS = (
    "Le temps de pratique, et les exercices faits à deux.",
    "Une fiche à emporter avec l’essentiel.",
    "Davantage d’exemples tirés de la classe.",
    "Le droit de se tromper, et les explications reprises calmement.",
    "Un peu plus de temps pour la dernière partie.",
)
# How often each point of a scale is chosen, out of 100, from the first to the last.
TASTES = {
    "pace": (3, 12, 60, 21, 4),
    "explain_before": (14, 34, 32, 15, 5),
    "make_before": (20, 36, 28, 12, 4),
    "help_before": (26, 36, 24, 10, 4),
}
CONTENT = (2, 6, 16, 44, 32)
MINUTES = (20, 30, 45, 60, 90, 120)


def _value(item: Item, chance: random.Random) -> str:
    """A plausible answer, empty now and then where it may be."""
    if not item.required and chance.random() < (0.6 if item.kind is ItemKind.TEXT else 0.06):
        return ""
    if item.kind is ItemKind.TEXT:
        return chance.choice(TEXTS)
    if chance.random() < 0.02:
        return str(PREFERS_NOT)
    if item.kind is ItemKind.NUMBER:
        return str(chance.choice(MINUTES) if item.maximum > 100 else chance.randint(1, 8))
    weights = TASTES.get(item.name, CONTENT) if item.kind is ItemKind.LIKERT else None
    return str(chance.choices(item.options, weights)[0].value)


def _by_day(stage: Stage, db: Session) -> dict[datetime, dict[str, list[Happening]]]:
    """What happened, by the instant at which the job of that day would have found it."""
    days: dict[datetime, dict[str, list[Happening]]] = defaultdict(lambda: defaultdict(list))
    for occasion in stage.house.all(Occasion):
        for happening in occasion.find(db, stage.today - PERIOD, stage.today):
            evening = clock.to_local(happening.at).replace(hour=20, minute=0, second=0)
            found = min(clock.to_utc(evening.replace(microsecond=0)), stage.today)
            days[max(found, happening.at)][occasion.key].append(happening)
    return days


def _last_subject(
    happened: Mapping[datetime, Mapping[str, list[Happening]]], user_id: UUID
) -> str | None:
    """The last thing this person may be asked about."""
    theirs = [
        (happening.at, happening.subject)
        for by_occasion in happened.values()
        for happenings in by_occasion.values()
        for happening in happenings
        if happening.user_id == user_id
    ]
    return max(theirs)[1] if theirs else None


def _answer(
    db: Session, invitation: Invitation, key: bytes, chance: random.Random, now: datetime
) -> None:
    questionnaire = read_questionnaire(invitation.wave.instrument.content)
    for number, page in enumerate(questionnaire.pages):
        values = {item.name: _value(item, chance) for item in page.items}
        save_page(db, invitation.id, key, number, values, now=now)


def _chance(stage: Stage, invitation: Invitation, rank: int) -> random.Random:
    """Chance by person and subject: identifiers differ from one opening to the next."""
    ago = clock.to_local(stage.today).date() - clock.to_local(invitation.occurred_at).date()
    return random.Random(f"{stage.seed}:surveys:{rank}:{ago.days}:{invitation.label}")  # noqa: S311


class Fate(Enum):
    """What becomes of an invitation."""

    ANSWERED = "answered"
    DECLINED = "declined"
    SILENT = "silent"


def _fate(rank: int, draw: float) -> Fate:
    """Some never answer, some always decline; the others mostly answer. ``draw`` is in [0, 1)."""
    if rank % 7 == 6:
        return Fate.SILENT
    if rank % 9 == 8:
        return Fate.DECLINED
    if draw < ANSWERS:
        return Fate.ANSWERED
    return Fate.DECLINED if draw < ANSWERS + DECLINES else Fate.SILENT


def play(db: Session, stage: Stage) -> None:
    """Invite after each past session and path, and answer as people do."""
    order = {user_id: rank for rank, user_id in enumerate(stage.props["learners"])}
    shown = stage.props["people"]["learner@example.org"]
    happened = _by_day(stage, db)
    waiting = _last_subject(happened, shown)
    for found in sorted(happened):
        for invitation in invite_due(db, happened[found], found):
            rank = order.get(invitation.user_id, -1)
            chance = _chance(stage, invitation, rank)
            fate = _fate(rank, chance.random())
            if invitation.user_id == shown:
                # One who answers, but for the last one: it waits on the first page.
                fate = Fate.SILENT if invitation.subject == waiting else Fate.ANSWERED
            at = found + timedelta(hours=chance.uniform(10, 96))
            if at >= stage.today or at >= invitation.closes_at:
                continue  # still waiting
            key = read_key(stage.settings.keys_folder, invitation.wave.study.slug)
            if fate is Fate.ANSWERED:
                _answer(db, invitation, key, chance, at)
            elif fate is Fate.DECLINED:
                decline(db, invitation.id, key, now=at)
