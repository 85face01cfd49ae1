"""Needs: with consent, read by whom they serve, gone after the stay."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, text_of
from tests.support.weeks import accept, make_application, make_week, move
from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.people.models import User
from tierslieu.weeks.applications.models import (
    ApplicationState,
    Diet,
    NeedsReading,
    StayNeeds,
    WeekApplication,
)
from tierslieu.weeks.applications.rules import withdraw
from tierslieu.weeks.jobs import JOBS
from tierslieu.weeks.models import BoardingSheet, Week
from tierslieu.weeks.stays.needs import Needs, save_needs
from tierslieu.weeks.stays.sheet import count_stay, list_lines

SAID = Needs(Diet.VEGAN, ("nuts", "eggs"), "kiwi", "Un lit près d’une prise.")
both = pytest.mark.both_databases


def say(db: Session, application: WeekApplication, needs: Needs = SAID) -> None:
    save_needs(
        db, application.week_id, application.user_id, needs, consents=True, now=NOW
    )  # fmt: skip
    db.commit()


def kept(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(StayNeeds)) or 0


def erase_job(db: Session, now: datetime) -> int:
    (job,) = [one for one in JOBS if one.name == "stay_needs_over"]
    with clock.fixed_at(now):
        return job.run(db, now)


def at_noon(week: Week, days: int) -> datetime:
    """So many days after the departure, at noon."""
    on = week.ends_on + timedelta(days=days)
    return clock.to_utc(datetime(on.year, on.month, on.day, 12))  # noqa: DTZ001


def test_needs_are_kept_only_with_consent(db: Session, make: Factory, team: User) -> None:
    application = make_application(db, make_week(db, team), make.user())
    with pytest.raises(Refused) as refused:
        save_needs(
            db, application.week_id, application.user_id, SAID, consents=False, now=NOW
        )  # fmt: skip
    db.rollback()
    assert (refused.value.code, refused.value.field) == ("no_consent", "consent")
    assert kept(db) == 0


@both
def test_the_row_is_gone_eight_days_after_the_departure(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    application = make_application(db, week, make.user())
    say(db, application)
    assert erase_job(db, at_noon(week, 7)) == 0
    assert kept(db) == 1
    assert erase_job(db, at_noon(week, 8)) == 1
    assert kept(db) == 0
    assert erase_job(db, at_noon(week, 9)) == 0


@both
def test_with_the_needs_goes_what_the_frozen_sheets_said_of_them(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    application = make_application(db, week, make.user())
    say(db, application)
    accept(db, application, team)
    db.add(BoardingSheet(week_id=week.id, number=1, counts=count_stay(db, week)))
    db.commit()
    sheet = db.scalars(select(BoardingSheet)).one()
    details = [line for line in list_lines(sheet.counts) if line.detail]
    assert {line.detail for line in details} >= {"vegan", "nuts", "eggs", "other:kiwi"}
    whole = [line for line in list_lines(sheet.counts) if not line.detail]
    erase_job(db, at_noon(week, 7))
    assert [line for line in list_lines(sheet.counts) if line.detail] == details
    erase_job(db, at_noon(week, 8))
    db.expire_all()
    assert list_lines(sheet.counts) == whole


def test_a_week_may_keep_needs_for_less_long_and_says_until_when(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team, needs_days=2)
    person = make.user()
    application = make_application(db, week, person)
    page = client.sign_in(person).get(f"/semaines/{week.id}/candidature/besoins")
    assert "Tout est effacé le samedi 6 mars 2027" in text_of(page)
    say(db, application)
    assert erase_job(db, at_noon(week, 2)) == 1


def test_who_withdraws_or_is_declined_leaves_no_needs_behind(
    db: Session, make: Factory, team: User
) -> None:
    week = make_week(db, team)
    first, second = (make_application(db, week, make.user()) for _n in range(2))
    say(db, first)
    say(db, second)
    withdraw(db, first.id, now=NOW, actor_id=first.user_id)
    db.commit()
    move(db, second, ApplicationState.DECLINED, team)
    assert kept(db) == 0


def test_one_erases_ones_needs_with_a_button_even_after_the_cut_off(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    person = make.user()
    say(db, make_application(db, week, person))
    client.sign_in(person)
    with clock.fixed_at(week.cutoff_at):
        client.post(f"/semaines/{week.id}/candidature/besoins/effacer")
    assert kept(db) == 0


def test_access_needs_are_read_by_the_weeks_team_alone_and_each_reading_is_seen(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    person, other = make.user(), make.user("facilitator")
    application = accept(db, make_application(db, week, person), team)
    say(db, application)
    address = f"/semaines/candidatures/{application.id}/besoins"
    client.sign_in(other)
    assert client.post(address).status_code == 404
    assert "besoins d’accès" not in text_of(client.get(f"/semaines/candidatures/{application.id}"))
    client.sign_in(team)
    assert "près d’une prise" not in text_of(client.get(f"/semaines/candidatures/{application.id}"))
    assert "Un lit près d’une prise." in text_of(client.post(address))
    readings = db.scalars(select(NeedsReading)).all()
    assert [(one.by_id, one.application_id) for one in readings] == [(team.id, application.id)]
    page = client.sign_in(person).get(f"/semaines/{week.id}/candidature")
    assert "Accès lus par Nadia Benali le 19 novembre 2026" in text_of(page)


def test_access_needs_are_no_part_of_the_choice_they_are_read_of_who_is_accepted(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    application = make_application(db, make_week(db, team), make.user())
    say(db, application)
    address = f"/semaines/candidatures/{application.id}/besoins"
    assert client.sign_in(team).post(address).status_code == 404
    move(db, application, ApplicationState.WAITING, team)
    assert client.post(address).status_code == 404
    assert db.scalars(select(NeedsReading)).all() == []


def test_nobody_reads_the_diet_of_one_person(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    application = accept(db, make_application(db, week, make.user(name="Alix")), team)
    say(db, application)
    client.sign_in(team)
    for address in (
        f"/semaines/{week.id}/candidatures",
        f"/semaines/candidatures/{application.id}",
    ):
        page = text_of(client.get(address))
        assert "Alix" in page
        assert "végétalien" not in page
        assert "kiwi" not in page
    sheet = text_of(client.get(f"/semaines/{week.id}/internat"))
    assert "Alix" not in sheet
    assert "1 × végétalien" in sheet
    assert "1 × sans kiwi (allergie)" in sheet


def test_needs_are_written_and_changed_on_a_page(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    person = make.user()
    application = make_application(db, week, person)
    client.sign_in(person)
    address = f"/semaines/{week.id}/candidature/besoins"
    fields = {"diet": "vegetarian", "allergies": ["milk"], "other_allergy": "", "access": ""}
    refused = client.post(address, data=fields)
    assert refused.status_code == 422
    assert "qu’avec votre accord" in text_of(refused)
    assert client.post(address, data={**fields, "consent": "y"}).status_code == 302
    saved = db.get_one(StayNeeds, application.id)
    assert (saved.diet, saved.allergies) == (Diet.VEGETARIAN, ["milk"])
    client.post(address, data={"diet": "", "other_allergy": "", "access": ""})
    db.expire_all()
    assert kept(db) == 0  # nothing needed, nothing kept
