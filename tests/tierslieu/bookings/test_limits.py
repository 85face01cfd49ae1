"""The rule for seats left empty without a word: off unless set, never retroactive, lifted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.counting import counted_queries
from tests.support.factories import Factory
from tests.support.people import last_mail
from tests.support.sessions import NOW, bundle_of, make_session, plain, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.missed import limit_by_rule
from tierslieu.attendance.models import Presence
from tierslieu.attendance.rules import RollEntry, note_presence
from tierslieu.bookings.limits.queries import count_ahead, find_limit
from tierslieu.bookings.limits.rules import forget_old_limits, lift_limit, set_rule
from tierslieu.bookings.models import BookingLimit
from tierslieu.bookings.rules import claim, release
from tierslieu.errors import Refused
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import FACILITATOR, User

both = pytest.mark.both_databases
FIRST = datetime(2026, 11, 26, 14, 0)  # noqa: DTZ001 - wall time
RULE = {"times": 2, "months": 3, "most": 1, "weeks": 4}


@pytest.fixture
def dates(db: Session) -> list[LearningSession]:
    """Eight Thursdays."""
    return [make_session(db, starts=FIRST + timedelta(days=7 * n), onsite=5) for n in range(8)]


def miss(
    db: Session,
    make: Factory,
    user: User,
    sessions: list[LearningSession],
    presence: Presence = Presence.ABSENT,
) -> None:
    """A seat at each, and nobody there."""
    team = make.user(FACILITATOR)
    for session in sessions:
        early = session.starts_at - timedelta(days=2)
        claim(db, session.id, user.id, SeatMode.ONSITE, now=early, actor_id=team.id)
        entry = RollEntry(presence, user.id)
        note_presence(db, session.id, [entry], now=session.ends_at, actor_id=team.id)
    db.commit()


def run(db: Session, session: LearningSession) -> int:
    """The job, the day after this session."""
    count = limit_by_rule(db, now=session.ends_at + timedelta(hours=21))
    db.commit()
    return count


@both
def test_nothing_follows_unless_the_team_has_set_the_rule(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    miss(db, make, make.user(), dates[:3])
    assert run(db, dates[2]) == 0
    set_rule(db, is_on=False, **RULE, now=NOW)
    db.commit()
    assert run(db, dates[2]) == 0


@both
def test_who_misses_so_many_is_limited_for_a_time_told_and_told_again_where_they_book(
    app: Flask, db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    set_rule(db, is_on=True, **RULE, now=NOW)
    user = make.user(name="Ada")
    miss(db, make, user, dates[:2])
    assert run(db, dates[0]) == 0
    assert run(db, dates[1]) == 1
    assert run(db, dates[1]) == 0  # once
    words = plain(render_mail(last_mail(db), app.config["TIERSLIEU"]).text)
    assert "1 réservation à venir à la fois" in words
    now = dates[1].ends_at + timedelta(days=1)
    limit = find_limit(db, user.id, now)
    assert limit is not None
    booking = claim(db, dates[2].id, user.id, SeatMode.ONSITE, now=now)
    with pytest.raises(Refused) as refused:
        claim(db, dates[3].id, user.id, SeatMode.ONSITE, now=now)
    assert refused.value.code == "limited"
    assert "Jusqu’au 1er janvier 2027" in plain(refused.value.message)
    release(db, booking.id, now=now, actor_id=user.id)
    claim(db, dates[3].id, user.id, SeatMode.ONSITE, now=now)
    claim(db, dates[7].id, user.id, SeatMode.ONSITE, now=limit.until)  # its time is over


@both
def test_what_was_missed_before_the_rule_was_set_or_led_to_a_limit_counts_no_more(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    user = make.user()
    miss(db, make, user, dates[:2])
    set_rule(db, is_on=True, **RULE, now=dates[1].ends_at)
    db.commit()
    assert run(db, dates[1]) == 0
    miss(db, make, user, dates[2:4])
    assert run(db, dates[3]) == 1
    limit = db.scalars(select(BookingLimit)).one()
    lift_limit(db, limit.id, now=dates[3].ends_at, actor_id=make.user(FACILITATOR).id)
    db.commit()
    assert run(db, dates[3]) == 0
    miss(db, make, user, dates[4:5])
    assert run(db, dates[4]) == 0  # one anew


@both
def test_what_was_missed_longer_ago_than_the_rule_says_is_not_even_looked_at(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    set_rule(db, is_on=True, **{**RULE, "months": 1}, now=NOW)
    db.commit()
    user = make.user()
    miss(db, make, user, [dates[0], dates[1], dates[6]])  # the first two are six weeks ago
    for _n in range(2):
        miss(db, make, make.user(), dates[:2])
    with counted_queries() as sent:
        assert run(db, dates[6]) == 0
    # Of the three people, one has something that may count.
    assert len([query for query in sent if "booking_limit" in query]) == 1
    miss(db, make, user, dates[7:])
    assert run(db, dates[7]) == 1


@both
def test_the_team_books_for_who_is_limited_and_lifts_it_with_one_tap(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    set_rule(db, is_on=True, **RULE, now=NOW)
    user, team = make.user(), make.user(FACILITATOR)
    miss(db, make, user, dates[:2])
    run(db, dates[1])
    now = dates[1].ends_at + timedelta(days=1)
    claim(db, dates[2].id, user.id, SeatMode.ONSITE, now=now)
    claim(db, dates[3].id, user.id, SeatMode.ONSITE, now=now, actor_id=team.id)
    limit = find_limit(db, user.id, now)
    assert limit is not None
    lift_limit(db, limit.id, now=now, actor_id=team.id)
    claim(db, dates[4].id, user.id, SeatMode.ONSITE, now=now)
    assert find_limit(db, user.id, now) is None


@both
@pytest.mark.parametrize("presence", [Presence.EXCUSED, Presence.PRESENT])
def test_who_was_excused_or_there_is_not_limited(
    db: Session, make: Factory, dates: list[LearningSession], presence: Presence
) -> None:
    set_rule(db, is_on=True, **RULE, now=NOW)
    miss(db, make, make.user(), dates[:3], presence)
    assert run(db, dates[2]) == 0


@both
def test_a_series_followed_as_a_whole_is_one_booking_ahead(db: Session, make: Factory) -> None:
    user = make.user()
    bundle = bundle_of(db, [2, 2, 2])
    claim(db, bundle[0].id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    assert count_ahead(db, user.id, NOW) == 1


@both
def test_a_limit_is_forgotten_a_year_after_its_end(db: Session, make: Factory) -> None:
    user = make.user()
    db.add(BookingLimit(user_id=user.id, since=NOW, until=NOW + timedelta(days=7), most=1))
    db.commit()
    assert forget_old_limits(db, now=NOW + timedelta(days=300)) == 0
    assert forget_old_limits(db, now=NOW + timedelta(days=400)) == 1


@pytest.fixture
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.mark.usefixtures("_now")
def test_the_page_says_the_limit_where_one_books(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user, session = make.user(), make_session(db)
    db.add(BookingLimit(user_id=user.id, since=NOW, until=NOW + timedelta(days=28), most=1))
    db.commit()
    client.sign_in(user)
    page = text_of(client.get(f"/agenda/{session.id}"))
    assert "vous pouvez avoir 1 réservation à venir à la fois" in page
    assert "Réserver ma place" in page
    claim(db, make_session(db).id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    refused = client.post(f"/agenda/{session.id}/reserver", data={"mode": "onsite"})
    assert refused.status_code == 422


@pytest.mark.usefixtures("_now")
def test_the_team_sets_the_rule_on_a_page_and_lifts_limits_there(
    db: Session, make: Factory, client: LookingClient
) -> None:
    user = make.user(name="Ada Limitée")
    db.add(BookingLimit(user_id=user.id, since=NOW, until=NOW + timedelta(days=28), most=1))
    db.commit()
    client.sign_in(make.user(FACILITATOR))
    page = text_of(client.get("/reservations/absences"))
    assert "Limites en cours : 1" in page
    assert "Ada Limitée" in page
    wrong = {"is_on": "y", "times": "1", "months": "3", "most": "1", "weeks": "6"}
    assert client.post("/reservations/absences", data=wrong).status_code == 422
    done = client.post("/reservations/absences", data=wrong | {"times": "2"}, follow_redirects=True)
    assert "ce qui est passé ne compte pas" in text_of(done)
    limit = db.scalars(select(BookingLimit)).one()
    lifted = client.post(f"/reservations/absences/{limit.id}/lever", follow_redirects=True)
    assert "Personne n’est limité." in text_of(lifted)
