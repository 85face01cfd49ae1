"""Near the start, a series followed as a whole is offered as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.bundles import book, it_holds, seats, statuses
from tests.support.factories import Factory
from tests.support.people import last_mail, outbox
from tests.support.sessions import NOW, bundle_of, make_session, plain
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.agenda.series.rules import Scope, plan_of
from tierslieu.bookings.changes import call_off_session
from tierslieu.bookings.groups.rules import invite_colleagues
from tierslieu.bookings.jobs import JOBS
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim, forget_person, pass_on, release, switch_mode
from tierslieu.bookings.series.rules import (
    change_series,
    claim_series,
    release_series,
)
from tierslieu.errors import Refused
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import Audience, User

pytestmark = pytest.mark.both_databases
ONSITE, ONLINE = SeatMode.ONSITE, SeatMode.ONLINE
CONFIRMED, WAITING, CANCELLED = (
    BookingStatus.CONFIRMED,
    BookingStatus.WAITING,
    BookingStatus.CANCELLED,
)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def dates(db: Session) -> list[LearningSession]:
    """Three Thursdays: two seats, one, two."""
    return bundle_of(db, [2, 1, 2])


def offers_over(db: Session, now: datetime) -> int:
    """What the job does each minute."""
    (job,) = [job for job in JOBS if job.name == "offers_over"]
    return job.run(db, now)


def an_offer(
    db: Session, make: Factory, first: datetime, count: int = 2
) -> tuple[list[LearningSession], User]:
    """A series, and whoever all its dates are offered to."""
    dates = bundle_of(db, [1] * count, first=first)
    holder, second = make.user(), make.user()
    booking = book(db, dates[0], holder)
    book(db, dates[0], second)
    release(db, booking.id, now=NOW, actor_id=holder.id)
    db.commit()
    return dates, second


def test_an_offer_that_lasts_until_the_first_date_begins_frees_that_seat_too(
    db: Session, make: Factory
) -> None:
    dates, second = an_offer(db, make, datetime(2026, 11, 19, 9, 15))  # noqa: DTZ001 - wall time
    begun = dates[0].starts_at
    assert set(db.scalars(select(Booking.offered_until).where(Booking.user_id == second.id))) == {
        begun
    }
    written = len(outbox(db))
    assert offers_over(db, begun)
    assert statuses(db, second) == []
    assert seats(db, dates) == [0, 0]
    assert len(outbox(db)) == written  # there is no line to go back to
    assert offers_over(db, begun) == 0
    it_holds(db)


@pytest.mark.parametrize("off", [1, 3])
def test_an_offer_of_a_series_that_is_called_off_holds_up_no_other_offer(
    db: Session, make: Factory, off: int
) -> None:
    dates, second = an_offer(db, make, datetime(2026, 11, 19, 20, 0), 3)  # noqa: DTZ001 - wall time
    other = an_offer(db, make, datetime(2026, 11, 19, 20, 0))[1]  # noqa: DTZ001 - wall time
    for session in dates[-off:]:
        call_off_session(db, session.id, "Panne.", now=NOW)
        db.commit()
    later = NOW + timedelta(hours=4)
    assert offers_over(db, later)
    assert statuses(db, second) == statuses(db, other) == []
    assert seats(db, dates) == [0, 0, 0]
    assert offers_over(db, later) == 0


def test_who_moves_one_date_of_an_offered_whole_has_said_yes_to_all(
    db: Session, make: Factory
) -> None:
    evening = datetime(2026, 11, 19, 20, 0)  # noqa: DTZ001 - wall time
    dates = bundle_of(db, [1, 1], online=1, first=evening)
    holder, second = make.user(), make.user()
    booking = book(db, dates[0], holder)
    book(db, dates[0], second)
    offered = release(db, booking.id, now=NOW, actor_id=holder.id)
    db.commit()
    assert offered is not None
    switch_mode(db, offered.id, ONLINE, now=NOW, actor_id=second.id)
    db.commit()
    assert statuses(db, second) == [CONFIRMED] * 2
    it_holds(db)
    assert not pass_on(db, offered.id, now=NOW + timedelta(hours=5))
    db.rollback()
    assert statuses(db, second) == [CONFIRMED] * 2


def test_a_seat_moves_online_on_its_date_alone_and_a_line_with_all(
    db: Session, make: Factory
) -> None:
    dates = bundle_of(db, [1, 1], online=1)
    user, waits, other = make.user(), make.user(), make.user()
    booking = book(db, dates[0], user)
    waiting = book(db, dates[0], waits)
    switch_mode(db, booking.id, ONLINE, now=NOW, actor_id=user.id)
    db.commit()
    assert statuses(db, user) == [CONFIRMED] * 2
    assert statuses(db, waits) == [WAITING] * 2  # the second date has no chair yet
    third = book(db, dates[1], other)
    switch_mode(db, third.id, ONLINE, now=NOW, actor_id=other.id)
    db.commit()
    assert statuses(db, other) == [WAITING] * 2  # online, the first date is taken
    assert waiting.status is WAITING
    switch_mode(db, booking.id, ONSITE, now=NOW, actor_id=user.id)
    db.commit()
    assert statuses(db, other) == [CONFIRMED] * 2
    it_holds(db)


def test_a_mode_that_one_date_gives_up_ends_the_line_for_all(db: Session, make: Factory) -> None:
    dates = bundle_of(db, [2, 2], online=1)
    holder, waits = make.user(), make.user()
    held = claim(db, dates[0].id, holder.id, ONLINE, now=NOW)
    db.commit()
    claim(db, dates[0].id, waits.id, ONLINE, now=NOW)
    db.commit()
    switch_mode(db, held.id, ONSITE, now=NOW, actor_id=holder.id)
    db.commit()
    plan = replace(plan_of(dates[0]), online=None, online_link="")
    change_series(db, dates[0].id, plan, Scope.ONE, now=NOW)
    db.commit()
    assert statuses(db, waits) == []
    assert last_mail(db).context["turn"] == "gone"
    it_holds(db)


def test_seats_kept_for_a_public_count_on_each_date(db: Session, make: Factory) -> None:
    dates = bundle_of(db, [1, 1])
    pool = dates[0].pool(ONSITE)
    assert pool is not None
    pool.kept, pool.kept_for, pool.kept_until = 1, Audience.TEACHER, NOW + timedelta(days=2)
    db.commit()
    curious, teacher = make.user(audience=Audience.ANYBODY), make.user()
    assert book(db, dates[0], curious).status is WAITING
    assert book(db, dates[0], teacher).status is CONFIRMED
    it_holds(db)


def test_a_closed_account_gives_all_dates_to_the_line(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    user, waits = make.user(), make.user()
    book(db, dates[0], user)
    book(db, dates[0], waits)
    forget_person(db, user.id, NOW)
    db.commit()
    assert statuses(db, waits) == [CONFIRMED] * 3
    it_holds(db)


def test_every_date_at_once_and_all_given_back_are_the_same_as_one(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    user = make.user()
    series_id = dates[0].series_id
    assert isinstance(series_id, UUID)
    assert len(claim_series(db, series_id, user.id, ONSITE, now=NOW).made) == 3
    db.commit()
    assert release_series(db, series_id, user.id, now=NOW) == 3
    db.commit()
    assert statuses(db, user) == []
    assert len(outbox(db)) == 2


def test_a_moved_date_is_told_and_what_waits_for_the_morning_is_written_anew(
    app: Flask, db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    holder, waits = make.user(), make.user()
    booking = book(db, dates[0], holder)
    book(db, dates[0], waits)
    night = NOW.replace(hour=23)
    with clock.fixed_at(night):
        release(db, booking.id, now=night, actor_id=holder.id)
        db.commit()
        plan = plan_of(dates[2])
        moved = replace(
            plan,
            starts_local=plan.starts_local + timedelta(hours=2),
            ends_local=plan.ends_local + timedelta(hours=2),
        )
        change_series(db, dates[2].id, moved, Scope.ONE, now=night)
        db.commit()
    mails = [mail for mail in outbox(db) if mail.recipient == waits.email]
    assert [mail.template for mail in mails] == ["bookings_bundle"] * 2
    assert "16 h – 19 h" in plain(render_mail(mails[-1], app.config["TIERSLIEU"]).text)


def test_seats_of_a_bundle_are_not_kept_for_colleagues(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    with pytest.raises(Refused) as refused:
        invite_colleagues(db, dates[0].id, make.user().id, ONSITE, ["a@example.org"], now=NOW)
    assert refused.value.code == "not_eligible"


def test_an_ordinary_series_is_booked_date_by_date(db: Session, make: Factory) -> None:
    user = make.user()
    book(db, make_session(db), user)
    assert statuses(db, user) == [CONFIRMED]
