"""When a room is open: on its card, and when somebody plans a session in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, text_of
from tierslieu import clock
from tierslieu.admin.place.rules import save_section
from tierslieu.agenda.hours import Week, parse_spans
from tierslieu.agenda.models import Room
from tierslieu.agenda.places.rules import close_room, reopen_room, save_settings
from tierslieu.agenda.planning import Plan
from tierslieu.agenda.rules import edit_session, plan_session
from tierslieu.agenda.series.rules import Every, check_days, list_days, plan_of, plan_series
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR, Audience
from tierslieu.place.said import Section

both = pytest.mark.both_databases
THURSDAY = datetime(2026, 11, 26, 14, 0)  # noqa: DTZ001 - wall time


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def room(db: Session) -> Room:
    """Open on working days from nine to six."""
    spans = parse_spans("9-18")
    return make_room(db, name="salle Ada", opening=Week((spans,) * 5 + ((), ())).kept())


def a_plan(room: Room, starts: datetime = THURSDAY, hours: int = 3, **more: object) -> Plan:
    return Plan(
        "Initiation à Python",
        starts,
        starts + timedelta(hours=hours),
        room_id=room.id,
        onsite=3,
        **more,  # type: ignore[arg-type]
    )


def refusal(db: Session, plan: Plan, make: Factory) -> Refused:
    with pytest.raises(Refused) as refused:
        plan_session(db, plan, now=NOW, actor_id=make.user(FACILITATOR).id)
    db.rollback()
    return refused.value


@both
def test_a_session_outside_the_hours_is_planned_by_who_says_that_they_know(
    db: Session, make: Factory, room: Room
) -> None:
    evening = a_plan(room, THURSDAY + timedelta(hours=3))
    refused = refusal(db, evening, make)
    assert (refused.code, refused.field) == ("unusual", "anyway")
    assert "est ouverte 9 h – 18 h ce jour-là" in refused.message.replace("\u00a0", " ")
    known = replace(evening, anyway=True)
    plan_session(db, known, now=NOW, actor_id=make.user(FACILITATOR).id)
    db.commit()
    plan_session(db, a_plan(room), now=NOW, actor_id=make.user(FACILITATOR).id)


@both
def test_where_the_place_says_so_it_is_refused_whoever_knows(
    db: Session, make: Factory, room: Room
) -> None:
    save_settings(db, school_zone="B", classes=Week(), refuses_closed=True)
    db.commit()
    saturday = a_plan(room, THURSDAY + timedelta(days=2), anyway=True)
    refused = refusal(db, saturday, make)
    assert (refused.code, refused.field) == ("room_closed", "room")
    assert refused.message.startswith("Salle Ada n’ouvre pas ce jour de la semaine")


@both
def test_a_closure_holds_from_its_first_day_to_its_last(
    db: Session, make: Factory, room: Room
) -> None:
    closure = close_room(db, room.id, date(2026, 11, 25), date(2026, 11, 26), "travaux")
    db.commit()
    assert "(travaux)" in refusal(db, a_plan(room), make).message
    friday = a_plan(room, THURSDAY + timedelta(days=1))
    plan_session(db, friday, now=NOW, actor_id=make.user(FACILITATOR).id)
    db.commit()
    assert reopen_room(db, closure.id) == room.id
    db.commit()
    db.expire_all()
    plan_session(db, a_plan(room), now=NOW, actor_id=make.user(FACILITATOR).id)
    with pytest.raises(NotYours):
        reopen_room(db, room.id)


@both
@pytest.mark.parametrize("refuses_closed", [False, True])
def test_a_session_that_ends_at_midnight_is_not_held_on_the_day_of_closure_after_it(
    db: Session, make: Factory, refuses_closed: bool
) -> None:
    save_settings(db, school_zone="B", classes=Week(), refuses_closed=refuses_closed)
    always = make_room(db, name="salle Nuit")  # open at any hour
    close_room(db, always.id, date(2026, 11, 27), date(2026, 11, 27), "travaux")
    db.commit()
    evening = THURSDAY.replace(hour=21)
    assert "(travaux)" in refusal(db, a_plan(always, evening, hours=4), make).message
    session = plan_session(
        db, a_plan(always, evening, hours=3), now=NOW, actor_id=make.user(FACILITATOR).id
    )
    db.commit()
    assert session.ends_local == datetime(2026, 11, 27)  # noqa: DTZ001 - wall time


@both
def test_a_closure_ends_after_it_begins_and_within_a_year(db: Session, room: Room) -> None:
    for last in (date(2026, 11, 24), date(2029, 1, 1)):
        with pytest.raises(Refused) as refused:
            close_room(db, room.id, date(2026, 11, 25), last, "")
        assert refused.value.field == "last"


@both
def test_a_change_that_moves_nothing_asks_nothing(db: Session, make: Factory, room: Room) -> None:
    late = a_plan(room, THURSDAY + timedelta(hours=3), anyway=True)
    session = plan_session(db, late, now=NOW, actor_id=make.user(FACILITATOR).id)
    db.commit()
    edit_session(db, session.id, replace(plan_of(session), title="Autre titre"), now=NOW)
    later = plan_of(session).ends_local + timedelta(hours=1)
    with pytest.raises(Refused) as refused:
        edit_session(db, session.id, replace(plan_of(session), ends_local=later), now=NOW)
    assert refused.value.code == "unusual"


@both
def test_a_series_names_the_dates_concerned_and_plans_those_that_are_kept(
    db: Session, make: Factory, room: Room
) -> None:
    actor_id, plan = make.user(FACILITATOR).id, a_plan(room)
    close_room(db, room.id, date(2026, 12, 1), date(2026, 12, 4), "inventaire")
    db.commit()
    days = list_days(Every.WEEK, THURSDAY.date(), 3)
    found = check_days(db, plan, days, now=NOW, actor_id=actor_id)
    db.rollback()
    assert [bool(one.unusual) for one in found] == [False, True, False]
    assert not any(one.problem for one in found)
    made = plan_series(db, plan, Every.WEEK, days, now=NOW, actor_id=actor_id)
    assert len(made) == 3


def test_a_session_for_teachers_at_an_hour_of_class_asks_whether_one_knows(
    db: Session, make: Factory, room: Room
) -> None:
    refused = refusal(db, a_plan(room, audience=Audience.TEACHER), make)
    assert "heure de classe" in refused.message
    wednesday = a_plan(room, THURSDAY - timedelta(days=1), audience=Audience.TEACHER)
    plan_session(db, wednesday, now=NOW, actor_id=make.user(FACILITATOR).id)


def test_the_form_warns_and_plans_at_the_second_asking(
    db: Session, make: Factory, client: LookingClient, room: Room
) -> None:
    facilitator = make.user(FACILITATOR)
    client.sign_in(facilitator)
    fresh = text_of(client.get("/agenda/nouvelle"))
    assert "salle Ada : lundi à vendredi : 9 h – 18 h" in fresh
    assert "Vacances de Noël (zone B)" in fresh
    assert "planifier quand même" not in fresh
    form = {
        "title": "Tard", "day": "2026-11-26", "starts": "17:00", "ends": "20:00",
        "room": str(room.id), "onsite": "4", "facilitators": str(facilitator.id),
        "admission": "open",
    }  # fmt: skip
    warned = client.post("/agenda/nouvelle", data=form)
    assert warned.status_code == 422
    assert "Je le sais : planifier quand même" in text_of(warned)
    done = client.post("/agenda/nouvelle", data=form | {"anyway": "y"}, follow_redirects=True)
    assert "La séance est à l’agenda" in text_of(done)


def test_a_series_shows_what_is_unusual_unticked(
    db: Session, make: Factory, client: LookingClient, room: Room
) -> None:
    facilitator = make.user(FACILITATOR)
    client.sign_in(facilitator)
    close_room(db, room.id, date(2026, 12, 1), date(2026, 12, 4), "inventaire")
    db.commit()
    form = {
        "title": "Jeudis", "day": "2026-11-26", "starts": "14:00", "ends": "16:00",
        "room": str(room.id), "onsite": "4", "facilitators": str(facilitator.id),
        "admission": "open", "repeat": "week", "times": "3",
    }  # fmt: skip
    page = text_of(client.post("/agenda/nouvelle", data=form))
    assert "(inventaire)" in page
    assert page.count('name="dates"') == 3
    assert page.count(" checked") == 2


def test_the_team_says_when_a_room_is_open_and_closed(
    db: Session, make: Factory, client: LookingClient, room: Room
) -> None:
    client.sign_in(make.user(FACILITATOR))
    assert "Ouverte : lundi à vendredi : 9 h – 18 h" in text_of(client.get("/salles"))
    form = {"name": "salle Ada", "places": "12", "monday": "10-12, 14-16"}
    client.post(f"/salles/{room.id}", data=form)
    assert "lundi : 10 h – 12 h, 14 h – 16 h" in text_of(client.get("/salles"))
    assert 'value="10 h – 12 h, 14 h – 16 h"' in text_of(client.get(f"/salles/{room.id}"))
    address = f"/salles/{room.id}/fermetures"
    wrong = {"first": "2026-12-04", "last": "2026-12-01"}
    assert client.post(address, data=wrong).status_code == 422
    past = {"first": "2026-01-04", "last": "2026-01-05"}
    assert "Ce jour est déjà passé" in text_of(client.post(address, data=past))
    closed = {"first": "2026-12-01", "last": "2026-12-04", "why": "inventaire"}
    done = client.post(address, data=closed, follow_redirects=True)
    assert "La fermeture est notée." in text_of(done)
    assert "Fermée : 1er décembre 2026 – 4 décembre 2026 · inventaire" in text_of(
        client.get("/salles")
    )
    db.refresh(room)
    (closure,) = room.closures
    client.post(address, data=closed | {"why": "peinture"})
    db.refresh(room)
    assert [one.why for one in room.closures] == ["peinture"]  # the same days, once
    back = client.post(f"/salles/fermetures/{closure.id}/oter", follow_redirects=True)
    assert "La fermeture est ôtée." in text_of(back)
    assert client.post(f"/salles/fermetures/{closure.id}/oter").status_code == 404


def test_one_goes_back_from_the_dates_of_a_series_to_all_that_one_typed(
    make: Factory, client: LookingClient, room: Room
) -> None:
    client.sign_in(make.user(FACILITATOR))
    form = {"title": "Jeudis", "day": "2026-11-26", "repeat": "week", "times": "3"}
    page = client.post("/agenda/nouvelle", data=form | {"revenir": "1"})
    assert page.status_code == 200
    assert 'value="Jeudis"' in text_of(page)
    assert 'value="3"' in text_of(page)


def close_place(db: Session, make: Factory, first: str, last: str, why: str = "") -> None:
    """The whole place is closed on these days."""
    closed = [{"first": first, "last": last, "why": why}]
    who = make.user("administrator").id
    said = {"week": {}, "closed": closed}
    save_section(db, Section.HOURS, said, seen=0, author_id=who, now=NOW)
    db.commit()


@both
def test_who_plans_on_a_day_on_which_the_place_is_closed_is_told_first(
    db: Session, make: Factory, room: Room
) -> None:
    close_place(db, make, "2026-11-25", "2026-11-26", "inventaire")
    refused = refusal(db, a_plan(room), make)
    assert (refused.code, refused.field) == ("unusual", "anyway")
    assert "Le lieu est fermé\u00a0:" in refused.message
    assert "(inventaire)" in refused.message
    known = a_plan(room, anyway=True)
    session = plan_session(db, known, now=NOW, actor_id=make.user(FACILITATOR).id)
    db.commit()
    checked = check_days(
        db,
        replace(plan_of(session), anyway=False),
        [date(2026, 12, 3)],
        now=NOW,
        actor_id=make.user(FACILITATOR).id,
    )
    assert checked[0].unusual == ""
    online = Plan(
        "En ligne",
        THURSDAY,
        THURSDAY + timedelta(hours=1),
        online=3,
        online_link="https://visio.example/a",
    )
    plan_session(db, online, now=NOW, actor_id=make.user(FACILITATOR).id)


@both
def test_where_the_place_refuses_what_is_closed_its_own_closures_refuse_too(
    db: Session, make: Factory, room: Room
) -> None:
    close_place(db, make, "2026-11-26", "2026-11-26")
    save_settings(db, school_zone="B", classes=Week(), refuses_closed=True)
    db.commit()
    refused = refusal(db, a_plan(room, anyway=True), make)
    assert (refused.code, refused.field) == ("place_closed", "day")


def test_the_agenda_says_on_which_days_the_place_is_closed(
    db: Session, make: Factory, client: LookingClient
) -> None:
    close_place(db, make, "2026-11-25", "2026-11-26", "inventaire")
    for page in ("jour/2026-11-26", "semaine/2026-W48", "mois/2026-11"):
        assert "Lieu fermé : inventaire" in text_of(client.get(f"/agenda/{page}")), page
    assert "Lieu fermé" not in text_of(client.get("/agenda/jour/2026-11-27"))


def test_who_closes_the_place_sees_what_stands_on_those_days(
    db: Session, make: Factory, client: LookingClient, room: Room
) -> None:
    for days in (0, 7):
        moment = THURSDAY + timedelta(days=days)
        plan_session(db, a_plan(room, moment), now=NOW, actor_id=make.user(FACILITATOR).id)
    db.commit()
    client.sign_in(make.user("administrator"))
    form = {"seen": "0", "first": "2026-11-23", "last": "2026-11-26", "why": ""}
    page = client.post("/administration/lieu/fermetures", data=form, follow_redirects=True)
    assert "1 séance est prévue ces jours-là" in text_of(page)
    assert "/agenda/semaine/2026-W48" in page.text
