"""The page of a session: what its reader has at the same hour, and how the team writes to all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

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
