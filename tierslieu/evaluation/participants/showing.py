"""A study as it is shown to somebody it is proposed to, or who takes part."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.evaluation.kept.queries import list_holding
from tierslieu.evaluation.models import ResearchPackage
from tierslieu.evaluation.participants.queries import count_taken
from tierslieu.people.models import ConsentKind
from tierslieu.people.queries import find_consent as find_general
from tierslieu.surveys.models import Study
from tierslieu.surveys.queries import list_studies
from tierslieu.surveys.studies.models import StudyConsent
from tierslieu.surveys.studies.queries import (
    least_version,
    list_consents_of,
    list_proposed,
    list_refused,
)


@dataclass(frozen=True)
class Held:
    """A package that holds one's data: ``taken``, how often it was downloaded."""

    package: ResearchPackage
    taken: int


@dataclass(frozen=True)
class OwnStudy:
    """A study beside what one person said to it. ``standing``: the yes not taken back;
    ``is_asked_anew``: it was to a text that does not do any more."""

    study: Study
    standing: StudyConsent | None
    past: tuple[StudyConsent, ...]
    held: tuple[Held, ...]
    was_refused: bool
    is_asked_anew: bool
    is_of_account: bool  # rests on the agreement given with the account
    takes_part: bool

    @property
    def is_new(self) -> bool:
        """Whether one has not answered yet."""
        return not (self.standing or self.past or self.was_refused or self.is_of_account)


@dataclass(frozen=True)
class Waiting:
    """A study that waits for a yes or a no; ``is_anew``: the text one agreed to does not do any
    more."""

    study: Study
    is_anew: bool


def list_waiting(db: Session, user_id: UUID) -> list[Waiting]:
    """The studies on which this person has to decide, the oldest first. For every first page: it
    reads no questionnaire."""
    proposed = list_proposed(db, user_id)
    if not proposed:
        return []
    consents = {one.study_id: one for one in list_consents_of(db, user_id)}  # the last of each
    refused = {one.study_id for one in list_refused(db, user_id)}
    found = []
    for study in proposed:
        last = consents.get(study.id)
        if last is None:
            if study.id not in refused:
                found.append(Waiting(study, False))
        elif last.withdrawn_at is None and last.text.version < least_version(db, study.id):
            found.append(Waiting(study, True))
    return found


def list_own_studies(db: Session, user_id: UUID) -> list[OwnStudy]:
    """The place's study, those proposed to this person, and those they said yes to once."""
    consents = list_consents_of(db, user_id)
    proposed = {one.id for one in list_proposed(db, user_id)}
    known = proposed | {one.study_id for one in consents}
    refused = {one.study_id for one in list_refused(db, user_id)}
    held = _held(db, user_id)
    account = find_general(db, user_id, ConsentKind.RESEARCH)
    found = []
    for study in list_studies(db):
        if study.opened_at is None or (study.has_own_consent and study.id not in known):
            continue
        own = [one for one in consents if one.study_id == study.id]
        standing = next((one for one in own if one.withdrawn_at is None), None)
        anew = standing is not None and standing.text.version < least_version(db, study.id)
        found.append(
            OwnStudy(
                study,
                standing,
                tuple(one for one in own if one.withdrawn_at is not None),
                tuple(held.get(study.id, ())),
                study.id in refused,
                anew,
                not study.has_own_consent,
                account is not None
                if not study.has_own_consent
                else standing is not None and not anew,
            )
        )
    return found


def _held(db: Session, user_id: UUID) -> dict[UUID, list[Held]]:
    packages = list_holding(db, user_id)
    taken = count_taken(db, [one.sha256 for one in packages])
    found: dict[UUID, list[Held]] = {}
    seen: set[str] = set()
    for one in packages:
        if one.sha256 not in seen:  # the same package asked for again is the same data
            seen.add(one.sha256)
            found.setdefault(one.study_id, []).append(Held(one, taken.get(one.sha256, 0)))
    return found
