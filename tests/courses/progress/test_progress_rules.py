"""Declaring a step, answering, and where that leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courses.enrolments.models import EnrolmentStatus, StopReason
from courses.enrolments.rules import change_status
from courses.progress.answering.queries import ALL, find_following
from courses.progress.models import RecordState, StepRecord
from courses.progress.queries import count_waiting, list_waiting
from courses.progress.rules import compute_progress, decide, declare_step
from tests.support.courses import (
    NOW,
    counted_queries,
    make_enrolment,
    make_path,
    make_record,
    steps_of,
)
from tests.support.factories import Factory
from tierslieu.errors import NotYours, Refused
from tierslieu.house import Evidence, EvidenceItem, House
from tierslieu.mail.models import OutboxMessage

pytestmark = pytest.mark.both_databases

EMPTY = House(())
VALIDATED, RETURNED = RecordState.VALIDATED, RecordState.RETURNED


def count_records(db: Session) -> int:
    return db.scalar(select(func.count(StepRecord.id))) or 0


def test_a_declared_step_waits_and_a_validated_one_is_done(db: Session, make: Factory) -> None:
    path, facilitator = make_path(db), make.user("facilitator")
    enrolment = make_enrolment(db, make.user(), path)
    first, second, _half_day = steps_of(db, path)
    record = make_record(db, enrolment, first)
    progress = compute_progress(db, [enrolment], EMPTY)[enrolment.id]
    assert [s.state for s in progress.steps] == ["waiting", "todo", "todo"]
    assert (progress.done, progress.required) == (0, 2)
    later = NOW + timedelta(days=1)
    decide(db, record.id, VALIDATED, actor_id=facilitator.id, now=later, word="Bravo.")
    db.commit()
    progress = compute_progress(db, [enrolment], EMPTY)[enrolment.id]
    assert [s.state for s in progress.steps] == ["done", "todo", "todo"]
    assert (progress.done, progress.is_complete) == (1, False)
    assert progress.next is not None
    assert progress.next.step.id == second.id


def test_the_last_required_step_ends_the_path_without_the_optional_one(
    db: Session, make: Factory
) -> None:
    path, facilitator = make_path(db), make.user("facilitator")
    enrolment = make_enrolment(db, make.user(), path)
    for day, step in enumerate(steps_of(db, path)[:2], start=1):
        record = make_record(db, enrolment, step)
        at = NOW + timedelta(days=day)
        decide(db, record.id, VALIDATED, actor_id=facilitator.id, now=at)
        db.commit()
    progress = compute_progress(db, [enrolment], EMPTY)[enrolment.id]
    assert progress.is_complete
    assert progress.completed_at == NOW + timedelta(days=2)
    assert progress.steps[2].state == "todo"


def test_a_returned_step_comes_back_with_its_word_and_may_be_declared_anew(
    db: Session, make: Factory
) -> None:
    path, facilitator = make_path(db), make.user("facilitator")
    enrolment = make_enrolment(db, make.user(), path)
    step = steps_of(db, path)[0]
    record = make_record(db, enrolment, step)
    at = NOW + timedelta(hours=1)
    decide(db, record.id, RETURNED, actor_id=facilitator.id, now=at, word="Ajoutez un exemple.")
    db.commit()
    shown = compute_progress(db, [enrolment], EMPTY)[enrolment.id].steps[0]
    assert shown.state == "returned"
    assert shown.record is not None
    assert shown.record.word == "Ajoutez un exemple."
    make_record(db, enrolment, step, now=NOW + timedelta(days=1))
    shown = compute_progress(db, [enrolment], EMPTY)[enrolment.id].steps[0]
    assert shown.state == "waiting"
    assert count_records(db) == 2  # the first try stays as history


def test_a_step_that_waits_is_not_declared_again(db: Session, make: Factory) -> None:
    path = make_path(db)
    enrolment = make_enrolment(db, make.user(), path)
    step = steps_of(db, path)[0]
    make_record(db, enrolment, step)
    with pytest.raises(Refused, match="attend la réponse") as refused:
        declare_step(db, enrolment.id, step.id, now=NOW, house=EMPTY, text="Encore.")
    assert refused.value.code == "already_declared"
    db.rollback()
    assert count_records(db) == 1


def test_a_validated_step_is_not_declared_again(db: Session, make: Factory) -> None:
    path = make_path(db)
    enrolment = make_enrolment(db, make.user(), path)
    step = steps_of(db, path)[0]
    record = make_record(db, enrolment, step)
    decide(db, record.id, VALIDATED, actor_id=make.user("facilitator").id, now=NOW)
    db.commit()
    with pytest.raises(Refused, match="déjà validée") as refused:
        declare_step(db, enrolment.id, step.id, now=NOW, house=EMPTY, text="Encore.")
    assert refused.value.code == "already_validated"


@pytest.mark.parametrize(
    ("status", "code"), [(EnrolmentStatus.PAUSED, "paused"), (EnrolmentStatus.STOPPED, "stopped")]
)
def test_nothing_is_declared_in_a_path_that_is_paused_or_stopped(
    db: Session, make: Factory, status: EnrolmentStatus, code: str
) -> None:
    user, path = make.user(), make_path(db)
    enrolment = make_enrolment(db, user, path)
    change_status(db, enrolment.id, status, now=NOW, actor_id=user.id, cause=StopReason.TIME)
    db.commit()
    with pytest.raises(Refused, match="reprenez-le") as refused:
        declare_step(db, enrolment.id, steps_of(db, path)[0].id, now=NOW, house=EMPTY, text="Fait.")
    assert refused.value.code == code
    db.rollback()
    assert count_records(db) == 0


def test_the_half_day_is_attested_by_the_roll_and_not_declared(db: Session, make: Factory) -> None:
    path = make_path(db)
    enrolment = make_enrolment(db, make.user(), path)
    with pytest.raises(Refused, match="appel") as refused:
        declare_step(
            db, enrolment.id, steps_of(db, path)[2].id, now=NOW, house=EMPTY, text="J’y étais."
        )
    assert refused.value.code == "attested_by_roll"


def test_a_step_of_another_path_is_not_found(db: Session, make: Factory) -> None:
    enrolment = make_enrolment(db, make.user(), make_path(db, "un"))
    other = steps_of(db, make_path(db, "deux"))[0]
    for step_id in (other.id, uuid4()):
        with pytest.raises(NotYours):
            declare_step(db, enrolment.id, step_id, now=NOW, house=EMPTY, text="Fait.")
        db.rollback()
    with pytest.raises(NotYours):
        declare_step(db, uuid4(), other.id, now=NOW, house=EMPTY, text="Fait.")


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        ({}, "no_evidence"),
        ({"text": "  \n "}, "no_evidence"),
        ({"url": "javascript:alert(1)"}, "bad_link"),
        ({"url": "JaVaScRiPt://example.org/%0aalert(1)"}, "bad_link"),
        ({"url": "data:text/html,x"}, "bad_link"),
        ({"url": "file:///etc/passwd"}, "bad_link"),
        ({"url": "https://"}, "bad_link"),
        ({"url": "https://[oups"}, "bad_link"),
        ({"url": "https://exam ple.org"}, "bad_link"),
        ({"url": "https://fun-mooc.fr@example.org/"}, "bad_link"),
        ({"url": "https://fun-mooc.fr\\@example.org/"}, "bad_link"),
        ({"url": "https://example.org/\u202egnp.exe"}, "bad_link"),
        ({"url": "https://example.org:99999/"}, "bad_link"),
        ({"url": "exemple.org/travail"}, "bad_link"),
        ({"text": "x" * 4001}, "text_too_long"),
    ],
)
def test_bad_evidence_is_refused_with_a_sentence_and_nothing_is_kept(
    db: Session, make: Factory, evidence: dict[str, str], code: str
) -> None:
    path = make_path(db)
    enrolment = make_enrolment(db, make.user(), path)
    with pytest.raises(Refused) as refused:
        declare_step(db, enrolment.id, steps_of(db, path)[0].id, now=NOW, house=EMPTY, **evidence)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")
    db.rollback()
    assert count_records(db) == 0


def test_a_link_alone_is_enough(db: Session, make: Factory) -> None:
    path = make_path(db)
    enrolment = make_enrolment(db, make.user(), path)
    record = make_record(db, enrolment, steps_of(db, path)[0], url=" https://example.org/a?b=1 ")
    assert record.evidence_url == "https://example.org/a?b=1"


def test_nobody_answers_their_own_declaration(db: Session, make: Factory) -> None:
    path, both = make_path(db), make.user("learner", "facilitator")
    enrolment = make_enrolment(db, both, path)
    record = make_record(db, enrolment, steps_of(db, path)[0])
    with pytest.raises(Refused, match="propre déclaration") as refused:
        decide(db, record.id, VALIDATED, actor_id=both.id, now=NOW)
    assert refused.value.code == "own_declaration"
    db.rollback()
    assert record.state is RecordState.DECLARED
    assert count_waiting(db, both.id) == 0
    assert count_waiting(db, make.user("facilitator").id) == 1


def test_the_second_facilitator_is_told_by_whom_and_the_first_answer_stands(
    db: Session, make: Factory
) -> None:
    path = make_path(db)
    first = make.user("facilitator", name="Nadia Benali")
    second = make.user("facilitator")
    record = make_record(db, make_enrolment(db, make.user(), path), steps_of(db, path)[0])
    decide(db, record.id, VALIDATED, actor_id=first.id, now=NOW)
    db.commit()
    with pytest.raises(Refused, match="validée par Nadia Benali") as refused:
        decide(db, record.id, RETURNED, actor_id=second.id, now=NOW, word="Non.")
    assert refused.value.code == "already_decided"
    db.rollback()
    db.refresh(record)
    assert (record.state, record.decided_by_id) == (VALIDATED, first.id)


def test_returning_needs_a_word(db: Session, make: Factory) -> None:
    path = make_path(db)
    record = make_record(db, make_enrolment(db, make.user(), path), steps_of(db, path)[0])
    with pytest.raises(Refused, match="quoi reprendre") as refused:
        decide(db, record.id, RETURNED, actor_id=make.user("facilitator").id, now=NOW, word="  ")
    assert (refused.value.code, refused.value.field) == ("word_missing", "word")


def test_an_answer_is_told_by_mail_once(db: Session, make: Factory) -> None:
    user, path = make.user(), make_path(db)
    record = make_record(db, make_enrolment(db, user, path), steps_of(db, path)[0])
    decide(db, record.id, VALIDATED, actor_id=make.user("facilitator").id, now=NOW)
    db.commit()
    mails = list(db.scalars(select(OutboxMessage)))
    assert [(m.recipient, m.template) for m in mails] == [(user.email, "progress_answered")]


def test_the_queue_is_oldest_first_and_leads_on_to_the_next(db: Session, make: Factory) -> None:
    path, facilitator = make_path(db), make.user("facilitator")
    records = [
        make_record(
            db,
            make_enrolment(db, make.user(), path),
            steps_of(db, path)[0],
            now=NOW + timedelta(days=day),
        )
        for day in (2, 0, 1)
    ]
    waiting = list_waiting(db, facilitator.id)
    assert [r.id for r in waiting] == [records[1].id, records[2].id, records[0].id]
    following = find_following(db, facilitator.id, ALL, waiting[0], now=NOW)
    assert following == records[2].id
    decide(db, records[0].id, VALIDATED, actor_id=facilitator.id, now=NOW)
    db.commit()
    around = find_following(db, facilitator.id, ALL, records[0], now=NOW)
    assert around == records[1].id  # after the last one, the oldest that still waits


def test_presence_that_another_feature_holds_fulfils_the_half_day(
    db: Session, make: Factory
) -> None:
    user, path = make.user(), make_path(db)
    enrolment = make_enrolment(db, user, path)
    module, _other, half_day = steps_of(db, path)

    def find(_db: Session, _users: Any, _steps: Any) -> list[EvidenceItem]:
        return [
            EvidenceItem(user.id, step.id, NOW, "attendance", "Présence le 20 novembre")
            for step in (module, half_day)
        ]

    house = House((Evidence("attendance", find, lambda *_: ()),))
    progress = compute_progress(db, [enrolment], house)[enrolment.id]
    assert [s.state for s in progress.steps] == ["todo", "todo", "done"]
    assert progress.steps[2].label == "Présence le 20 novembre"
    assert progress.done == 0  # the half-day is optional


def test_progress_of_many_takes_as_many_queries_as_of_one(db: Session, make: Factory) -> None:
    path = make_path(db)
    step = steps_of(db, path)[0]
    enrolments = [make_enrolment(db, make.user(), path) for _ in range(12)]
    for enrolment in enrolments:
        make_record(db, enrolment, step)
    db.expire_all()
    for enrolment in enrolments:
        db.refresh(enrolment)
    with counted_queries(db) as one:
        compute_progress(db, enrolments[:1], EMPTY)
    with counted_queries(db) as many:
        progress = compute_progress(db, enrolments, EMPTY)
    assert len(progress) == 12
    assert len(many) == len(one)
    assert len(many) <= 5
    assert compute_progress(db, [], EMPTY) == {}


def test_an_answer_has_an_end_and_a_step_to_be_about(db: Session, make: Factory) -> None:
    path, actor = make_path(db), make.user("facilitator").id
    record = make_record(db, make_enrolment(db, make.user(), path), steps_of(db, path)[0])
    with pytest.raises(Refused, match="trop long") as refused:
        decide(db, record.id, VALIDATED, actor_id=actor, now=NOW, word="x" * 4001)
    assert refused.value.field == "word"
    db.rollback()
    with pytest.raises(NotYours):
        decide(db, uuid4(), VALIDATED, actor_id=actor, now=NOW)
    with pytest.raises(ValueError, match="validates or returns"):
        decide(db, record.id, RecordState.DECLARED, actor_id=actor, now=NOW)
