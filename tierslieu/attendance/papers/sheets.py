"""The sheet to sign of a session, half-day by half-day: what it says, apart from the database.

Before the roll it has a cell for each signature. Once the roll was called it also says who was
there, how that was noted and when; who signed in with a code or their name has that in place of a
signature, and who leads their countersignature. A cell left empty is to be signed by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.calendars import describe_place
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.attendance.models import Attendance, Presence, span_of
from tierslieu.attendance.queries import list_lines
from tierslieu.attendance.rules import HalfDay, list_half_days
from tierslieu.attendance.showing import half_day_slug, half_day_words, presence_words
from tierslieu.attendance.signing.models import Manner, Signature
from tierslieu.attendance.signing.names import is_same_name
from tierslieu.attendance.signing.queries import list_signatures
from tierslieu.attendance.signing.rules import list_uncovered
from tierslieu.attendance.signing.words import countersigned_words, first_by_line, how_signed
from tierslieu.bookings.models import BookingStatus
from tierslieu.bookings.queries import list_active
from tierslieu.people.models import fold
from tierslieu.web.formats import day, hour, hours, short_day, span

BLANK_LINES = 4  # for those who come without a booking


@dataclass(frozen=True)
class Signer:
    """One line of a sheet. ``apart``: what tells this person from another of the same name;
    ``said``: what the roll says, ``how``: by whom and when it was noted; both empty before.
    ``signed``: how and when they signed themselves; empty if they did not."""

    name: str
    apart: str
    said: str
    how: str
    signed: str
    is_present: bool
    walked_in: bool


@dataclass(frozen=True)
class Part:
    """Those of a half-day who take part in one way. ``place``: where, with the address."""

    is_online: bool
    place: str
    signers: Sequence[Signer]
    blank_lines: int


@dataclass(frozen=True)
class Sheet:
    """One half-day."""

    slug: str
    day: str
    half: str
    hours: str
    length: str
    is_called: bool
    parts: Sequence[Part]
    has_signatures: bool
    leaders: Sequence[tuple[str, str]]  # who leads, and when they countersigned under that name
    countersigned: Sequence[str]  # by whom and when
    uncovered: int  # signatures that nobody countersigned


@dataclass(frozen=True)
class SignInSheets:
    """All sheets of a session, or the one asked for."""

    title: str
    path: str  # the path it belongs to, empty if none
    place: str
    facilitators: Sequence[str]
    sheets: Sequence[Sheet]


@dataclass(frozen=True)
class _Person:
    key: str
    name: str
    email: str
    mode: SeatMode
    line: Attendance | None
    is_booked: bool


def compose_sheets(db: Session, session: LearningSession, asked: str = "") -> SignInSheets:
    """The sheets of this session, or of the half-day asked for (``2026-11-26-pm``) if it has it."""
    half_days = list_half_days(session)
    chosen = [h for h in half_days if half_day_slug(h) == asked] or half_days
    lines = list_lines(db, session.id)
    records = list_signatures(db, session.id)
    step = session.step
    return SignInSheets(
        title=session.title,
        path=step.version.path.title if step else "",
        place=describe_place(session),
        facilitators=[person.name for person in session.facilitators],
        sheets=[
            _make_sheet(
                session,
                half_day,
                _list_people(db, session, half_day, lines),
                [one for one in records if (one.day, one.half) == half_day],
            )
            for half_day in chosen
        ],
    )


def _list_people(
    db: Session, session: LearningSession, half_day: HalfDay, lines: Sequence[Attendance]
) -> list[_Person]:
    """Who is expected or noted, by name. Whoever walked in to another half-day is expected too,
    until this one is called."""
    here = {_key(line): line for line in lines if (line.day, line.half) == half_day}
    people = {}
    for booking in list_active(db, session.id):
        if booking.status is BookingStatus.CONFIRMED:
            key = str(booking.user_id)
            line = here.get(key)
            mode = line.mode if line else booking.mode
            user = booking.user
            people[key] = _Person(key, user.name, user.email, mode, line, is_booked=True)
    for other in lines:
        key = _key(other)
        line = here.get(key)
        if key in people or (here and line is None):
            continue
        name, email = (
            (other.user.name, other.user.email)
            if other.user
            else (other.guest_name, other.guest_email)
        )
        mode = (line or other).mode
        people[key] = _Person(key, name, email, mode, line, is_booked=False)
    return sorted(people.values(), key=lambda person: (fold(person.name), person.key))


def _make_sheet(
    session: LearningSession,
    half_day: HalfDay,
    people: list[_Person],
    records: Sequence[Signature],
) -> Sheet:
    within = span_of(*half_day, session.starts_local, session.ends_local)
    assert within is not None  # one of the session's own half-days
    is_called = any(person.line for person in people)
    apart = tell_apart([(person.name, person.email) for person in people])
    signed = first_by_line(records)
    signers = [
        (person.mode, _make_signer(person, other, is_called, signed))
        for person, other in zip(people, apart, strict=True)
    ]
    parts = []
    for mode in SeatMode:
        of_mode = [signer for its, signer in signers if its is mode]
        is_held = session.pool(mode) is not None or (
            mode is (SeatMode.ONSITE if session.room else SeatMode.ONLINE)
        )
        if of_mode or is_held:
            is_online = mode is SeatMode.ONLINE
            blanks = 0 if is_called or is_online else BLANK_LINES
            parts.append(Part(is_online, describe_place(session, mode), of_mode, blanks))
    return Sheet(
        slug=half_day_slug(half_day),
        day=day(half_day[0], year=True),
        half=half_day_words(half_day, with_day=False),
        hours=span(*within),
        length=hours((within[1] - within[0]) / timedelta(hours=1)),
        is_called=is_called,
        parts=parts,
        has_signatures=any(one.manner is not Manner.TEAM for one in signed.values()),
        leaders=[(p.name, _countersigned_by(p.name, records)) for p in session.facilitators],
        countersigned=countersigned_words(records),
        uncovered=len(list_uncovered(records)),
    )


def _countersigned_by(name: str, records: Sequence[Signature]) -> str:
    own = [
        one
        for one in records
        if one.manner is Manner.COUNTER and one.written and is_same_name(one.written, name)
    ]
    return how_signed(max(own, key=lambda one: one.at)) if own else ""


def _make_signer(
    person: _Person, apart: str, is_called: bool, signed: Mapping[UUID, Signature]
) -> Signer:
    line = person.line
    one = signed.get(line.id) if line else None
    said = presence_words(line.presence) if line else _("rien de noté") if is_called else ""
    return Signer(
        name=person.name,
        apart=apart,
        said=said,
        how=how_noted(line) if line else "",
        signed=how_signed(one) if one and one.manner is not Manner.TEAM else "",
        is_present=line is not None and line.presence is Presence.PRESENT,
        walked_in=line is not None and not person.is_booked,
    )


def how_noted(line: Attendance) -> str:
    """``à l’appel, par Nadia Benali, le 26 nov. à 14 h 03``."""
    at = {"day": short_day(line.noted_at), "hour": hour(line.noted_at)}
    if line.noted_by is None:
        return str(_("à l’appel, le %(day)s à %(hour)s", **at))
    return str(_("à l’appel, par %(name)s, le %(day)s à %(hour)s", name=line.noted_by.name, **at))


def tell_apart(people: Iterable[tuple[str, str]]) -> list[str]:
    """For each name and address: as few letters of the address as tell two of one name apart.

    The sheet lies on a table: it shows no whole address.
    """
    people = list(people)
    found = []
    for place, (name, email) in enumerate(people):
        others = [
            other
            for number, (its, other) in enumerate(people)
            if number != place and fold(its) == fold(name)
        ]
        found.append(_shortest(email, others) if others else "")
    return found


def _shortest(email: str, others: list[str]) -> str:
    for length in range(1, len(email)):
        start = email[:length]
        if not any(other.startswith(start) for other in others):
            return f"{start}…"
    return email


def _key(line: Attendance) -> str:
    return str(line.user_id) if line.user_id else line.guest_email
