"""Where enrolments stand: what is recorded, waived, and known from elsewhere, put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.enrolments.queries import list_enrolments_on
from courses.paths.models import Step, StepKind
from courses.paths.queries import list_steps
from courses.progress.computing import Progress, enrolment_progress, group_evidence
from courses.progress.models import StepRecord, StepWaiver
from courses.progress.queries import list_granted, list_records
from tierslieu.house import EvidenceItem, House

Line = TypeVar("Line", StepRecord, StepWaiver)


def compute_progress(
    db: Session, enrolments: Sequence[Enrolment], house: House
) -> dict[UUID, Progress]:
    """Where each of ``enrolments`` stands, by enrolment id.

    As many queries, and those of the evidence, however many enrolments there are; again as many
    where a step is a path of its own.
    """
    return _compute(db, enrolments, house, frozenset())


def _compute(
    db: Session, enrolments: Sequence[Enrolment], house: House, above: frozenset[UUID]
) -> dict[UUID, Progress]:
    """``above``: the paths of which these are parts, from the whole down. What asks for itself,
    however far down, is never done by it."""
    if not enrolments:
        return {}
    steps: dict[UUID, list[Step]] = defaultdict(list)
    for step in list_steps(db, sorted({e.version_id for e in enrolments})):
        steps[step.version_id].append(step)
    ids = [e.id for e in enrolments]
    records, waivers = _by_step(list_records(db, ids)), _by_step(list_granted(db, ids))
    people = sorted({e.user_id for e in enrolments})
    every = [step for of_version in steps.values() for step in of_version]
    items = house.find_evidence(db, people, [step.id for step in every])
    for version_id, path_id in sorted({(e.version_id, e.path_id) for e in enrolments}):
        # Each version by itself: what stands beside it must not change what it finds.
        items += _parts_done(db, steps[version_id], people, house, above | {path_id})
    evidence = group_evidence(items)
    return {
        e.id: enrolment_progress(
            e.id,
            steps[e.version_id],
            records.get(e.id, {}),
            evidence.get(e.user_id, {}),
            {step_id: found[-1] for step_id, found in waivers.get(e.id, {}).items()},
        )
        for e in enrolments
    }


def _by_step(lines: Iterable[Line]) -> dict[UUID, dict[UUID, list[Line]]]:
    """By enrolment, then by step."""
    found: dict[UUID, dict[UUID, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        found[line.enrolment_id][line.step_id].append(line)
    return found


def _parts_done(
    db: Session, steps: Sequence[Step], people: Sequence[UUID], house: House, above: frozenset[UUID]
) -> list[EvidenceItem]:
    """Who has come to the end of a path that is a step of another."""
    parts = [s for s in steps if s.kind is StepKind.SUBPATH and s.subpath_id not in above]
    if not parts:
        return []
    paths = sorted({step.subpath_id for step in parts if step.subpath_id is not None})
    enrolments = list_enrolments_on(db, people, paths)
    progress = _compute(db, enrolments, house, above)
    return [
        EvidenceItem(e.user_id, step.id, at, f"path:{e.path_id}", e.path.short_title)
        for step in parts
        for e in enrolments
        if e.path_id == step.subpath_id and (at := progress[e.id].completed_at) is not None
    ]
