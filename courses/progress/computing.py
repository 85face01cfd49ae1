"""Progress: computed each time from what was validated and from the evidence others hold.

No percentage is stored, so none can be out of date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from courses.paths.models import Step, StepKind, StepPool
from courses.progress.models import RecordState, StepRecord, StepWaiver
from tierslieu.house import EvidenceItem

State = Literal["done", "waived", "waiting", "returned", "todo", "locked"]
# Having been at a half-day about a module is not having done the module.
PRESENCE = ("attendance", "session")  # the part of ``EvidenceItem.source`` before its colon


@dataclass(frozen=True)
class StepProgress:
    """Where one step stands. ``at``: since when; ``source``: where what makes it done comes from
    (a record's source, or who holds the evidence); ``label``: the evidence in words; ``record``:
    the latest try, if any; ``missing``: the steps that keep it locked."""

    step: Step
    state: State
    at: datetime | None = None
    source: str = ""
    label: str = ""
    record: StepRecord | None = None
    missing: tuple[Step, ...] = ()
    waiver: StepWaiver | None = None


@dataclass(frozen=True)
class PoolProgress:
    """Where one stands in a pool: ``done`` of ``needed``, never more."""

    pool: StepPool
    done: int
    needed: int
    completed_at: datetime | None


@dataclass(frozen=True)
class Progress:
    """Where one enrolment stands. ``done`` and ``required`` count what is asked: required steps
    that are not waived, and of each pool as many as it needs."""

    enrolment_id: UUID
    steps: tuple[StepProgress, ...]
    done: int
    required: int
    is_complete: bool
    completed_at: datetime | None
    pools: tuple[PoolProgress, ...] = ()

    @property
    def next(self) -> StepProgress | None:
        """What to do now: a returned step first, then the first one that is asked and open, or
        else the first that opens what is asked."""
        returned = next((s for s in self.steps if s.state == "returned"), None)
        if returned is not None:
            return returned
        short = {p.pool.id for p in self.pools if p.done < p.needed}
        wanted = {s.step.id for s in self.steps if s.step.is_asked or s.step.pool_id in short}
        return self._first_open(wanted) or self._first_open(self._before(wanted))

    def _first_open(self, wanted: Collection[UUID]) -> StepProgress | None:
        return next((s for s in self.steps if s.state == "todo" and s.step.id in wanted), None)

    def _before(self, wanted: Collection[UUID]) -> set[UUID]:
        """What keeps those locked, and what keeps that locked."""
        found: set[UUID] = set()
        by_id = {s.step.id: s for s in self.steps}
        seek = [by_id[step_id] for step_id in wanted]
        while seek:
            new = {one.id for one in seek.pop().missing} - found
            found |= new
            seek += [by_id[step_id] for step_id in new]
        return found

    def left(self) -> list[StepProgress]:
        """The required steps that are neither done nor waived; those of pools apart."""
        return [s for s in self.steps if s.step.is_asked and s.state not in ("done", "waived")]


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
    proofs += [(r.decided_at or r.declared_at, r.source.value, r.proof) for r in validated]
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
    waivers: Mapping[UUID, StepWaiver] | None = None,
) -> Progress:
    """Where an enrolment stands; ``records``, ``evidence`` and granted ``waivers`` by step id,
    others' ignored."""
    ordered = sorted(steps, key=lambda s: s.position)
    given = {step.id: (waivers or {}).get(step.id) for step in ordered}
    alone = [
        _waived(step_progress(step, records.get(step.id, ()), evidence.get(step.id, ())), waiver)
        for step, waiver in ((step, given[step.id]) for step in ordered)
    ]
    passed = {s.step.id for s in alone if s.state in ("done", "waived")}
    found = tuple(_locked(s, passed) for s in alone)
    asked = [s for s in found if s.step.is_asked and s.state != "waived"]
    dates = [s.at for s in asked if s.state == "done" and s.at is not None]
    pools = tuple(_pool_progress(pool, found) for pool in _pools(ordered))
    required = len(asked) + sum(p.needed for p in pools)
    done = len(dates) + sum(p.done for p in pools)
    is_complete = bool(required) and done == required
    dates += [p.completed_at for p in pools if p.completed_at is not None]
    return Progress(
        enrolment_id=enrolment_id,
        steps=found,
        done=done,
        required=required,
        is_complete=is_complete,
        completed_at=max(dates) if is_complete else None,
        pools=pools,
    )


def _waived(found: StepProgress, waiver: StepWaiver | None) -> StepProgress:
    """What is done is done, whoever was let off it."""
    if waiver is None or found.state == "done":
        return found
    return StepProgress(
        found.step, "waived", waiver.decided_at, "waiver", waiver.reason, found.record, (), waiver
    )


def _locked(found: StepProgress, passed: Collection[UUID]) -> StepProgress:
    """Locked while a step that comes first is neither done nor waived; what is under way is not
    stopped."""
    missing = tuple(step for step in found.step.needs if step.id not in passed)
    if found.state != "todo" or not missing:
        return found
    return replace(found, state="locked", missing=missing)


def _pools(steps: Sequence[Step]) -> list[StepPool]:
    pools = {step.pool.id: step.pool for step in steps if step.pool is not None}
    return sorted(pools.values(), key=lambda pool: pool.position)


def _pool_progress(pool: StepPool, steps: Sequence[StepProgress]) -> PoolProgress:
    """A waived step leaves the pool; of what is left, no more is asked than there is."""
    within = [s for s in steps if s.step.pool_id == pool.id and s.state != "waived"]
    needed = min(pool.needed, len(within))
    dates = sorted(s.at for s in within if s.state == "done" and s.at is not None)
    done = min(needed, len(dates))
    is_complete = needed > 0 and done == needed
    return PoolProgress(pool, done, needed, dates[needed - 1] if is_complete else None)


def group_evidence(
    items: Iterable[EvidenceItem],
) -> dict[UUID, dict[UUID, list[EvidenceItem]]]:
    """Evidence by person, then by step."""
    grouped: dict[UUID, dict[UUID, list[EvidenceItem]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        grouped[item.user_id][item.step_id].append(item)
    return grouped
