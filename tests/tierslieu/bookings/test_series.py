"""Booking every date of a series at once, and giving them back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, plain, seats_are_kept, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode, Series
from tierslieu.agenda.series.rules import Scope, plan_of
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim, release
from tierslieu.bookings.series.rules import change_series, claim_series, release_series
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import make_email, render_mail
from tierslieu.people.models import User

both = pytest.mark.both_databases
ONSITE = SeatMode.ONSITE
STARTS = datetime(2026, 11, 26, 14, 0)  # noqa: DTZ001 - wall time


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def dates(db: Session) -> list[LearningSession]:
    """Three Thursdays of one seat."""
    series = Series(rule="FREQ=WEEKLY;COUNT=3")
    db.add(series)
    db.commit()
    return [
        make_session(db, starts=STARTS + timedelta(days=7 * n), onsite=1, series_id=series.id)
        for n in range(3)
    ]


def book(db: Session, dates: list[LearningSession], make: Factory) -> list[Booking]:
    booked = claim_series(db, dates[0].series_id, make.user().id, ONSITE, now=NOW)  # type: ignore[arg-type]
    db.commit()
    return list(booked.made)


@both
def test_every_date_to_come_is_booked_with_one_mail(
    app: Flask, db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    made = book(db, dates, make)
    assert [b.session_id for b in made] == [s.id for s in dates]
    assert {b.status for b in made} == {BookingStatus.CONFIRMED}
    mail = db.scalars(select(OutboxMessage)).one()
    words = render_mail(mail, app.config["TIERSLIEU"])
    for body in (words.text, words.html):
        assert "None" not in body
        assert plain(body).count("14 h – 17 h") == 3
        assert "{" not in body.split("</style>")[-1]
    (part,) = [p for p in make_email(mail, app.config["TIERSLIEU"]).walk() if p.get_filename()]
    events = Calendar.from_ical(part.get_payload(decode=True)).events
    assert sorted(str(event["uid"]) for event in events) == sorted(str(s.id) for s in dates)


@both
def test_where_a_date_is_full_one_waits_and_what_one_has_stays(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    user = make.user()
    claim(db, dates[0].id, user.id, ONSITE, now=NOW)
    claim(db, dates[1].id, make.user().id, ONSITE, now=NOW)
    dates[2].bookable_from = NOW + timedelta(hours=1)
    db.commit()
    booked = claim_series(db, dates[0].series_id, user.id, ONSITE, now=NOW)  # type: ignore[arg-type]
    db.commit()
    assert [(b.session_id, b.status) for b in booked.made] == [(dates[1].id, BookingStatus.WAITING)]
    assert [left.session for left in booked.left] == [dates[2]]
    assert "ouvrent" in booked.left[0].why
    with pytest.raises(Refused) as refused:
        claim_series(db, dates[0].series_id, user.id, ONSITE, now=NOW)  # type: ignore[arg-type]
    assert refused.value.code == "nothing_booked"
    for session in dates:
        seats_are_kept(db, session)


@both
def test_a_date_taken_in_another_window_meanwhile_leaves_the_others_booked(
    db: Session,
    make: Factory,
    dates: list[LearningSession],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was not seen when it was looked at is refused by the database, alone."""
    user = make.user()
    claim(db, dates[1].id, user.id, ONSITE, now=NOW)
    db.commit()
    monkeypatch.setattr("tierslieu.bookings.series.rules.list_of_person", lambda *args: {})
    monkeypatch.setattr("tierslieu.bookings.rules.find_active", lambda *args: None)
    booked = claim_series(db, dates[0].series_id, user.id, ONSITE, now=NOW)  # type: ignore[arg-type]
    db.commit()
    assert [b.session_id for b in booked.made] == [dates[0].id, dates[2].id]
    assert [left.session for left in booked.left] == [dates[1]]
    held = db.scalars(select(Booking.session_id).where(Booking.user_id == user.id)).all()
    assert sorted(held) == sorted(session.id for session in dates)
    for session in dates:
        seats_are_kept(db, session)


@both
def test_all_are_given_back_and_each_goes_to_its_line(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    made, waiting = book(db, dates, make), book(db, dates, make)
    assert {b.status for b in waiting} == {BookingStatus.WAITING}
    assert release_series(db, dates[0].series_id, made[0].user_id, now=NOW) == 3  # type: ignore[arg-type]
    db.commit()
    assert {b.status for b in waiting} == {BookingStatus.CONFIRMED}
    for session in dates:
        seats_are_kept(db, session)


@both
def test_a_series_that_is_over_or_unknown_books_nothing(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    for unknown, now in ((dates[0].id, NOW), (dates[0].series_id, NOW + timedelta(days=60))):
        with pytest.raises(NotYours):
            claim_series(db, unknown, make.user().id, ONSITE, now=now)  # type: ignore[arg-type]


def test_on_the_page_it_is_one_button_and_one_to_give_all_back(
    db: Session, make: Factory, client: LookingClient, dates: list[LearningSession]
) -> None:
    address = f"/agenda/{dates[0].id}"
    client.sign_in(make.user())
    page = text_of(client.get(address))
    assert "Séance 1 d’une série de 3" in page
    assert "Réserver les 3 dates à venir" in page
    done = client.post(
        f"{address}/reserver", data={"mode": "onsite", "toutes": "1"}, follow_redirects=True
    )
    assert "Votre place est confirmée à 3 dates." in text_of(done)
    assert "Libérer mes 3 dates" in text_of(done)
    again = client.post(f"{address}/reserver", data={"mode": "onsite", "toutes": "1"})
    assert again.status_code == 422
    assert "Vous avez déjà réservé toutes ces dates." in text_of(again)
    back = client.post(f"/agenda/series/{dates[0].series_id}/liberer", follow_redirects=True)
    assert "Vos 3 réservations sont libérées." in text_of(back)
    assert client.post(f"/agenda/series/{dates[0].series_id}/liberer").status_code == 404


def test_who_has_one_date_is_offered_the_others(
    db: Session, make: Factory, client: LookingClient, dates: list[LearningSession]
) -> None:
    user = make.user()
    claim(db, dates[0].id, user.id, ONSITE, now=NOW)
    claim(db, dates[1].id, make.user().id, ONSITE, now=NOW)
    db.commit()
    client.sign_in(user)
    page = text_of(client.get(f"/agenda/{dates[0].id}"))
    assert "Réserver aussi les 2 autres dates" in page
    done = client.post(
        f"/agenda/{dates[0].id}/reserver", data={"mode": "onsite", "toutes": "1"},
        follow_redirects=True,
    )  # fmt: skip
    assert "Votre place est confirmée à 1 date." in text_of(done)
    assert "1 date est complète : vous êtes sur sa liste d’attente." in text_of(done)


def events_of(app: Flask, mail: OutboxMessage) -> dict[str, Any]:
    """The calendar's events in a mail, by their session."""
    parts = make_email(mail, app.config["TIERSLIEU"]).walk()
    part = next(p for p in parts if p.get_content_type() == "text/calendar")
    events = Calendar.from_ical(part.get_payload(decode=True)).events
    return {str(event["uid"]): event for event in events}


@both
def test_a_series_that_moves_is_one_mail_to_each_with_what_was_and_what_is(
    app: Flask, db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    two = [claim(db, one.id, make.user().id, ONSITE, now=NOW) for one in dates[:1]]
    person = two[0].user
    two.append(claim(db, dates[1].id, person.id, ONSITE, now=NOW))
    single = claim(db, dates[2].id, make.user().id, ONSITE, now=NOW)
    db.commit()
    invited = {
        key: event
        for mail in db.scalars(select(OutboxMessage))
        for key, event in events_of(app, mail).items()
    }
    plan = plan_of(dates[0])
    later = replace(
        plan,
        starts_local=plan.starts_local + timedelta(hours=1),
        ends_local=plan.ends_local + timedelta(hours=1),
    )
    now = NOW + timedelta(minutes=5)
    change_series(db, dates[0].id, later, Scope.ALL, now=now)
    db.commit()
    told = list(db.scalars(select(OutboxMessage).where(OutboxMessage.template.like("%changed"))))
    assert {(mail.recipient, mail.template) for mail in told} == {
        (person.email, "bookings_series_changed"),
        (single.user.email, "bookings_changed"),
    }
    (mail,) = [one for one in told if one.template == "bookings_series_changed"]
    words = render_mail(mail, app.config["TIERSLIEU"])
    for body in (words.text, words.html):
        assert plain(body).count("14 h – 17 h") == plain(body).count("15 h – 18 h") == 2
        assert "jeudi 26 novembre 2026" in plain(body)
        assert "None" not in body
    events = events_of(app, mail)
    assert set(events) == {str(one.session_id) for one in two}
    for key, event in events.items():
        assert event["dtstart"].dt.hour == 15
        assert int(event["sequence"]) > int(invited[key]["sequence"]), "it outranks what was said"


def test_what_one_waits_for_the_morning_to_hear_or_must_answer_is_said_by_itself(
    db: Session, make: Factory, dates: list[LearningSession]
) -> None:
    first, second = make.user(), make.user()
    for one in dates:
        claim(db, one.id, first.id, ONSITE, now=NOW)
        claim(db, one.id, second.id, ONSITE, now=NOW)
    db.commit()
    near = clock.to_utc(STARTS) - timedelta(hours=4)
    release(db, _held(db, dates[0], first).id, now=near, actor_id=first.id)
    db.commit()
    assert _held(db, dates[0], second).status is BookingStatus.OFFERED
    plan = plan_of(dates[0])
    later = replace(plan, ends_local=plan.ends_local + timedelta(hours=1))
    change_series(db, dates[0].id, later, Scope.ALL, now=near)
    db.commit()
    told = db.scalars(
        select(OutboxMessage.template)
        .where(OutboxMessage.recipient == second.email, OutboxMessage.created_at == near)
        .order_by(OutboxMessage.id)
    ).all()
    assert sorted(told) == ["bookings_offered", "bookings_offered", "bookings_series_changed"]


def _held(db: Session, session: LearningSession, user: User) -> Booking:
    return db.scalars(
        select(Booking).where(Booking.session_id == session.id, Booking.user_id == user.id)
    ).one()
