"""A facilitator's phone as its script works: a chain of records, sent when there is network."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from tests.support.sessions import NOW
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Half
from tierslieu.attendance.rules import HalfDay
from tierslieu.attendance.signing.chains import Link, Sealed, begin
from tierslieu.attendance.signing.checks import check_chains, check_lines
from tierslieu.attendance.signing.codes import Codes
from tierslieu.attendance.signing.device.rules import Sent, receive
from tierslieu.attendance.signing.models import Manner
from tierslieu.bookings.rules import claim
from tierslieu.chaining import write_instant
from tierslieu.people.models import User

CODES = Codes("only-for-tests" * 4)  # those of the tests' place


@dataclass
class Phone:
    """A device at one session; ``slow``: how far its clock is behind, in seconds."""

    session_id: UUID
    half_day: HalfDay
    id: UUID = field(default_factory=uuid4)
    records: list[Sent] = field(default_factory=list)

    def sign(
        self,
        who: object,
        name: str,
        at: datetime,
        *,
        manner: Manner = Manner.TYPED,
        written: str = "",
    ) -> Sent:
        """One more record."""
        sealed = Sealed(secrets.token_hex(16), str(who), name, written)
        link = Link(
            chain=str(self.id),
            number=len(self.records) + 1,
            previous=self.records[-1].digest if self.records else begin(self.id, self.session_id),
            nonce=str(uuid4()),
            manner=manner.value,
            day=self.half_day[0].isoformat(),
            half=self.half_day[1].value,
            at=write_instant(at),
            seal=sealed.seal,
        )
        self.records.append(Sent(link, sealed, link.digest))
        return self.records[-1]

    def countersign(self, name: str, at: datetime) -> Sent:
        """Who leads closes the half-day."""
        return self.sign("", "", at, manner=Manner.COUNTER, written=name)

    def body(self, clock: datetime) -> dict[str, Any]:
        """What the script sends."""
        return {
            "chain": str(self.id),
            "clock": write_instant(clock.astimezone(UTC)),
            "records": [
                {
                    **{
                        name: getattr(one.link, name)
                        for name in ("number", "previous", "nonce", "manner", "day", "half", "at")
                    },
                    "salt": one.sealed.salt,
                    "who": one.sealed.who,
                    "name": one.sealed.name,
                    "written": one.sealed.written,
                    "digest": one.digest,
                }
                for one in self.records
            ],
        }


def touched(one: Sent, **changes: Any) -> Sent:
    """The same record with something changed in what is hashed."""
    return replace(one, link=replace(one.link, **changes))


DAY = date(2026, 11, 26)
HALF_DAY = (DAY, Half.AFTERNOON)
THEN = NOW + timedelta(days=7, hours=5, minutes=3)  # three minutes into the session


def book(db: Session, session: LearningSession, user: User) -> User:
    """This person has a seat in the room."""
    claim(db, session.id, user.id, SeatMode.ONSITE, now=NOW)
    db.commit()
    return user


def all_is_whole(db: Session) -> bool:
    """Whether every chain and every record is as the audit wants it."""
    return not [*check_chains(db).broken, *check_lines(db).broken]


def send(db: Session, phone: Phone, leader: User, *, skew: int = 0, now: datetime = THEN) -> list:
    heard = receive(
        db, phone.session_id, phone.id, phone.records, CODES, skew=timedelta(seconds=skew),
        now=now, actor_id=leader.id,
    )  # fmt: skip
    db.commit()
    return [one.is_new for one in heard]
