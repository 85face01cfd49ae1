"""Two at once: one declaration stands, one answer stands, one enrolment stands."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.enrolments.rules import enrol
from courses.progress.models import RecordState, StepRecord
from courses.progress.rules import decide, declare_step
from tests.support.at_once import AT_ONCE, at_once
from tests.support.courses import NOW, make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tierslieu.house import House

pytestmark = pytest.mark.both_databases


def test_of_declarations_made_at_once_one_stands(app: Flask, db: Session, make: Factory) -> None:
    path = make_path(db)
    enrolment_id: UUID = make_enrolment(db, make.user(), path).id
    step_id = steps_of(db, path)[0].id
    db.commit()
    outcomes = at_once(
        app,
        lambda s, n: declare_step(
            s, enrolment_id, step_id, now=NOW, house=House(()), text=f"Essai {n}"
        ),
    )
    assert sorted(outcomes) == ["already_declared"] * (AT_ONCE - 1) + ["done"]
    assert db.scalar(select(func.count(StepRecord.id))) == 1


def test_of_answers_given_at_once_one_stands(app: Flask, db: Session, make: Factory) -> None:
    path = make_path(db)
    record_id = make_record(db, make_enrolment(db, make.user(), path), steps_of(db, path)[0]).id
    people = [make.user("facilitator").id for _ in range(AT_ONCE)]
    db.commit()

    def answer(session: Session, number: int) -> None:
        state = RecordState.VALIDATED if number % 2 else RecordState.RETURNED
        decide(session, record_id, state, actor_id=people[number], now=NOW, word="Lu.")

    outcomes = at_once(app, answer)
    assert sorted(outcomes) == ["already_decided"] * (AT_ONCE - 1) + ["done"]
    record = db.scalar(select(StepRecord))
    assert record is not None
    assert record.decided_by_id == people[outcomes.index("done")]


def test_of_enrolments_made_at_once_one_stands(app: Flask, db: Session, make: Factory) -> None:
    user_id, path_id = make.user().id, make_path(db).id
    db.commit()
    outcomes = at_once(app, lambda s, _n: enrol(s, user_id, path_id, now=NOW))
    assert sorted(outcomes) == ["already_enrolled"] * (AT_ONCE - 1) + ["done"]
    assert db.scalar(select(func.count(Enrolment.id))) == 1
