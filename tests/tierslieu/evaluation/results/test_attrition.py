"""Who left, by profile: nobody who may still answer, and no small group by subtraction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.support.evaluation import make_participants
from tests.support.factories import Factory
from tests.support.results import (
    AFTER,
    LATER,
    answer_waves,
    draw_answers,
    make_empty_study,
    make_known_study,
)
from tests.support.surveys import make_invitation, study_key
from tierslieu.evaluation.disclosure import STAFF, Hiding, protect_rows
from tierslieu.evaluation.results.attrition import study_attrition
from tierslieu.surveys.rules import decline

groups = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 7), st.integers(0, 40)),
        st.one_of(st.integers(0, 7), st.integers(0, 40)),
    ),
    min_size=1,
    max_size=6,
)


@given(groups)
def test_no_small_count_of_a_group_is_ever_shown(rows: list[tuple[int, int]]) -> None:
    for row, shown in zip(rows, protect_rows(rows), strict=True):
        assert shown.cells in (row, (None, None))
        assert shown.total == (None if None in shown.cells else sum(row))
        assert all(cell is None or cell == 0 or cell >= STAFF.cell for cell in shown.cells)
    if 0 < sum(map(sum, rows)) < STAFF.respondents:
        assert all(one.why[0] is Hiding.TOO_FEW for one in protect_rows(rows))


@example([(2, 20), (9, 20), (30, 30)])
@example([(2, 20), (1, 20), (6, 20), (30, 30)])
@given(groups)
def test_the_total_of_a_column_gives_no_small_count_away(rows: list[tuple[int, int]]) -> None:
    shown = protect_rows(rows)
    if sum(map(sum, rows)) < STAFF.respondents or all(one.total is None for one in shown):
        return
    for column in range(2):
        hidden = [
            row[column] for row, one in zip(rows, shown, strict=True) if one.cells[column] is None
        ]
        if any(hidden):
            assert len(hidden) > 1
            assert sum(hidden) >= STAFF.cell


def test_a_group_alone_in_being_small_takes_the_least_other_with_it() -> None:
    shown = protect_rows([(2, 20), (9, 20), (30, 30)])
    assert [one.cells for one in shown] == [(None, None), (None, None), (30, 30)]
    assert [one.why[0] for one in shown] == [
        Hiding.SMALL_CELL,
        Hiding.COMPLEMENT,
        Hiding.NOTHING,
    ]


@pytest.mark.both_databases
def test_who_did_not_answer_later_is_counted_among_those_who_answered_first(
    db: Session, make: Factory
) -> None:
    study, *_rest = make_known_study(db, make, left=12)
    outsiders = make_participants(make, 10)  # never answered the first wave
    answer_waves(db, outsiders, ("after", draw_answers(10, 0, 3)))
    [found] = study_attrition(db, study, LATER)
    assert (found.wave, found.overall.part, found.overall.whole) == ("Après", 12, 40)
    audience, gender, age = found.traits
    assert [(p.label, p.left.part, p.left.whole) for p in audience.parts] == [("Enseigne", 12, 40)]
    assert [(p.label, p.left.part, p.left.whole) for p in gender.parts] == [
        ("Femme", 6, 20),
        ("Homme", 6, 20),
    ]
    assert [p.left.part for p in age.parts] == [None] * 5
    assert age.reasons == (Hiding.SMALL_CELL,)


def test_who_may_still_answer_has_not_left(db: Session, make: Factory) -> None:
    study, *_rest = make_known_study(db, make, left=12)
    [found] = study_attrition(db, study, AFTER + timedelta(days=1))
    assert (found.overall.part, found.overall.whole) == (0, 28)
    assert found.traits == ()
    study.closed_at = AFTER + timedelta(days=1)  # nobody can answer any more
    [found] = study_attrition(db, study, AFTER + timedelta(days=1))
    assert (found.overall.part, found.overall.whole) == (12, 40)


def test_who_said_not_this_time_has_left(db: Session, make: Factory) -> None:
    study, people = make_empty_study(db), make_participants(make, 20)
    answer_waves(db, people, ("before", draw_answers(20, 0, 1)))
    answer_waves(db, people[8:], ("after", draw_answers(12, 0, 2)))
    for user in people[:8]:
        invitation = make_invitation(db, user, "after", now=AFTER)
        decline(db, invitation.id, study_key(study), now=AFTER)
    db.commit()
    [found] = study_attrition(db, study, AFTER + timedelta(days=1))
    assert (found.overall.part, found.overall.whole) == (8, 20)


def test_a_few_who_left_are_hidden_with_every_group(db: Session, make: Factory) -> None:
    study, *_rest = make_known_study(db, make, left=3)
    [found] = study_attrition(db, study, LATER)
    assert found.overall.part is None
    assert found.overall.why is Hiding.SMALL_CELL
    assert found.traits == ()
