"""One applies for a week on a phone, sees where it stands, completes, withdraws."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.people import profile
from tests.support.sessions import NOW, text_of
from tests.support.weeks import (
    NIGHTS,
    accept,
    mails,
    make_application,
    make_week,
    move,
    stay,
)
from tierslieu import clock
from tierslieu.people.models import Audience, User
from tierslieu.weeks.applications.models import ApplicationState, Sharing, WeekApplication

S = ApplicationState


def application_fields(**changes: Any) -> dict[str, Any]:
    """The form of an application, filled in."""
    return {
        "motivation": "Je veux monter trois séances.",
        "path": "",
        "nights": [night.isoformat() for night in NIGHTS],
        "meals": ["2027-03-01 lunch"],
        "sharing": "anybody",
        "wish": "",
        **changes,
    }


def test_one_applies_sees_where_it_stands_and_may_still_change_it(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week, person = make_week(db, team), make.user(audience=Audience.CAREER_CHANGER)
    client.sign_in(person)
    address = f"/semaines/{week.id}/candidature/ecrire"
    assert client.get(f"/semaines/{week.id}/candidature").location == address
    assert "changement de métier" in text_of(client.get(address))
    empty = client.post(address, data=application_fields(motivation=""))
    assert empty.status_code == 422
    assert client.post(address, data=application_fields()).status_code == 302
    page = text_of(client.get(f"/semaines/{week.id}/candidature"))
    assert "L’équipe la lit" in page
    assert "3 nuits" in page
    client.post(address, data=application_fields(nights=[], motivation="Autrement."))
    saved = db.scalars(select(WeekApplication)).one()
    assert (saved.motivation, saved.nights, saved.audience) == (
        "Autrement.", [], Audience.CAREER_CHANGER,
    )  # fmt: skip
    assert len(mails(db, "weeks_state")) == 1  # changing it sends nothing more


def test_who_said_nothing_of_themselves_does_so_first(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week, person = make_week(db, team), make.user()
    person.profile = None
    db.commit()
    address = f"/semaines/{week.id}/candidature/ecrire"
    answer = client.sign_in(person).get(address)
    assert answer.location == "/compte/profil"
    assert client.post("/compte/profil", data=profile()).location == address


@pytest.mark.parametrize(
    ("days", "words"), [(-30, "Les candidatures ouvrent le"), (60, "closes depuis le")]
)
def test_nobody_applies_outside_the_window(
    db: Session, make: Factory, team: User, client: LookingClient, days: int, words: str
) -> None:
    week = make_week(db, team)
    client.sign_in(make.user())
    with clock.fixed_at(NOW + timedelta(days=days)):
        address = f"/semaines/{week.id}/candidature/ecrire"
        page = client.post(address, data=application_fields(), follow_redirects=True)
    assert words in text_of(page)
    assert db.scalars(select(WeekApplication)).all() == []


@pytest.mark.parametrize(
    "changes",
    [{"nights": ["2027-04-01"]}, {"meals": ["2027-03-01 dinner"]}, {"nights": ["demain"]},
     {"sharing": "somebody", "wish": ""}, {"sharing": "somebody", "wish": "Bo Mars"}],
)  # fmt: skip
def test_what_the_week_does_not_offer_is_refused(
    db: Session, make: Factory, team: User, client: LookingClient, changes: dict[str, Any]
) -> None:
    week = make_week(db, team)
    address = f"/semaines/{week.id}/candidature/ecrire"
    answer = client.sign_in(make.user()).post(address, data=application_fields(**changes))
    assert answer.status_code == 422
    assert db.scalars(select(WeekApplication)).all() == []


def test_a_wish_says_nothing_of_whether_the_other_applied(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    alix, bo = make.user(), make.user()
    pages = []
    for other_applied in (False, True):
        if other_applied:
            make_application(db, week, bo, stay(sharing=Sharing.ALONE))
        client.sign_in(alix).post(
            f"/semaines/{week.id}/candidature/ecrire",
            data=application_fields(sharing="somebody", wish=bo.email),
        )
        client.get(f"/semaines/{week.id}/candidature")  # what was just saved is said once
        page = text_of(client.get(f"/semaines/{week.id}/candidature"))
        pages.append(re.sub(r'name="csrf_token" value="[^"]*"', "", page))
    assert pages[0] == pages[1]


def test_what_the_team_asks_is_completed_after_the_window_too(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week, person = make_week(db, team), make.user()
    application = make_application(db, week, person)
    move(db, application, S.TO_COMPLETE, team, word="Quel niveau ?")
    client.sign_in(person)
    later = NOW + timedelta(days=65)
    with clock.fixed_at(later):
        address = f"/semaines/{week.id}/candidature/ecrire"
        assert "Quel niveau ?" in text_of(client.get(address))
        client.post(address, data=application_fields(motivation="En Seconde."))
    db.expire_all()
    assert application.state is S.SUBMITTED
    assert [one.recipient for one in mails(db, "weeks_team")] == [team.email]


def test_one_withdraws_with_a_button_and_may_come_back(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week, person = make_week(db, team), make.user()
    application = make_application(db, week, person)
    client.sign_in(person).post(f"/semaines/{week.id}/candidature/retirer")
    db.expire_all()
    assert application.state is S.WITHDRAWN
    client.post(f"/semaines/{week.id}/candidature/ecrire", data=application_fields())
    db.expire_all()
    assert application.state is S.SUBMITTED


def test_another_persons_application_is_nobodys_page(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    accept(db, make_application(db, week, make.user()), team)
    client.sign_in(make.user())
    base = f"/semaines/{week.id}"
    assert client.get(f"{base}/accueil").status_code == 404
    assert client.get(f"{base}/candidature/besoins").status_code == 404
    assert client.post(f"{base}/candidature/retirer").status_code == 404
