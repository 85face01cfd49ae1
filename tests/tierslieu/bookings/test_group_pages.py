"""The pages of a group booking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, plain, seats_are_kept, text_of
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.groups.rules import (
    Invited,
    invite_colleagues,
)
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rendering import render_mail
from tierslieu.people.models import User

ONSITE = SeatMode.ONSITE


TWO = ["bo@ecole.example", "cy@ecole.example"]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(name="Ada Lovelace", email="ada@ecole.example")


@pytest.fixture
def session(db: Session) -> LearningSession:
    return make_session(db, onsite=3)


def invite(
    db: Session, session: LearningSession, user: User, emails: list[str] | None = None, **more: Any
) -> list[Invited]:
    made = invite_colleagues(db, session.id, user.id, ONSITE, emails or TWO, **{"now": NOW, **more})
    db.commit()
    return made


def test_from_the_page_of_a_session_to_the_seat_in_another_s_name(
    app: Flask, db: Session, make: Factory, client: LookingClient, ada: User,
    session: LearningSession,
) -> None:  # fmt: skip
    client.sign_in(ada)
    address = f"/agenda/{session.id}"
    assert f"{address}/collegues" in client.get(address).text
    sent = {"emails": "bo@ecole.example; cy@ecole.example", "mode": "onsite"}
    done = client.post(f"{address}/collegues", data=sent, follow_redirects=True)
    assert "2 places sont gardées ; un mail vient de partir à chacun." in text_of(done)
    assert "bo@ecole.example" in text_of(done)
    mail = db.scalars(
        select(OutboxMessage).where(OutboxMessage.recipient == "bo@ecole.example")
    ).one()
    words = render_mail(mail, app.config["TIERSLIEU"])
    link = str(mail.context["path"])
    for body in (words.text, words.html):
        assert f"http://localhost{link}" in body
        assert "Ada Lovelace" in body
        assert "None" not in body
        assert "{" not in body.split("</style>")[-1]
    visitor = app.test_client()
    page = visitor.get(link)
    assert "Ada Lovelace vous la garde jusqu’à" in text_of(page)
    assert "Créer un compte" in text_of(page)
    assert "bo@ecole.example" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    away = visitor.post(link, data={"geste": "prendre"})
    assert "/login" in away.location
    secret = link.rpartition("/")[2]
    assert secret not in away.location
    assert secret not in visitor.post(link, data={"geste": "inscrire"}).location
    assert visitor.get("/reservations/invitation").location == link
    assert visitor.get("/reservations/invitation").location == "/agenda"  # once, by this browser
    bo = make.user(name="Bo")
    taken = client.sign_in(bo).post(link, data={"geste": "prendre"}, follow_redirects=True)
    assert "Votre place est confirmée." in text_of(taken)
    assert "Cette place n’est plus gardée" in text_of(client.get(link))
    seats_are_kept(db, session)


def test_leaving_the_seat_needs_no_account(
    db: Session, client: LookingClient, ada: User, session: LearningSession
) -> None:
    one, _two = invite(db, session, ada)
    link = f"/reservations/invitation/{one.secret}"
    done = client.post(link, data={"geste": "laisser"}, follow_redirects=True)
    assert "C’est noté : la place va à quelqu’un d’autre." in text_of(done)
    seats_are_kept(db, session)
    for unknown in ("x", "x" * 64):
        assert client.get(f"/reservations/invitation/{unknown}").status_code == 404
        assert client.post(f"/reservations/invitation/{unknown}").status_code == 404


def test_a_wrong_list_comes_back_with_what_was_typed(
    db: Session, client: LookingClient, ada: User, session: LearningSession
) -> None:
    client.sign_in(ada)
    address = f"/agenda/{session.id}/collegues"
    wrong = client.post(address, data={"emails": "bo@ecole.example\nrien", "mode": "onsite"})
    assert wrong.status_code == 422
    assert "« rien » n’est pas une adresse complète." in text_of(wrong)
    assert "bo@ecole.example\nrien</textarea>" in wrong.text.replace("\r", "")
    assert client.post(address, data={"emails": "", "mode": "onsite"}).status_code == 422


def test_the_page_gives_back_what_one_keeps_and_shows_it_to_nobody_else(
    db: Session, make: Factory, client: LookingClient, ada: User, session: LearningSession
) -> None:
    one, _two = invite(db, session, ada)
    address = f"/agenda/{session.id}"
    give_back = f"/reservations/places-gardees/{one.invitation.id}/rendre"
    team = client.sign_in(make.user("facilitator"))
    page = text_of(team.get(address))
    assert "bo@ecole.example" not in page
    assert "2 places sont gardées pour des personnes invitées" in page
    assert team.post(give_back).status_code == 404
    client.sign_in(ada)
    assert plain("bo@ecole.example") in text_of(client.get(address))
    assert "La place est rendue." in text_of(client.post(give_back, follow_redirects=True))
    seats_are_kept(db, session)
