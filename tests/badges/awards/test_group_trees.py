"""Groups of conditions agree with the boolean tree they are."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from badges.awards import rules
from badges.awards.criteria import Weighed, assess, holds, lacks_only_judgement
from badges.awards.findings import Answer
from badges.designs.models import BadgeClass, BadgeCriterion, BadgeCriterionGroup, CriterionKind
from badges.designs.rules import Condition
from tests.support.badges import NOW, finish_path, house_here, make_award, open_badges
from tests.support.courses import make_enrolment, make_path, steps_of
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tierslieu.attendance.models import Presence
from tierslieu.attendance.rules import RollEntry, note_presence

K = CriterionKind


trees = st.lists(
    st.tuples(st.lists(st.integers(0, 7), min_size=1, max_size=5), st.integers(0, 5)),
    min_size=1,
    max_size=4,
)


def build(pool: list[Condition], tree: list[tuple[list[int], int]]) -> BadgeClass:
    """A badge, not in the database, that asks those of ``pool``; 0 needed is all of them."""
    groups = []
    for picks, needed in tree:
        conditions = [
            BadgeCriterion(
                kind=pool[i].kind,
                path_id=pool[i].path_id,
                step_id=pool[i].step_id,
                asked_badge_id=pool[i].asked_badge_id,
                count=pool[i].count,
                statement=pool[i].statement,
            )
            for i in picks
        ]
        wanted = min(needed, len(picks)) or None
        groups.append(BadgeCriterionGroup(needed=wanted, conditions=conditions))
    return BadgeClass(groups=groups)


def naive(tree: list[tuple[list[int], int]], truth: list[bool]) -> bool:
    """The boolean tree, read aloud."""
    for picks, needed in tree:
        met = sum(truth[i] for i in picks)
        if met < (min(needed, len(picks)) or len(picks)):
            return False
    return True


@given(tree=trees, truth=st.lists(st.booleans(), min_size=8, max_size=8))
def test_weighing_agrees_with_the_boolean_tree(
    tree: list[tuple[list[int], int]], truth: list[bool]
) -> None:
    # Conditions 6 and 7 are judgements: what they could still change is told too.
    conditions = [BadgeCriterion(kind=K.JUDGEMENT if i > 5 else K.HALF_DAYS) for i in range(8)]
    groups = [
        Weighed(
            min(needed, len(picks)) or None,
            [Answer(conditions[i], truth[i], lambda: "", NOW if truth[i] else None) for i in picks],
        )
        for picks, needed in tree
    ]
    assert holds(groups) == naive(tree, truth)
    with_judgements = [*truth[:6], True, True]
    lacking = not naive(tree, truth) and naive(tree, with_judgements)
    assert lacks_only_judgement(groups) == lacking


def test_assessing_real_people_agrees_with_the_boolean_tree(db: Session, make: Factory) -> None:
    signer, team = open_badges(db), make.user("facilitator")
    path = make_path(db)
    first, second = steps_of(db, path)[:2]
    badge = make_award(db, make.user(), team, signer).badge
    pool = [
        Condition(K.STEP_DONE, step_id=first.id),
        Condition(K.STEP_DONE, step_id=second.id),
        Condition(K.PATH_COMPLETED, path_id=path.id),
        Condition(K.HALF_DAYS, count=1),
        Condition(K.HALF_DAYS, count=2),
        Condition(K.HOURS, count=3),
        Condition(K.BADGE_HELD, asked_badge_id=badge.id),
        Condition(K.HOURS, path_id=path.id, count=12),
    ]
    nobody, half, whole, keen = (make.user() for _ in range(4))
    make_enrolment(db, nobody, path)
    finish_path(db, half, path, team, steps=1)
    finish_path(db, whole, path, team)
    session = make_session(db, starts=datetime(2026, 11, 5, 14, 0), hours=3)  # noqa: DTZ001
    roll = [RollEntry(Presence.PRESENT, person.id) for person in (half, keen)]
    note_presence(db, session.id, roll, now=NOW, actor_id=team.id)
    db.commit()
    finish_path(db, keen, next(c.path for c in badge.conditions if c.path), team)
    rules.award(db, badge.id, keen.id, signer, house=house_here(), now=NOW, actor_id=team.id)
    db.commit()
    truths = {
        nobody.id: [False] * 8,
        half.id: [True, False, False, True, False, True, False, False],
        whole.id: [True, True, True, False, False, True, False, True],
        keen.id: [False, False, False, True, False, True, True, False],
    }
    house = house_here()

    @settings(max_examples=60, deadline=None)
    @given(tree=trees)
    def agrees(tree: list[tuple[list[int], int]]) -> None:
        asked = build(pool, tree)
        with db.no_autoflush:
            for condition in asked.conditions:
                condition.path = path if condition.path_id else None
                condition.step = {first.id: first, second.id: second}.get(condition.step_id)
                condition.asked_badge = badge if condition.asked_badge_id else None
            found = assess(db, asked, list(truths), house, now=NOW)
        for user_id, truth in truths.items():
            assert found[user_id].qualifies == naive(tree, truth), (tree, truth)

    agrees()
