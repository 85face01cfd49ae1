"""Two at once: one declaration stands, one answer stands, one enrolment stands."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment
from courses.enrolments.rules import enrol
from courses.progress.imports.models import GradeImport
from courses.progress.imports.rules import apply_import, draft_import, import_file
from courses.progress.models import RecordState, StepRecord
from courses.progress.rules import decide, declare_step
from tests.support.at_once import AT_ONCE, at_once
from tests.support.courses import NOW, make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.reports import make_report
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


def test_of_one_report_applied_at_once_one_application_stands(
    app: Flask, db: Session, make: Factory
) -> None:
    path, team = make_path(db), make.user("facilitator").id
    emails = [make_enrolment(db, make.user(), path).user.email for _ in range(5)]
    data = make_report([{"email": email, "grade": 1} for email in emails])
    draft_id = draft_import(db, path.id, data, "notes.csv", now=NOW, actor_id=team).id
    db.commit()
    outcomes = at_once(app, lambda s, _n: apply_import(s, draft_id, actor_id=team, now=NOW))
    assert sorted(outcomes) == ["already_applied"] * (AT_ONCE - 1) + ["done"]
    assert db.scalar(select(func.count(StepRecord.id))) == 10


def test_reports_and_declarations_at_once_leave_each_step_standing_once(
    app: Flask, db: Session, make: Factory
) -> None:
    path = make_path(db)
    enrolments = [make_enrolment(db, make.user(), path) for _ in range(4)]
    emails = [enrolment.user.email for enrolment in enrolments]
    path_id, ids, step_id = path.id, [e.id for e in enrolments], steps_of(db, path)[0].id
    db.commit()

    def act(session: Session, number: int) -> None:
        if number % 2:
            declare_step(session, ids[number % 4], step_id, now=NOW, house=House(()), text="Fait.")
            return
        # Each names the people in another order.
        turned = emails[number % 4 :] + emails[: number % 4]
        data = make_report([{"email": email, "grade": 1} for email in turned])
        import_file(session, path_id, data, "notes.csv", now=NOW, is_applied=True)

    outcomes = at_once(app, act)
    assert [outcomes[n] for n in (0, 2, 4)] == ["done"] * 3
    assert {outcomes[n] for n in (1, 3, 5)} <= {"done", "already_declared", "already_validated"}
    assert db.scalar(select(func.count(StepRecord.id))) == 8
    db.rollback()
    changed = db.scalars(select(GradeImport.changed).order_by(GradeImport.changed)).all()
    assert changed == [0, 0, 4]
