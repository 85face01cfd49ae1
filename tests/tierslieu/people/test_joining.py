"""Two accounts of one person become one: each thing that both have, and who may ask for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from badges.awards.models import Award
from badges.awards.renewals.queries import count_renewals
from badges.awards.rules import award as award_badge
from courses.enrolments.models import Enrolment, EnrolmentStatus
from courses.enrolments.rules import change_status
from courses.progress.gathering import compute_progress
from courses.progress.models import RecordState, StepRecord
from courses.progress.rules import decide
from tests.support import surveys
from tests.support.badges import (
    finish_path,
    house_here,
    make_path_badge,
    open_badges,
)
from tests.support.client import LookingClient
from tests.support.courses import make_enrolment, make_path, make_record, steps_of
from tests.support.factories import Factory
from tests.support.joining import audit, join
from tests.support.people import with_password
from tests.support.sessions import NOW, make_session
from tests.support.surveys import make_study
from tests.support.weeks import make_application, make_week
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.errors import Refused
from tierslieu.people.models import ConsentKind, Gender, User
from tierslieu.people.queries import has_consent
from tierslieu.people.rules import give_consent, withdraw_consent
from tierslieu.surveys.models import Invitation, ResponseSheet
from tierslieu.surveys.rules import invite_due
from tierslieu.surveys.studies.opening import AFTER_SESSION
from tierslieu.weeks.applications.models import ApplicationState, WeekApplication


@pytest.fixture
def ada(make: Factory) -> User:
    """The account that is kept."""
    return with_password(make, name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def old(make: Factory) -> User:
    """Her earlier account."""
    return with_password(make, name="A. Lovelace", email="ada.byron@example.org")


@pytest.mark.both_databases
def test_a_path_followed_twice_is_followed_once_with_the_steps_of_both(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    path, team = make_path(db), make.user("facilitator")
    first, second, _third = steps_of(db, path)
    earlier = make_enrolment(db, old, path, now=NOW - timedelta(days=60))
    later = make_enrolment(db, ada, path)
    for enrolment, step in ((earlier, first), (later, first), (earlier, second)):
        make_record(db, enrolment, step)
    done = db.scalars(select(StepRecord).where(StepRecord.step_id == first.id)).all()
    decide(db, done[0].id, RecordState.VALIDATED, word="Bien.", now=clock.now(), actor_id=team.id)
    db.commit()
    began = earlier.started_at
    db.rollback()
    join(db, old, ada)
    [left] = db.scalars(select(Enrolment))
    assert (left.user_id, left.started_at) == (ada.id, began)
    told = [
        (record.step.code, record.state, record.enrolment_id)
        for record in db.scalars(select(StepRecord).join(StepRecord.step))
    ]
    assert sorted(told, key=repr) == sorted(
        [
            (first.code, RecordState.VALIDATED, left.id),
            (first.code, RecordState.RETURNED, left.id),
            (second.code, RecordState.DECLARED, left.id),
        ],
        key=repr,
    )
    assert len(left.events) == 2  # both beginnings are in the history
    progress = compute_progress(db, [left], house_here())[left.id]
    assert [one.state for one in progress.steps][:2] == ["done", "waiting"]


def test_what_the_team_answered_in_either_account_stays_beside_the_step(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    path, team = make_path(db), make.user("facilitator")
    [first, second, *_others] = steps_of(db, path)
    for person, word in ((old, "Très clair."), (ada, "Bien vu.")):
        enrolment = make_enrolment(db, person, path)
        record = make_record(db, enrolment, first)
        state = RecordState.VALIDATED
        decide(db, record.id, state, word=word, now=clock.now(), actor_id=team.id)
        make_record(db, enrolment, second)
    db.commit()
    join(db, old, ada)
    words = db.scalars(select(StepRecord.word).where(StepRecord.step_id == first.id)).all()
    assert {word.partition("\n")[0] for word in words} == {"Très clair.", "Bien vu."}
    deciders = db.scalars(select(StepRecord.decided_by_id).where(StepRecord.step_id == first.id))
    assert set(deciders) == {team.id}
    [left] = db.scalars(select(Enrolment))
    progress = compute_progress(db, [left], house_here())[left.id]
    # Said in both accounts, it waits, and is shown so: it can be answered.
    assert [one.state for one in progress.steps][:2] == ["done", "waiting"]


def test_the_last_word_about_a_path_stands_and_is_in_its_history(
    db: Session, ada: User, old: User
) -> None:
    path = make_path(db)
    make_enrolment(db, old, path, now=clock.now() - timedelta(days=9))
    paused = make_enrolment(db, ada, path, now=clock.now() - timedelta(days=8))
    change_status(db, paused.id, EnrolmentStatus.PAUSED, now=clock.now(), actor_id=ada.id)
    db.commit()
    join(db, old, ada)
    [left] = db.scalars(select(Enrolment))
    assert left.status is EnrolmentStatus.PAUSED
    assert left.events[-1].to_status is EnrolmentStatus.PAUSED


def test_nobody_judges_their_own_steps_by_way_of_a_second_account(
    db: Session, client: LookingClient, make: Factory, ada: User
) -> None:
    team = make.user("facilitator", "learner")
    enrolment = make_enrolment(db, ada, path := make_path(db))
    record = make_record(db, enrolment, steps_of(db, path)[0])
    decide(db, record.id, RecordState.VALIDATED, word="", now=clock.now(), actor_id=team.id)
    db.commit()
    with pytest.raises(Refused) as refused:
        join(db, ada, team)
    assert (refused.value.code, "administre" in refused.value.message) == ("blocked", True)
    db.rollback()
    join(db, ada, team, by_team=True)  # whoever administers the place knows better


@pytest.mark.both_databases
def test_of_two_seats_one_is_kept_and_the_other_goes_to_who_waits(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    session = make_session(db, starts=_soon(), onsite=2)
    waits = make.user()
    for person in (ada, old, waits):
        claim(db, session.id, person.id, SeatMode.ONSITE, now=clock.now())
    db.commit()
    join(db, old, ada)
    standing = {
        booking.user_id: booking.status
        for booking in db.scalars(select(Booking))
        if booking.status is not BookingStatus.CANCELLED
    }
    assert standing[ada.id] is BookingStatus.CONFIRMED
    assert standing[waits.id] in (BookingStatus.CONFIRMED, BookingStatus.OFFERED)
    assert set(standing) == {ada.id, waits.id}
    assert audit(db) == []


@pytest.mark.both_databases
def test_a_seat_is_kept_rather_than_a_place_in_line(db: Session, ada: User, old: User) -> None:
    session = make_session(db, starts=_soon(), onsite=1)
    for person in (old, ada):
        claim(db, session.id, person.id, SeatMode.ONSITE, now=clock.now())
    db.commit()
    join(db, old, ada)
    rows = {(one.user_id, one.status) for one in db.scalars(select(Booking))}
    assert rows == {(ada.id, BookingStatus.CONFIRMED), (ada.id, BookingStatus.CANCELLED)}
    assert audit(db) == []


@pytest.mark.both_databases
def test_who_was_there_was_there_whichever_account_was_ticked(
    db: Session, ada: User, old: User
) -> None:
    session = make_session(db, starts=NOW.replace(tzinfo=None) - timedelta(days=7))
    for person, presence in ((ada, Presence.ABSENT), (old, Presence.PRESENT)):
        present = presence is Presence.PRESENT
        db.add(
            Attendance(
                session_id=session.id,
                day=session.starts_local.date(),
                half="am",
                user_id=person.id,
                mode=SeatMode.ONSITE,
                presence=presence,
                arrived_at=session.starts_at if present else None,
            )
        )
    db.commit()
    join(db, old, ada)
    [line] = db.scalars(select(Attendance))
    assert (line.user_id, line.presence) == (ada.id, Presence.PRESENT)
    assert audit(db) == []


@pytest.mark.both_databases
def test_a_badge_received_twice_stays_true_twice(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    signer, team = open_badges(db), make.user("facilitator")
    badge, path = make_path_badge(db)
    for day, person in enumerate((old, ada)):
        finish_path(db, person, path, team)
        at = clock.now() - timedelta(hours=2 - day)
        award_badge(db, badge.id, person.id, signer, house=house_here(), now=at, actor_id=team.id)
        db.commit()
    join(db, old, ada)
    older, newer = db.scalars(select(Award).order_by(Award.awarded_at))
    assert {older.user_id, newer.user_id} == {ada.id}
    assert older.revoked_at is newer.revoked_at is None
    assert (older.renewed_at is not None, newer.renews_id) == (True, older.id)
    assert older.credential
    assert newer.credential
    assert audit(db) == []
    # Nobody renewed anything: no such figure.
    now = clock.now()
    assert count_renewals(db, now - timedelta(days=9), now + timedelta(days=9)) == 0


def test_a_badge_that_holds_is_shown_rather_than_a_suspended_one(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    signer, team = open_badges(db), make.user("facilitator")
    badge, path = make_path_badge(db)
    for person in (old, ada):
        finish_path(db, person, path, team)
        made = award_badge(
            db, badge.id, person.id, signer, house=house_here(), now=clock.now(), actor_id=team.id
        )
        db.commit()
    made.suspended_at, made.suspension_reason = clock.now(), "Un doute."
    good = db.scalars(select(Award).where(Award.user_id == old.id)).one().id
    db.commit()
    join(db, old, ada)
    [current] = db.scalars(select(Award).where(Award.renewed_at.is_(None)))
    assert (current.id, current.suspended_at) == (good, None)


@pytest.mark.both_databases
def test_nobody_counts_twice_in_a_study(db: Session, ada: User, old: User) -> None:
    make_study(db)
    once = surveys.happening(ada, at=clock.now() - timedelta(hours=1))
    for person in (ada, old):
        give_consent(db, person.id, ConsentKind.RESEARCH, now=clock.now())
        asked = surveys.happening(person, at=once.at)
        same = type(once)(asked.user_id, once.at, once.subject, once.label)
        [invitation] = invite_due(db, surveys.occasions({AFTER_SESSION: [same]}), clock.now())
        db.commit()
        surveys.answer(db, invitation)
    join(db, old, ada)
    [left] = db.scalars(select(Invitation))
    assert left.user_id == ada.id
    assert len(db.scalars(select(ResponseSheet)).all()) == 1
    assert audit(db) == []


@pytest.mark.both_databases
def test_two_applications_for_a_week_are_the_persons_to_choose_from(
    db: Session, make: Factory, ada: User, old: User
) -> None:
    week = make_week(db, make.user("facilitator"))
    theirs = make_application(db, week, old)
    make_application(db, week, ada)
    with pytest.raises(Refused) as refused:
        join(db, old, ada)
    assert (refused.value.code, week.title in refused.value.message) == ("blocked", True)
    db.rollback()
    assert old.active
    with pytest.raises(Refused):  # an administrator neither: beds and seats hang on it
        join(db, old, ada, by_team=True)
    db.rollback()
    theirs.state = ApplicationState.WITHDRAWN
    db.commit()
    join(db, old, ada)
    [left] = db.scalars(select(WeekApplication))
    assert (left.user_id, left.state) == (ada.id, ApplicationState.SUBMITTED)
    assert len(left.events) == 2


@pytest.mark.parametrize("says_no_in", ["old", "ada"])
def test_the_last_word_about_research_stands_whichever_account_it_was_said_in(
    db: Session, ada: User, old: User, says_no_in: str
) -> None:
    said = clock.now() - timedelta(days=10)
    for person in (ada, old):
        give_consent(db, person.id, ConsentKind.RESEARCH, now=said)
    no = old if says_no_in == "old" else ada
    withdraw_consent(db, no.id, ConsentKind.RESEARCH, now=said + timedelta(days=1))
    db.commit()
    join(db, old, ada)
    assert not has_consent(db, ada.id, ConsentKind.RESEARCH)


def test_the_profile_is_filled_never_overwritten(db: Session, ada: User, old: User) -> None:
    for person, town, aims in ((ada, "Antibes", ""), (old, "Nice", "Enseigner NSI")):
        assert person.profile is not None
        person.profile.town, person.profile.aims = town, aims
        person.profile.gender = Gender.WOMAN if person is old else None
    db.commit()
    joined = join(db, old, ada)
    assert joined.profile is not None
    assert (joined.profile.town, joined.profile.aims) == ("Antibes", "Enseigner NSI")
    assert joined.profile.gender is None  # emptied on purpose, perhaps


def _soon() -> object:
    return (clock.to_local(clock.now()) + timedelta(days=20)).replace(
        hour=14, minute=0, second=0, microsecond=0, tzinfo=None
    )
