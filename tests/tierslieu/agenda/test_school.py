"""The school year: holidays of the place's zone, hours of class, and what is not known."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, plain, text_of
from tierslieu import clock
from tierslieu.agenda.hours import Week
from tierslieu.agenda.models import CLASS_HOURS
from tierslieu.agenda.places.rules import save_settings
from tierslieu.agenda.school import SchoolYear
from tierslieu.people.models import FACILITATOR, Audience

YEAR = SchoolYear("B", Week.read(CLASS_HOURS))
CHRISTMAS = date(2026, 12, 21)


def at(month: int, day: int, hour: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour)  # noqa: DTZ001 - wall time


def test_holidays_are_those_of_the_zone() -> None:
    winter = [date(2027, 2, 8) + timedelta(days=n) for n in range(42)]
    by_zone = {z: set(SchoolYear(z, Week()).holidays(winter)) for z in "ABC"}
    assert all(by_zone.values())
    assert len({frozenset(days) for days in by_zone.values()}) == 3
    assert YEAR.holidays([CHRISTMAS]) == {CHRISTMAS: "Vacances de Noël"}
    assert SchoolYear("", Week()).holidays([CHRISTMAS]) == {}


def test_beyond_what_is_published_holidays_are_unknown_and_said_to_be(app: Flask) -> None:
    late = date(2029, 3, 6)
    assert YEAR.holidays([late]) == {late: ""}
    with app.test_request_context():
        assert YEAR.say(late, "") == "Vacances scolaires inconnues si loin"
        assert "ne sont pas connues" in YEAR.say_class(at(3, 6, 9, 2029), at(3, 6, 11, 2029))


def test_holidays_of_a_month_are_said_once(app: Flask) -> None:
    days = [date(2026, 12, n) for n in range(1, 32)]
    with app.test_request_context():
        (said,) = YEAR.spans(days)
    assert plain(said) == "Vacances de Noël (zone B) : 19 décembre 2026 – 3 janvier 2027"


@pytest.mark.parametrize(
    ("starts", "ends", "has_class"),
    [
        (at(11, 26, 9), at(11, 26, 11), True),
        (at(11, 26, 17), at(11, 26, 19), True),  # the last half-hour
        (at(11, 26, 18), at(11, 26, 20), False),
        (at(11, 25, 14), at(11, 25, 17), False),  # Wednesday afternoon
        (at(11, 25, 9), at(11, 25, 11), True),
        (at(11, 28, 9), at(11, 28, 11), False),  # Saturday
        (at(12, 22, 9), at(12, 22, 11), False),  # holidays
        (at(11, 11, 9), at(11, 11, 11), False),  # a public holiday
    ],
)
def test_classes_are_held_in_class_hours_outside_holidays(
    app: Flask, starts: datetime, ends: datetime, has_class: bool
) -> None:
    with app.test_request_context():
        assert YEAR.has_class(starts, ends) is has_class


def test_calendars_say_holidays_and_class_hours_in_words(client: LookingClient) -> None:
    week = text_of(client.get("/agenda/semaine/2026-W52"))
    assert "Vacances de Noël (zone B)" in week
    assert "19 décembre 2026 – 3 janvier 2027" in week  # whole, though the week is a part of them
    assert "Heures de classe" not in week  # no school day at all
    month = text_of(client.get("/agenda/mois/2026-12"))
    assert "Vacances de Noël (zone B) : 19 décembre 2026 – 3 janvier 2027" in month
    assert "mercredi : 8 h – 12 h" in month
    assert "Vacances de Noël (zone B)" in text_of(client.get("/agenda/jour/2026-12-22"))
    assert "Vacances scolaires inconnues si loin" in text_of(client.get("/agenda/mois/2029-03"))


def test_a_session_for_teachers_at_an_hour_of_class_says_so_to_all_who_read_it(
    db: Session, client: LookingClient
) -> None:
    with clock.fixed_at(NOW):
        meant = make_session(db, audience=Audience.TEACHER)  # a Thursday at two
        other = make_session(db, title="Pour tout le monde")
        assert "Heure de classe" in text_of(client.get(f"/agenda/{meant.id}"))
        assert "Heure de classe" not in text_of(client.get(f"/agenda/{other.id}"))
        assert text_of(client.get("/agenda")).count("Heure de classe") == 1


def test_the_zone_and_the_hours_are_the_teams_to_set(
    db: Session, make: Factory, client: LookingClient
) -> None:
    client.sign_in(make.user(FACILITATOR))
    page = text_of(client.get("/agenda/reglages"))
    assert 'value="8 h – 12 h, 13 h 30 – 17 h 30"' in page
    form = {"school_zone": "C", "monday": "9-12", "refuses_closed": "y"}
    wrong = client.post("/agenda/reglages", data=form | {"monday": "le matin"})
    assert wrong.status_code == 422
    assert 'value="le matin"' in text_of(wrong)
    done = client.post("/agenda/reglages", data=form, follow_redirects=True)
    assert "C’est réglé" in text_of(done)
    assert 'value="9 h – 12 h"' in text_of(done)
    assert "(zone C)" in text_of(client.get("/agenda/mois/2026-12"))


@pytest.mark.both_databases
def test_settings_are_one_row_however_often_they_are_saved(db: Session) -> None:
    for zone in ("A", "C"):
        save_settings(db, school_zone=zone, classes=Week(), refuses_closed=False)
        db.commit()
    from tierslieu.agenda.queries import read_settings

    assert read_settings(db).school_zone == "C"
