"""Records that a facilitator's phone kept while it had no network: written once, in their order.

A phone sends all it has until it is answered, so what was heard before changes nothing. What
comes anew must follow the head of its chain, hash for hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.attendance.models import Attendance, Half, Presence
from tierslieu.attendance.records import Record, note_records
from tierslieu.attendance.rules import HalfDay, RollEntry
from tierslieu.attendance.signing.chains import Link, Sealed
from tierslieu.attendance.signing.codes import Codes
from tierslieu.attendance.signing.models import Manner, SigningChain
from tierslieu.attendance.signing.queries import Expected, list_expected, list_of_chain
from tierslieu.attendance.signing.rules import check_begun, countersign, entry_of, lock_session
from tierslieu.attendance.signing.writing import append_link, open_chain
from tierslieu.chaining import find_break, read_instant
from tierslieu.errors import Refused
from tierslieu.people.rules import check_name
from tierslieu.web.formats import hour, short_day

MOST_SKEW = timedelta(days=2)  # a clock further off than that was never set


@dataclass(frozen=True)
class Sent:
    """A record as it came: what is hashed, what is sealed, and the hash it claims."""

    link: Link
    sealed: Sealed
    digest: str

    @property
    def half_day(self) -> HalfDay:
        """Of which half-day it is."""
        return date.fromisoformat(self.link.day), Half(self.link.half)


@dataclass(frozen=True)
class Received:
    """A record heard: now, or before."""

    nonce: UUID
    is_new: bool


def receive(
    db: Session,
    session_id: UUID,
    chain_id: UUID,
    records: Sequence[Sent],
    codes: Codes,
    *,
    skew: timedelta,
    now: datetime,
    actor_id: UUID,
) -> list[Received]:
    """Write the records not heard before and note who was there, all of them or none.

    ``skew``: how much the device's clock is behind ours. A countersignature also covers what was
    signed on the place's own pages for its half-day. Raises :class:`NotYours`; :class:`Refused`
    with ``closed``, ``chain_broken``, ``code_wrong``, ``bad_entry``, ``nonce_reused``, and the
    ``nonce`` of the record it is about in ``more``.
    """
    session = lock_session(db, session_id)
    chain = db.get(SigningChain, chain_id, populate_existing=True)
    if chain is not None and (chain.session_id != session_id or chain.is_place):
        raise Refused(
            _("Ces signatures sont d’une autre séance : rien n’a été enregistré."),
            code="chain_broken",
        )
    if chain is None:
        chain = open_chain(db, chain_id, session.id, now=now)
        db.flush()
    known = {one.nonce: one.digest for one in list_of_chain(db, chain_id)}
    fresh = [record for record in records if UUID(record.link.nonce) not in known]
    _check_known(records, known)
    _check_chain(chain, fresh)
    for record in fresh:
        _check_record(record, session, now)
    skew = skew if abs(skew) <= MOST_SKEW else timedelta()
    lines = _note(db, session_id, fresh, codes, skew=skew, now=now, actor_id=actor_id)
    for record in fresh:
        line = lines.get(UUID(record.link.nonce))
        append_link(
            db,
            chain,
            record.link,
            record.sealed,
            line,
            skew=round(skew.total_seconds()),
            now=now,
            actor_id=actor_id,
        )
        if record.link.manner == Manner.COUNTER.value:
            name = record.sealed.written
            countersign(db, session_id, record.half_day, name, now=now, actor_id=actor_id)
    new = {record.link.nonce for record in fresh}
    return [Received(UUID(r.link.nonce), r.link.nonce in new) for r in records]


def _check_known(records: Sequence[Sent], known: Mapping[UUID, str]) -> None:
    for record in records:
        heard = known.get(UUID(record.link.nonce))
        if heard is not None and heard != record.digest:
            raise _broken(record, _("elle dit autre chose que la première fois"))


def _check_chain(chain: SigningChain, fresh: Sequence[Sent]) -> None:
    links = [(record.link, record.digest) for record in fresh]
    wrong = find_break(links, after=chain.head, number=chain.length + 1)
    if wrong is not None:
        raise _broken(
            fresh[wrong - chain.length - 1],
            _("elle ne suit pas celle d’avant : une signature manque, ou a été changée"),
        )
    for record in fresh:
        if record.sealed.seal != record.link.seal:
            raise _broken(record, _("le nom n’est pas celui qui a été scellé"))


def _check_record(record: Sent, session: LearningSession, now: datetime) -> None:
    # By our clock as it comes: that of a phone may have been put right since it was signed.
    try:
        check_begun(session, record.half_day, now)
        if record.link.manner == Manner.COUNTER.value:
            check_name(record.sealed.written)
    except Refused as refused:
        refused.more["nonce"] = record.link.nonce
        raise


def _broken(record: Sent, why: str) -> Refused:
    return Refused(
        _(
            "La signature n° %(number)s de cet appareil n’est pas enregistrée : %(why)s. Les "
            "précédentes sont gardées ; faites l’appel à la main pour la suite.",
            number=record.link.number,
            why=why,
        ),
        code="chain_broken",
        more={"nonce": record.link.nonce},
    )


def _note(
    db: Session,
    session_id: UUID,
    fresh: Sequence[Sent],
    codes: Codes,
    *,
    skew: timedelta,
    now: datetime,
    actor_id: UUID,
) -> dict[UUID, Attendance]:
    """Note who was there; gives each record's line of the roll."""
    expected = {str(one.key): one for one in list_expected(db, session_id)}
    noted = []
    for record in fresh:
        if record.link.manner == Manner.COUNTER.value:
            continue
        at = _put_right(read_instant(record.link.at), skew, now)
        entry = _entry(db, session_id, record, expected.get(record.sealed.who), at)
        _check_code(record, session_id, entry, codes)
        noted.append(Record(UUID(record.link.nonce), record.digest, entry))
    if not noted:
        return {}
    first = min(_put_right(read_instant(r.link.at), skew, now) for r in fresh)
    why = _(
        "Émargement du %(day)s à %(hour)s, envoyé plus tard.",
        day=short_day(first),
        hour=hour(first),
    )
    heard = note_records(db, session_id, noted, now=now, actor_id=actor_id, why=why)
    return {one.nonce: one.line for one in heard}


def _put_right(at: datetime, skew: timedelta, now: datetime) -> datetime:
    """What a device's clock said, by ours: no later than now, and now where no date is left."""
    try:
        return min(at + skew, now)
    except OverflowError:
        return now


def _entry(
    db: Session, session_id: UUID, record: Sent, one: Expected | None, at: datetime
) -> RollEntry:
    sealed, half_day = record.sealed, record.half_day
    if one is not None:
        return entry_of(one, half_day, at)
    key = _key(sealed.who)
    line = db.get(Attendance, key) if key else None
    if line is not None and line.session_id == session_id:
        key = line.user_id  # noted as a guest, who may have an account since
    if key is not None:
        # Gave their seat back meanwhile, and was there all the same.
        return RollEntry(Presence.PRESENT, key, half_days=(half_day,), arrived_at=at)
    return RollEntry(
        Presence.PRESENT,
        guest_name=line.guest_name if line else sealed.name,
        guest_email=line.guest_email if line else sealed.who,
        half_days=(half_day,),
        arrived_at=at,
    )


def _key(who: str) -> UUID | None:
    try:
        return UUID(who)
    except ValueError:
        return None


def _check_code(record: Sent, session_id: UUID, entry: RollEntry, codes: Codes) -> None:
    if record.link.manner != Manner.OWN.value:
        return
    if entry.user_id is None or codes.own(session_id, entry.user_id) != record.sealed.written:
        raise Refused(
            _("Le code de %(name)s n’est pas le sien.", name=record.sealed.name),
            code="code_wrong",
            more={"nonce": record.link.nonce},
        )
