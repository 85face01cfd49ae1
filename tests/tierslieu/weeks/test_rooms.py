"""Who sleeps where: by wish, never beside a stranger against it, where the team put them."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW
from tests.support.weeks import (
    NIGHTS,
    accept,
    blocks_of,
    mails,
    make_application,
    make_week,
    nothing_is_oversold,
    rooms_of,
    stay,
)
from tierslieu.people.models import OtherAddress, User
from tierslieu.weeks.applications.models import Sharing
from tierslieu.weeks.applications.rules import change_stay, withdraw
from tierslieu.weeks.stays.moving import move_to_room

pytestmark = pytest.mark.both_databases


def test_two_who_name_each_other_share_a_room_whichever_is_accepted_first(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, beds=(1, 1, 2))
    alix, bo = make.user(), make.user()
    first = accept(db, make_application(db, week, alix, stay(wish=bo.email)), team)
    second = accept(db, make_application(db, week, bo, stay(wish=f" {alix.email.upper()} ")), team)
    assert set(rooms_of(first)) == set(rooms_of(second))
    nothing_is_oversold(db)


def test_who_is_alone_in_a_small_room_moves_to_be_with_the_one_they_named(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, beds=(1, 2))
    alix, bo = make.user(), make.user()
    other = accept(db, make_application(db, week, make.user(), stay(sharing=Sharing.ANYBODY)), team)
    first = accept(db, make_application(db, week, alix, stay(wish=bo.email)), team)
    withdraw(db, other.id, now=NOW, actor_id=other.user_id)
    db.commit()
    second = accept(db, make_application(db, week, bo, stay(wish=alix.email)), team)
    db.refresh(first)
    assert set(rooms_of(first)) == set(rooms_of(second))
    (mail,) = mails(db, "weeks_moved")
    assert (mail.recipient, mail.context["rooms"]) == (alix.email, "chambre 2")
    nothing_is_oversold(db)


def test_a_wish_that_is_not_mutual_puts_nobody_together(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, beds=(2,))
    alix, bo = make.user(), make.user()
    accept(db, make_application(db, week, alix, stay(wish=bo.email)), team)
    application = make_application(db, week, bo)
    (block, *_others) = blocks_of(db, application, team)
    assert "il reste 1 lit, mais dans une chambre que la personne" in block


def test_who_wants_to_be_alone_is_never_joined(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team, beds=(3,))
    accept(db, make_application(db, week, make.user(), stay(sharing=Sharing.ALONE)), team)
    (block, *_others) = blocks_of(db, make_application(db, week, make.user()), team)
    assert "il reste 2 lits" in block


def test_the_team_moves_somebody_to_another_room(db: Session, make: Factory, team: User) -> None:
    week = make_week(db, team, beds=(2, 2))
    application = accept(db, make_application(db, week, make.user()), team)
    other = next(r for r in week.house.rooms if r.id not in rooms_of(application))  # type: ignore[union-attr]
    for _again in range(2):
        move_to_room(db, week.id, application.id, other.id, now=NOW)
        db.commit()
    assert set(rooms_of(application)) == {other.id}
    (mail,) = mails(db, "weeks_moved")
    assert (mail.recipient, mail.context["rooms"]) == (application.user.email, other.name)
    nothing_is_oversold(db)


def test_who_changes_a_meal_keeps_the_room_the_team_gave_them(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, beds=(2, 2))
    application = accept(db, make_application(db, week, make.user()), team)
    other = next(r for r in week.house.rooms if r.id not in rooms_of(application))  # type: ignore[union-attr]
    move_to_room(db, week.id, application.id, other.id, now=NOW)
    db.commit()
    for nights in (NIGHTS[:2], NIGHTS):
        changed = stay(nights, meals=[])
        change_stay(db, week.id, application.user_id, changed, now=NOW)
        db.commit()
        db.expire_all()
        assert set(rooms_of(application)) == {other.id}
        assert len(rooms_of(application)) == len(nights)
        nothing_is_oversold(db)


def test_a_friend_who_changed_their_address_is_still_the_one_that_was_named(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, beds=(1, 1, 2))
    alix, bo = make.user(), make.user()
    first = make_application(db, week, alix, stay(wish=bo.email))
    second = make_application(db, week, bo, stay(wish=alix.email))
    db.add(OtherAddress(user_id=bo.id, email=bo.email, proved_at=NOW))
    bo.email = "bo.nouveau@example.org"
    db.commit()
    accept(db, first, team)
    accept(db, second, team)
    assert set(rooms_of(first)) == set(rooms_of(second))
    nothing_is_oversold(db)


def test_who_has_a_step_free_room_keeps_one_when_they_are_joined(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team, beds=(1, 2))
    assert week.house is not None
    small = min(week.house.rooms, key=lambda room: room.beds)
    small.is_step_free = True
    alix, bo = make.user(), make.user()
    first = accept(db, make_application(db, week, alix, stay(wish=bo.email)), team)
    move_to_room(db, week.id, first.id, small.id, now=NOW)
    db.commit()
    second = accept(db, make_application(db, week, bo, stay(wish=alix.email)), team)
    db.expire_all()
    assert set(rooms_of(first)) == {small.id}
    assert set(rooms_of(second)) != {small.id}
    nothing_is_oversold(db)
