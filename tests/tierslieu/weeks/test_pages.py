"""The pages of weeks: made by the team, applied for on a phone, chosen side by side."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.courses import make_enrolment, make_path
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, make_session, text_of
from tests.support.weeks import (
    MONDAY,
    accept,
    mails,
    make_application,
    make_house,
    make_week,
    plan_of,
)
from tierslieu import clock
from tierslieu.agenda.models import Admission, LearningSession
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User
from tierslieu.weeks.applications.models import ApplicationState
from tierslieu.weeks.models import BoardingRoom, Meal, Moment, Week
from tierslieu.weeks.rules import save_week, set_steps

S = ApplicationState


def fields(team: User, **changes: Any) -> dict[str, Any]:
    """The form of a week, filled in."""
    return {
        "title": "Semaine Python",
        "first_day": "2027-03-01",
        "last_day": "2027-03-03",
        "places": "4",
        "opens": "2026-11-01T08:00",
        "closes": "2027-01-15T23:59",
        "cutoff": "2027-02-15T12:00",
        "needs_days": "8",
        "lunch": "10",
        "team": [str(team.id)],
        **changes,
    }


def only_week(db: Session) -> Week:
    db.expire_all()
    return db.scalars(select(Week)).one()


# --- the team makes a week ---------------------------------------------------------------------


def test_the_team_makes_a_week_from_nothing_to_published(
    app: Flask, db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    client.sign_in(team)
    house = client.post("/internats/nouveau", data={"name": "Internat"})
    rooms = f"{house.location}/chambres/nouvelle"
    assert client.post(rooms, data={"name": "chambre 1", "beds": "2"}).status_code == 302
    room, step_free = db.scalars(select(BoardingRoom)).one(), make_room(db, places=12)
    stays = {"house": room.house_id, "nights_from": "2027-03-01", "nights_until": "2027-03-04"}
    made = client.post("/semaines/nouvelle", data=fields(team, **stays))
    week = only_week(db)
    assert made.location == f"/semaines/{week.id}/programme"
    assert [meal.meal for meal in week.meals] == [Meal.LUNCH] * 3
    half_day = {
        "title": "Accueil", "day": "2027-03-01", "starts": "14:00", "ends": "17:00",
        "room": step_free.id, "onsite": "4",
    }  # fmt: skip
    assert client.post(f"/semaines/{week.id}/programme/nouvelle", data=half_day).status_code == 302
    (session,) = only_week(db).sessions
    assert session.admission is Admission.CODE  # one comes in by the week alone
    visitor = app.test_client()
    assert visitor.get(f"/semaines/{week.id}").status_code == 404  # a draft
    client.post(f"/semaines/{week.id}/publier")
    page = text_of(visitor.get(f"/semaines/{week.id}"))
    assert "Du lundi 1er au mercredi 3 mars 2027" in page
    assert "Accueil" in page
    assert "Semaine Python" in text_of(visitor.get("/semaines"))


def test_sessions_of_the_agenda_are_taken_into_the_programme_and_out_again(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    free = make_session(db, title="Robots", starts=datetime(2027, 3, 3, 14))  # noqa: DTZ001
    make_session(db, title="Une autre fois", starts=datetime(2027, 3, 8, 14))  # noqa: DTZ001
    client.sign_in(team)
    page = text_of(client.get(f"/semaines/{week.id}/programme"))
    assert "Robots" in page
    assert "Une autre fois" not in page
    chosen = f"/semaines/{week.id}/programme/choisir"
    assert client.post(chosen, data={}).status_code == 422
    client.post(chosen, data={"sessions": [str(free.id)]})
    assert len(only_week(db).sessions) == 3
    client.post(f"/semaines/{week.id}/programme/{free.id}/oter")
    assert len(only_week(db).sessions) == 2
    assert db.get_one(LearningSession, free.id).cancelled_at is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_day": "2027-02-28"}, "finit avant de commencer"),
        ({"last_day": "2027-06-03"}, "14 jours au plus"),
        ({"first_day": "2026-03-01", "last_day": "2026-03-03"}, "déjà passé"),
        ({"closes": "2026-10-01T08:00"}, "se ferment avant de s’ouvrir"),
        ({"cutoff": "2027-03-01T08:00"}, "avant le premier jour"),
        ({"cutoff": ""}, "Jusqu’à quand"),
        ({"quota_teacher": "9", "quotas_until": "2026-12-01T08:00"}, "9 places sont gardées sur 4"),
        ({"quota_teacher": "2"}, "Jusqu’à quand ces places"),
        ({"nights_from": "2027-03-01"}, "choisissez la maison"),
        ({"places": "0"}, "Entre 1 et 200"),
        ({"cutoff": "2027-01-10T12:00"}, "avant que les candidatures ne soient closes"),
        ({"opens": "2026-10-25T02:30"}, "arrive deux fois"),
    ],
)
def test_an_impossible_week_is_refused_beside_its_field(
    db: Session, make: Factory, team: User, client: LookingClient, changes: dict[str, str],
    words: str,
) -> None:  # fmt: skip
    answer = client.sign_in(team).post("/semaines/nouvelle", data=fields(team, **changes))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert db.scalars(select(Week)).all() == []


def test_an_empty_programme_is_not_published(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = save_week(db, None, plan_of(team_ids=(team.id,)), now=NOW, actor_id=team.id)
    db.commit()
    page = client.sign_in(team).post(f"/semaines/{week.id}/publier", follow_redirects=True)
    assert "Le programme est vide" in text_of(page)


def test_what_people_hold_is_not_changed_away_from_under_them(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    accept(db, make_application(db, week, make.user()), team)
    house = {"house": week.house_id, "nights_from": "2027-03-01", "nights_until": "2027-03-04"}
    client.sign_in(team)
    address = f"/semaines/{week.id}/modifier"
    for changes, words in (
        ({"nights_until": "2027-03-02"}, "a déjà un lit"),
        ({"house": make_house(db, 4).id}, "la maison ne change plus"),
        ({"lunch": ""}, "déjà retenus"),
        ({"last_day": "2027-03-01", "nights_until": "2027-03-02"}, "est du programme"),
    ):
        answer = client.post(address, data=fields(team, **{**house, **changes}))
        assert answer.status_code == 422, words
        assert words in text_of(answer)
    assert client.post(address, data=fields(team, **house)).status_code == 302


def test_steps_of_the_path_come_before_and_after(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    path = make_path(db)
    week = make_week(db, team, path_id=path.id)
    client.sign_in(team)
    page = text_of(client.get(f"/semaines/{week.id}/programme"))
    assert "A · Étape A" in page
    steps = {step.code: str(step.id) for step in path.versions[0].steps}
    address = f"/semaines/{week.id}/etapes"
    client.post(address, data={"before": [steps["A"]], "after": [steps["B"]]})
    moments = {one.step.code: one.moment for one in only_week(db).steps}
    assert moments == {"A": Moment.BEFORE, "B": Moment.AFTER}
    both = client.post(
        address, data={"before": [steps["A"]], "after": [steps["A"]]}, follow_redirects=True
    )
    assert "avant la semaine ou après elle" in text_of(both)


# --- the welcome pack --------------------------------------------------------------------------


@pytest.mark.usefixtures("drawn_outside")
def test_the_welcome_pack_says_all_one_must_know_on_page_and_paper(
    db: Session, make: Factory, team: User, client: LookingClient, tmp_path: Any
) -> None:
    from tests.support.certificates import words_of

    path = make_path(db)
    week = make_week(
        db, team, path_id=path.id, access="Bus 1, arrêt Les Imprimeurs.",
        contacts="Nadia : 04 00 00 00 00\nLa nuit : 04 00 00 00 01", bring="Des draps",
    )  # fmt: skip
    steps = {step.code: step.id for step in path.versions[0].steps}
    set_steps(db, week.id, {Moment.BEFORE: [steps["A"]], Moment.AFTER: [steps["B"]]})
    db.commit()
    person = make.user(name="Alix Noël")
    make_enrolment(db, person, path)
    accept(db, make_application(db, week, person), team)
    client.sign_in(person)
    page = text_of(client.get(f"/semaines/{week.id}/accueil"))
    paper = client.get(f"/semaines/{week.id}/accueil.pdf")
    words = " ".join(words_of(paper.data, tmp_path).replace("\u202f", " ").split())
    words = words.replace("\u00a0", " ")
    for said in (
        "Matinée 1", "9 h – 12 h", "Nuit du lundi 1er au mardi 2 mars", "chambre 1",
        "Bus 1, arrêt Les Imprimeurs.", "La nuit : 04 00 00 00 01", "Des draps", "A · Étape A",
        "B · Étape B",
    ):  # fmt: skip
        assert said in page, said
        assert said in words, said
    (enrolment_url,) = [part for part in page.split('"') if part.endswith(f"/etapes/{steps['A']}")]
    assert client.get(enrolment_url).status_code == 200


def test_who_reads_the_applications_is_not_asked_to_apply(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    address = f"/semaines/{week.id}/candidature/ecrire"
    assert address in text_of(client.sign_in(make.user()).get(f"/semaines/{week.id}"))
    assert address not in text_of(client.sign_in(team).get(f"/semaines/{week.id}"))


def test_home_and_the_path_lead_to_the_week(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    path = make_path(db)
    week, person = make_week(db, team, path_id=path.id), make.user()
    client.sign_in(person)
    assert f"/semaines/{week.id}" in text_of(client.get("/"))
    assert f"/semaines/{week.id}" in text_of(client.get(f"/parcours/{path.slug}"))
    application = make_application(db, week, person)
    assert "1 candidature" in text_of(client.sign_in(team).get("/"))
    accept(db, application, team)
    assert f"/semaines/{week.id}/accueil" in text_of(client.sign_in(person).get("/"))
    with clock.fixed_at(clock.to_utc(datetime(2027, 3, 10))):  # noqa: DTZ001
        assert f"/semaines/{week.id}" not in text_of(client.get("/"))


def test_weeks_that_are_over_are_asked_for(
    db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    make_week(db, team)
    with clock.fixed_at(clock.to_utc(datetime(2027, 3, 4))):  # noqa: DTZ001
        assert "Semaine Python" not in text_of(client.get("/semaines"))
        assert "Semaine Python" in text_of(client.get("/semaines?passees=1"))
    with clock.fixed_at(NOW):
        assert "Semaine Python" not in text_of(client.get("/semaines?passees=1"))


def test_the_team_moves_somebody_to_a_step_free_room_on_a_page(
    app: Flask, db: Session, make: Factory, team: User, client: LookingClient
) -> None:
    week = make_week(db, team)
    application = accept(db, make_application(db, week, make.user()), team)
    assert week.house is not None
    now = application.nights[0].room_id
    other = next(one.id for one in week.house.rooms if one.id != now)
    address = f"/semaines/candidatures/{application.id}/chambre"
    client.sign_in(team).post(address, data={"chambre": str(other)})
    db.expire_all()
    assert {night.room_id for night in application.nights} == {other}
    mail = render_mail(mails(db, "weeks_moved")[0], app.config["TIERSLIEU"])
    for body in (mail.text, mail.html):
        assert application.nights[0].room is not None
        assert application.nights[0].room.name in body
        assert f"/semaines/{week.id}/accueil" in body
    assert client.post(address, data={"chambre": "grande"}).status_code == 404
    assert MONDAY in [night.night for night in application.nights]
