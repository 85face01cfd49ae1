"""Who asked in vain, counted by hand on a small house."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.badges import house_here
from tests.support.client import LookingClient
from tests.support.courses import make_path, steps_of
from tests.support.factories import Factory
from tests.support.sessions import make_session, plain
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.evaluation.dashboard.demand import find_demand
from tierslieu.evaluation.dashboard.periods import SchoolYear
from tierslieu.people.models import User
from tierslieu.weeks.applications.models import ApplicationState, WeekApplication
from tierslieu.weeks.models import Week

NOW = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
AFTER = datetime(2027, 5, 20, 9, 0, tzinfo=UTC)
YEAR = SchoolYear(2026)


def book(
    db: Session, session: LearningSession, user: User, status: BookingStatus, **values: object
) -> None:
    """A booking; whoever waits has done so since NOW."""
    waiting = {"waiting_since": NOW} if status is BookingStatus.WAITING else {}
    db.add(
        Booking(
            session_id=session.id,
            user_id=user.id,
            mode=SeatMode.ONSITE,
            status=status,
            **{**waiting, **values},
        )
    )
    db.commit()


def asked(db: Session, at: datetime = AFTER) -> list[set[tuple[object, object]]]:
    with clock.fixed_at(at):
        return [set(row) for row in find_demand(db, house_here(), YEAR)]


@pytest.mark.both_databases
def test_who_waited_in_vain_counts_to_the_end_or_not(db: Session, make: Factory) -> None:
    path = make_path(db)
    about, alone = make_session(db, step=steps_of(db, path)[2]), make_session(db)
    waits, left, seated, offered, booked = (make.user() for _n in range(5))
    gone = BookingStatus.CANCELLED
    book(db, about, waits, BookingStatus.WAITING)
    book(db, alone, waits, BookingStatus.WAITING)
    book(db, about, left, gone, waiting_since=NOW, cancelled_at=NOW)
    book(db, about, seated, BookingStatus.CONFIRMED, waiting_since=NOW, confirmed_at=NOW)
    book(db, about, offered, gone, waiting_since=NOW, offered_at=NOW, cancelled_at=NOW)
    book(db, about, booked, gone, waiting_since=NOW, cancelled_at=NOW)
    book(db, about, booked, BookingStatus.CONFIRMED, confirmed_at=NOW)
    seats, _weeks = asked(db)
    assert seats == {(waits.id, path.id), (waits.id, None), (left.id, path.id)}
    # Nobody has waited in vain before the session begins.
    assert asked(db, NOW)[0] == set()


def test_a_session_that_was_called_off_leaves_nobody_waiting(db: Session, make: Factory) -> None:
    session = make_session(db, cancelled_at=NOW)
    book(db, session, make.user(), BookingStatus.WAITING)
    assert asked(db)[0] == set()


def make_week(db: Session, first: date, **values: object) -> Week:
    week = Week(
        title="Semaine", first_day=first, last_day=first + timedelta(days=2), places=4,
        opens_at=NOW, closes_at=NOW + timedelta(days=9), cutoff_at=NOW + timedelta(days=9),
        published_at=NOW, **values,
    )  # fmt: skip
    db.add(week)
    db.commit()
    return week


def applies(db: Session, week: Week, user: User, state: ApplicationState, **values: object) -> None:
    assert user.profile is not None
    waiting = {"waiting_since": NOW} if state is ApplicationState.WAITING else {}
    db.add(
        WeekApplication(
            week_id=week.id,
            user_id=user.id,
            state=state,
            audience=user.profile.audience,
            motivation="",
            submitted_at=NOW,
            **waiting,
            **values,
        )
    )
    db.commit()


@pytest.mark.both_databases
def test_applications_declined_or_left_waiting_count_by_their_path(
    db: Session, make: Factory
) -> None:
    of_week, own = make_path(db, "semaine"), make_path(db, "sien")
    week = make_week(db, date(2027, 3, 1), path_id=of_week.id)
    declined, waits, comes, withdrew = (make.user() for _n in range(4))
    applies(db, week, declined, ApplicationState.DECLINED)
    applies(db, week, waits, ApplicationState.WAITING, path_id=own.id)
    applies(db, week, comes, ApplicationState.ACCEPTED)
    applies(db, week, withdrew, ApplicationState.WITHDRAWN)
    applies(db, make_week(db, date(2026, 8, 31)), comes, ApplicationState.DECLINED)
    applies(db, make_week(db, date(2027, 4, 1), cancelled_at=NOW), comes, ApplicationState.DECLINED)
    assert asked(db)[1] == {(declined.id, of_week.id), (waits.id, own.id)}
    assert asked(db, NOW)[1] == set()


def test_the_page_shows_it_where_they_are_enough(
    client: LookingClient, db: Session, make: Factory
) -> None:
    session = make_session(db)
    week = make_week(db, date(2027, 3, 1))
    client.sign_in(make.user("coordinator"))
    people = [make.user() for _n in range(14)]
    for user in people:
        book(db, session, user, BookingStatus.WAITING)
    with clock.fixed_at(AFTER):
        page = plain(client.get("/tableau-de-bord").text)
    assert "Attente d’une place, sans en avoir : 14, Candidature" in page
    for user in people[:3]:
        applies(db, week, user, ApplicationState.DECLINED)
    with clock.fixed_at(AFTER):
        page = plain(client.get("/tableau-de-bord").text)
    assert "refusée ou restée en attente : –" in page
