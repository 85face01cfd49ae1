"""The roll: who was there, half-day by half-day. Saying the same twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import (
    NOBODY,
    Attendance,
    AttendanceChange,
    Half,
    Presence,
    span_of,
)
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.clock import to_local, to_utc
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import User
from tierslieu.people.queries import find_user

OPENS_BEFORE = timedelta(minutes=30)
HalfDay = tuple[date, Half]


@dataclass(frozen=True)
class RollEntry:
    """What is noted of one person: by ``user_id``, or by name and address for who walked in.

    ``mode`` None: as booked, or in the room. ``half_days`` None: every half-day of the session.
    ``is_default``: nothing was said of them; it gives way to whatever was noted. ``arrived_at``:
    when they were seen, if that was not just now.
    """

    presence: Presence
    user_id: UUID | None = None
    guest_name: str = ""
    guest_email: str = ""
    mode: SeatMode | None = None
    half_days: tuple[HalfDay, ...] | None = None
    is_default: bool = False
    arrived_at: datetime | None = None


def list_half_days(session: LearningSession) -> list[HalfDay]:
    """The half-days a session touches, by the clock on the wall, split at 13 h."""
    return half_days_between(session.starts_local, session.ends_local)


def half_days_between(start: datetime, end: datetime) -> list[HalfDay]:
    """The half-days between two moments on the wall, as :func:`list_half_days`."""
    days = (date.fromordinal(n) for n in range(start.toordinal(), end.toordinal() + 1))
    return [(day, half) for day in days for half in Half if span_of(day, half, start, end)]


def is_roll_open(session: LearningSession, now: datetime) -> bool:
    """Whether the roll can be called: from half an hour before the start, for ever after."""
    return session.cancelled_at is None and now >= session.starts_at - OPENS_BEFORE


def span_of_today(now: datetime) -> tuple[datetime, datetime]:
    """[since, until) of what a team has to do with today: the day on the wall.

    Near midnight it takes in what opens already though it starts tomorrow, and what one may still
    sign though it ended yesterday.
    """
    midnight = datetime.combine(to_local(now).date(), time.min)
    until = to_utc(midnight + timedelta(days=1))
    opening = now + OPENS_BEFORE + timedelta(microseconds=1)  # what opens at this very instant
    return min(to_utc(midnight), now - OPENS_BEFORE), max(until, opening)


def note_presence(
    db: Session,
    session_id: UUID,
    entries: Sequence[RollEntry],
    *,
    now: datetime,
    actor_id: UUID,
    why: str = "",
) -> list[Attendance]:
    """Note what the roll says; a later word about the same person and half-day replaces it.

    What it replaces is kept as a correction, with who made it and when; once the day is over,
    ``why`` is asked too, and whoever is added to a roll that was called counts as one. Someone who
    walked in with the address of an account that proved it is noted under that account. Returns the
    lines in the order given. Raises :class:`NotYours` for an unknown session or person,
    :class:`Refused` with ``closed`` too early or for a cancelled session, ``bad_entry`` for a
    half-day the session doesn't have or a guest without name or address, ``why_needed`` for a
    correction after the day without a reason; ``more`` then says at which ``entry``, counted from
    0.
    """
    lock_for_writing(db)
    session = db.get(LearningSession, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise NotYours
    if session.cancelled_at is not None:
        raise Refused(_("Cette séance est annulée : il n’y a pas d’appel."), code="closed")
    if not is_roll_open(session, now):
        raise Refused(_("L’appel ouvre une demi-heure avant le début de la séance."), code="closed")
    roll = _Roll(db, session, now, actor_id, why.strip())
    lines = []
    for number, entry in enumerate(entries):
        try:
            lines += roll.note(entry)
        except Refused as refused:
            refused.more["entry"] = number
            raise
    db.flush()
    return lines


def forget_person(db: Session, user_id: UUID) -> None:
    """Take a person's name off every roll; the lines stay, of nobody, for the place's counts."""
    lock_for_writing(db)
    lines = db.scalars(
        select(Attendance)
        .where(Attendance.user_id == user_id)
        .options(selectinload(Attendance.changes))
        .order_by(Attendance.id)
    ).all()
    nobody = f"{uuid4().hex}{NOBODY}"  # tells two nobodies of one session apart
    for line in lines:
        line.user_id, line.guest_name, line.guest_email = None, _("Personne effacée"), nobody
        for change in line.changes:
            change.why = ""  # it may name them
    db.flush()


class _Roll:
    """One session's roll while it is being written: what is there, who had booked."""

    def __init__(
        self, db: Session, session: LearningSession, now: datetime, actor: UUID, why: str
    ) -> None:
        self.db, self.session, self.now, self.actor, self.why = db, session, now, actor, why
        self.half_days = list_half_days(session)
        self.lines = {
            (line.day, line.half, line.user_id or line.guest_email): line
            for line in db.scalars(
                select(Attendance)
                .where(Attendance.session_id == session.id)
                .order_by(Attendance.id)
            )
        }
        self.called = {(day, half) for day, half, _who in self.lines}
        self.booked: dict[UUID, SeatMode] = {
            booking.user_id: booking.mode
            for booking in db.scalars(
                select(Booking)
                .where(Booking.session_id == session.id, Booking.status == BookingStatus.CONFIRMED)
                .order_by(Booking.id)
            )
        }

    def note(self, entry: RollEntry) -> list[Attendance]:
        user_id, name, email = self._who(entry)
        half_days = self.half_days if entry.half_days is None else entry.half_days
        if not set(half_days) <= set(self.half_days):
            raise Refused(
                _("Cette demi-journée n’est pas de cette séance : rechargez la page."),
                code="bad_entry",
            )
        noted = []
        for day, half in half_days:
            line = self.lines.get((day, half, user_id or email)) or self._adopt(
                day, half, user_id, entry.guest_email
            )
            mode = entry.mode or self._mode(user_id, line)
            if line is None:
                line = Attendance(
                    session_id=self.session.id,
                    day=day,
                    half=half,
                    user_id=user_id,
                    guest_name=name,
                    guest_email=email,
                    walked_in=user_id is None or user_id not in self.booked,
                )
                self.lines[(day, half, user_id or email)] = line
                self.db.add(line)
                if self._is_over(day) and (day, half) in self.called and not entry.is_default:
                    self._trace(line, None, None, entry.presence, mode)
            elif entry.is_default or (line.presence, line.mode, line.guest_name) == (
                entry.presence,
                mode,
                name,
            ):
                noted.append(line)
                continue
            elif (line.presence, line.mode) != (entry.presence, mode):
                self._trace(line, line.presence, line.mode, entry.presence, mode)
            line.presence, line.mode, line.guest_name = entry.presence, mode, name
            if entry.presence is Presence.PRESENT and line.arrived_at is None:
                line.arrived_at = entry.arrived_at or self.now
            elif entry.presence is not Presence.PRESENT:
                line.arrived_at = None
            line.noted_at, line.noted_by_id = self.now, self.actor
            noted.append(line)
        return noted

    def _trace(
        self,
        line: Attendance,
        was: Presence | None,
        was_mode: SeatMode | None,
        became: Presence,
        became_mode: SeatMode,
    ) -> None:
        """Keep what a line said before it says something else."""
        is_late = self._is_over(line.day)
        if is_late and not self.why:
            raise Refused(
                _(
                    "Le jour de la séance est passé : dites en quelques mots pourquoi l’appel "
                    "change. Rien n’est encore enregistré."
                ),
                code="why_needed",
                field="why",
            )
        if is_late:  # what it said before is kept beside the line: not written twice
            about = {"session": str(self.session.id), "title": self.session.title}
            about |= {"day": line.day.isoformat(), "half": line.half.value}
            note(
                self.db,
                Act.ATTENDANCE_CORRECTED,
                now=self.now,
                subject_id=line.user_id,
                about=about,
                actor_id=self.actor,
            )
        # Two in one instant stay in their order.
        last = line.changes[-1].at if line.changes else None
        line.changes.append(
            AttendanceChange(
                was=was,
                was_mode=was_mode,
                became=became,
                became_mode=became_mode,
                at=max(self.now, last + timedelta(microseconds=1)) if last else self.now,
                by_id=self.actor,
                why=self.why if is_late else "",
            )
        )

    def _is_over(self, day: date) -> bool:
        return to_local(self.now).date() > day

    def _adopt(self, day: date, half: Half, user_id: UUID | None, email: str) -> Attendance | None:
        """Somebody noted by address who has opened an account since: the line becomes theirs."""
        line = self.lines.pop((day, half, email.strip().lower()), None) if user_id else None
        if line is not None and user_id is not None:
            line.user_id, line.guest_name, line.guest_email = user_id, "", ""
            self.lines[(day, half, user_id)] = line
        return line

    def _mode(self, user_id: UUID | None, line: Attendance | None) -> SeatMode:
        if line is not None:
            return line.mode
        booked = self.booked.get(user_id) if user_id else None
        return booked or (SeatMode.ONSITE if self.session.room_id else SeatMode.ONLINE)

    def _who(self, entry: RollEntry) -> tuple[UUID | None, str, str]:
        if entry.user_id is not None:
            if self.db.get(User, entry.user_id) is None:
                raise NotYours
            return entry.user_id, "", ""
        if not entry.guest_email.strip():
            raise Refused(
                _("Notez aussi l’adresse : elle évite de confondre deux personnes du même nom."),
                code="bad_entry",
                field="guest_email",
            )
        try:
            email = normalise_email(entry.guest_email)
        except BadAddress:
            raise Refused(
                _("Cette adresse ne semble pas complète : vérifiez-la avec la personne."),
                code="bad_entry",
                field="guest_email",
            ) from None
        user = find_user(self.db, email)
        # An address that nobody proved may be somebody else's: its account asks for it later.
        if user is not None and user.confirmed_at is not None:
            return user.id, "", ""
        name = entry.guest_name.strip()
        if not name:
            raise Refused(
                _("Notez aussi le nom : cette adresse n’a pas encore de compte ici."),
                code="bad_entry",
                field="guest_name",
            )
        return None, name, email
