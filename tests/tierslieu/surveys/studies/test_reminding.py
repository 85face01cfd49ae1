"""Reminders: so many at most, by day, and none to who answered or said no."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.at_once import at_once
from tests.support.factories import Factory
from tests.support.surveys import (
    answer,
    make_own_study,
    occasions,
    settings,
    study_key,
    wave_facts,
)
from tests.support.weeks import mails
from tierslieu.errors import Refused
from tierslieu.house import Happening
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User
from tierslieu.surveys.models import Invitation, Study
from tierslieu.surveys.queries import list_waiting
from tierslieu.surveys.rules import decline, invite_due, save_page
from tierslieu.surveys.studies.agreeing import agree, withdraw
from tierslieu.surveys.studies.designing import (
    change_wave,
    close_study,
    publish_text,
    remove_wave,
    write_text,
)
from tierslieu.surveys.studies.reminding import remind_due

pytestmark = pytest.mark.both_databases
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def person(make: Factory) -> User:
    return make.user(name="Samira Haddad")


@pytest.fixture
def study(db: Session, make: Factory, person: User) -> Study:
    """Asks when one enters it, with two reminders, every week."""
    made = make_own_study(db, make.user("researcher"), wave_facts(db, reminders=2), now=NOON - DAY)
    agree(db, person.id, made.id, 1, now=NOON - timedelta(hours=1))
    db.commit()
    return made


@pytest.fixture
def invitation(db: Session, study: Study) -> Invitation:
    [invitation] = invite_due(db, {}, NOON)
    db.commit()
    return invitation


def reminders(db: Session) -> list[OutboxMessage]:
    return mails(db, "surveys_reminder")


def test_who_keeps_silent_is_reminded_twice_a_week_apart_and_then_left_alone(
    db: Session, invitation: Invitation, person: User
) -> None:
    assert remind_due(db, NOON + 7 * DAY - timedelta(minutes=1)) == 0
    assert remind_due(db, NOON + 7 * DAY) == 1
    assert remind_due(db, NOON + 7 * DAY) == 0
    assert remind_due(db, NOON + 14 * DAY) == 1
    assert remind_due(db, NOON + 21 * DAY) == 0
    first, last = reminders(db)
    assert {first.recipient, last.recipient} == {person.email}
    rendered = render_mail(last, settings())
    assert f"/questionnaire/{invitation.code}" in rendered.text
    assert "dernier rappel" in rendered.text
    assert "dernier rappel" not in render_mail(first, settings()).text
    assert "Samira" not in rendered.subject + rendered.text + rendered.html


def test_the_last_reminder_was_the_last_whatever_the_wave_is_given_later(
    db: Session, study: Study, invitation: Invitation
) -> None:
    for days in (7, 14):
        assert remind_due(db, NOON + days * DAY) == 1
    [wave] = study.waves
    change_wave(db, study.id, wave.id, wave_facts(db, reminders=3), {})
    assert remind_due(db, NOON + 21 * DAY) == 0
    assert len(reminders(db)) == 2


def test_who_answered_or_said_no_is_not_reminded(
    db: Session, study: Study, invitation: Invitation, make: Factory
) -> None:
    other = make.user()
    agree(db, other.id, study.id, 1, now=NOON + timedelta(hours=1))
    [second] = invite_due(db, {}, NOON + timedelta(hours=2))
    answer(db, invitation, now=NOON + DAY)
    decline(db, second.id, study_key(study), now=NOON + DAY)
    assert remind_due(db, NOON + 8 * DAY) == 0


def test_a_reminder_waits_for_the_morning_and_is_taken_back_if_one_answers_at_night(
    db: Session, study: Study, invitation: Invitation
) -> None:
    at = EVENING + 7 * DAY
    assert remind_due(db, at) == 1
    [waiting] = reminders(db)
    assert waiting.next_try_at == datetime(2026, 12, 2, 7, 0, tzinfo=UTC)
    answer(db, invitation, now=at + timedelta(hours=1))
    assert reminders(db) == []


def test_an_invitation_that_waits_for_the_morning_is_taken_back_if_one_says_no_or_leaves(
    db: Session, study: Study, make: Factory
) -> None:
    other = make.user()
    agree(db, other.id, study.id, 1, now=EVENING)
    first, second = invite_due(db, {}, EVENING + timedelta(minutes=1))
    assert len(mails(db, "surveys_invitation")) == 2
    decline(db, first.id, study_key(study), now=EVENING + timedelta(minutes=2))
    withdraw(db, second.user_id, study.id, study_key(study), now=EVENING + timedelta(minutes=3))
    assert mails(db, "surveys_invitation") == []


def test_after_a_standstill_one_reminder_stands_for_all(
    db: Session, invitation: Invitation
) -> None:
    assert remind_due(db, NOON + 20 * DAY) == 1
    assert remind_due(db, NOON + 20 * DAY) == 0
    assert len(reminders(db)) == 1


def test_what_is_closed_reminds_nobody(db: Session, study: Study, invitation: Invitation) -> None:
    assert remind_due(db, invitation.closes_at) == 0
    close_study(db, study.id, now=NOON + DAY)
    assert remind_due(db, NOON + 8 * DAY) == 0


def test_who_left_or_has_to_agree_anew_is_not_reminded(
    db: Session, study: Study, invitation: Invitation, person: User
) -> None:
    write_text(db, study.id, "Davantage.")
    publish_text(db, study.id, asks_anew=True, now=NOON + DAY)
    assert remind_due(db, NOON + 7 * DAY) == 0
    with pytest.raises(Refused) as refused:
        save_page(db, invitation.id, study_key(study), 0, {}, now=NOON + DAY, partial=True)
    assert refused.value.code == "left"
    assert list_waiting(db, person.id, NOON + DAY) == []
    agree(db, person.id, study.id, 2, now=NOON + 7 * DAY)
    assert remind_due(db, NOON + 7 * DAY) == 1


def test_a_stopped_wave_reminds_nobody(db: Session, study: Study, invitation: Invitation) -> None:
    remove_wave(db, study.id, invitation.wave_id, now=NOON + DAY)
    assert remind_due(db, NOON + 7 * DAY) == 0


def test_a_study_that_closes_takes_back_what_waits_for_the_morning(
    db: Session, study: Study
) -> None:
    assert len(invite_due(db, {}, EVENING)) == 1
    close_study(db, study.id, now=EVENING + timedelta(hours=1))
    assert mails(db, "surveys_invitation") == []


def test_nothing_is_mailed_that_would_arrive_once_it_is_over(
    db: Session, make: Factory, person: User
) -> None:
    study = make_own_study(
        db, make.user("researcher"), wave_facts(db, "dawn", delay_days=1), now=NOON - DAY
    )
    agree(db, person.id, study.id, 1, now=NOON)
    starts = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)  # half past seven
    found = {"dawn": [Happening(person.id, starts, "session:1", "À l’aube")]}
    [invitation] = invite_due(db, occasions(found, is_ahead=True), EVENING)
    assert invitation.closes_at == starts
    assert mails(db, "surveys_invitation") == []  # it stands on the first page


def test_workers_at_once_remind_once(app: Flask, db: Session, invitation: Invitation) -> None:
    at_once(app, lambda mine, number: remind_due(mine, NOON + 7 * DAY))
    db.rollback()
    assert len(reminders(db)) == 1
    assert db.scalar(select(Invitation.reminded)) == 1
