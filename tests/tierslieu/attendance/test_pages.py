"""The roll, as a facilitator calls it on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.bookings.rules import claim
from tierslieu.people.models import User

THEN = NOW + timedelta(days=7, hours=5)  # the session begins


@pytest.fixture(autouse=True)
def _then() -> Iterator[None]:
    with clock.fixed_at(THEN):
        yield


def listed(*users: object, was: str = "none") -> list[str]:
    return [f"{user.id} {was}" for user in users]  # type: ignore[attr-defined]


def test_the_roll_is_called_with_ticks_and_one_button(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db)
    here, sorry, away = make.user(), make.user(), make.user()
    for user in (here, sorry, away):
        claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator"))
    page = client.get(f"/agenda/{session.id}/appel").get_data(as_text=True)
    assert page.count('type="checkbox" name="present"') == 3
    assert "Enregistrer l’appel" in page
    assert "première fois au tiers-lieu" in page
    data = {
        "listed": listed(here, sorry, away),
        "present": [str(here.id)],
        "excused": [str(sorry.id)],
    }
    page = text_of(client.post(f"/agenda/{session.id}/appel", data=data, follow_redirects=True))
    assert "1 présence sur 3" in page
    noted = {line.user_id: line.presence for line in db.scalars(select(Attendance))}
    assert noted == {
        here.id: Presence.PRESENT,
        sorry.id: Presence.EXCUSED,
        away.id: Presence.ABSENT,
    }


def test_someone_who_walks_in_joins_the_roll_with_the_ticks_kept(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, booked = make_session(db, online=3), make.user()
    claim(db, session.id, booked.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator"))
    data = {
        "listed": listed(booked),
        "present": [str(booked.id)],
        "guest_name": "Maëlle Le Goff",
        "guest_email": "maelle@example.org",
        "guest_mode": "online",
    }
    page = text_of(client.post(f"/agenda/{session.id}/appel", data=data, follow_redirects=True))
    assert "2 présences sur 2" in page
    assert "Maëlle Le Goff" in page
    assert "en ligne · première fois au tiers-lieu · sans réservation" in page
    # Unticked in a second pass: the guest's line is corrected, not doubled.
    data = {"listed": [*listed(booked, was="present"), "maelle@example.org present"]}
    data["present"] = [str(booked.id)]
    page = text_of(client.post(f"/agenda/{session.id}/appel", data=data, follow_redirects=True))
    assert "1 présence sur 2" in page


@pytest.mark.parametrize(
    ("name", "email", "sentence"),
    [
        ("Maëlle", "", "Notez aussi l’adresse"),
        ("Maëlle", "maelle", "Cette adresse ne semble pas complète"),
        ("", "maelle@example.org", "Notez aussi le nom"),
    ],
)
def test_a_walk_in_noted_badly_is_said_beside_its_field_and_nothing_is_written(
    db: Session, make: Factory, client: LookingClient, name: str, email: str, sentence: str
) -> None:
    session, booked = make_session(db), make.user()
    claim(db, session.id, booked.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator"))
    data = {
        "listed": listed(booked),
        "present": [str(booked.id)],
        "guest_name": name,
        "guest_email": email,
    }
    answer = client.post(f"/agenda/{session.id}/appel", data=data)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert f'value="{booked.id}" checked' in answer.get_data(as_text=True)


def test_how_a_walk_in_takes_part_is_kept_when_the_roll_is_shown_again(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, online=3)
    client.sign_in(make.user("facilitator"))
    data = {"guest_email": "maelle@example.org", "guest_mode": "online"}
    answer = client.post(f"/agenda/{session.id}/appel", data=data)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'name="guest_mode" value="online" checked' in page
    assert 'name="guest_mode" value="onsite" checked' not in page
    fresh = client.get(f"/agenda/{session.id}/appel").get_data(as_text=True)
    assert 'name="guest_mode" value="onsite" checked' in fresh
    assert db.scalars(select(Attendance)).all() == []


def test_an_accent_does_not_send_a_name_to_the_end_of_the_roll(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db)
    for name in ("Zoé", "Émilie", "Denis"):
        claim(db, session.id, make.user(name=name).id, SeatMode.ONSITE, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator", name="Fatou"))
    for address in (f"/agenda/{session.id}/appel", f"/agenda/{session.id}"):
        page = text_of(client.get(address))
        assert page.index("Denis") < page.index("Émilie") < page.index("Zoé"), address


@pytest.mark.parametrize("was", ["none", "absent"])
def test_two_who_call_the_roll_at_once_do_not_undo_each_other(
    db: Session, make: Factory, client: LookingClient, was: str
) -> None:
    session, first, second = make_session(db), make.user(), make.user()
    for user in (first, second):
        claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator"))
    address = f"/agenda/{session.id}/appel"
    if was == "absent":
        client.post(address, data={"listed": listed(first, second)})
    # Both pages show nobody there; one ticks the first, the other the second.
    for user in (first, second):
        client.post(
            address,
            data={"listed": listed(first, second, was=was), "present": [str(user.id)]},
        )
    assert {line.presence for line in db.scalars(select(Attendance))} == {Presence.PRESENT}


def test_a_day_session_has_a_roll_for_each_half_day(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db, starts=datetime(2026, 11, 26, 9), hours=8), make.user()  # noqa: DTZ001
    claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator"))
    page = client.get(f"/agenda/{session.id}/appel").get_data(as_text=True)
    assert 'name="demi" value="2026-11-26-pm"' in page  # at 14 h, the afternoon's
    assert "Matin" in page
    data = {"demi": "2026-11-26-am", "listed": listed(user), "present": [str(user.id)]}
    client.post(f"/agenda/{session.id}/appel", data=data)
    assert [line.half for line in db.scalars(select(Attendance))] == [Half.MORNING]


def test_while_people_still_come_the_roll_says_who_is_noted_absent_and_how_to_mend_it(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, (one, other, third) = make_session(db), (make.user(), make.user(), make.user())
    for user in (one, other, third):
        claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator"))
    address = f"/agenda/{session.id}/appel"

    def said(*present: User) -> str:
        shown = re.findall(r'name="listed" value="([^"]+)"', client.get(address).text)
        data = {"listed": shown, "present": [str(user.id) for user in present]}
        return text_of(client.post(address, data=data, follow_redirects=True))

    early = session.starts_at - timedelta(minutes=20)
    with clock.fixed_at(early):
        assert "2 personnes sont notées absentes : si l’une d’elles arrive" in said(one)
    with clock.fixed_at(early + timedelta(minutes=5)):
        assert "Une personne est notée absente : si elle arrive" in said(one, other)
    with clock.fixed_at(early + timedelta(minutes=10)):
        assert "notée absente" not in said(one, other, third)
    with clock.fixed_at(session.ends_at + timedelta(minutes=1)):
        page = said(one)
    assert "L’appel est enregistré." in page
    assert "si l’une d’elles arrive" not in page


def test_the_roll_waits_for_its_hour_and_says_when(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session, user = make_session(db), make.user()
    client.sign_in(make.user("facilitator"))
    with clock.fixed_at(THEN - timedelta(hours=2)):
        page = text_of(client.get(f"/agenda/{session.id}/appel"))
        assert "L’appel ouvre une demi-heure avant le début, jeudi 26 novembre à 13 h 30." in page
        data = {"listed": listed(user), "present": [str(user.id)]}
        answer = client.post(f"/agenda/{session.id}/appel", data=data)
        assert answer.status_code == 422
    assert db.scalars(select(Attendance)).all() == []


def test_only_a_facilitator_calls_the_roll(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db)
    address = f"/agenda/{session.id}/appel"
    assert client.get(address).status_code == 302
    for role in ("learner", "researcher", "coordinator", "administrator"):
        client.sign_in(make.user(role))
        assert client.get(address).status_code == 403
        assert client.post(address, data={}).status_code == 403


def test_a_cancelled_or_unknown_session_has_no_roll(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, cancelled_at=NOW)
    client.sign_in(make.user("facilitator"))
    assert "il n’y a pas d’appel" in text_of(client.get(f"/agenda/{session.id}/appel"))
    unknown = "/agenda/0199aaaa-0000-7000-8000-000000000000/appel"
    assert client.get(unknown).status_code == 404
