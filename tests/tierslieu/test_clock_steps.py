"""A clock that is not believed: nothing lapses and no reminder leaves by it, and set right or
believed all goes on; what a wrong clock wrote keeps nobody out afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.clocks import ahead
from tests.support.factories import Factory
from tests.support.people import last_mail, outbox, sign_in, with_password
from tests.support.programs import give_back, hold
from tests.support.sessions import make_session
from tierslieu import clock
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.clockwork import (
    HELD_FOR,
    STEP,
    Steps,
    WorkerBeat,
    believe_clock,
    find_leap,
    say_leap,
    watch_clock,
)
from tierslieu.db import db as database
from tierslieu.house import House, Job
from tierslieu.house_kept import Retention
from tierslieu.jobs import run_due_jobs
from tierslieu.limits.kinds import SIGN_IN_ACCOUNT
from tierslieu.limits.rules import spend
from tierslieu.mail.models import OutboxMessage

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MADE = {"offers_over", "booking_reminders"}  # among what waits


@pytest.fixture
def now() -> Iterator[datetime]:
    """Ten in the morning of a day at which a session begins at two."""
    instant = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
    with clock.fixed_at(instant):
        yield instant


def _turn(app: Flask, at: datetime, step: timedelta = timedelta(0)) -> set[str]:
    """A turn of the worker at that hour; the jobs it did."""
    with clock.fixed_at(at):
        return set(run_due_jobs(app, step=step))


def _reminders(db: Session) -> int:
    db.rollback()
    query = select(OutboxMessage).where(OutboxMessage.template == "bookings_reminder")
    return len(db.scalars(query).all())


def _offered(db: Session, make: Factory, now: datetime) -> Booking:
    """A seat that came free four hours before the start, offered to the next in line."""
    starts = clock.to_local(now + 4 * HOUR).replace(tzinfo=None)
    with clock.fixed_at(now - 9 * DAY):
        session = make_session(db, starts=starts, onsite=1)
        first, second = hold(db, session, make.user()), hold(db, session, make.user())
    give_back(db, first)
    db.commit()
    assert second.status is BookingStatus.OFFERED
    return second


def _seated(db: Session, make: Factory, now: datetime) -> None:
    """Who is to be reminded in eleven days."""
    starts = clock.to_local(now + 11 * DAY).replace(tzinfo=None)
    with clock.fixed_at(now - 9 * DAY):
        hold(db, make_session(db, starts=starts, onsite=1), make.user())
    db.commit()


@pytest.mark.both_databases
@pytest.mark.parametrize("is_right", [False, True])
def test_while_a_leap_is_not_confirmed_no_offer_lapses_and_no_reminder_leaves(
    app: Flask, db: Session, make: Factory, now: datetime, is_right: bool
) -> None:
    booking = _offered(db, make, now)
    _seated(db, make, now)
    assert _turn(app, now) >= MADE
    later = now + 11 * DAY - HOUR
    mails = len(db.scalars(select(OutboxMessage)).all())
    done = _turn(app, later)
    assert "send_mail" in done, "what was written before still leaves"
    assert not done & MADE
    db.expire_all()
    assert booking.status is BookingStatus.OFFERED
    assert (_reminders(db), len(db.scalars(select(OutboxMessage)).all())) == (0, mails)
    if not is_right:  # set right: as if nothing had been, and the seat is theirs still
        assert _turn(app, now + 5 * MINUTE) >= {"offers_over"}
        db.expire_all()
        assert (booking.status, _reminders(db)) == (BookingStatus.OFFERED, 0)
        return
    believe_clock(db, later)  # somebody looked: it really is that late
    db.commit()
    assert _turn(app, later + MINUTE) >= MADE
    db.expire_all()
    assert booking.status is not BookingStatus.OFFERED
    assert _reminders(db) == 1


@pytest.mark.both_databases
def test_a_clock_set_ahead_under_a_running_worker_is_told_and_nothing_falls_due_by_it(
    app: Flask, db: Session, make: Factory, now: datetime
) -> None:
    booking = _offered(db, make, now)
    assert _turn(app, now) >= MADE
    wrong = now + 4 * HOUR
    for minute in range(3):
        step = 4 * HOUR - MINUTE if not minute else timedelta(0)
        assert not _turn(app, wrong + minute * MINUTE, step) & MADE
    db.rollback()
    leap = find_leap(db, wrong)
    assert leap is not None
    assert "4 hours ahead of" in say_leap(leap)
    # Set right: it is as it was, and nobody has to say so.
    assert _turn(app, now + 5 * MINUTE, now - wrong) >= {"offers_over"}
    db.rollback()
    assert find_leap(db, now + 5 * MINUTE) is None
    db.expire_all()
    assert booking.status is BookingStatus.OFFERED
    assert not db.scalars(select(WorkerBeat).where(WorkerBeat.name.contains("stepped"))).all()


@pytest.mark.both_databases
def test_set_right_while_no_worker_ran_or_believed_or_left_so_for_a_day_all_goes_on(
    app: Flask, db: Session, now: datetime
) -> None:
    def set_ahead() -> datetime:
        for row in db.scalars(select(WorkerBeat)):
            db.delete(row)
        watch_clock(db, now)
        assert watch_clock(db, now + 3 * HOUR, 3 * HOUR) is not None
        return now + 3 * HOUR

    set_ahead()
    assert watch_clock(db, now + MINUTE) is None
    assert watch_clock(db, now + 3 * HOUR) is None, "what was found right is not doubted later"
    wrong = set_ahead()
    believe_clock(db, wrong)
    assert watch_clock(db, wrong + MINUTE) is None
    wrong = set_ahead()
    assert watch_clock(db, wrong + HELD_FOR - MINUTE) is not None
    assert watch_clock(db, wrong + HELD_FOR) is None
    # Of two hosts on one database, the one whose clock was set waits alone, and both tell.
    set_ahead()
    assert watch_clock(db, now + 5 * HOUR, host="other") is None
    assert find_leap(db, now + 5 * HOUR) is not None


def test_a_clock_that_was_behind_and_is_set_right_is_believed(db: Session, now: datetime) -> None:
    assert watch_clock(db, now) is None
    assert watch_clock(db, now - 5 * HOUR, -5 * HOUR) is None
    assert watch_clock(db, now + MINUTE, 5 * HOUR) is None
    assert watch_clock(db, now + STEP, STEP - MINUTE) is None, "less than that is no leap"


def test_who_administers_reads_by_how_much_it_was_set_and_what_waits(
    db: Session, make: Factory, client: LookingClient, now: datetime
) -> None:
    client.sign_in(make.user("administrator"))
    watch_clock(db, now - 4 * HOUR)
    watch_clock(db, now, 4 * HOUR)
    db.commit()
    page = client.get("/").text
    assert "avancée de 4 heures pendant" in page
    assert "aucun rappel ne part" in page
    assert client.post("/administration/taches/horloge").status_code == 302
    assert "avancée de" not in client.get("/").text


def test_what_passed_is_no_step() -> None:
    ticks = iter([100.0, 160.0, 220.0, 7420.0])
    start = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
    steps = Steps(start, lambda: next(ticks))
    assert steps.look(start + MINUTE) == timedelta(0)
    assert steps.look(start + HOUR) == HOUR - 2 * MINUTE
    assert steps.look(start) == -3 * HOUR, "two hours passed, and it is one earlier"


def test_what_forgets_waits_whatever_else_its_job_does(app: Flask) -> None:
    house: House = app.extensions["tierslieu.house"]
    heedless = {job.name for job in house.all(Job) if job.by_any_clock}
    assert not heedless & {rule.job for rule in house.all(Retention)}


@pytest.mark.both_databases
def test_what_was_counted_by_a_clock_ahead_keeps_nobody_out_once_it_is_right(
    db: Session, now: datetime
) -> None:
    goes = [(SIGN_IN_ACCOUNT, "somebody")]

    def tried(at: datetime) -> int:
        return sum(not spend(database.engine, goes, now=at) for _ in range(20))

    assert tried(now + 365 * DAY) == SIGN_IN_ACCOUNT.times
    assert tried(now) == SIGN_IN_ACCOUNT.times, "and no more than ever"
    # A host that is a little ahead is believed.
    assert tried(now + 30 * MINUTE) == SIGN_IN_ACCOUNT.times
    assert tried(now + 30 * MINUTE - 30 * clock.DIFFERENCE / 60) == 0


def test_a_clock_set_back_by_an_hour_leaves_everybody_signed_in(
    make: Factory, client: LookingClient
) -> None:
    with ahead(HOUR):
        client.sign_in(make.user())
        assert client.get("/compte").status_code == 200
    assert client.get("/compte").status_code == 200


def test_a_link_mailed_before_the_clock_was_set_back_says_so_and_another_one_works(
    db: Session, make: Factory, client: LookingClient
) -> None:
    ada = with_password(make, "learner", email="ada@example.org")
    lost = {"email": ada.email}
    with ahead(HOUR):
        client.post("/mot-de-passe-oublie", data=lost)
    link = last_mail(db).context["reset_link"]
    answer = client.get(link, follow_redirects=True)
    assert (answer.status_code, "Ce lien a expiré" in answer.text) == (200, True)
    client.post("/mot-de-passe-oublie", data=lost)
    new = "encore une phrase bien longue"
    again = outbox(db)[0].context["reset_link"]  # the other one bears an hour that is to come
    assert again != link
    client.post(again, data={"password": new})
    sign_in(client, ada.email, new)
    assert client.get("/compte").status_code == 200


@pytest.mark.both_databases
def test_a_session_begun_under_a_clock_far_ahead_ends_and_one_signs_in_again(
    db: Session, make: Factory, client: LookingClient
) -> None:
    ada = with_password(make, "learner", email="ada@example.org")
    with clock.fixed_at(clock.now() + 300 * DAY):
        sign_in(client, ada.email)
    assert client.get("/compte").status_code == 302
    sign_in(client, ada.email)
    assert client.get("/compte").status_code == 200


def test_a_step_of_nearly_a_week_is_believed_a_day_later_too(db: Session, now: datetime) -> None:
    watch_clock(db, now, host="web1")
    after = now + 6 * DAY + 12 * HOUR
    assert watch_clock(db, after, 6 * DAY + 12 * HOUR, "web1") is not None
    assert watch_clock(db, after + 23 * HOUR, host="web1") is not None
    assert watch_clock(db, after + HELD_FOR + MINUTE, host="web1") is None


def test_a_host_does_not_wait_for_the_step_of_another_whose_name_begins_like_its_own(
    db: Session, now: datetime
) -> None:
    watch_clock(db, now, host="web1")
    assert watch_clock(db, now + 2 * HOUR, 2 * HOUR, "web10") is not None
    assert find_leap(db, now + 2 * HOUR, "web10") is not None
    assert find_leap(db, now + 2 * HOUR, "web1") is None
    assert find_leap(db, now + 2 * HOUR) is not None  # who asks of the place hears of all


def test_an_hour_set_right_by_a_little_less_is_set_right(db: Session, now: datetime) -> None:
    watch_clock(db, now, host="web1")
    assert watch_clock(db, now + MINUTE + STEP, STEP, "web1") is not None
    right = timedelta(seconds=0.1) - STEP
    assert watch_clock(db, now + 3 * HOUR, right, "web1") is None


def test_an_hour_back_of_six_days_ahead_is_not_set_right(db: Session, now: datetime) -> None:
    watch_clock(db, now, host="web1")
    ahead = now + MINUTE + 6 * DAY
    assert watch_clock(db, ahead, 6 * DAY, "web1") is not None
    assert watch_clock(db, ahead - HOUR + MINUTE, -HOUR, "web1") is not None
    assert watch_clock(db, now + 3 * MINUTE, HOUR - 6 * DAY, "web1") is None
