"""Progress: computed each time from what was validated and from the evidence others hold.

No percentage is stored, so none can be out of date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from courses.paths.models import Step, StepKind
from courses.progress.models import RecordState, StepRecord
from tierslieu.house import EvidenceItem

State = Literal["done", "waiting", "returned", "todo"]
# Having been at a half-day about a module is not having done the module.
PRESENCE = ("attendance", "session")  # the part of ``EvidenceItem.source`` before its colon


@dataclass(frozen=True)
class StepProgress:
    """Where one step stands. ``at``: since when; ``source``: ``declared`` or who holds the
    evidence; ``label``: the evidence in words; ``record``: the latest try, if any."""

    step: Step
    state: State
    at: datetime | None = None
    source: str = ""
    label: str = ""
    record: StepRecord | None = None


@dataclass(frozen=True)
class Progress:
    """Where one enrolment stands. ``done`` and ``required`` count required steps only."""

    enrolment_id: UUID
    steps: tuple[StepProgress, ...]
    done: int
    required: int
    is_complete: bool
    completed_at: datetime | None

    @property
    def next(self) -> StepProgress | None:
        """What to do now: a returned step first, then the first required one to do."""
        returned = (s for s in self.steps if s.state == "returned")
        todo = (s for s in self.steps if s.state == "todo" and s.step.is_required)
        return next(returned, None) or next(todo, None)


def counts(step: Step, item: EvidenceItem) -> bool:
    """Whether this evidence fulfils this step: presence fulfils only a step that asks for it."""
    return step.kind is StepKind.ATTENDANCE or item.source.partition(":")[0] not in PRESENCE


def step_progress(
    step: Step, records: Sequence[StepRecord], evidence: Iterable[EvidenceItem]
) -> StepProgress:
    """Where one step stands, from its tries and the evidence for it (any order)."""
    latest = max(records, key=lambda r: (r.declared_at, r.id), default=None)
    validated = [r for r in records if r.state is RecordState.VALIDATED]
    proofs = [(item.at, item.source, item.label) for item in evidence if counts(step, item)]
    proofs += [(r.decided_at or r.declared_at, "declared", "") for r in validated]
    if proofs:
        at, source, label = min(proofs)
        return StepProgress(step, "done", at, source, label, validated[0] if validated else latest)
    if latest is None:
        return StepProgress(step, "todo")
    if latest.state is RecordState.DECLARED:
        return StepProgress(step, "waiting", latest.declared_at, "declared", "", latest)
    return StepProgress(step, "returned", latest.decided_at, "declared", "", latest)


def enrolment_progress(
    enrolment_id: UUID,
    steps: Sequence[Step],
    records: Mapping[UUID, Sequence[StepRecord]],
    evidence: Mapping[UUID, Sequence[EvidenceItem]],
) -> Progress:
    """Where an enrolment stands; ``records`` and ``evidence`` by step id, others' ignored."""
    found = tuple(
        step_progress(step, records.get(step.id, ()), evidence.get(step.id, ()))
        for step in sorted(steps, key=lambda s: s.position)
    )
    required = [s for s in found if s.step.is_required]
    dates = [s.at for s in required if s.state == "done" and s.at is not None]
    is_complete = bool(required) and len(dates) == len(required)
    return Progress(
        enrolment_id=enrolment_id,
        steps=found,
        done=len(dates),
        required=len(required),
        is_complete=is_complete,
        completed_at=max(dates) if is_complete else None,
    )


def group_evidence(
    items: Iterable[EvidenceItem],
) -> dict[UUID, dict[UUID, list[EvidenceItem]]]:
    """Evidence by person, then by step."""
    grouped: dict[UUID, dict[UUID, list[EvidenceItem]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        grouped[item.user_id][item.step_id].append(item)
    return grouped
