"""A person's program: it calls the API with a key of theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support.tokens import bearing, make_secret
from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.models import Booking
from tierslieu.bookings.rules import claim, release
from tierslieu.people.models import User


class Caller:
    """Calls below ``/api/v1`` with a key of this person's that has these scopes."""

    def __init__(self, client: FlaskClient, db: Session, owner: User, *scopes: str) -> None:
        self.client, self.db, self.owner = client, db, owner
        self.headers = bearing(make_secret(db, owner, *scopes))

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """The whole answer; what the call did not commit is lost, as it would be elsewhere."""
        headers = {**self.headers, **more.pop("headers", {})}
        answer = self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)
        self.db.rollback()
        return answer

    def get(self, address: str, **query: Any) -> Any:
        """What a call of this address says, which must succeed."""
        answer = self.ask("GET", address, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def refusal(self, method: str, path: str, **more: Any) -> tuple[int, str]:
        """The status and the code of a refusal, which must be a problem document."""
        answer = self.ask(method, path, **more)
        assert answer.content_type == "application/problem+json", answer.text
        told = answer.get_json()
        assert told["status"] == answer.status_code
        assert told["title"]
        return answer.status_code, told["code"]


def at(day: int, hour: int = 14, month: int = 11) -> datetime:
    """An hour of the wall in 2026, in November unless told otherwise."""
    return datetime(2026, month, day, hour)  # noqa: DTZ001 - wall time


def hold(
    db: Session, session: LearningSession, user: User, mode: SeatMode = SeatMode.ONSITE
) -> Booking:
    """A seat, or a place in line, now."""
    made = claim(db, session.id, user.id, mode, now=clock.now())
    db.commit()
    return made


def give_back(db: Session, booking: Booking) -> None:
    """Given back by its person, now."""
    release(db, booking.id, now=clock.now(), actor_id=booking.user_id)
    db.commit()
