"""The page of a session: what its reader has at the same hour, and how the team writes to all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy.orm import Session

from tests.support.client import LookingClient
from tests.support.factories import Factory
from tests.support.sessions import NOW, make_session, text_of
from tierslieu import clock
from tierslieu.agenda.models import SeatMode
from tierslieu.bookings.rules import claim

ONSITE = SeatMode.ONSITE


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


def test_who_has_a_seat_at_the_same_time_reads_it_before_booking_and_after(
    db: Session, make: Factory, client: LookingClient
) -> None:
    day = NOW.replace(tzinfo=None, hour=14, minute=0) + timedelta(days=3)
    first = make_session(db, title="Le Web", starts=day)
    during = make_session(db, title="Les robots", starts=day + timedelta(hours=2))
    after = make_session(db, title="La suite", starts=day + timedelta(hours=3))
    user = make.user()
    claim(db, first.id, user.id, ONSITE, now=NOW)
    db.commit()
    words = f'vous avez une place à : <a href="/agenda/{first.id}">Le Web</a>, 14 h – 17 h.'
    assert words not in text_of(client.get(f"/agenda/{during.id}"))
    client.sign_in(user)
    assert words not in text_of(client.get(f"/agenda/{after.id}"))
    assert words not in text_of(client.get(f"/agenda/{first.id}"))
    assert words in text_of(client.get(f"/agenda/{during.id}"))
    assert words in text_of(
        client.post(f"/agenda/{during.id}/reserver", data={"mode": "onsite"}, follow_redirects=True)
    )


def test_a_facilitator_writes_to_those_who_have_a_seat_and_to_them_alone(
    db: Session, make: Factory, client: LookingClient
) -> None:
    session = make_session(db, title="Le Web & nous", onsite=2)
    team = make.user("facilitator")
    client.sign_in(team)
    empty = client.get(f"/agenda/{session.id}").text
    assert "Écrire aux personnes inscrites" not in empty
    one, other, waiting = (make.user() for _ in range(3))
    for n, user in enumerate((one, other, waiting)):
        claim(db, session.id, user.id, ONSITE, now=NOW + timedelta(seconds=n))
    db.commit()
    page = client.get(f"/agenda/{session.id}").text
    link = re.search(r'href="(mailto:[^"]+)"', page.partition("Écrire aux personnes")[2])
    assert link is not None
    asked = parse_qs(urlsplit(unescape(link[1])).query)
    assert asked["subject"] == ["Le Web & nous"]
    assert set(asked["bcc"][0].split(",")) == {one.email, other.email}
    assert f"{waiting.email}" not in page.partition('id="inscrits"')[2].partition("</code>")[0]
    client.sign_in(one)
    assert other.email not in client.get(f"/agenda/{session.id}").text


def test_who_leads_a_session_finds_the_roll_before_what_everybody_reads(
    db: Session, make: Factory, client: LookingClient
) -> None:
    leader, colleague = make.user("facilitator"), make.user("facilitator")
    session = make_session(db, facilitators=[leader])

    def order(page: str) -> list[str]:
        return re.findall(r'<h2 id="([a-z-]+)"', page)

    client.sign_in(leader)
    assert order(client.get(f"/agenda/{session.id}").text) == ["bureau", "quoi", "ma-place"]
    client.sign_in(colleague)
    assert order(client.get(f"/agenda/{session.id}").text) == ["quoi", "ma-place", "bureau"]
