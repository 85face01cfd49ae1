"""What is said of a bundle on each of its dates: what is left of it, what blocks it, when one may
book it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.admission import say_window
from tierslieu.bookings.bundles.queries import list_dates_of
from tierslieu.people.models import Audience


@dataclass(frozen=True)
class Bundle:
    """The dates of a bundle that stand, in order of time."""

    dates: Sequence[LearningSession]

    def to_come(self, now: datetime) -> list[LearningSession]:
        """Those that have not begun."""
        return [session for session in self.dates if session.starts_at > now]

    def has_begun(self, now: datetime) -> bool:
        """Whether one comes in only by the team."""
        return bool(self.dates) and self.dates[0].starts_at <= now

    def free(self, mode: SeatMode, audience: Audience | None, now: datetime) -> int:
        """How many may still take a seat on every date."""
        if self.has_begun(now):
            return 0
        pools = [session.pool(mode) for session in self.to_come(now)]
        return min((pool.free_for(audience, now) if pool else 0 for pool in pools), default=0)

    def blocked(
        self, mode: SeatMode, audience: Audience | None, now: datetime
    ) -> list[LearningSession]:
        """The dates to come that have no seat left for this public."""
        return [
            session
            for session in self.to_come(now)
            if (pool := session.pool(mode)) is None or pool.free_for(audience, now) <= 0
        ]

    def window(self, now: datetime) -> str:
        """Why nobody can book now; the first date says when one can."""
        if self.has_begun(now):
            return str(
                _(
                    "Cette série se suit en entier et elle a commencé : écrivez à l’équipe, qui "
                    "peut encore vous y inscrire."
                )
            )
        return (say_window(self.dates[0], now) if self.dates else None) or ""


def bundles_of(db: Session, sessions: Iterable[LearningSession]) -> dict[UUID, Bundle]:
    """The bundles that some of those sessions are of, by series; one query, none without any."""
    ids = {
        session.series_id
        for session in sessions
        if session.series_id is not None and session.is_of_bundle
    }
    return {series_id: Bundle(dates) for series_id, dates in list_dates_of(db, ids).items()}


class OfSession(Protocol):
    """What is about a session."""

    @property
    def session(self) -> LearningSession: ...


AnyLine = TypeVar("AnyLine", bound=OfSession)


def once_a_bundle(lines: Iterable[AnyLine]) -> list[AnyLine]:
    """Those lines, of a bundle the first alone: it waits, and is answered, as one."""
    found: list[AnyLine] = []
    seen = set()
    for line in lines:
        if line.session.is_of_bundle:
            if line.session.series_id in seen:
                continue
            seen.add(line.session.series_id)
        found.append(line)
    return found
