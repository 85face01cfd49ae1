"""Signing a half-day on the place's pages, countersigning it, forgetting who signed.

Each signature notes the presence through the one rule of the roll; none is ever changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance, Presence, span_of
from tierslieu.attendance.rules import (
    OPENS_BEFORE,
    HalfDay,
    RollEntry,
    list_half_days,
    note_presence,
)
from tierslieu.attendance.signing.chains import Link, Sealed
from tierslieu.attendance.signing.codes import Codes, tidy_own
from tierslieu.attendance.signing.models import Manner, Signature, SigningMiss
from tierslieu.attendance.signing.names import is_same_name
from tierslieu.attendance.signing.queries import (
    Expected,
    count_misses,
    find_place_chain,
    find_signature_of,
    is_expected,
    list_expected,
    list_signatures,
    list_signed_by,
)
from tierslieu.attendance.signing.writing import append_link, open_chain
from tierslieu.chaining import write_instant
from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import User
from tierslieu.people.rules import check_name
from tierslieu.web.formats import hour, short_day

MOST_MISSES, MISSES_WITHIN = 8, timedelta(minutes=10)


@dataclass(frozen=True)
class Signed:
    """Who signs on the place's pages, and how. ``written``: the name as typed, or the code."""

    manner: Manner
    entry: RollEntry
    who: str
    name: str
    written: str


def find_half_day(session: LearningSession, now: datetime) -> HalfDay | None:
    """The half-day one can sign now: the one we are in, or within half an hour of it."""
    here, near = to_local(now), None
    for half_day in list_half_days(session):
        span = span_of(*half_day, session.starts_local, session.ends_local)
        assert span is not None
        if span[0] <= here < span[1]:
            return half_day
        if near is None and span[0] - OPENS_BEFORE <= here < span[1] + OPENS_BEFORE:
            near = half_day
    return near


def opens_at(session: LearningSession, half_day: HalfDay) -> datetime:
    """From when this half-day is signed, by the clock on the wall.

    Raises :class:`Refused` with ``bad_entry`` for one that the session doesn't have.
    """
    span = span_of(*half_day, session.starts_local, session.ends_local)
    if span is None:
        raise Refused(
            _("Cette demi-journée n’est pas de cette séance : rechargez la page."),
            code="bad_entry",
        )
    return span[0] - OPENS_BEFORE


def check_begun(session: LearningSession, half_day: HalfDay, now: datetime) -> None:
    """Nobody signs ahead, on whatever device: an afternoon is not signed in the morning.

    Raises :class:`Refused` with ``closed`` too early, ``bad_entry`` as :func:`opens_at` does.
    """
    opens = opens_at(session, half_day)
    if to_local(now) < opens:
        raise Refused(
            _(
                "On ne signe pas d’avance : l’émargement de cette demi-journée ouvre le %(day)s à "
                "%(hour)s.",
                day=short_day(opens),
                hour=hour(opens),
            ),
            code="closed",
        )


def lock_session(db: Session, session_id: UUID) -> LearningSession:
    """The session, held until the commit: of two who sign, one comes after the other.

    Raises :class:`NotYours` for an unknown one, :class:`Refused` with ``closed`` if called off.
    """
    lock_for_writing(db)
    session = db.get(LearningSession, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise NotYours
    if session.cancelled_at is not None:
        raise Refused(_("Cette séance est annulée : on n’y émarge pas."), code="closed")
    return session


def read_room_code(
    db: Session, session_id: UUID, user_id: UUID, digits: str, codes: Codes, *, now: datetime
) -> bool:
    """Whether these digits stand on the room's screen; a miss is counted, and is to be committed.

    Raises :class:`Refused` with ``too_many`` after :data:`MOST_MISSES` in ten minutes.
    """
    lock_for_writing(db)
    # Key share: a phone that sends meanwhile names this person, and need not wait for us.
    db.get(User, user_id, with_for_update={"key_share": True})
    if count_misses(db, user_id, now - MISSES_WITHIN) >= MOST_MISSES:
        raise Refused(
            _(
                "Trop de codes faux à la suite. Attendez dix minutes, ou montrez votre propre "
                "code à la personne qui anime."
            ),
            code="too_many",
            field="digits",
            status=429,
        )
    if codes.takes(session_id, digits, now):
        return True
    db.add(SigningMiss(user_id=user_id, at=now))
    db.flush()
    return False


def sign_in_room(db: Session, session_id: UUID, user: User, *, now: datetime) -> Signature:
    """This person, who proved to be before the room's screen, signs the half-day we are in.

    Once signed, a second time changes nothing. Raises :class:`NotYours`; :class:`Refused` with
    ``closed`` outside the hours of the session, ``not_expected`` without a seat.
    """
    session = lock_session(db, session_id)
    half_day = find_half_day(session, now)
    if half_day is None:
        raise Refused(
            _(
                "On émarge pendant la séance, d’une demi-heure avant à une demi-heure après. "
                "Si vous étiez là, dites-le à l’équipe : l’appel se corrige."
            ),
            code="closed",
        )
    if not is_expected(db, session_id, user.id):
        raise Refused(
            _(
                "Vous n’avez pas de place à cette séance. Dites-le à la personne qui anime : s’il "
                "reste une place, elle vous ajoute sur sa feuille."
            ),
            code="not_expected",
        )
    before = find_signature_of(db, session_id, half_day, user.id)
    if before is not None:
        return before
    entry = RollEntry(Presence.PRESENT, user.id, half_days=(half_day,))
    signed = Signed(Manner.ROOM, entry, str(user.id), user.name, "")
    return _sign(db, session, half_day, signed, now=now, actor_id=user.id)


def sign_expected(
    db: Session,
    session_id: UUID,
    half_day: HalfDay,
    key: UUID,
    *,
    manner: Manner,
    written: str = "",
    now: datetime,
    actor_id: UUID,
) -> Signature:
    """Somebody on the list signs on the page of who leads: by typing their name, or seen by them.

    Once signed, a second time changes nothing. Raises :class:`NotYours` for somebody who is not on
    it; :class:`Refused` with ``name_differs``, and as :func:`note_presence` does.
    """
    session = lock_session(db, session_id)
    one = next((e for e in list_expected(db, session_id) if e.key == key), None)
    if one is None:
        raise NotYours
    if manner is Manner.TYPED and not is_same_name(written, one.name):
        raise Refused(
            _(
                "Ce n’est pas le nom de cette ligne : la personne écrit le sien, « %(name)s ».",
                name=one.name,
            ),
            code="name_differs",
            field="written",
        )
    before = _signed_before(db, session_id, half_day, one, manner)
    if before is not None:
        return before
    signed = Signed(manner, entry_of(one, half_day), str(one.key), one.name, written)
    return _sign(db, session, half_day, signed, now=now, actor_id=actor_id)


def sign_by_code(
    db: Session,
    session_id: UUID,
    half_day: HalfDay,
    code: str,
    codes: Codes,
    *,
    now: datetime,
    actor_id: UUID,
) -> tuple[Signature, Expected]:
    """The person whose own code this is signs; once signed, a second time changes nothing.

    Raises :class:`Refused` with ``code_unknown``, and as :func:`note_presence` does.
    """
    typed = tidy_own(code)
    session = lock_session(db, session_id)
    for one in list_expected(db, session_id):
        if typed and one.user_id and codes.own(session_id, one.user_id) == typed:
            before = _signed_before(db, session_id, half_day, one, Manner.OWN)
            if before is not None:
                return before, one
            signed = Signed(Manner.OWN, entry_of(one, half_day), str(one.key), one.name, typed)
            return _sign(db, session, half_day, signed, now=now, actor_id=actor_id), one
    raise Refused(
        _(
            "Ce code n’est à personne de la liste : la personne l’a-t-elle ouvert pour cette "
            "séance ? Sans réservation, ajoutez-la plus bas."
        ),
        code="code_unknown",
        field="code",
    )


def _signed_before(
    db: Session, session_id: UUID, half_day: HalfDay, one: Expected, manner: Manner
) -> Signature | None:
    """The record that this tap would only repeat. Who was seen by the team may still sign
    themselves, and who signs though the roll was corrected to their absence says something new."""
    for before in list_signed_by(db, session_id, half_day, one):
        assert before.line is not None  # it was found by it
        is_same = manner is Manner.TEAM or before.manner is not Manner.TEAM
        if is_same and before.line.presence is Presence.PRESENT:
            return before
    return None


def sign_walk_in(
    db: Session,
    session_id: UUID,
    half_day: HalfDay,
    name: str,
    email: str,
    *,
    now: datetime,
    actor_id: UUID,
) -> Signature:
    """Somebody who came without a seat is noted by who leads, with a name and an address. Noted
    once, the same person a second time changes nothing. Raises :class:`Refused` with
    ``address_taken`` for another name at an address that is on the sheet."""
    session = lock_session(db, session_id)
    known = next((e for e in list_expected(db, session_id) if e.email == _tidy(email)), None)
    if known is not None:
        if known.user_id is None and not is_same_name(name, known.name):
            raise Refused(
                _(
                    "Cette adresse est déjà sur la feuille, au nom de %(name)s : donnez-en une "
                    "autre, ou corrigez le nom à l’appel.",
                    name=known.name,
                ),
                code="address_taken",
                field="guest_email",
            )
        before = _signed_before(db, session_id, half_day, known, Manner.TEAM)
        if before is not None:
            return before
    entry = RollEntry(
        Presence.PRESENT, guest_name=check_name(name), guest_email=email, half_days=(half_day,)
    )
    signed = Signed(Manner.TEAM, entry, email, name, "")
    return _sign(db, session, half_day, signed, now=now, actor_id=actor_id)


def _tidy(email: str) -> str:
    try:
        return normalise_email(email)
    except BadAddress:
        return ""  # what notes them says so


def countersign(
    db: Session, session_id: UUID, half_day: HalfDay, name: str, *, now: datetime, actor_id: UUID
) -> Signature | None:
    """Who leads countersigns what was signed on the place's pages for this half-day.

    None: nothing there waits for it. Raises :class:`Refused` without a name, or too early.
    """
    written = check_name(name)
    session = lock_session(db, session_id)
    check_begun(session, half_day, now)
    chain = find_place_chain(db, session_id)
    waiting = [
        one
        for one in list_uncovered(list_signatures(db, session_id, half_day))
        if chain is not None and one.chain_id == chain.id
    ]
    if not waiting:
        return None
    signed = Sealed(secrets.token_hex(16), "", "", written)
    return _append(db, session, half_day, Manner.COUNTER, signed, None, now=now, actor_id=actor_id)


def list_uncovered(records: Iterable[Signature]) -> list[Signature]:
    """Of these records of one half-day, those that nobody countersigned since."""
    waiting: dict[UUID, list[Signature]] = {}
    for one in records:
        if one.manner is Manner.COUNTER:
            waiting[one.chain_id] = []
        else:
            waiting.setdefault(one.chain_id, []).append(one)
    return [one for of_chain in waiting.values() for one in of_chain]


def entry_of(one: Expected, half_day: HalfDay, arrived_at: datetime | None = None) -> RollEntry:
    """What the roll notes of somebody on the list."""
    return RollEntry(
        Presence.PRESENT,
        one.user_id,
        guest_name="" if one.user_id else one.name,
        guest_email="" if one.user_id else one.email,
        half_days=(half_day,),
        arrived_at=arrived_at,
    )


def _sign(
    db: Session,
    session: LearningSession,
    half_day: HalfDay,
    signed: Signed,
    *,
    now: datetime,
    actor_id: UUID,
) -> Signature:
    check_begun(session, half_day, now)
    late = _("Émargement sur la page de la séance.")
    lines = note_presence(db, session.id, [signed.entry], now=now, actor_id=actor_id, why=late)
    sealed = Sealed(secrets.token_hex(16), signed.who, signed.name, signed.written)
    return _append(
        db, session, half_day, signed.manner, sealed, lines[0], now=now, actor_id=actor_id
    )


def _append(
    db: Session,
    session: LearningSession,
    half_day: HalfDay,
    manner: Manner,
    sealed: Sealed,
    line: Attendance | None,
    *,
    now: datetime,
    actor_id: UUID,
) -> Signature:
    """One more record of the place's own chain."""
    chain = find_place_chain(db, session.id)
    if chain is None:
        chain = open_chain(db, None, session.id, now=now)
    link = Link(
        chain=str(chain.id),
        number=chain.length + 1,
        previous=chain.head,
        nonce=str(uuid4()),
        manner=manner.value,
        day=half_day[0].isoformat(),
        half=half_day[1].value,
        at=write_instant(now),
        seal=sealed.seal,
    )
    return append_link(db, chain, link, sealed, line, skew=0, now=now, actor_id=actor_id)
