"""Who left: of those who answered the first wave, who did not answer a later one, by profile."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.evaluation.admitted import list_admitted
from tierslieu.evaluation.disclosure import Hiding, ShownShare, protect_rows, protect_share
from tierslieu.evaluation.queries import list_profiles
from tierslieu.evaluation.results.queries import Asked, list_asked
from tierslieu.evaluation.rules import AGE_BANDS, AUDIENCES, GENDERS
from tierslieu.people.models import Profile
from tierslieu.surveys.models import Invitation, Study


class Fate(Enum):
    """What became of a person in a wave that was proposed to them."""

    ANSWERED = "answered"
    LEFT = "left"
    PENDING = "pending"  # may still answer


@dataclass(frozen=True)
class Part:
    """People of one profile: those who left, of those who might have stayed."""

    label: str
    left: ShownShare


@dataclass(frozen=True)
class Trait:
    """The same people by one trait of their profile."""

    label: str
    parts: tuple[Part, ...]

    @property
    def reasons(self) -> tuple[Hiding, ...]:
        """Why counts are hidden, each reason once."""
        return tuple(
            why
            for why in Hiding
            if why is not Hiding.NOTHING and any(part.left.why is why for part in self.parts)
        )


@dataclass(frozen=True)
class Attrition:
    """Who left before a wave, by its title.

    ``traits`` is empty where nobody did or their number is hidden.
    """

    wave: str
    overall: ShownShare
    traits: tuple[Trait, ...]


def study_attrition(db: Session, study: Study, now: datetime) -> list[Attrition]:
    """What each wave after the first lost, among those who consent to research.

    Nobody's answers are read: it needs no key. Those who may still answer a wave count neither as
    staying nor as leaving.
    """
    if len(study.waves) < 2:
        return []
    first, *later = study.waves
    people = list_admitted(db, study)
    fates: dict[tuple[UUID, UUID], Fate] = {}
    for some in list_asked(db, [wave.id for wave in study.waves], people):
        asked: dict[tuple[UUID, UUID], list[Asked]] = defaultdict(list)
        for each in some:
            asked[each.wave_id, each.user_id].append(each)
        fates |= {key: fate_of(theirs, study, now) for key, theirs in asked.items()}
    began = [one for one in people if fates.get((first.id, one)) is Fate.ANSWERED]
    profiles = list_profiles(db, began)
    found = []
    for wave in later:
        left = {
            user_id: fate is Fate.LEFT
            for user_id in began
            if (fate := fates.get((wave.id, user_id))) and fate is not Fate.PENDING
        }
        found.append(_attrition(wave.title, left, profiles))
    return found


def fate_of(asked: Sequence[Asked | Invitation], study: Study, now: datetime) -> Fate:
    """What became of a person, from all their invitations to one wave."""
    if any(one.answered_at for one in asked):
        return Fate.ANSWERED
    if study.closed_at is None and any(
        one.declined_at is None and one.closes_at > now for one in asked
    ):
        return Fate.PENDING
    return Fate.LEFT


def _attrition(wave: str, left: Mapping[UUID, bool], profiles: Mapping[UUID, Profile]) -> Attrition:
    overall = protect_share(sum(left.values()), len(left))
    if not overall.part:
        return Attrition(wave, overall, ())
    traits: list[tuple[str, Callable[[Profile], Enum | None], dict[str, str]]] = [
        (_("Selon le public"), lambda one: one.audience, AUDIENCES),
        (_("Selon le genre"), lambda one: one.gender, GENDERS),
        (
            _("Selon l’âge"),
            lambda one: one.age_band,
            {band: f"{band} ans".replace("+ ans", " ans et plus") for band in AGE_BANDS},
        ),
    ]
    return Attrition(
        wave,
        overall,
        tuple(_by(label, read, words, left, profiles) for label, read, words in traits),
    )


def _by(
    label: str,
    read: Callable[[Profile], Enum | None],
    words: Mapping[str, str],
    left: Mapping[UUID, bool],
    profiles: Mapping[UUID, Profile],
) -> Trait:
    counted: Counter[tuple[str, bool]] = Counter()
    for user_id, has_left in left.items():
        profile = profiles.get(user_id)
        value = read(profile) if profile else None
        counted[value.value if value else "", has_left] += 1
    named = {**words, "": str(_("Non dit"))}
    present = [key for key in named if counted[key, True] or counted[key, False]]
    shown = protect_rows([(counted[key, True], counted[key, False]) for key in present])
    return Trait(
        label,
        tuple(
            Part(named[key], ShownShare(table.cells[0], table.total, table.why[0]))
            for key, table in zip(present, shown, strict=True)
        ),
    )
