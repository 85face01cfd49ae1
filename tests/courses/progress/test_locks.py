"""Pools, steps that come first, paths and badges as steps: what is open, and what is asked."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from courses.paths.models import Path
from courses.progress.models import RecordState
from courses.progress.rules import Progress, compute_progress, decide, declare_step
from tests.support.courses import (
    NOW,
    make_enrolment,
    make_path,
    make_record,
    step_facts,
    steps_of,
)
from tests.support.factories import Factory
from tierslieu.errors import Refused
from tierslieu.house import Evidence, EvidenceItem, House
from tierslieu.people.models import User

pytestmark = pytest.mark.both_databases
EMPTY = House(())


def make_choice(db: Session) -> Path:
    """A preparation, then a module that needs it, then one of three to choose."""
    return make_path(
        db,
        "choix",
        pools=[{"key": "au-choix", "title": "Au choix", "needed": 2}],
        steps=[
            step_facts("P", kind="preparation"),
            step_facts("A", needs=["p"]),
            *(step_facts(f"C{n}", pool="au-choix", needs=["a"]) for n in (1, 2, 3)),
        ],
    )


class Learner:
    """Somebody on that path, and what they do."""

    def __init__(self, db: Session, make: Factory, path: Path) -> None:
        self.db, self.make = db, make
        self.user: User = make.user()
        self.enrolment = make_enrolment(db, self.user, path)
        self.steps = {step.key: step for step in steps_of(db, path)}

    def finish(self, *keys: str) -> None:
        for key in keys:
            record = make_record(self.db, self.enrolment, self.steps[key])
            team = self.make.user("facilitator")
            decide(self.db, record.id, RecordState.VALIDATED, actor_id=team.id, now=NOW)
            self.db.commit()

    def progress(self, house: House = EMPTY) -> Progress:
        return compute_progress(self.db, [self.enrolment], house)[self.enrolment.id]

    def states(self, house: House = EMPTY) -> str:
        return " ".join(f"{s.step.key}:{s.state}" for s in self.progress(house).steps)


@pytest.fixture
def learner(db: Session, make: Factory) -> Learner:
    return Learner(db, make, make_choice(db))


def test_a_step_opens_when_what_comes_first_is_done(learner: Learner) -> None:
    assert learner.states() == "p:todo a:locked c1:locked c2:locked c3:locked"
    learner.finish("p")
    assert learner.states() == "p:done a:todo c1:locked c2:locked c3:locked"
    learner.finish("a")
    assert learner.states() == "p:done a:done c1:todo c2:todo c3:todo"


def test_a_locked_step_is_not_declared_and_says_which_step_is_missing_and_who_can_help(
    db: Session, learner: Learner
) -> None:
    with pytest.raises(Refused, match=r"P.· Étape P.*L’équipe peut vous en dispenser") as no:
        make_record(db, learner.enrolment, learner.steps["a"])
    assert (no.value.code, no.value.more) == ("locked", {"missing": ["p"]})


def test_of_a_pool_as_many_as_it_needs_are_asked_and_no_more_are_counted(
    learner: Learner,
) -> None:
    assert learner.progress().required == 4
    learner.finish("p", "a", "c3")
    assert (learner.progress().done, learner.progress().is_complete) == (3, False)
    learner.finish("c1")
    assert (learner.progress().done, learner.progress().is_complete) == (4, True)
    learner.finish("c2")
    assert (learner.progress().done, learner.progress().required) == (4, 4)


def test_what_opens_the_way_is_next_even_where_it_is_not_asked_by_itself(
    db: Session, make: Factory
) -> None:
    steps = [step_facts("P", is_required=False), step_facts("A", needs=["p"])]
    learner = Learner(db, make, make_path(db, "detour", steps=steps))
    found = learner.progress().next
    assert found is not None
    assert found.step.key == "p"


def test_what_is_done_elsewhere_counts_even_where_it_was_locked(
    db: Session, learner: Learner
) -> None:
    step = learner.steps["a"]

    def find(db: Session, users: object, steps: object) -> list[EvidenceItem]:
        return [EvidenceItem(learner.user.id, step.id, NOW, "badge", "Badge A")]

    house = House((Evidence("badges", find, lambda *_: ()),))
    assert learner.states(house) == "p:todo a:done c1:todo c2:todo c3:todo"


def test_a_path_within_a_path_is_done_when_its_own_last_step_is(db: Session, make: Factory) -> None:
    part = make_path(db, "partie")
    whole = make_path(
        db, "tout", steps=[step_facts("I", kind="subpath", subpath="partie"), step_facts("II")]
    )
    learner = Learner(db, make, whole)
    assert learner.states() == "i:todo ii:todo"
    with pytest.raises(Refused) as no:
        make_record(db, learner.enrolment, learner.steps["i"])
    assert no.value.code == "attested_by_path"
    within = Learner(db, make, part)
    within.enrolment = make_enrolment(db, learner.user, part)
    within.finish("a")
    assert learner.states() == "i:todo ii:todo"
    within.finish("b")
    assert learner.states() == "i:done ii:todo"
    assert learner.progress().steps[0].label == "PARTIE"


def test_paths_that_ask_for_each_other_are_computed_and_never_done_by_themselves(
    db: Session, make: Factory
) -> None:
    make_path(db, "un")
    two = make_path(db, "deux", steps=[step_facts("A", kind="subpath", subpath="un")])
    one = make_path(db, "un", steps=[step_facts("B", kind="subpath", subpath="deux")])
    learner = Learner(db, make, one)
    make_enrolment(db, learner.user, two)
    assert learner.states() == "b:todo"


def test_a_badge_that_is_asked_for_is_not_declared(db: Session, make: Factory) -> None:
    path = make_path(db, "avec-badge", steps=[step_facts("A", kind="badge", badge="snt")])
    learner = Learner(db, make, path)
    with pytest.raises(Refused) as no:
        declare_step(
            db,
            learner.enrolment.id,
            learner.steps["a"].id,
            now=NOW,
            house=EMPTY,
            text="Je l’ai.",
        )
    assert no.value.code == "attested_by_badge"


def test_what_stands_beside_a_path_changes_nothing_of_its_progress(
    db: Session, make: Factory
) -> None:
    part = make_path(db, "partie")
    whole = make_path(db, "tout", steps=[step_facts("I", kind="subpath", subpath="partie")])
    learner, within = Learner(db, make, whole), Learner(db, make, part)
    within.enrolment = make_enrolment(db, learner.user, part)
    within.finish("a", "b")
    both = compute_progress(db, [learner.enrolment, within.enrolment], EMPTY)
    assert both[learner.enrolment.id] == learner.progress()
    assert both[learner.enrolment.id].is_complete
