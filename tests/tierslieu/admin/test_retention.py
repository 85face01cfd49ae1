"""Every night what is past its term goes, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.badges import house_here
from tests.support.factories import Factory
from tests.support.sessions import NOW, bundle_of, make_session
from tierslieu import clock
from tierslieu.admin import commands
from tierslieu.admin.jobs import NIGHTLY, sweep
from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool
from tierslieu.bookings.figures import check_counted
from tierslieu.bookings.models import Booking, WrongCode
from tierslieu.bookings.retention import KEPT, forget_codes, forget_old_bookings
from tierslieu.bookings.rules import claim
from tierslieu.house import Job
from tierslieu.house_kept import Retention
from tierslieu.people.models import OtherAddress
from tierslieu.people.moving import UNPROVED_FOR, forget_unproved
from tierslieu.tokens.models import AccessToken
from tierslieu.tokens.rules import FORGOTTEN_AFTER, forget_ended, make_token

pytestmark = pytest.mark.both_databases
SOON = timedelta(seconds=1)


def booked(db: Session, make: Factory) -> LearningSession:
    session = make_session(db)
    claim(db, session.id, make.user().id, SeatMode.ONSITE, now=NOW)
    db.commit()
    return session


def count(db: Session, model: type) -> int:
    return db.scalar(select(func.count()).select_from(model)) or 0


def run(monkeypatch: pytest.MonkeyPatch, db: Session, *arguments: str) -> dict[str, int]:
    """Counts by rule; the command works in the test's own place."""

    @contextmanager
    def here() -> Iterator[Session]:
        yield db

    monkeypatch.setattr(commands, "place", here)
    answer = CliRunner().invoke(commands.retention, [*arguments, "--json"])
    assert answer.exit_code == 0, answer.output
    return {name: rule["count"] for name, rule in json.loads(answer.output)["rules"].items()}


def test_a_booking_goes_three_years_after_its_session_and_not_before(
    db: Session, make: Factory
) -> None:
    session = booked(db, make)
    term = session.ends_at + KEPT
    assert forget_old_bookings(db, term) == 0
    assert count(db, Booking) == 1
    assert forget_old_bookings(db, term + SOON) == 1
    db.commit()
    assert count(db, Booking) == 0
    assert db.scalars(select(SeatPool.taken)).all() == [0] * count(db, SeatPool)
    assert not check_counted(db).broken
    assert forget_old_bookings(db, term + SOON) == 0


def test_a_code_that_was_wrong_goes_after_a_day(db: Session, make: Factory) -> None:
    db.add(WrongCode(session_id=make_session(db).id, user_id=make.user().id, at=NOW))
    db.commit()
    assert forget_codes(db, NOW + timedelta(days=1)) == 0
    assert forget_codes(db, NOW + timedelta(days=1) + SOON) == 1


def test_an_address_nobody_proved_goes_after_a_week_and_a_proved_one_stays(
    db: Session, make: Factory
) -> None:
    for email, proved in (("a@example.org", None), ("b@example.org", NOW)):
        person = make.user()
        db.add(OtherAddress(user_id=person.id, email=email, asked_at=NOW, proved_at=proved))
    db.commit()
    assert forget_unproved(db, NOW + UNPROVED_FOR) == 0
    assert forget_unproved(db, NOW + UNPROVED_FOR + SOON) == 1
    assert db.scalars(select(OtherAddress.email)).all() == ["b@example.org"]


def test_a_token_goes_a_year_after_it_ended(db: Session, make: Factory) -> None:
    made = make_token(db, make.user().id, name="Banc", scopes=["sessions:read"], days=30, now=NOW)
    db.commit()
    term = made[0].expires_at + FORGOTTEN_AFTER
    assert forget_ended(db, term) == 0
    assert forget_ended(db, term + SOON) == 1
    db.commit()
    assert count(db, AccessToken) == 0


def test_a_dry_run_tells_what_would_go_and_touches_nothing(
    db: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = booked(db, make)
    with clock.fixed_at(session.ends_at + KEPT + timedelta(days=1)):
        assert run(monkeypatch, db, "--dry-run")["bookings"] == 1
        assert count(db, Booking) == 1
        assert run(monkeypatch, db)["bookings"] == 1
        assert count(db, Booking) == 0
        assert run(monkeypatch, db)["bookings"] == 0


def test_what_a_killed_night_left_the_next_night_forgets(db: Session, make: Factory) -> None:
    """Each slice is a transaction of its own: what was done stays done, the rest waits."""
    slices = [2, 2]

    def dying(session: Session, now: datetime) -> int:
        if not slices:
            return 0
        if len(slices) == 1 and not survived:
            raise KeyboardInterrupt
        session.add(OtherAddress(user_id=person.id, email=f"{len(slices)}@x.org", asked_at=NOW))
        session.flush()
        return slices.pop()

    person, survived = make.user(), []
    db.commit()
    rule = Retention("dying", "x", "y", dying)
    with pytest.raises(KeyboardInterrupt):
        sweep(db, [rule], NOW)
    db.rollback()
    assert count(db, OtherAddress) == 1
    survived.append(True)
    assert sweep(db, [rule], NOW) == {"dying": 2}
    assert count(db, OtherAddress) == 2


def test_the_nightly_job_forgets_what_no_other_job_does(db: Session, make: Factory) -> None:
    session = booked(db, make)
    job = next(job for job in house_here().all(Job) if job.name == NIGHTLY)
    assert job.run(db, session.ends_at + KEPT) == 0
    assert job.run(db, session.ends_at + KEPT + SOON) == 1
    assert job.run(db, session.ends_at + KEPT + SOON) == 0


def test_bookings_of_a_series_followed_whole_go_together_after_its_last_date(
    db: Session, make: Factory
) -> None:
    dates = bundle_of(db, [3, 3])
    claim(db, dates[0].id, make.user().id, SeatMode.ONSITE, now=NOW)
    db.commit()
    assert count(db, Booking) == 2
    assert forget_old_bookings(db, dates[0].ends_at + KEPT + SOON) == 0
    assert forget_old_bookings(db, dates[1].ends_at + KEPT + SOON) == 2
    assert not check_counted(db).broken
