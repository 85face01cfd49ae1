"""Questionnaires of the demonstration: most people answer, some decline, some forget."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.house import Happening, Occasion, Stage
from tierslieu.surveys.instruments.flow import asked_pages
from tierslieu.surveys.instruments.items import PREFERS_NOT, Item, ItemKind
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Invitation
from tierslieu.surveys.pseudonyms import read_key
from tierslieu.surveys.rules import decline, invite_due, save_page
from tierslieu.surveys.studies.due import LOOK_BACK
from tierslieu.surveys.studies.opening import AFTER_SESSION, END_OF_PATH
from tierslieu.surveys.studies.reminding import remind_due
from tierslieu.surveys.studies.scenes import play_study

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
SHY = (8, 24, 38, 24, 6)  # before
FIRST_WAVE = "t1"
STEPS = (-1, 0, 0, 0, 1)
MINUTES = (20, 30, 45, 60, 90, 120)


def _values(item: Item, chance: random.Random, taste: Sequence[int]) -> dict[str, str]:
    """Plausible answers to an item, by variable; none now and then where there need be none."""
    if not item.required and chance.random() < (0.6 if item.kind is ItemKind.TEXT else 0.06):
        return {}
    names = [one.name for one in item.variables]
    if item.kind is ItemKind.TEXT:
        return {item.name: chance.choice(TEXTS)}
    if item.kind is ItemKind.SEVERAL:
        return {names[0]: "1", chance.choice(names[1:]): "1"}
    if item.kind is ItemKind.RANKING:
        ranks = [str(option.value) for option in item.options]
        chance.shuffle(ranks)
        return dict(zip(names, ranks, strict=True))
    if item.kind is ItemKind.SLIDER:
        return {item.name: str(5 * chance.randint(8, 19))}
    if item.kind is ItemKind.GRID:
        return dict(zip(names, _row_of_points(item, chance, taste, len(names)), strict=True))
    if item.may_be_aside and chance.random() < 0.02:
        return {item.name: str(PREFERS_NOT)}
    if item.kind is ItemKind.NUMBER:
        few = item.maximum <= 100
        return {item.name: str(chance.randint(1, 8) if few else chance.choice(MINUTES))}
    return {item.name: _point(item, chance, taste)}


def _row_of_points(
    item: Item, chance: random.Random, taste: Sequence[int], count: int
) -> list[str]:
    """Who is confident of one thing mostly is of the next: a point, and its neighbours."""
    points = [str(option.value) for option in item.options]
    middle = points.index(_point(item, chance, taste))
    last = len(points) - 1
    return [points[min(max(middle + chance.choice(STEPS), 0), last)] for _row in range(count)]


def _point(item: Item, chance: random.Random, taste: Sequence[int]) -> str:
    weights = TASTES.get(item.name, taste if item.kind is not ItemKind.CHOICE else CONTENT)
    fits = len(weights) == len(item.options)
    return str(chance.choices(item.options, weights if fits else None)[0].value)


def _look_once(stage: Stage, db: Session) -> dict[str, Occasion]:
    """The occasions of the house as they stand at the end, each looked for once."""
    since, until = stage.today - PERIOD - LOOK_BACK, stage.today + PERIOD
    return {
        one.key: _seen(one, list(one.find(db, since, until))) for one in stage.house.all(Occasion)
    }


def _seen(occasion: Occasion, happenings: list[Happening]) -> Occasion:
    def find(db: Session, since: datetime, until: datetime) -> list[Happening]:
        return [one for one in happenings if since <= one.at < until]

    return replace(occasion, find=find)


def _evenings(stage: Stage) -> Iterator[datetime]:
    """When the job passes: at eight every evening, and today."""
    first = clock.to_local(stage.today - PERIOD).replace(hour=20, minute=0, second=0, microsecond=0)
    for number in range(PERIOD.days + 1):
        evening = clock.to_utc(first + timedelta(days=number))
        if evening < stage.today:
            yield evening
    yield stage.today


def _last_subject(
    db: Session, occasions: Mapping[str, Occasion], user_id: UUID, today: datetime
) -> str | None:
    """The last thing this person is asked about."""
    theirs = [
        (one.at, one.subject)
        for key in (AFTER_SESSION, END_OF_PATH)
        if key in occasions
        for one in occasions[key].find(db, today - PERIOD, today)
        if one.user_id == user_id
    ]
    return max(theirs)[1] if theirs else None


def _answer(
    db: Session, invitation: Invitation, key: bytes, chance: random.Random, now: datetime
) -> None:
    questionnaire = read_questionnaire(invitation.wave.instrument.content)
    taste = SHY if invitation.wave.slug == FIRST_WAVE else CONTENT
    answers: dict[str, str] = {}
    for number, page in enumerate(questionnaire.pages):
        if number not in asked_pages(questionnaire, answers):
            continue
        values: dict[str, str] = {}
        for item in page.items:
            if item.when is None or item.when.holds({**answers, **values}):
                values |= _values(item, chance, taste)
        answers |= values
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
    play_study(db, stage, PERIOD)
    order = {user_id: rank for rank, user_id in enumerate(stage.props["learners"])}
    shown = stage.props["people"]["learner@example.org"]
    occasions = _look_once(stage, db)
    waiting = _last_subject(db, occasions, shown, stage.today)
    for found in _evenings(stage):
        remind_due(db, found)
        for invitation in invite_due(db, occasions, found):
            rank = order.get(invitation.user_id, -1)
            chance = _chance(stage, invitation, rank)
            fate = _fate(rank, chance.random())
            if invitation.user_id == shown and not invitation.wave.study.has_own_consent:
                # One who answers, but for the last one: it waits on the first page.
                fate = Fate.SILENT if invitation.subject == waiting else Fate.ANSWERED
            at = found + timedelta(hours=chance.uniform(10, 96))
            if at >= stage.today or at >= invitation.closes_at:
                continue  # still waiting
            key = read_key(stage.settings.keys, invitation.wave.study.slug)
            if fate is Fate.ANSWERED:
                _answer(db, invitation, key, chance, at)
            elif fate is Fate.DECLINED:
                decline(db, invitation.id, key, now=at)
