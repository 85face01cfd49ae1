"""A session that moves or is called off: everybody concerned is told, nobody loses a seat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_room, make_session, plain, seats_are_kept, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import claim
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import make_email, render_mail


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


def form_of(session: LearningSession, **changes: Any) -> dict[str, Any]:
    seats = {pool.mode.value: str(pool.capacity) for pool in session.pools}
    return {
        "title": session.title,
        "day": session.starts_local.date().isoformat(),
        "starts": session.starts_local.strftime("%H:%M"),
        "ends": session.ends_local.strftime("%H:%M"),
        "room": str(session.room_id or ""),
        "onsite": seats.get("onsite", ""),
        "online": seats.get("online", ""),
        "online_link": session.online_link,
        **changes,
    }


def three_people(db: Session, make: Factory, session: LearningSession) -> list[Booking]:
    """One in the room, one in line for it, one online."""
    made = [
        claim(db, session.id, make.user().id, mode, now=NOW)
        for mode in (SeatMode.ONSITE, SeatMode.ONSITE, SeatMode.ONLINE)
    ]
    db.commit()
    return made


def mails(db: Session, template: str) -> dict[str, OutboxMessage]:
    found = db.scalars(select(OutboxMessage).where(OutboxMessage.template == template))
    return {mail.recipient: mail for mail in found}


def test_a_session_that_moves_tells_everybody_and_releases_nobody(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=1, online=1)
    booked = three_people(db, make, session)
    client.sign_in(make.user("facilitator"))
    data = form_of(session, starts="15:00", ends="18:00")
    page = text_of(client.post(f"/agenda/{session.id}/modifier", data=data, follow_redirects=True))
    assert "15 h – 18 h" in page
    told = mails(db, "bookings_changed")
    assert set(told) == {b.user.email for b in booked}
    for mail in told.values():
        text = plain(render_mail(mail, app.config["TIERSLIEU"]).text)
        assert "14 h – 17 h" in text
        assert "15 h – 18 h" in text
        assert f"/agenda/{session.id}" in text
    assert [bool(told[b.user.email].attachments) for b in booked] == [True, False, True]
    db.expire_all()
    assert [b.status.value for b in booked] == ["confirmed", "waiting", "confirmed"]
    seats_are_kept(db, session)


def test_another_room_is_told_to_those_who_come_and_a_new_title_to_nobody(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=1, online=1)
    onsite, waiting, _online = three_people(db, make, session)
    client.sign_in(make.user("facilitator"))
    address = f"/agenda/{session.id}/modifier"
    client.post(address, data=form_of(session, title="Autre titre"))
    assert mails(db, "bookings_changed") == {}
    client.post(address, data=form_of(session, room=str(make_room(db).id)))
    assert set(mails(db, "bookings_changed")) == {onsite.user.email, waiting.user.email}


def test_a_new_online_link_is_told_to_those_online_only(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=1, online=1)
    *_others, online = three_people(db, make, session)
    client.sign_in(make.user("facilitator"))
    data = form_of(session, online_link="https://visio.example.org/new")
    client.post(f"/agenda/{session.id}/modifier", data=data)
    assert set(mails(db, "bookings_changed")) == {online.user.email}


def test_more_seats_go_to_the_line_at_once(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=1, online=1, room=make_room(db, places=5))
    _onsite, waiting, _online = three_people(db, make, session)
    client.sign_in(make.user("facilitator"))
    client.post(f"/agenda/{session.id}/modifier", data=form_of(session, onsite="2"))
    db.expire_all()
    assert waiting.status is BookingStatus.CONFIRMED
    assert set(mails(db, "bookings_promoted")) == {waiting.user.email}
    seats_are_kept(db, session)


def test_fewer_seats_than_taken_are_refused_beside_the_field(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=2)
    for _n in range(2):
        claim(db, session.id, make.user().id, SeatMode.ONSITE, now=NOW)
    db.commit()
    client.sign_in(make.user("facilitator"))
    answer = client.post(f"/agenda/{session.id}/modifier", data=form_of(session, onsite="1"))
    assert answer.status_code == 422
    assert "2 personnes ont déjà leur place" in text_of(answer)
    db.expire_all()
    assert session.pools[0].capacity == 2


def test_a_session_called_off_tells_everybody_why_and_keeps_the_list(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, onsite=1, online=1)
    booked = three_people(db, make, session)
    client.sign_in(make.user("facilitator"))
    address = f"/agenda/{session.id}/annuler"
    assert "3 personnes inscrites ou en attente" in text_of(client.get(address))
    answer = client.post(address, data={"reason": " "})
    assert answer.status_code == 422
    assert "Dites pourquoi" in text_of(answer)
    page = text_of(client.post(address, data={"reason": "Panne."}, follow_redirects=True))
    assert "Cette séance est annulée." in page
    told = mails(db, "bookings_cancelled")
    assert set(told) == {b.user.email for b in booked}
    assert all("Panne." in render_mail(m, app.config["TIERSLIEU"]).text for m in told.values())
    db.expire_all()
    assert [b.status.value for b in booked] == ["confirmed", "waiting", "confirmed"]
    assert client.post(address, data={"reason": "Encore."}).status_code == 422
    assert "Annulée" in text_of(client.get("/agenda"))


@pytest.mark.parametrize("page", ["modifier", "annuler"])
def test_only_a_facilitator_changes_or_cancels(
    db: Session, make: Factory, client: LookingClient, page: str
) -> None:
    session = make_session(db)
    address = f"/agenda/{session.id}/{page}"
    assert client.post(address, data={"reason": "x"}).status_code == 302
    for role in ("learner", "researcher", "coordinator", "administrator"):
        client.sign_in(make.user(role))
        assert client.get(address).status_code == 403
        assert client.post(address, data={"reason": "x"}).status_code == 403
    client.sign_in(make.user("facilitator"))
    unknown = f"/agenda/0199aaaa-0000-7000-8000-000000000000/{page}"
    assert client.get(unknown).status_code == 404


def test_every_mail_of_bookings_reads_well_and_links_back(
    app: Flask, db: Session, make: Factory, client: LookingClient
) -> None:
    """Each template is rendered once by real events; none has a hole or a missing link."""
    from tierslieu.bookings.changes import call_off_session
    from tierslieu.bookings.rules import release

    session = make_session(db, onsite=1, online=1, bring="un stylo")
    seated, waiting, _online = three_people(db, make, session)
    leaver = claim(db, session.id, make.user().id, SeatMode.ONSITE, now=NOW)
    release(db, leaver.id, now=NOW, actor_id=leaver.user_id)
    release(db, seated.id, now=NOW, actor_id=waiting.user_id)
    db.commit()
    client.sign_in(make.user("facilitator"))
    client.post(f"/agenda/{session.id}/modifier", data=form_of(session, starts="15:00"))
    call_off_session(db, session.id, "Panne.", now=NOW)
    db.commit()
    seen = set()
    for mail in db.scalars(select(OutboxMessage)):
        words = render_mail(mail, app.config["TIERSLIEU"])
        seen.add(mail.template)
        assert "Initiation à Python" in words.subject
        assert "jeudi 26 novembre 2026" in plain(words.subject)
        for body in (words.text, words.html):
            assert "http://localhost/agenda" in body
            assert "None" not in body
            assert "{" not in body.split("</style>")[-1]
        make_email(mail, app.config["TIERSLIEU"]).as_bytes()
    assert seen == {
        "bookings_confirmed",
        "bookings_waiting",
        "bookings_promoted",
        "bookings_released",
        "bookings_changed",
        "bookings_cancelled",
    }
