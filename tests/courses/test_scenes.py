"""The demonstration place of the courses: believable, whole, the same each time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentEvent, EnrolmentStatus
from courses.enrolments.queries import get_enrolments, list_enrolments
from courses.enrolments.scenes import play as play_enrolments
from courses.feedback.models import (
    CourseContact,
    CourseDigest,
    CourseFeedback,
    FeedbackEvent,
    FeedbackKind,
    FeedbackState,
    MeToo,
)
from courses.feedback.scenes import play as play_feedback
from courses.paths.offers import play as play_paths
from courses.progress.models import RecordState, StepRecord
from courses.progress.rules import compute_progress
from courses.progress.scenes import play as play_progress
from tests.support.factories import Factory
from tierslieu import clock
from tierslieu.house import House, Invariant, Stage
from tierslieu.mail.models import OutboxMessage
from tierslieu.people.models import Audience
from tierslieu.uploads.models import Upload

TODAY = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def props(db: Session, make: Factory) -> dict[str, object]:
    audiences = list(Audience)
    ids = [make.user(email=f"l{n}@example.org", audience=audiences[n % 4]).id for n in range(60)]
    return {
        "people": {"learner@example.org": ids[0], "learner2@example.org": ids[1]},
        "learners": ids,
        "facilitators": [make.user("facilitator").id for _ in range(3)],
    }


def play(app: Flask, db: Session, props: dict[str, object]) -> Stage:
    stage = Stage(TODAY, 42, app.config["TIERSLIEU"], House(()), dict(props))
    for scene in (play_paths, play_enrolments, play_progress, play_feedback):
        scene(db, stage)
    db.commit()
    return stage


def shape(db: Session) -> list[tuple[UUID, str, str, datetime, str]]:
    rows = db.execute(
        select(
            Enrolment.user_id,
            StepRecord.state,
            StepRecord.evidence_text,
            StepRecord.declared_at,
            StepRecord.word,
        )
        .join(Enrolment, Enrolment.id == StepRecord.enrolment_id)
        .order_by(StepRecord.declared_at, StepRecord.id)
    )
    return [(u, s.value, text, at, word) for u, s, text, at, word in rows]


def test_enrolments_steps_and_reports_stand_at_every_stage(
    app: Flask, db: Session, props: dict[str, object]
) -> None:
    stage = play(app, db, props)
    assert set(db.scalars(select(Enrolment.status))) == set(EnrolmentStatus)
    assert set(db.scalars(select(StepRecord.state))) == set(RecordState)
    assert set(db.scalars(select(CourseFeedback.state))) == set(FeedbackState)
    assert set(db.scalars(select(CourseFeedback.kind))) == set(FeedbackKind)
    causes = {cause for cause in db.scalars(select(EnrolmentEvent.cause)) if cause}
    assert len(causes) >= 2
    enrolments = get_enrolments(db, stage.props["enrolments"])
    progress = compute_progress(db, enrolments, House(()))
    complete = Counter(p.is_complete for p in progress.values())
    assert complete[True] >= 5
    assert complete[False] >= 20
    paths = {enrolment.path_id for enrolment in enrolments}
    assert paths == set(stage.props["paths"].values())


def test_the_demonstration_learner_is_midway_in_snt_with_something_next(
    app: Flask, db: Session, props: dict[str, object]
) -> None:
    stage = play(app, db, props)
    mine = list_enrolments(db, stage.props["people"]["learner@example.org"])
    progress = compute_progress(db, mine, House(()))
    snt = next(e for e in mine if e.path.slug == "snt")
    assert (progress[snt.id].done, progress[snt.id].required) == (1, 3)
    assert progress[snt.id].next is not None
    other = next(e for e in mine if e is not snt)
    assert progress[other.id].is_complete


def test_nothing_lies_in_the_future_nor_before_its_cause(
    app: Flask, db: Session, props: dict[str, object]
) -> None:
    play(app, db, props)
    for record in db.scalars(select(StepRecord)):
        assert record.enrolment.started_at <= record.declared_at <= TODAY
        assert record.decided_at is None or record.declared_at <= record.decided_at <= TODAY
        assert record.decided_by_id != record.enrolment.user_id
    for event in db.scalars(select(EnrolmentEvent)):
        assert event.at <= TODAY
    for found in db.scalars(select(CourseFeedback)):
        assert all(found.created_at <= event.at <= TODAY for event in found.events)


def test_reports_are_answered_by_day_and_a_refusal_says_why_of_that_one(
    app: Flask, db: Session, props: dict[str, object]
) -> None:
    play(app, db, props)
    events = list(db.scalars(select(FeedbackEvent)))
    assert {clock.to_local(event.at).hour for event in events} <= set(range(9, 18))
    words = [event.word for event in events if event.to_state is FeedbackState.REFUSED]
    assert len(words) == len(set(words)) > 1


def test_reports_are_seen_by_several_one_has_a_picture_and_a_course_had_its_mails(
    app: Flask, db: Session, props: dict[str, object]
) -> None:
    play(app, db, props)
    assert len(list(db.scalars(select(MeToo)))) > 10
    reports = list(db.scalars(select(CourseFeedback)))
    assert [report.picture_text[:13] for report in reports if report.picture] == ["Le navigateur"]
    assert sum(report.merged_into_id is not None for report in reports) == 1
    assert (
        sum(contact.unsubscribed_at is None for contact in db.scalars(select(CourseContact))) == 1
    )
    assert max(db.scalars(select(CourseDigest.mails))) == 1


def test_the_invariants_hold_in_it(app: Flask, db: Session, props: dict[str, object]) -> None:
    play(app, db, props)
    house: House = app.extensions["tierslieu.house"]
    ours = {"uploads_whole", "enrolment_versions", "steps_stand_once", "progress_in_bounds"}
    found = {i.name: i.check(db) for i in house.all(Invariant) if i.name in ours}
    assert found.keys() == ours
    assert all(f.checked > 0 and not f.broken for f in found.values())


def test_it_is_the_same_each_time(app: Flask, db: Session, props: dict[str, object]) -> None:
    play(app, db, props)
    first = shape(db)
    for table in (
        StepRecord,
        Upload,
        EnrolmentEvent,
        Enrolment,
        CourseContact,
        CourseDigest,
        FeedbackEvent,
        CourseFeedback,
        OutboxMessage,
    ):
        db.execute(delete(table))
    db.commit()
    play(app, db, props)
    assert len(first) > 50
    assert shape(db) == first
