"""Beginning, pausing, stopping and resuming a path."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from courses.enrolments.models import Enrolment, EnrolmentStatus, StopReason
from courses.enrolments.offers import check_versions, erase, export, research_rows, timeline
from courses.enrolments.queries import count_started, list_enrolments
from courses.enrolments.rules import change_status, enrol
from tests.support.courses import NOW, make_enrolment, make_path
from tests.support.factories import Factory
from tierslieu.errors import NotYours, Refused

pytestmark = pytest.mark.both_databases

ACTIVE, PAUSED, STOPPED = EnrolmentStatus.ACTIVE, EnrolmentStatus.PAUSED, EnrolmentStatus.STOPPED


def test_enrolling_begins_the_current_version_and_notes_it(db: Session, make: Factory) -> None:
    user, path = make.user(), make_path(db)
    enrolment = make_enrolment(db, user, path)
    assert enrolment.status is ACTIVE
    assert enrolment.version.path_id == path.id
    assert [(e.from_status, e.to_status, e.at) for e in enrolment.events] == [(None, ACTIVE, NOW)]


def test_nobody_follows_the_same_path_twice(db: Session, make: Factory) -> None:
    user, path = make.user(), make_path(db)
    make_enrolment(db, user, path)
    with pytest.raises(Refused, match="suivez déjà") as refused:
        enrol(db, user.id, path.id, now=NOW)
    assert refused.value.code == "already_enrolled"
    assert len(list_enrolments(db, user.id)) == 1


def test_two_people_follow_the_same_path(db: Session, make: Factory) -> None:
    path = make_path(db)
    assert make_enrolment(db, make.user(), path).id != make_enrolment(db, make.user(), path).id


def test_an_unknown_path_can_not_be_followed(db: Session, make: Factory) -> None:
    with pytest.raises(NotYours):
        enrol(db, make.user().id, uuid4(), now=NOW)


@pytest.mark.parametrize(
    ("moves", "history"),
    [
        ([PAUSED, ACTIVE], [ACTIVE, PAUSED, ACTIVE]),
        ([STOPPED, ACTIVE], [ACTIVE, STOPPED, ACTIVE]),
        ([PAUSED, STOPPED, ACTIVE], [ACTIVE, PAUSED, STOPPED, ACTIVE]),
    ],
)
def test_every_change_is_kept_in_the_history(
    db: Session,
    make: Factory,
    moves: list[EnrolmentStatus],
    history: list[EnrolmentStatus],
) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    for day, status in enumerate(moves, start=1):
        change_status(
            db,
            enrolment.id,
            status,
            now=NOW + timedelta(days=day),
            actor_id=user.id,
            cause=StopReason.TIME,
            reason=" trop de copies ",
        )
        db.commit()
    assert [event.to_status for event in enrolment.events] == history
    assert enrolment.status is history[-1]
    stops = [event for event in enrolment.events if event.to_status is STOPPED]
    assert all(event.cause is StopReason.TIME for event in stops)
    assert all(event.cause is None for event in enrolment.events if event not in stops)
    assert all(event.reason in ("", "trop de copies") for event in enrolment.events)


@pytest.mark.parametrize("status", [ACTIVE, PAUSED, STOPPED])
def test_nothing_is_done_twice(db: Session, make: Factory, status: EnrolmentStatus) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    if status is not ACTIVE:
        change_status(
            db, enrolment.id, status, now=NOW, actor_id=user.id, cause=StopReason.NOT_SAID
        )
        db.commit()
    with pytest.raises(Refused, match="déjà") as refused:
        change_status(
            db, enrolment.id, status, now=NOW, actor_id=user.id, cause=StopReason.NOT_SAID
        )
    assert refused.value.code == "status_unchanged"


def test_a_stopped_path_is_resumed_before_it_is_paused(db: Session, make: Factory) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    change_status(db, enrolment.id, STOPPED, now=NOW, actor_id=user.id, cause=StopReason.TIME)
    db.commit()
    with pytest.raises(Refused) as refused:
        change_status(db, enrolment.id, PAUSED, now=NOW, actor_id=user.id)
    assert refused.value.code == "status_impossible"


def test_stopping_asks_why_and_takes_rather_not_say_for_an_answer(
    db: Session, make: Factory
) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    with pytest.raises(Refused, match="préfère ne pas le dire") as refused:
        change_status(db, enrolment.id, STOPPED, now=NOW, actor_id=user.id)
    assert (refused.value.code, refused.value.field) == ("cause_missing", "cause")
    db.rollback()
    assert enrolment.status is ACTIVE
    change_status(db, enrolment.id, STOPPED, now=NOW, actor_id=user.id, cause=StopReason.NOT_SAID)
    assert enrolment.status is STOPPED


def test_a_reason_has_an_end(db: Session, make: Factory) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    with pytest.raises(Refused, match="trop long"):
        change_status(
            db,
            enrolment.id,
            STOPPED,
            now=NOW,
            actor_id=user.id,
            cause=StopReason.TIME,
            reason="x" * 2001,
        )


def test_after_stopping_one_may_begin_anew_and_then_not_resume_the_old_one(
    db: Session, make: Factory
) -> None:
    user, path = make.user(), make_path(db)
    old = make_enrolment(db, user, path)
    change_status(db, old.id, STOPPED, now=NOW, actor_id=user.id, cause=StopReason.TIME)
    db.commit()
    new = make_enrolment(db, user, path, now=NOW + timedelta(days=9))
    assert new.id != old.id
    with pytest.raises(Refused) as refused:
        change_status(db, old.id, ACTIVE, now=NOW, actor_id=user.id)
    assert refused.value.code == "already_enrolled"


def test_a_person_sees_what_is_under_way_first(db: Session, make: Factory) -> None:
    user = make.user()
    first = make_enrolment(db, user, make_path(db, "un"))
    second = make_enrolment(db, user, make_path(db, "deux"), now=NOW + timedelta(days=1))
    change_status(db, second.id, PAUSED, now=NOW, actor_id=user.id)
    db.commit()
    assert [e.id for e in list_enrolments(db, user.id)] == [first.id, second.id]


def test_research_sees_the_reason_of_the_list_and_never_the_words(
    db: Session, make: Factory
) -> None:
    user = make.user()
    enrolment = make_enrolment(db, user, make_path(db))
    change_status(
        db,
        enrolment.id,
        STOPPED,
        now=NOW,
        actor_id=user.id,
        cause=StopReason.TOO_HARD,
        reason="mon secret",
    )
    db.commit()
    rows = list(research_rows(db, [user.id]))
    assert [row[2][3] for row in rows] == [None, "too_hard"]
    assert "secret" not in str(rows)
    assert list(research_rows(db, [])) == []


def test_a_person_takes_their_history_along_and_may_have_it_erased(
    db: Session, make: Factory
) -> None:
    user, other, path = make.user(), make.user(), make_path(db)
    make_enrolment(db, user, path)
    make_enrolment(db, other, path)
    assert export(db, user.id)[0]["history"][0]["to_status"] == "active"
    assert [event.title for event in timeline(db, user.id, NOW)] == ["ESSAI, parcours commencé"]
    erase(db, user.id)
    db.commit()
    assert list_enrolments(db, user.id) == []
    assert len(list_enrolments(db, other.id)) == 1


def test_the_audit_finds_an_enrolment_in_a_version_of_another_path(
    db: Session, make: Factory
) -> None:
    enrolment = make_enrolment(db, make.user(), make_path(db, "un"))
    other = make_enrolment(db, make.user(), make_path(db, "deux"))
    assert check_versions(db).broken == []
    db.execute(
        update(Enrolment).where(Enrolment.id == enrolment.id).values(version_id=other.version_id)
    )
    found = check_versions(db)
    assert found.checked == 2
    assert list(found.broken) == [f"enrolment {enrolment.id}"]


def test_the_figure_of_the_month_counts_what_began_in_it(db: Session, make: Factory) -> None:
    path = make_path(db)
    for days in (-1, 0, 29, 30):
        make_enrolment(db, make.user(), path, now=NOW + timedelta(days=days))
    assert count_started(db, NOW, NOW + timedelta(days=30)) == 2


def test_a_change_of_nothing_is_not_found(db: Session, make: Factory) -> None:
    with pytest.raises(NotYours):
        change_status(db, uuid4(), PAUSED, now=NOW, actor_id=make.user().id)
