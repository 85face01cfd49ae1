"""Progress, whatever was declared, answered and attested, in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from courses.paths.models import Step, StepKind
from courses.progress.computing import Progress, counts, enrolment_progress, step_progress
from courses.progress.models import RecordState, StepRecord
from tierslieu.house import EvidenceItem

DAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
USER = uuid4()

instants = st.integers(0, 500).map(lambda hours: DAY + timedelta(hours=hours))
steps = st.lists(
    st.builds(
        lambda kind, required: Step(id=uuid4(), kind=kind, is_required=required, units=[]),
        st.sampled_from(StepKind),
        st.booleans(),
    ),
    max_size=8,
)


def number(found: list[Step]) -> list[Step]:
    for position, step in enumerate(found, start=1):
        step.position = position
    return found


def a_record(step: Step, state: RecordState, at: datetime) -> StepRecord:
    decided = None if state is RecordState.DECLARED else at + timedelta(hours=1)
    return StepRecord(id=uuid4(), step_id=step.id, state=state, declared_at=at, decided_at=decided)


def an_item(step: Step, source: str, at: datetime) -> EvidenceItem:
    return EvidenceItem(user_id=USER, step_id=step.id, at=at, source=source, label="Présence")


@st.composite
def situations(
    draw: st.DrawFn,
) -> tuple[list[Step], dict[UUID, list[StepRecord]], dict[UUID, list[EvidenceItem]]]:
    found = number(draw(steps))
    # Tries and evidence for steps of other versions too: they must not count.
    everywhere = [*found, Step(id=uuid4(), kind=StepKind.ONLINE, is_required=True, position=99)]
    records: dict[UUID, list[StepRecord]] = {}
    evidence: dict[UUID, list[EvidenceItem]] = {}
    for step in everywhere:
        records[step.id] = [
            a_record(step, state, at)
            for state, at in draw(
                st.lists(st.tuples(st.sampled_from(RecordState), instants), max_size=3)
            )
        ]
        evidence[step.id] = [
            an_item(step, source, at)
            for source, at in draw(
                st.lists(st.tuples(st.sampled_from(["session:1", "badge"]), instants), max_size=2)
            )
        ]
    return found, records, evidence


def compute(
    situation: tuple[list[Step], dict[UUID, list[StepRecord]], dict[UUID, list[EvidenceItem]]],
) -> Progress:
    found, records, evidence = situation
    return enrolment_progress(uuid4(), found, records, evidence)


@given(situations())
def test_progress_is_never_below_none_nor_above_all_that_is_required(situation) -> None:  # type: ignore[no-untyped-def]
    progress = compute(situation)
    assert progress.required == sum(step.is_required for step in situation[0])
    assert 0 <= progress.done <= progress.required


@given(situations())
def test_a_path_is_complete_when_and_only_when_every_required_step_is_done(situation) -> None:  # type: ignore[no-untyped-def]
    progress = compute(situation)
    required = [s for s in progress.steps if s.step.is_required]
    all_done = bool(required) and all(s.state == "done" for s in required)
    assert progress.is_complete is all_done
    assert (progress.completed_at is not None) is all_done
    if all_done:
        assert progress.completed_at == max(s.at for s in required if s.at)
        assert progress.next is None or progress.next.state == "returned"


@given(situations())
def test_every_step_is_there_once_in_order_and_a_done_one_has_a_date(situation) -> None:  # type: ignore[no-untyped-def]
    progress = compute(situation)
    assert [s.step.position for s in progress.steps] == list(range(1, len(situation[0]) + 1))
    assert all(s.at is not None for s in progress.steps if s.state == "done")


@given(situations(), st.data())
def test_one_more_piece_of_evidence_never_takes_progress_away(situation, data) -> None:  # type: ignore[no-untyped-def]
    before = compute(situation)
    found, records, evidence = situation
    if not found:
        return
    step = data.draw(st.sampled_from(found))
    evidence[step.id] = [*evidence[step.id], an_item(step, "badge", data.draw(instants))]
    assert compute((found, records, evidence)).done >= before.done


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
