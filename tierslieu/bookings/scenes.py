"""Who books what in the demonstration: full sessions with their lines, seats given back."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.changes import call_off_session
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.rules import accept, claim, release
from tierslieu.clock import days
from tierslieu.errors import Refused
from tierslieu.house import Stage

SHOWN = 2  # learner@ and learner2@ come first in the list: what they hold is told, not drawn


def play(db: Session, stage: Stage) -> None:
    """Everybody books; learner@ has the next seat, and is second in a line."""
    Player(db, stage).play()


class Player:
    """Plays the bookings of one stage."""

    def __init__(self, db: Session, stage: Stage) -> None:
        self.db, self.stage = db, stage
        self.chance = Random(f"{stage.seed}:bookings")  # noqa: S311 - a demonstration
        self.learners: list[UUID] = stage.props["learners"]
        self.shown = stage.props["people"]["learner@example.org"]
        self.second = stage.props["people"]["learner2@example.org"]
        sessions = [db.get_one(LearningSession, i) for i in stage.props["sessions"]]
        self.sessions = [session for session in sessions if not session.is_of_bundle]
        self.bundles = [session for session in sessions if session.is_of_bundle]
        self.seen: list[str] = []
        self.busy: dict[UUID, set[object]] = {user_id: set() for user_id in self.learners}

    def play(self) -> None:
        """Past sessions first, in order, then those to come."""
        to_come = [s for s in self.sessions if s.starts_at > self.stage.today + days(0.5)]
        onsite = [s for s in to_come if s.pool(SeatMode.ONSITE)]
        followed = next((s for s in onsite if s.step_id), None)
        taken = followed.starts_local.date() if followed else None
        small = [s for s in onsite if _seats(s) <= 8 and s.starts_local.date() != taken]
        crowded = small[0] if small else None
        called_off = to_come[-3] if len(to_come) > 6 else None
        for session in self.sessions:
            if session is crowded:
                self._fill_with_line(session)
            else:
                self._fill(session, self._first(session, followed))
        if self.bundles:  # any of its dates is all of them; two wait
            first = self.bundles[0]
            self._claim_all(first, self._free(first, _seats(first) + 2), SeatMode.ONSITE)
        if called_off is not None and called_off not in (crowded, followed):
            reason = "La personne qui anime est souffrante. Une autre date sera proposée bientôt."
            call_off_session(self.db, called_off.id, reason, now=self.stage.today - days(1))

    def _first(self, session: LearningSession, followed: LearningSession | None) -> list[UUID]:
        """Whom the demonstration shows there."""
        if session is followed:
            return [self.shown, self.second]
        # Came three times, each time to something else.
        is_past = session.ends_at < self.stage.today
        is_new = len(self.seen) < 3 and session.title not in self.seen
        if is_past and is_new and session.pool(SeatMode.ONSITE):
            self.seen.append(session.title)
            return [self.shown]
        return []

    def _fill(self, session: LearningSession, first: list[UUID]) -> None:
        for pool in sorted(session.pools, key=lambda pool: pool.mode.value):
            share = self.chance.choice((0.5, 0.7, 0.9, 1.0, 1.3))
            count = max(round(pool.capacity * share * (1 if pool.capacity < 15 else 0.6)), 1)
            guests = self._free(session, count)
            if pool.mode is SeatMode.ONSITE:
                guests = first + guests
            made = self._claim_all(session, guests, pool.mode)
            if made and self.chance.random() < 0.5:
                self._give_back(session, self.chance.choice(made))

    def _fill_with_line(self, session: LearningSession) -> None:
        """Full, then one in line, then learner@, then two more."""
        pool = session.pool(SeatMode.ONSITE)
        assert pool is not None
        guests = self._free(session, pool.capacity + 3)
        guests.insert(pool.capacity + 1, self.shown)
        self._claim_all(session, guests, SeatMode.ONSITE)

    def _free(self, session: LearningSession, count: int) -> list[UUID]:
        """People who have nothing else that day."""
        day = session.starts_local.date()
        free = [u for u in self.learners[SHOWN:] if day not in self.busy[u]]
        return self.chance.sample(free, min(count, len(free)))

    def _claim_all(
        self, session: LearningSession, guests: list[UUID], mode: SeatMode
    ) -> list[Booking]:
        """One after the other, in the fortnight before the session or before today."""
        last = min(session.starts_at - timedelta(hours=3), self.stage.today - timedelta(hours=1))
        moments = sorted(last - days(self.chance.random() * 14) for _guest in guests)
        made = []
        for user_id, moment in zip(guests, moments, strict=True):
            self.busy[user_id].add(session.starts_local.date())
            try:
                made.append(claim(self.db, session.id, user_id, mode, now=_minute(moment)))
            except Refused:
                continue
        return made

    def _give_back(self, session: LearningSession, booking: Booking) -> None:
        if booking.user_id in (self.shown, self.second):
            return
        last = min(session.starts_at - timedelta(hours=2), self.stage.today - timedelta(minutes=30))
        if booking.status is not BookingStatus.CANCELLED:
            to = release(self.db, booking.id, now=_minute(last), actor_id=booking.user_id)
            if to is not None and to.status is BookingStatus.OFFERED:  # near the start: they come
                accept(self.db, to.id, now=_minute(last) + timedelta(minutes=5))


def _seats(session: LearningSession) -> int:
    pool = session.pool(SeatMode.ONSITE)
    return pool.capacity if pool else 0


def _minute(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
