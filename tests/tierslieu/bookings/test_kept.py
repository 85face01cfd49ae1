"""Seats kept for a public until a date: for it first, then for the line and everybody."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import profile
from tests.support.racing import Race, run
from tests.support.sessions import NOW, make_session, seats_are_kept, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.planning import Keep, Plan
from tierslieu.agenda.rules import edit_session, plan_session
from tierslieu.bookings.groups.rules import invite_colleagues
from tierslieu.bookings.jobs import JOBS
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim, forget_person, release, switch_mode
from tierslieu.clock import to_local
from tierslieu.db import db as database
from tierslieu.errors import Refused
from tierslieu.house import House, Invariant
from tierslieu.people.models import Audience, User

both = pytest.mark.both_databases
ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE
TEACHER, OTHER = Audience.TEACHER, Audience.CAREER_CHANGER
UNTIL = NOW + timedelta(days=3)
S = BookingStatus


def person(db: Session, make: Factory, audience: Audience | None) -> User:
    user = make.user(audience=audience or OTHER)
    if audience is None:
        db.delete(user.profile)
        db.commit()
        db.expire(user)
    return user


def keep(db: Session, *, seats: int, kept: int, online: int | None = None) -> LearningSession:
    session = make_session(db, onsite=seats, online=online)
    pool = session.pool(ONSITE)
    assert pool is not None
    pool.kept, pool.kept_for, pool.kept_until = kept, TEACHER, UNTIL
    db.commit()
    return session


def book(
    db: Session,
    make: Factory,
    session: LearningSession,
    audience: Audience | None,
    now: datetime = NOW,
) -> Booking:
    made = claim(db, session.id, person(db, make, audience).id, ONSITE, now=now)
    db.commit()
    return made


def all_holds(app: Flask, db: Session, now: datetime = NOW) -> None:
    house: House = app.extensions["tierslieu.house"]
    with clock.fixed_at(now):
        for invariant in house.all(Invariant):
            assert not invariant.check(db).broken, invariant.name


@both
def test_others_wait_while_seats_are_kept_and_those_they_are_kept_for_sit_down(
    app: Flask, db: Session, make: Factory
) -> None:
    session = keep(db, seats=3, kept=2)
    first, second = (book(db, make, session, audience) for audience in (OTHER, None))
    assert [first.status, second.status] == [S.CONFIRMED, S.WAITING]
    teachers = [book(db, make, session, TEACHER) for _n in range(3)]
    assert [b.status for b in teachers] == [S.CONFIRMED, S.CONFIRMED, S.WAITING]
    assert [b.is_kept for b in teachers] == [True, True, False]
    pool = session.pool(ONSITE)
    assert pool is not None
    assert (pool.taken, pool.kept_taken) == (3, 2)
    all_holds(app, db)


@both
def test_a_freed_seat_goes_to_whom_it_is_for_and_a_common_one_to_the_first(
    app: Flask, db: Session, make: Factory
) -> None:
    session = keep(db, seats=2, kept=1)
    common, teacher = (book(db, make, session, audience) for audience in (OTHER, TEACHER))
    other, colleague = (
        book(db, make, session, audience, NOW + timedelta(minutes=n))
        for n, audience in enumerate((OTHER, TEACHER))
    )
    assert release(db, teacher.id, now=NOW, actor_id=teacher.user_id) is colleague
    db.commit()
    assert (colleague.status, colleague.is_kept, other.status) == (S.CONFIRMED, True, S.WAITING)
    assert release(db, common.id, now=NOW, actor_id=common.user_id) is other
    db.commit()
    all_holds(app, db)
    forget_person(db, colleague.user_id, NOW)
    db.commit()
    pool = session.pool(ONSITE)
    assert pool is not None
    assert (pool.taken, pool.kept_taken) == (1, 0)
    all_holds(app, db)


@both
def test_what_is_left_goes_to_the_line_at_the_date_by_itself_and_then_to_everybody(
    app: Flask, db: Session, make: Factory
) -> None:
    session = keep(db, seats=3, kept=3)
    waiting = book(db, make, session, OTHER)
    assert waiting.status is S.WAITING
    (job,) = (job for job in JOBS if job.name == "kept_seats_over")
    assert job.run(db, UNTIL - timedelta(minutes=1)) == 0
    assert job.run(db, UNTIL) == 1
    assert job.run(db, UNTIL) == 0
    db.refresh(waiting)
    assert waiting.status is S.CONFIRMED
    assert book(db, make, session, None, UNTIL).status is S.CONFIRMED
    teacher = book(db, make, session, TEACHER, UNTIL)
    assert (teacher.status, teacher.is_kept) == (S.CONFIRMED, False)
    all_holds(app, db, UNTIL)


@both
def test_when_the_keeping_is_over_the_line_comes_before_a_newcomer(
    app: Flask, db: Session, make: Factory
) -> None:
    session = keep(db, seats=1, kept=1)
    waiting = book(db, make, session, OTHER)
    newcomer = book(db, make, session, None, UNTIL)  # before the job came by
    db.refresh(waiting)
    assert [waiting.status, newcomer.status] == [S.CONFIRMED, S.WAITING]
    all_holds(app, db, UNTIL)


@both
def test_nor_does_a_switch_or_a_colleague_overtake_the_line_then(
    app: Flask, db: Session, make: Factory
) -> None:
    switched, invited = (keep(db, seats=1, kept=1, online=2) for _n in range(2))
    first, second = (book(db, make, session, OTHER) for session in (switched, invited))
    online = claim(db, switched.id, person(db, make, OTHER).id, ONLINE, now=NOW)
    db.commit()
    with pytest.raises(Refused, match="complet"):
        switch_mode(db, online.id, ONSITE, now=UNTIL, actor_id=online.user_id)
    db.rollback()
    inviter = person(db, make, OTHER)
    with pytest.raises(Refused) as refused:
        invite_colleagues(db, invited.id, inviter.id, ONSITE, ["bo@x.example"], now=UNTIL)
    assert refused.value.code == "full"
    db.rollback()
    (job,) = (job for job in JOBS if job.name == "kept_seats_over")
    assert job.run(db, UNTIL) == 2
    db.expire_all()
    assert [first.status, second.status] == [S.CONFIRMED, S.CONFIRMED]
    all_holds(app, db, UNTIL)


@both
def test_fewer_seats_and_fewer_kept_in_one_change_are_no_contradiction(
    db: Session, make: Factory
) -> None:
    session = keep(db, seats=10, kept=5, online=3)
    smaller = plan(
        db,
        session,
        onsite=4,
        online=3,
        online_link=session.online_link,
        keep=Keep(2, TEACHER, to_local(UNTIL)),
    )
    edit_session(db, session.id, smaller, now=NOW)
    db.commit()
    pool = session.pool(ONSITE)
    assert pool is not None
    assert (pool.capacity, pool.kept) == (4, 2)


@both
def test_a_switch_takes_no_seat_that_is_kept_for_others(
    app: Flask, db: Session, make: Factory
) -> None:
    session = keep(db, seats=1, kept=1, online=2)
    other, teacher = (
        claim(db, session.id, person(db, make, audience).id, ONLINE, now=NOW)
        for audience in (OTHER, TEACHER)
    )
    db.commit()
    with pytest.raises(Refused) as refused:
        switch_mode(db, other.id, ONSITE, now=NOW, actor_id=other.user_id)
    assert refused.value.code == "full"
    db.rollback()
    switch_mode(db, teacher.id, ONSITE, now=NOW, actor_id=teacher.user_id)
    db.commit()
    assert teacher.is_kept
    switch_mode(db, teacher.id, ONLINE, now=NOW, actor_id=teacher.user_id)
    db.commit()
    assert not teacher.is_kept
    all_holds(app, db)


@both
def test_eight_processes_take_no_kept_seat_for_others_and_not_one_too_many(
    app: Flask, db: Session, make: Factory
) -> None:
    session = keep(db, seats=10, kept=4)
    people = [make.user(audience=TEACHER if n % 2 else OTHER) for n in range(24)]
    session_id, ids = session.id, [p.id for p in people]
    database.session.rollback()
    settings = app.config["TIERSLIEU"]
    outcome = run(Race(settings.database_url, session_id, ids, NOW, 8))
    assert outcome.errors == []
    assert outcome.answers == {"confirmed": 10, "waiting": 14}
    db.expire_all()
    pool = session.pool(ONSITE)
    assert pool is not None
    assert (pool.taken, pool.kept_taken) == (10, 4)
    all_holds(app, db)


def plan(db: Session, session: LearningSession, **changes: object) -> Plan:
    values = {
        "title": session.title,
        "starts_local": session.starts_local,
        "ends_local": session.ends_local,
        "room_id": session.room_id,
        "onsite": 3,
        "keep": Keep(2, TEACHER, to_local(UNTIL)),
        **changes,
    }
    return Plan(**values)  # type: ignore[arg-type]


@both
def test_what_is_kept_is_planned_and_never_taken_from_those_who_have_it(
    db: Session, make: Factory
) -> None:
    model = make_session(db, onsite=3)
    later = {"starts_local": model.starts_local + timedelta(days=1)}
    later["ends_local"] = model.ends_local + timedelta(days=1)
    session = plan_session(db, plan(db, model, **later), now=NOW, actor_id=make.user().id)
    db.commit()
    pool = session.pool(ONSITE)
    assert pool is not None
    assert (pool.kept, pool.kept_for, pool.kept_until) == (2, TEACHER, UNTIL)
    book(db, make, session, TEACHER)
    for wrong in (None, Keep(2, OTHER, to_local(UNTIL)), Keep(9, TEACHER, to_local(UNTIL))):
        with pytest.raises(Refused) as refused:
            edit_session(db, session.id, plan(db, session, keep=wrong), now=NOW)
        assert refused.value.field == "kept"
        db.rollback()
    edit_session(db, session.id, plan(db, session, keep=Keep(1, TEACHER, to_local(UNTIL))), now=NOW)
    db.commit()
    assert pool.kept == 1
    seats_are_kept(db, session)


def test_each_reader_sees_what_is_left_for_them_and_why(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = keep(db, seats=3, kept=2)
    address = f"/agenda/{session.id}"
    with clock.fixed_at(NOW):
        page = text_of(client.get(address))
        assert "Sur place · 1 place" in page
        assert "2 places sont gardées pour les personnes qui enseignent jusqu’au dimanche" in page
        client.sign_in(person(db, make, TEACHER))
        page = text_of(client.get(address))
        assert "Sur place · 3 places" in page
        assert "dont vous êtes" in page
        book(db, make, session, OTHER)
        waiting = book(db, make, session, OTHER)
        client.sign_in(waiting.user)
        page = text_of(client.get(address))
        assert "1re sur la liste" in page
        assert "celles qui restent iront ensuite à la liste" in page


def test_who_changes_their_public_while_waiting_gets_a_seat_kept_for_it_at_once(
    db: Session, make: Factory, client: LookingClient
) -> None:
    with clock.fixed_at(NOW):
        session = make_session(db, onsite=1)
        pool = session.pools[0]
        pool.kept, pool.kept_for, pool.kept_until = 1, Audience.TEACHER, NOW + timedelta(days=2)
        db.commit()
        user = make.user(audience=Audience.ANYBODY)
        booking = claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
        db.commit()
        assert booking.status is BookingStatus.WAITING
        client.sign_in(user)
        form = profile(name=user.name, audience="teacher", teaches_what="snt")
        client.post("/compte/profil", data=form)
        db.expire_all()
        assert booking.status is BookingStatus.CONFIRMED
        seats_are_kept(db, session)
