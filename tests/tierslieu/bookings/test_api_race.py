"""Programs of many people at once, through the API: never one seat too many, nobody lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.api_racing import ApiOutcome, ApiRace, run
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, seats_are_kept
from tests.support.tokens import make_secret
from tierslieu import clock
from tierslieu.agenda.models import LearningSession
from tierslieu.bookings.figures import check_counted, check_line, check_orphans, check_sold
from tierslieu.db import db as database
from tierslieu.house import House, Invariant
from tierslieu.mail.models import OutboxMessage

pytestmark = [pytest.mark.both_databases, pytest.mark.proof]

PEOPLE, PROCESSES = 40, 8


def make_secrets(db: Session, make: Factory, count: int) -> list[str]:
    """A key each, of that many people."""
    with clock.fixed_at(NOW):
        return [
            make_secret(db, make.user(), "bookings:write", "sessions:read") for _n in range(count)
        ]


def race(
    app: Flask, session: LearningSession, secrets: list[str], *, rounds: int = 0, seed: int = 0
) -> ApiOutcome:
    session_id = session.id
    database.session.rollback()  # nothing of ours stays open while they run
    looked = 0

    def watch() -> None:
        """Each of these is one query: what it finds stood so at one instant."""
        nonlocal looked
        for check in (check_counted, check_sold, check_line, check_orphans):
            with clock.fixed_at(NOW):
                assert not check(database.session()).broken, check.__doc__
            database.session.rollback()
        looked += 1

    settings = app.config["TIERSLIEU"]
    asked = ApiRace(settings, session_id, secrets, NOW, PROCESSES, rounds, seed)
    outcome = run(asked, watch)
    # A race of one call each may be over in a moment; a long one was really looked at.
    assert looked > (10 if rounds else 0)
    return outcome


def everything_holds(app: Flask, db: Session, session: LearningSession) -> None:
    db.rollback()
    seats_are_kept(db, session)
    house: House = app.extensions["tierslieu.house"]
    with clock.fixed_at(NOW):
        for invariant in house.all(Invariant):
            assert not invariant.check(db).broken, invariant.name


def test_of_many_programs_that_book_at_once_as_many_as_there_are_seats_get_one(
    app: Flask, db: Session, make: Factory
) -> None:
    session = make_session(db, onsite=5)
    outcome = race(app, session, make_secrets(db, make, PEOPLE))
    assert outcome.errors == []
    assert outcome.answers == {"POST 201 confirmed": 5, "POST 201 waiting": PEOPLE - 5}
    everything_holds(app, db, session)
    mails = select(func.count()).where(OutboxMessage.template.startswith("bookings_"))
    assert db.scalar(mails) == PEOPLE, "one each"


def test_one_program_started_many_times_over_books_once(
    app: Flask, db: Session, make: Factory
) -> None:
    session = make_session(db, onsite=5)
    (secret,) = make_secrets(db, make, 1)
    outcome = race(app, session, [secret] * 24)
    assert outcome.errors == []
    assert outcome.answers == {"POST 201 confirmed": 1, "POST 409 already_booked": 23}
    everything_holds(app, db, session)


@pytest.mark.parametrize("starts_in", [timedelta(days=7), timedelta(hours=6)], ids=["far", "near"])
def test_whatever_programs_do_at_once_no_seat_is_one_too_many_and_none_is_lost(
    app: Flask, db: Session, make: Factory, starts_in: timedelta
) -> None:
    """Book, wait, accept, switch, give back, drawn by chance; near the start seats are offered."""
    starts: datetime = clock.to_local(NOW + starts_in)
    # Few chairs, and mostly a free seat online: who goes there hands a chair to the line.
    session = make_session(db, starts=starts, onsite=4, online=20)
    outcome = race(app, session, make_secrets(db, make, PEOPLE), rounds=8, seed=starts_in.days)
    assert outcome.errors == []
    allowed = {"200", "201", "409"}
    assert {said.split()[1] for said in outcome.answers} <= allowed, outcome.answers
    for said in (
        "POST 201 confirmed",
        "POST 201 waiting",
        "mode 200 confirmed",
        "mode 409 full",
        "DELETE 200 cancelled",
    ):
        assert outcome.count(said), f"no {said!r}: not much of a race"
    if starts_in < timedelta(days=1):
        assert outcome.count("acceptance 200 confirmed")
    everything_holds(app, db, session)
