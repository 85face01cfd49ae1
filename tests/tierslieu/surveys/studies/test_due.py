"""Whom a wave asks, and when: after or before what happens, of whom takes part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from courses.enrolments.rules import enrol
from tests.support.courses import make_path
from tests.support.factories import Factory
from tests.support.sessions import make_session
from tests.support.surveys import make_own_study, make_study, occasions, wave_facts
from tests.support.weeks import accept, mails, make_application, make_week
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.rules import claim, release
from tierslieu.house import Happening, House, Occasion
from tierslieu.people.models import User
from tierslieu.surveys.models import Invitation, Study
from tierslieu.surveys.rules import invite_due
from tierslieu.surveys.studies.agreeing import agree
from tierslieu.surveys.studies.designing import (
    add_wave,
    begin_study,
    close_study,
    remove_wave,
)

pytestmark = pytest.mark.both_databases
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OPENED = NOON - timedelta(days=40)
DAY = timedelta(days=1)


@pytest.fixture
def researcher(make: Factory) -> User:
    return make.user("researcher")


def say_yes(db: Session, study: Study, *people: User, at: datetime = OPENED) -> None:
    for person in people:
        agree(db, person.id, study.id, 1, now=at)
    db.commit()


def happened(person: User, at: datetime, **more: Any) -> Happening:
    return Happening(person.id, at, f"session:{uuid4()}", "Boucles", **more)


def asked(
    db: Session, found: list[Happening], now: datetime, *, is_ahead: bool = False
) -> list[Invitation]:
    return invite_due(db, occasions({"something": found}, is_ahead=is_ahead), now)


def test_a_wave_asks_so_many_days_after_and_once(
    db: Session, make: Factory, researcher: User
) -> None:
    person = make.user()
    study = make_own_study(
        db, researcher, wave_facts(db, "something", delay_days=30), now=OPENED - 30 * DAY
    )
    say_yes(db, study, person)
    found = [happened(person, NOON - 30 * DAY)]
    assert asked(db, found, NOON - timedelta(minutes=1)) == []
    [invitation] = asked(db, found, NOON + timedelta(minutes=1))
    assert invitation.occurred_at == NOON - 30 * DAY
    assert asked(db, found, NOON + DAY) == []
    # Whoever was not there to be asked for a fortnight is not asked any more.
    late = [happened(make.user(), NOON - 60 * DAY)]
    assert asked(db, late, NOON) == []


def test_before_what_is_to_come_one_asks_in_time_and_no_more_once_it_began(
    db: Session, make: Factory, researcher: User
) -> None:
    person, late = make.user(), make.user()
    study = make_own_study(db, researcher, wave_facts(db, "something", delay_days=3), now=OPENED)
    say_yes(db, study, person, late)
    starts = NOON + 3 * DAY
    found = [happened(person, starts)]
    assert asked(db, found, NOON - timedelta(minutes=1), is_ahead=True) == []
    [invitation] = asked(db, found, NOON + timedelta(minutes=1), is_ahead=True)
    assert invitation.closes_at == starts  # «before» is over then
    booked_late = [happened(late, starts)]
    assert len(asked(db, booked_late, starts - timedelta(hours=1), is_ahead=True)) == 1
    assert asked(db, [happened(late, starts)], starts, is_ahead=True) == []


def test_a_study_about_a_path_asks_about_that_path_alone(
    db: Session, make: Factory, researcher: User
) -> None:
    one, two = make_path(db, "un").id, make_path(db, "deux").id
    person = make.user()
    study = make_own_study(db, researcher, wave_facts(db, "something"), path_id=one, now=OPENED)
    enrol(db, person.id, one, now=OPENED)
    say_yes(db, study, person)
    at = NOON - timedelta(hours=1)
    found = [happened(person, at, path_id=one), happened(person, at, path_id=two)]
    [invitation] = asked(db, [*found, happened(person, at)], NOON)
    assert invitation.subject == found[0].subject


def test_what_happened_is_looked_for_once_for_all_the_waves_that_ask_at_that_distance(
    db: Session, make: Factory, researcher: User
) -> None:
    looked: list[datetime] = []

    def find(db: Session, since: datetime, until: datetime) -> list[Happening]:
        looked.append(until)
        return []

    waves = [wave_facts(db, "something", delay_days=days) for days in (0, 0, 30)]
    for _study in range(2):
        make_own_study(db, researcher, *waves, now=OPENED)
    invite_due(db, {"something": Occasion("something", "…", find)}, NOON)
    assert looked == [NOON, NOON - 30 * DAY]


def test_only_those_who_take_part_are_asked_and_nothing_from_before_it_opened(
    db: Session, make: Factory, researcher: User
) -> None:
    person, stranger = make.user(), make.user()
    opened = NOON - 2 * DAY
    study = make_own_study(db, researcher, wave_facts(db, "something"), now=opened)
    say_yes(db, study, person, at=opened)
    found = [
        happened(person, opened - timedelta(hours=1)),
        happened(person, opened + timedelta(hours=1)),
        happened(stranger, opened + timedelta(hours=1)),
    ]
    [invitation] = asked(db, found, NOON)
    assert invitation.subject == found[1].subject


def test_entering_a_study_is_an_occasion_of_its_own(
    db: Session, make: Factory, researcher: User
) -> None:
    first, second = make.user(), make.user()
    facts = [wave_facts(db, delay_days=days) for days in (0, 20)]
    study = make_own_study(db, researcher, *facts, now=OPENED)
    say_yes(db, study, first, at=NOON - 20 * DAY)
    say_yes(db, study, second, at=NOON - DAY)
    invited = invite_due(db, {}, NOON)
    assert {(one.wave.slug, one.user_id) for one in invited} == {
        ("t2", first.id),  # the first wave was too long ago to be asked now
        ("t1", second.id),
    }


def test_a_draft_a_stopped_wave_and_a_closed_study_ask_nobody(
    db: Session, make: Factory, researcher: User
) -> None:
    person = make.user()
    study = make_own_study(db, researcher, wave_facts(db, "something"), now=OPENED)
    say_yes(db, study, person)
    found = [happened(person, NOON - timedelta(hours=1))]
    draft = begin_study(db, "Brouillon", researcher.id, now=OPENED)
    add_wave(db, draft.id, wave_facts(db, "something"), occasions({"something": []}))
    assert len(asked(db, found, NOON)) == 1
    [wave] = study.waves
    assert remove_wave(db, study.id, wave.id, now=NOON) is False  # it asked somebody: it stays
    again = [happened(person, NOON - timedelta(hours=1))]
    assert asked(db, again, NOON) == []
    add_wave(db, study.id, wave_facts(db, "something"), occasions({"something": []}))
    close_study(db, study.id, now=NOON)
    assert asked(db, again, NOON) == []


def found_by(
    app: Flask, key: str, db: Session, since: datetime, until: datetime
) -> list[Happening]:
    house: House = app.extensions["tierslieu.house"]
    occasion = next(one for one in house.all(Occasion) if one.key == key)
    return list(occasion.find(db, since, until))


def test_beginning_a_path_is_an_occasion(app: Flask, db: Session, make: Factory) -> None:
    path = make_path(db, "un")
    person = make.user()
    enrol(db, person.id, path.id, now=NOON)
    db.commit()
    [one] = found_by(app, "enrolment", db, NOON, NOON + DAY)
    assert (one.user_id, one.at, one.path_id) == (person.id, NOON, path.id)
    assert found_by(app, "enrolment", db, NOON + timedelta(seconds=1), NOON + DAY) == []


def test_a_seat_in_a_session_to_come_is_an_occasion_until_it_is_given_back(
    app: Flask, db: Session, make: Factory
) -> None:
    session = make_session(db, onsite=1)
    seated, waiting = make.user(), make.user()
    now = session.starts_at - 5 * DAY
    held = claim(db, session.id, seated.id, SeatMode.ONSITE, now=now)
    claim(db, session.id, waiting.id, SeatMode.ONSITE, now=now)
    db.commit()
    span = session.starts_at, session.starts_at + DAY
    [one] = found_by(app, "before_session", db, *span)
    assert (one.user_id, one.at) == (seated.id, session.starts_at)
    release(db, held.id, now=now, actor_id=seated.id)
    db.commit()
    assert seated.id not in {one.user_id for one in found_by(app, "before_session", db, *span)}


def test_a_week_one_is_accepted_for_is_an_occasion_before_and_after(
    app: Flask, db: Session, make: Factory
) -> None:
    team, person, other = make.user("facilitator"), make.user(), make.user()
    week = make_week(db, team)
    accept(db, make_application(db, week, person), team)
    make_application(db, week, other)
    for key, day in (("before_week", week.first_day), ("after_week", week.last_day)):
        midnight = clock.to_utc(datetime.combine(day, datetime.min.time()))
        [one] = found_by(app, key, db, midnight, midnight + DAY)
        assert (one.user_id, one.subject) == (person.id, f"week:{week.id}")
        assert found_by(app, key, db, midnight - DAY, midnight) == []


def test_the_mail_says_which_study_and_why(db: Session, make: Factory, researcher: User) -> None:
    study = make_own_study(db, researcher, now=OPENED)
    say_yes(db, study, make.user(), at=NOON - DAY)
    invite_due(db, {}, NOON)
    [mail] = mails(db, "surveys_invitation")
    assert mail.context["study"] == "Usages de l’IA"


def test_the_places_own_waves_ask_after_a_week_and_six_months_on(
    db: Session, make: Factory
) -> None:
    make_study(db)
    person = make.user()
    path = Happening(person.id, NOON - 183 * DAY, f"path:{uuid4()}", "SNT")
    week = Happening(person.id, NOON - DAY, f"week:{uuid4()}", "Semaine")
    invited = invite_due(
        db, occasions({"end_of_path": [path], "after_week": [week]}), NOON + timedelta(minutes=1)
    )
    assert [one.wave.slug for one in invited] == ["after_week", "six_months"]
