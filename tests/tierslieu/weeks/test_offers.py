"""What weeks offer: a person's data, its erasure, and the invariants of the audit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.support.factories import Factory
from tests.support.sessions import NOW, seats_are_kept
from tests.support.weeks import (
    accept,
    mails,
    make_application,
    make_week,
    nothing_is_oversold,
    stay,
)
from tierslieu.house import House, Invariant, PersonalData, TimelineSource
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User
from tierslieu.weeks.applications.models import (
    ApplicationSeat,
    Sharing,
    StayNeeds,
    WeekApplication,
)
from tierslieu.weeks.models import RoomNight, Week, WeekMeal
from tierslieu.weeks.stays.needs import Needs, save_needs


def offers(app: Flask, kind: Any) -> dict[str, Any]:
    house: House = app.extensions["tierslieu.house"]
    return {one.name: one for one in house.all(kind)}


def broken(app: Flask, db: Session) -> list[str]:
    db.expire_all()
    return [name for name, one in offers(app, Invariant).items() if one.check(db).broken]


def test_everything_held_on_a_person_is_exported(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week, person = make_week(db, team), make.user()
    application = accept(db, make_application(db, week, person, stay(wish="bo@example.org")), team)
    needs = Needs(access="Un lit bas.")
    save_needs(db, week.id, person.id, needs, consents=True, now=NOW)
    db.commit()
    data = offers(app, PersonalData)
    (mine,) = data["weeks"].export(db, person.id)
    assert json.loads(json.dumps(mine)) == mine
    assert (mine["state"], mine["wish"], mine["room"]) == (
        "accepted",
        "bo@example.org",
        "chambre 1",
    )
    assert [event["to"] for event in mine["history"]] == ["submitted", "accepted"]
    (said,) = data["stay_needs"].export(db, person.id)
    assert (said["access"], said["erased_on"]) == ("Un lit bas.", "2027-03-12")
    assert data["weeks"].export(db, application.user_id) != data["weeks"].export(db, team.id)


@pytest.mark.both_databases
def test_an_account_that_is_closed_leaves_its_bed_meals_and_seats_to_others(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week, person = make_week(db, team), make.user()
    accept(db, make_application(db, week, person), team)
    save_needs(db, week.id, person.id, Needs(access="Un lit bas."), consents=True, now=NOW)
    friend = make_application(db, week, make.user(), stay(wish=person.email))
    db.commit()
    house: House = app.extensions["tierslieu.house"]
    for data in reversed(house.all(PersonalData)):
        data.erase(db, person.id)
    db.commit()
    for table in (StayNeeds, ApplicationSeat):
        assert db.scalar(select(func.count()).select_from(table)) == 0
    assert db.scalars(select(WeekApplication)).all() == [friend]
    assert (friend.wish, friend.sharing) == ("", Sharing.ALONE), "nobody else keeps their address"
    assert week.accepted == 0
    (mail,) = mails(db, "weeks_team")
    assert (mail.recipient, mail.context["who"]) == (team.email, ""), "that a place is, not whose"
    assert "Une personne a fermé son compte" in render_mail(mail, app.config["TIERSLIEU"]).text
    nothing_is_oversold(db)
    for session in week.sessions:
        seats_are_kept(db, session)
    assert broken(app, db) == []


@pytest.mark.both_databases
def test_the_audit_finds_what_is_oversold_or_missing(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    accept(db, make_application(db, week, make.user()), team)
    assert broken(app, db) == []
    for change, name in (
        (update(RoomNight).values(taken=0), "beds_not_oversold"),
        (update(WeekMeal).values(taken=2), "stay_meals_counted"),
        (update(Week).values(accepted=0), "week_places_counted"),
    ):
        db.execute(change)
        assert name in broken(app, db)
        db.rollback()
    for seat in db.scalars(select(ApplicationSeat)).all():
        db.delete(seat)
    db.flush()
    assert broken(app, db) == ["accepted_are_seated"]
    db.rollback()


def test_the_timeline_tells_each_turn_and_the_week_to_come(
    app: Flask, db: Session, make: Factory, team: User
) -> None:
    week, person = make_week(db, team), make.user()
    accept(db, make_application(db, week, person), team)
    events = list(offers(app, TimelineSource)["weeks"].events(db, person.id, NOW))
    assert [event.title for event in events] == [
        "Candidature envoyée", "Candidature acceptée", "Semaine Python",
    ]  # fmt: skip
