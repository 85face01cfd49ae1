"""How a session's seats and a person's place in them are put into words, for pages and cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.agenda.models import LearningSession, SeatMode, SeatPool
from tierslieu.agenda.warnings import say_classes
from tierslieu.agenda.words import audience_labels
from tierslieu.bookings.admission import say_window
from tierslieu.bookings.bundles.showing import Bundle, bundles_of
from tierslieu.bookings.holding import is_frozen
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.queries import (
    count_waiting,
    list_of_person,
    list_ranks,
    list_to_come,
)
from tierslieu.bookings.seats import audience_of
from tierslieu.people.models import Audience, User
from tierslieu.web.formats import day


@dataclass(frozen=True)
class Seats:
    """The seats of one mode, as the reader may take them: ``words`` is «7 places» or «complet :
    3 en attente»; ``kept`` of them are for others yet."""

    mode: SeatMode
    label: str
    capacity: int
    free: int
    waiting: int
    kept: int = 0
    kept_words: str = ""
    blocked: Sequence[LearningSession] = ()  # of a bundle: the dates that have none left

    @property
    def words(self) -> str:
        """What is left, said."""
        if self.free:
            return str(ngettext("%(num)s place", "%(num)s places", self.free))
        if self.waiting:
            return str(_("complet : %(count)s en attente", count=self.waiting))
        return str(_("complet"))

    @property
    def blocked_words(self) -> str:
        """Which dates of a bundle have no seat left; nothing while all have one."""
        if not self.blocked:
            return ""
        days = ", ".join(day(session.starts_local) for session in self.blocked)
        return str(
            ngettext(
                "Il n’y a plus de place à cette date : %(days)s.",
                "Il n’y a plus de place à ces dates : %(days)s.",
                len(self.blocked),
                days=days,
            )
        )

    @property
    def tone(self) -> str:
        """The tag's colour."""
        return "ok" if self.free else "sun"


@dataclass(frozen=True)
class Line:
    """A session as lists show it. ``booking`` is the reader's own, ``rank`` theirs in the line."""

    session: LearningSession
    seats: Sequence[Seats]
    state: str  # to_come, running, past, cancelled
    booking: Booking | None = None
    rank: int = 0
    window: str = ""  # why nobody can book now
    together: Sequence[LearningSession] = ()  # of a bundle: the dates to come
    in_class: str = ""  # that who teaches has a class then, for a session meant for them

    @property
    def is_seated(self) -> bool:
        """Whether the reader holds a seat."""
        return self.booking is not None and self.booking.status is BookingStatus.CONFIRMED

    @property
    def is_offered(self) -> bool:
        """Whether a seat is kept for the reader until they answer."""
        return self.booking is not None and self.booking.status is BookingStatus.OFFERED

    @property
    def is_near(self) -> bool:
        """Whether a seat that comes free now is offered rather than given."""
        first = self.together[0] if self.together else self.session
        return is_frozen(first.starts_at, clock.now())

    @property
    def is_waiting(self) -> bool:
        """Whether the reader stands in line."""
        return self.booking is not None and self.booking.status is BookingStatus.WAITING

    @property
    def own_mode(self) -> SeatMode | None:
        """How the reader takes part, if they booked."""
        return self.booking.mode if self.booking else None

    @property
    def own_seats(self) -> Seats | None:
        """The seats of the mode the reader booked."""
        if self.booking is None:
            return None
        return next((s for s in self.seats if s.mode is self.booking.mode), None)

    @property
    def other_seats(self) -> Seats | None:
        """The seats of the mode the reader did not choose, where the session is held so too."""
        if self.booking is None:
            return None
        return next((s for s in self.seats if s.mode is not self.booking.mode), None)


def mode_label(mode: SeatMode) -> str:
    """«sur place» or «en ligne»."""
    return str(_("sur place") if mode is SeatMode.ONSITE else _("en ligne"))


def describe_seats(
    session: LearningSession,
    waiting: Mapping[tuple[UUID, SeatMode], int],
    now: datetime,
    audience: Audience | None = None,
    bundle: Bundle | None = None,
) -> list[Seats]:
    """The seats of each mode the session is held in, on site first, for a reader of this public;
    of a bundle, as many as every date to come has."""
    pools = [pool for mode in SeatMode if (pool := session.pool(mode)) and pool.capacity]
    return [
        Seats(
            pool.mode,
            mode_label(pool.mode),
            pool.capacity,
            bundle.free(pool.mode, audience, now) if bundle else pool.free_for(audience, now),
            waiting.get((session.id, pool.mode), 0),
            pool.kept_left(now),
            _say_kept(pool, audience, now),
            bundle.blocked(pool.mode, audience, now) if bundle else (),
        )
        for pool in pools
    ]


def _say_kept(pool: SeatPool, audience: Audience | None, now: datetime) -> str:
    left = pool.kept_left(now)
    if not left or pool.kept_for is None or pool.kept_until is None:
        return ""
    who = audience_labels()[pool.kept_for]
    who = who[:1].lower() + who[1:]
    until = day(pool.kept_until)
    if audience is pool.kept_for:
        return str(
            ngettext(
                "%(num)s place est gardée pour %(who)s, dont vous êtes, jusqu’au %(until)s.",
                "%(num)s places sont gardées pour %(who)s, dont vous êtes, jusqu’au %(until)s.",
                left,
                who=who,
                until=until,
            )
        )
    return str(
        ngettext(
            "%(num)s place est gardée pour %(who)s jusqu’au %(until)s ; si elle reste libre, elle "
            "ira ensuite à la liste.",
            "%(num)s places sont gardées pour %(who)s jusqu’au %(until)s ; celles qui restent "
            "iront ensuite à la liste.",
            left,
            who=who,
            until=until,
        )
    )


def state_of(session: LearningSession, now: datetime) -> str:
    """Where a session stands."""
    if session.cancelled_at is not None:
        return "cancelled"
    if session.ends_at <= now:
        return "past"
    return "running" if session.starts_at <= now else "to_come"


def make_lines(
    db: Session, sessions: Iterable[LearningSession], person_id: UUID | None, now: datetime
) -> list[Line]:
    """Those sessions as this person (None: a visitor) sees them."""
    sessions = list(sessions)
    ids = [session.id for session in sessions]
    waiting = count_waiting(db, ids) if ids else {}
    own = list_of_person(db, person_id, ids) if person_id is not None and ids else {}
    ranks = list_ranks(db, [booking.id for booking in own.values()])
    person = db.get(User, person_id) if person_id is not None else None
    audience = audience_of(person) if person is not None else None
    bundles = bundles_of(db, sessions)
    in_class = say_classes(db, sessions)
    lines = []
    for session in sessions:
        booking = own.get(session.id)
        bundle = bundles.get(session.series_id) if session.series_id else None
        lines.append(
            Line(
                session,
                describe_seats(session, waiting, now, audience, bundle),
                state_of(session, now),
                booking,
                ranks.get(booking.id, 0) if booking else 0,
                bundle.window(now) if bundle else say_window(session, now) or "",
                bundle.to_come(now) if bundle else (),
                in_class.get(session.id, ""),
            )
        )
    return lines


def seats_meanwhile(
    db: Session, session: LearningSession, person_id: UUID | None, now: datetime
) -> list[LearningSession]:
    """The sessions at which this person has a seat while this one is held: nobody is at two."""
    if person_id is None or session.cancelled_at is not None:
        return []
    return [
        booking.session
        for booking in list_to_come(db, person_id, now)
        if booking.status is BookingStatus.CONFIRMED
        and booking.session.id != session.id
        and booking.session.cancelled_at is None
        and booking.session.starts_at < session.ends_at
        and session.starts_at < booking.session.ends_at
    ]


def group_by_day(lines: Iterable[Line]) -> list[tuple[date, list[Line]]]:
    """The same lines, day by day, their order kept."""
    return [
        (date_, list(group))
        for date_, group in groupby(lines, key=lambda line: line.session.starts_local.date())
    ]
