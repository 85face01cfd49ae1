"""Half-days noted under an address before it had an account are found again by who proves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, text_of
from tierslieu import clock
from tierslieu.attendance.claims.queries import list_claimable
from tierslieu.attendance.claims.rules import claim_lines, decline_lines
from tierslieu.attendance.models import Attendance, Presence
from tierslieu.attendance.rules import RollEntry, note_presence

pytestmark = pytest.mark.both_databases
THEN = NOW + timedelta(days=7, hours=5)
ADDRESS = "maelle@example.org"


@pytest.fixture(autouse=True)
def _then() -> Iterator[None]:
    with clock.fixed_at(THEN + timedelta(days=1)):
        yield


def walk_in(db: Session, make: Factory, count: int = 1) -> list[Attendance]:
    """Maëlle came to that many sessions before she had an account."""
    leader, guest = make.user("facilitator"), RollEntry(Presence.PRESENT, None, "Maëlle", ADDRESS)
    lines = []
    for _session in range(count):
        session = make_session(db)
        lines += note_presence(db, session.id, [guest], now=THEN, actor_id=leader.id)
    db.commit()
    return lines


def test_who_proves_the_address_is_asked_and_takes_them_over(
    db: Session, make: Factory, client: LookingClient
) -> None:
    lines = walk_in(db, make, 2)
    user = make.user(email=ADDRESS)
    client.sign_in(user)
    assert "2 demi-journées ont été notées à votre adresse" in text_of(client.get("/"))
    page = text_of(client.get("/emargement/retrouver"))
    assert page.count("au nom de Maëlle") == 2
    done = client.post("/emargement/retrouver", data={"reponse": "oui"}, follow_redirects=True)
    assert "2 demi-journées sont dans vos présences." in text_of(done)
    db.expire_all()
    assert {(line.user_id, line.guest_name, line.guest_email) for line in lines} == {
        (user.id, "", "")
    }
    assert "Rien à retrouver" in text_of(client.get("/emargement/retrouver"))


def test_an_address_that_is_not_proved_finds_nothing(db: Session, make: Factory) -> None:
    walk_in(db, make)
    user = make.user(email=ADDRESS, confirmed_at=None)
    other = make.user()
    assert list_claimable(db, user.id) == list_claimable(db, other.id) == []
    assert claim_lines(db, user.id) == 0
    db.commit()
    assert db.scalars(select(Attendance.user_id)).all() == [None]


def test_an_account_that_did_not_prove_the_address_is_given_nothing_at_the_door(
    db: Session, make: Factory
) -> None:
    user = make.user(email=ADDRESS, confirmed_at=None)
    (line,) = walk_in(db, make)
    assert (line.user_id, line.guest_email) == (None, ADDRESS)
    user.confirmed_at = THEN
    db.commit()
    assert list_claimable(db, user.id) == [line]


def test_who_says_no_is_not_asked_again(db: Session, make: Factory, client: LookingClient) -> None:
    (line,) = walk_in(db, make)
    user = make.user(email=ADDRESS)
    client.sign_in(user)
    client.post("/emargement/retrouver", data={"reponse": "non"})
    db.expire_all()
    assert (line.user_id, line.guest_name) == (None, "Maëlle")
    assert list_claimable(db, user.id) == []
    assert client.post("/emargement/retrouver", data={"reponse": "?"}).status_code == 400


def test_a_half_day_one_has_already_is_not_offered(db: Session, make: Factory) -> None:
    (line,) = walk_in(db, make)
    user, leader = make.user(email="autre@example.org"), make.user("facilitator")
    own = RollEntry(Presence.PRESENT, user.id)
    note_presence(db, line.session_id, [own], now=THEN, actor_id=leader.id)
    user.email = ADDRESS
    db.commit()
    assert list_claimable(db, user.id) == []
    assert decline_lines(db, user.id) == 0
