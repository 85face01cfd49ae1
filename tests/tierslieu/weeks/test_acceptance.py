"""Acceptance takes sessions, beds, meals and a place together, or says what blocks and takes
nothing; withdrawing gives it all back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, bundle_of, make_session, seats_are_kept
from tests.support.weeks import (
    ACCEPTED,
    MONDAY,
    NIGHTS,
    accept,
    blocks_of,
    bookings_of,
    mails,
    make_application,
    make_week,
    move,
    nothing_is_held,
    nothing_is_oversold,
    rooms_of,
    stay,
)
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.models import Booking
from tierslieu.bookings.rules import claim, release
from tierslieu.errors import Refused
from tierslieu.people.models import FACILITATOR, Audience, User
from tierslieu.weeks.applications.models import ApplicationState
from tierslieu.weeks.applications.queries import list_seats
from tierslieu.weeks.applications.rules import change_stay, decide, withdraw
from tierslieu.weeks.models import Meal, RoomNight, WeekMeal
from tierslieu.weeks.programme import add_session, remove_session

pytestmark = pytest.mark.both_databases


def test_who_is_accepted_holds_every_half_day_a_bed_a_night_and_their_meals(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    application = accept(db, make_application(db, week, make.user()), team)
    assert {b.session_id for b in bookings_of(db, application.user)} == {
        session.id for session in week.sessions
    }
    assert len(set(rooms_of(application))) == 1
    assert None not in rooms_of(application)
    assert week.accepted == 1
    assert db.get_one(WeekMeal, (week.id, MONDAY, Meal.LUNCH)).taken == 1
    for session in week.sessions:
        seats_are_kept(db, session)
    nothing_is_oversold(db)
    (mail,) = mails(db, "weeks_accepted")
    assert [line["title"] for line in mail.context["lines"]] == ["Matinée 1", "Matinée 2"]
    assert mail.context["rooms"] == "chambre 1"
    assert not mails(db, "bookings_confirmed")  # one mail says it all


def test_a_full_half_day_is_named_and_nothing_is_taken(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, seats=1)
    claim(db, week.sessions[1].id, make.user().id, SeatMode.ONSITE, now=NOW, actor_id=team.id)
    db.commit()
    application = make_application(db, week, make.user())
    assert blocks_of(db, application, team) == ["Matinée 2, mardi 2 mars : complet"]


def test_every_reason_is_said_at_once(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team, beds=(1,), seats=1, meals={Meal.LUNCH: 1})
    accept(db, make_application(db, week, make.user(), stay([NIGHTS[1]])), team)
    application = make_application(db, week, make.user())
    assert blocks_of(db, application, team) == [
        "Matinée 1, lundi 1er mars : complet",
        "Matinée 2, mardi 2 mars : complet",
        "nuit du mardi 2 au mercredi 3 mars : plus aucun lit",
        "déjeuner du lundi 1er mars : complet",
    ]


def test_who_sleeps_elsewhere_needs_no_bed(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team, beds=(1,))
    accept(db, make_application(db, week, make.user()), team)
    application = accept(db, make_application(db, week, make.user(), stay([])), team)
    assert application.state is ACCEPTED


def test_a_week_that_is_full_takes_nobody_more(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team, places=1)
    accept(db, make_application(db, week, make.user()), team)
    blocks = blocks_of(db, make_application(db, week, make.user()), team)
    assert blocks == ["la seule place de la semaine est prise"]


def test_places_kept_for_a_public_wait_for_it_until_their_date(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(
        db,
        team,
        places=2,
        quotas={Audience.CAREER_CHANGER: 1},
        quotas_until_local=clock.to_local(NOW + timedelta(days=10)),
    )
    accept(db, make_application(db, week, make.user()), team)
    second = make_application(db, week, make.user())
    (block,) = blocks_of(db, second, team)
    assert "gardées jusqu’au dimanche 29 novembre (changement de métier)" in block
    later = NOW + timedelta(days=11)
    with clock.fixed_at(later):
        assert move(db, second, ACCEPTED, team, now=later).state is ACCEPTED


def test_the_public_for_which_a_place_is_kept_takes_it(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(
        db,
        team,
        places=2,
        quotas={Audience.CAREER_CHANGER: 1},
        quotas_until_local=clock.to_local(NOW + timedelta(days=10)),
    )
    accept(db, make_application(db, week, make.user(audience=Audience.CAREER_CHANGER)), team)
    accept(db, make_application(db, week, make.user()), team)
    nothing_is_oversold(db)


def test_withdrawing_frees_everything_and_tells_the_team_who_is_next(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, places=1)
    application = accept(db, make_application(db, week, make.user(name="Alix")), team)
    for name in ("Bo", "Cy"):
        waiting = make_application(db, week, make.user(name=name))
        move(db, waiting, ApplicationState.WAITING, team)
    withdraw(db, application.id, now=NOW, actor_id=application.user_id)
    db.commit()
    nothing_is_held(db, application)
    assert application.state is ApplicationState.WITHDRAWN
    (mail,) = mails(db, "weeks_team")
    assert (mail.recipient, mail.context["next_name"], mail.context["waiting"]) == (
        team.email, "Bo", 2,
    )  # fmt: skip
    for session in week.sessions:
        seats_are_kept(db, session)


def test_who_leads_nothing_here_any_more_hears_nothing_of_applications(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    gone = make.user(FACILITATOR)
    week.team = [team, gone]
    application = accept(db, make_application(db, week, make.user()), team)
    gone.active = False
    db.commit()
    withdraw(db, application.id, now=NOW, actor_id=application.user_id)
    db.commit()
    assert [mail.recipient for mail in mails(db, "weeks_team")] == [team.email]


def test_a_week_that_is_over_is_given_back_no_more(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team)
    application = accept(db, make_application(db, week, make.user()), team)
    later = week.cutoff_at + timedelta(days=30)
    with pytest.raises(Refused) as refused:
        withdraw(db, application.id, now=later, actor_id=application.user_id)
    db.rollback()
    assert refused.value.code == "over"
    assert (application.state, week.accepted) == (ACCEPTED, 1)
    assert not mails(db, "weeks_team")


def test_a_seat_booked_before_the_week_stays_when_the_week_is_given_back(
    db: Session, make: Factory, team: User
) -> None:
    week, person = make_week(db, team), make.user()
    own = claim(db, week.sessions[0].id, person.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    application = accept(db, make_application(db, week, person), team)
    withdraw(db, application.id, now=NOW, actor_id=person.id)
    db.commit()
    assert [b.id for b in bookings_of(db, person)] == [own.id]


def test_the_history_says_who_when_and_why(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team)
    application = make_application(db, week, make.user())
    move(db, application, ApplicationState.TO_COMPLETE, team, word="Quel niveau ?")
    make_application(db, week, application.user)
    accept(db, application, team)
    moves = [(e.from_state, e.to_state, e.by_id, e.word) for e in application.events]
    sent, asked = ApplicationState.SUBMITTED, ApplicationState.TO_COMPLETE
    person = application.user_id
    assert moves == [
        (None, sent, person, ""),
        (sent, asked, team.id, "Quel niveau ?"),
        (asked, sent, person, "complétée"),
        (sent, ACCEPTED, team.id, "À bientôt."),
    ]


def test_nobody_answers_their_own_application(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team)
    application = make_application(db, week, team)
    with pytest.raises(Refused) as refused:
        decide(db, application.id, ACCEPTED, word="", now=NOW, actor_id=team.id)
    assert refused.value.code == "own"


def test_who_is_accepted_changes_their_stay_whole_or_keeps_it(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, beds=(1,))
    first = accept(db, make_application(db, week, make.user(), stay([NIGHTS[0]])), team)
    second = accept(db, make_application(db, week, make.user(), stay([NIGHTS[1]])), team)
    with pytest.raises(Refused) as refused:
        change_stay(db, week.id, first.user_id, stay(NIGHTS[:2], meals=[]), now=NOW)
    db.rollback()
    assert "plus aucun lit" in refused.value.message
    assert [one.night for one in first.nights] == [NIGHTS[0]]
    assert [meal.is_taken for meal in first.meals] == [True]
    change_stay(db, week.id, first.user_id, stay([NIGHTS[2]], meals=[]), now=NOW)
    db.commit()
    nothing_is_oversold(db)
    assert db.get_one(RoomNight, (rooms_of(second)[0], NIGHTS[0])).taken == 0


def test_after_the_cut_off_the_stay_changes_no_more(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team)
    application = make_application(db, week, make.user())
    with pytest.raises(Refused) as refused:
        change_stay(db, week.id, application.user_id, stay([]), now=week.cutoff_at)
    assert refused.value.code == "closed"


def test_a_half_day_added_later_seats_those_who_are_accepted_and_one_removed_frees_them(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    person = accept(db, make_application(db, week, make.user()), team).user
    added = make_session(db, starts=week.sessions[0].starts_local.replace(hour=14), onsite=1)
    add_session(db, week.id, added.id, now=NOW, actor_id=team.id)
    db.commit()
    assert len(bookings_of(db, person)) == 3
    (told,) = mails(db, "bookings_confirmed")
    remove_session(db, week.id, added.id, now=NOW, actor_id=team.id)
    db.commit()
    assert len(bookings_of(db, person)) == 2
    (untold,) = mails(db, "bookings_released")
    assert told.recipient == untold.recipient == person.email
    seats_are_kept(db, added)


def test_a_date_of_a_series_followed_as_a_whole_is_no_half_day_of_a_week(
    db: Session, team: User
) -> None:
    week = make_week(db, team)
    added = bundle_of(db, [5, 5], first=week.sessions[0].starts_local.replace(hour=14))[0]
    with pytest.raises(Refused) as refused:
        add_session(db, week.id, added.id, now=NOW, actor_id=team.id)
    assert refused.value.code == "of_bundle"
    db.rollback()
    assert len(week.sessions) == 2


def test_a_half_day_without_a_seat_for_all_is_not_added(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    for _n in range(2):
        accept(db, make_application(db, week, make.user()), team)
    added = make_session(db, starts=week.sessions[0].starts_local.replace(hour=14), onsite=1)
    with pytest.raises(Refused, match="complet"):
        add_session(db, week.id, added.id, now=NOW, actor_id=team.id)
    db.commit()
    assert len(week.sessions) == 2
    seats_are_kept(db, added)
    assert db.scalar(select(func.count()).select_from(Booking).where(
        Booking.session_id == added.id)) == 0  # fmt: skip


def test_a_half_day_that_one_gives_up_by_oneself_breaks_nothing(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    application = accept(db, make_application(db, week, make.user()), team)
    seat = list_seats(db, application.id)[0]
    release(db, seat.booking_id, now=NOW, actor_id=application.user_id)
    db.commit()
    withdraw(db, application.id, now=NOW, actor_id=application.user_id)
    db.commit()
    nothing_is_held(db, application)
