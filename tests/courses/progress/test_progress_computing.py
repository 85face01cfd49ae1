"""Progress, whatever was declared, answered and attested, in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from courses.paths.models import Step, StepKind, StepPool
from courses.progress.computing import Progress, counts, enrolment_progress, step_progress
from courses.progress.models import (
    RecordSource,
    RecordState,
    StepRecord,
    StepWaiver,
    WaiverState,
)
from tierslieu.house import EvidenceItem

DAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
USER = uuid4()

instants = st.integers(0, 500).map(lambda hours: DAY + timedelta(hours=hours))


def a_record(step: Step, state: RecordState, at: datetime) -> StepRecord:
    decided = None if state is RecordState.DECLARED else at + timedelta(hours=1)
    return StepRecord(
        id=uuid4(),
        step_id=step.id,
        state=state,
        source=RecordSource.DECLARED,
        proof="",
        declared_at=at,
        decided_at=decided,
    )


def an_item(step: Step, source: str, at: datetime) -> EvidenceItem:
    return EvidenceItem(user_id=USER, step_id=step.id, at=at, source=source, label="Présence")


def a_waiver(step: Step, at: datetime) -> StepWaiver:
    return StepWaiver(
        id=uuid4(), step_id=step.id, state=WaiverState.GRANTED, reason="Sait déjà.", decided_at=at
    )


@dataclass
class Situation:
    """A path and all that is known of one person on it."""

    steps: list[Step]
    records: dict[UUID, list[StepRecord]] = field(default_factory=dict)
    evidence: dict[UUID, list[EvidenceItem]] = field(default_factory=dict)
    waivers: dict[UUID, StepWaiver] = field(default_factory=dict)

    def compute(self) -> Progress:
        return enrolment_progress(uuid4(), self.steps, self.records, self.evidence, self.waivers)


@st.composite
def paths(draw: st.DrawFn) -> list[Step]:
    """Steps of every kind, some in pools, each of which may need some that come before it."""
    pools = [
        StepPool(id=uuid4(), position=n, key=f"choix-{n}", title=f"Choix {n}", needed=needed)
        for n, needed in enumerate(draw(st.lists(st.integers(1, 3), max_size=2)), start=1)
    ]
    found: list[Step] = []
    for position in range(1, draw(st.integers(0, 8)) + 1):
        pool = draw(st.sampled_from([None, None, *pools]))
        step = Step(
            id=uuid4(),
            position=position,
            kind=draw(st.sampled_from(StepKind)),
            is_required=draw(st.booleans()),
            units=[],
            pool=pool,
            pool_id=pool.id if pool else None,
        )
        step.needs = (
            draw(st.lists(st.sampled_from(found), max_size=2, unique=True)) if found else []
        )
        found.append(step)
    return found


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    found = Situation(draw(paths()))
    # Tries and evidence for steps of other versions too: they must not count.
    other = Step(id=uuid4(), kind=StepKind.ONLINE, is_required=True, position=99)
    for step in [*found.steps, other]:
        found.records[step.id] = [
            a_record(step, state, at)
            for state, at in draw(
                st.lists(st.tuples(st.sampled_from(RecordState), instants), max_size=2)
            )
        ]
        found.evidence[step.id] = [
            an_item(step, source, at)
            for source, at in draw(
                st.lists(st.tuples(st.sampled_from(["session:1", "badge"]), instants), max_size=2)
            )
        ]
        if draw(st.integers(0, 5)) == 0:
            found.waivers[step.id] = a_waiver(step, draw(instants))
    return found


@given(situations())
def test_progress_is_never_below_none_nor_above_all_that_is_asked(situation: Situation) -> None:
    progress = situation.compute()
    assert 0 <= progress.done <= progress.required
    for pool in progress.pools:
        within = [s for s in progress.steps if s.step.pool_id == pool.pool.id]
        assert 0 <= pool.done <= pool.needed <= pool.pool.needed
        assert pool.needed <= sum(s.state != "waived" for s in within)
    asked = [s for s in progress.steps if s.step.is_asked and s.state != "waived"]
    assert progress.required == len(asked) + sum(pool.needed for pool in progress.pools)


@given(situations())
def test_a_path_is_complete_when_and_only_when_all_that_is_asked_is_done(
    situation: Situation,
) -> None:
    progress = situation.compute()
    asked = [s for s in progress.steps if s.step.is_asked and s.state != "waived"]
    all_done = all(s.state == "done" for s in asked) and all(
        sum(s.state == "done" for s in progress.steps if s.step.pool_id == p.pool.id) >= p.needed
        for p in progress.pools
    )
    assert progress.is_complete is (all_done and progress.required > 0)
    assert (progress.completed_at is not None) is progress.is_complete
    if progress.completed_at is not None:
        assert all(progress.completed_at >= s.at for s in asked if s.at)
        # Nothing done later than that was needed.
        assert progress.completed_at in {s.at for s in progress.steps if s.state == "done"}


@given(situations())
def test_every_step_is_there_once_in_order_and_a_done_one_has_a_date(
    situation: Situation,
) -> None:
    progress = situation.compute()
    assert [s.step for s in progress.steps] == situation.steps
    assert all(s.at is not None for s in progress.steps if s.state in ("done", "waived"))


@given(situations())
def test_nothing_is_locked_without_saying_what_is_missing(situation: Situation) -> None:
    progress = situation.compute()
    stand = {s.step.id: s.state for s in progress.steps}
    for found in progress.steps:
        missing = {one.id for one in found.missing}
        unmet = {one.id for one in found.step.needs if stand[one.id] not in ("done", "waived")}
        if found.state == "locked":
            assert missing == unmet != set()
        else:
            assert not missing
            assert found.state != "todo" or not unmet


@given(situations())
def test_who_is_not_at_the_end_always_has_something_to_do_or_to_wait_for(
    situation: Situation,
) -> None:
    progress = situation.compute()
    if progress.done < progress.required:
        assert progress.next is not None or any(s.state == "waiting" for s in progress.steps)
    if progress.next is not None:
        assert progress.next.state in ("todo", "returned")


@given(situations(), st.data())
def test_one_more_piece_of_evidence_never_takes_progress_away(
    situation: Situation, data: st.DataObject
) -> None:
    before = situation.compute()
    if not situation.steps:
        return
    step = data.draw(st.sampled_from(situation.steps))
    more = an_item(step, "badge", data.draw(instants))
    situation.evidence[step.id] = [*situation.evidence[step.id], more]
    after = situation.compute()
    assert after.done >= before.done
    assert after.is_complete or not before.is_complete


@given(situations(), st.data())
def test_a_waiver_never_asks_more_and_locks_nothing(
    situation: Situation, data: st.DataObject
) -> None:
    before = situation.compute()
    if not situation.steps:
        return
    step = data.draw(st.sampled_from(situation.steps))
    situation.waivers[step.id] = a_waiver(step, DAY)
    after = situation.compute()
    assert after.required - after.done <= before.required - before.done
    locked = {s.step.id for s in after.steps if s.state == "locked"}
    assert locked <= {s.step.id for s in before.steps if s.state == "locked"}


def a_step(kind: StepKind = StepKind.ONLINE) -> Step:
    return Step(id=uuid4(), kind=kind, is_required=True, position=1, units=[])


def test_being_there_fulfils_a_step_in_person_and_not_a_module() -> None:
    module, half_day = a_step(), a_step(StepKind.ATTENDANCE)
    for source in ("attendance", f"session:{uuid4()}"):
        assert counts(half_day, an_item(half_day, source, DAY))
        assert not counts(module, an_item(module, source, DAY))
    assert counts(module, an_item(module, "badge", DAY))


def test_a_returned_step_that_is_declared_anew_waits() -> None:
    step = a_step()
    tries = [
        a_record(step, RecordState.RETURNED, DAY),
        a_record(step, RecordState.DECLARED, DAY + timedelta(days=2)),
    ]
    assert step_progress(step, tries[:1], []).state == "returned"
    assert step_progress(step, tries, []).state == "waiting"


def test_a_step_is_done_since_the_first_proof_of_it() -> None:
    step = a_step()
    tries = [a_record(step, RecordState.VALIDATED, DAY + timedelta(days=5))]
    items = [an_item(step, "badge", DAY + timedelta(days=1))]
    found = step_progress(step, tries, items)
    assert (found.state, found.at, found.source) == ("done", DAY + timedelta(days=1), "badge")
    assert step_progress(step, tries, []).source == "declared"


def test_what_was_returned_comes_before_what_is_to_do() -> None:
    first, second = a_step(), a_step()
    second.position = 2
    progress = enrolment_progress(
        uuid4(),
        [second, first],
        {second.id: [a_record(second, RecordState.RETURNED, DAY)]},
        {},
    )
    assert progress.next is not None
    assert progress.next.step is second
