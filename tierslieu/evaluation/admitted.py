"""Of whom a study speaks now: those who take part, newcomers by five at least beside the package
before; and what earlier packages said of each, which no later one exceeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.evaluation.anonymity import BLANK, WIDER_BANDS, Participant, admit
from tierslieu.evaluation.kept.queries import iterate_said, list_last_people
from tierslieu.surveys.models import Study
from tierslieu.surveys.studies.queries import list_participants


def list_admitted(db: Session, study: Study) -> list[UUID]:
    """Whose answers a page or a package of this study may count now: the same for both, or one
    less the other would tell what newcomers answered."""
    current = list_participants(db, study)
    admitted = admit(current, list_last_people(db, study.id))
    return [one for one in current if one in admitted]


def recall_said(db: Session, study: Study) -> dict[UUID, Participant]:
    """The least that any package of this study said of each person (their pid left empty)."""
    found: dict[UUID, Participant] = {}
    for user_id, said in iterate_said(db, study.id):
        one = _participant(said)
        found[user_id] = _least(found[user_id], one) if user_id in found else one
    return found


def _participant(said: Mapping[str, str]) -> Participant:
    return Participant(
        said["pid"], said["cohort"], said["audience"], said["gender"], said["age_band"]
    )


def _least(one: Participant, later: Participant) -> Participant:
    """Silent wherever one of two is; of two bands, the one that holds the other."""
    silent = {
        name: BLANK
        for name in ("cohort", "audience", "gender", "age_band")
        if BLANK in (getattr(one, name), getattr(later, name))
    }
    if WIDER_BANDS.get(later.age_band) == one.age_band:
        silent.setdefault("age_band", one.age_band)
    return replace(later, **silent)
