"""A seat kept for each colleague; each answers for themselves, in their own name.

A seat that is kept counts as taken. It is booked by whoever opens the link and has an account, or
goes to the line: declined, taken back, or when its time is over.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings import holding, notices
from tierslieu.bookings.admission import check_admission, check_follows
from tierslieu.bookings.groups import queries
from tierslieu.bookings.limits.queries import hold_limit
from tierslieu.bookings.limits.rules import check_limit, check_may_invite
from tierslieu.bookings.lines import fill_seats, open_pool
from tierslieu.bookings.models import (
    Booking,
    BookingStatus,
    InvitationState,
    SeatInvitation,
)
from tierslieu.bookings.queries import find_active
from tierslieu.bookings.refusals import mode_not_offered
from tierslieu.bookings.rules import hold_all_of
from tierslieu.bookings.seats import SHARED, lock_pool, session_to_come
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import User
from tierslieu.web.formats import hour

HELD_FOR = timedelta(days=3)
BEFORE = timedelta(hours=24)  # the line still has a day for what nobody took
MOST_AT_ONCE = 10  # colleagues at one session
MOST_A_DAY = 20  # mails that one person has sent to others
S = InvitationState


@dataclass(frozen=True)
class Invited:
    """A seat that is kept, and the secret of its link, which is kept nowhere."""

    invitation: SeatInvitation
    secret: str


def hash_secret(secret: str) -> str:
    """A link's secret as it is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invite_colleagues(
    db: Session,
    session_id: UUID,
    user_id: UUID,
    mode: SeatMode,
    emails: Sequence[str],
    *,
    now: datetime,
    code: str = "",
) -> list[Invited]:
    """Keep a seat for each address and write to it: all or none.

    Raises :class:`NotYours`; :class:`Refused` with ``bad_address``, ``too_many``, ``too_often``,
    ``full`` (field ``emails``), ``mode_not_offered`` (field ``mode``), and as claiming for oneself:
    ``limited`` for more seats than their limit leaves.
    """
    lock_for_writing(db)
    hold_limit(db, user_id, now)
    session = session_to_come(db, session_id, now)
    user = db.get(User, user_id)
    if user is None:
        raise NotYours
    if session.is_of_bundle:
        raise Refused(
            _("Cette série se suit en entier : chaque personne la réserve pour elle-même."),
            code="not_eligible",
        )
    check_admission(db, session, user, code=code, now=now)
    wanted = _read(emails, user.email)
    known = queries.list_held(db, session_id, user_id)
    if len(known) + len(wanted) > MOST_AT_ONCE:
        raise _refused(
            _("Dix collègues au plus par séance, places déjà gardées comprises."), "too_many"
        )
    if queries.count_since(db, user_id, now - timedelta(days=1)) + len(wanted) > MOST_A_DAY:
        raise _refused(
            _("Vous avez déjà invité beaucoup de monde aujourd’hui : reprenez demain."),
            "too_often",
            429,
        )
    if (offered := session.pool(mode)) is None or not offered.capacity:
        raise mode_not_offered()
    taken = queries.list_addresses(db, session_id)
    wanted = [email for email in wanted if email not in taken]
    if not wanted:
        raise _refused(_("Une place est déjà gardée à ces adresses."), "already_booked")
    check_may_invite(db, user_id, len(wanted), now)
    pool = open_pool(db, session, mode, now)
    free = pool.free_for(None, now)  # those kept for a public are for who says to be of it
    if free < len(wanted):
        raise _refused(
            ngettext(
                "Il ne reste que %(num)s place : gardez-en moins, ou choisissez une autre séance.",
                "Il ne reste que %(num)s places : gardez-en moins, ou choisissez une autre séance.",
                free,
            )
            if free
            else _("C’est complet : aucune place ne peut être gardée."),
            "full",
        )
    made = []
    for email in wanted:
        secret = secrets.token_urlsafe(32)
        invitation = SeatInvitation(
            session=session,
            mode=mode,
            email=email,
            invited_by=user,
            state=S.HELD,
            secret_hash=hash_secret(secret),
            created_at=now,
            held_until=_until(session, now),
        )
        db.add(invitation)
        made.append(Invited(invitation, secret))
    pool.taken += len(made)
    db.flush()
    for one in made:
        notices.tell_invited(db, one.invitation, one.secret, now)
    return made


def _read(emails: Sequence[str], own: str) -> list[str]:
    found = []
    for text in emails:
        try:
            found.append(normalise_email(text))
        except BadAddress:
            raise _refused(
                _("« %(text)s » n’est pas une adresse complète.", text=text[:80]), "bad_address"
            ) from None
    if own in found:
        raise _refused(_("Pour vous, réservez votre place : ici, vos collègues."), "bad_address")
    if not found:
        raise _refused(_("Écrivez l’adresse de vos collègues, une par ligne."), "bad_address")
    return list(dict.fromkeys(found))


def _refused(message: str, code: str, status: int = 409) -> Refused:
    return Refused(message, code=code, field="emails", status=status)


def _until(session: LearningSession, now: datetime) -> datetime:
    """Until when a seat is kept: three days, and a day before the start at the latest; nearer, as
    an offer is."""
    latest = session.starts_at - BEFORE
    if latest - now < BEFORE:
        return holding.held_until(session.starts_at, now)
    return min(now + HELD_FOR, latest)


def _already_booked() -> Refused:
    return Refused(
        _("Vous avez déjà réservé cette séance : laissez cette place à quelqu’un d’autre."),
        code="already_booked",
    )


def take_invitation(db: Session, secret: str, user: User, *, now: datetime) -> Booking:
    """Book the seat that is kept, in one's own name.

    Raises :class:`NotYours`; :class:`Refused` with ``closed``, ``offer_over``, ``not_eligible``,
    ``limited``, ``already_booked``.
    """
    lock_for_writing(db)
    hold_limit(db, user.id, now)
    invitation, session = _open(db, secret, now)
    if user.confirmed_at is None or not user.active:
        raise Refused(
            _("Confirmez d’abord votre adresse : le lien est dans le mail d’inscription."),
            code="not_eligible",
        )
    held = find_active(db, session.id, user.id)
    if held is not None and held.status is not BookingStatus.WAITING:
        raise _already_booked()
    check_follows(db, session, user)
    # A place in line is counted already, and so is a seat that they keep themselves.
    if held is None and invitation.invited_by_id != user.id:
        check_limit(db, user.id, now)
    # Who stands in line leaves it for this seat.
    booking = held or Booking(
        session=session, user=user, created_at=now, tap=secrets.token_urlsafe(18)
    )
    booking.mode, booking.status = invitation.mode, BookingStatus.CONFIRMED
    booking.confirmed_at = now
    db.add(booking)
    try:
        db.flush()
    except IntegrityError:  # booked in another window at the same instant
        raise _already_booked() from None
    _end(db, invitation, S.TAKEN, now)
    db.flush()
    notices.tell_claimed(db, booking, now)
    return booking


def decline_invitation(db: Session, secret: str, *, now: datetime) -> None:
    """The colleague does not come: the seat goes to the line. Raises as taking it does."""
    lock_for_writing(db)
    invitation, session = _open(db, secret, now)
    _free(db, invitation, session, S.DECLINED, now)


def withdraw_invitation(db: Session, invitation_id: UUID, user_id: UUID, *, now: datetime) -> None:
    """Who kept the seat gives it back. Raises :class:`NotYours` for another's, :class:`Refused`
    with ``closed`` or ``already_released``."""
    lock_for_writing(db)
    found = db.get(SeatInvitation, invitation_id)
    if found is None or found.invited_by_id != user_id:
        raise NotYours
    session = session_to_come(db, found.session_id, now)
    invitation = _locked(db, found, session)
    if invitation.state is not S.HELD:
        raise Refused(_("Cette place n’est plus gardée."), code="already_released")
    _free(db, invitation, session, S.WITHDRAWN, now)


def end_invitation(db: Session, invitation_id: UUID, *, now: datetime) -> bool:
    """Give back a seat that nobody took in time, and tell who kept it; whether there was one."""
    lock_for_writing(db)
    found = db.get(SeatInvitation, invitation_id)
    if found is None:
        return False
    session = db.get_one(
        LearningSession, found.session_id, with_for_update=SHARED, populate_existing=True
    )
    invitation = _locked(db, found, session)
    if invitation.state is not S.HELD or now < invitation.held_until:
        return False
    if session.cancelled_at is None and session.starts_at > now:
        notices.tell_invitation_over(db, invitation, now)
    _free(db, invitation, session, S.OVER, now)
    return True


def forget_inviter(db: Session, user_id: UUID, now: datetime) -> None:
    """Give back every seat this person keeps, and forget what they kept."""
    lock_for_writing(db)
    hold_all_of(db, user_id)
    for found in queries.list_of_inviter(db, user_id):
        session = found.session
        invitation = _locked(db, found, session)
        if invitation.state is S.HELD:
            _free(db, invitation, session, S.WITHDRAWN, now)
        db.delete(invitation)
    db.flush()


def _open(db: Session, secret: str, now: datetime) -> tuple[SeatInvitation, LearningSession]:
    found = queries.find_by_hash(db, hash_secret(secret))
    if found is None:
        raise NotYours
    session = session_to_come(db, found.session_id, now)
    invitation = _locked(db, found, session)
    if invitation.state is S.HELD and now < invitation.held_until:
        return invitation, session
    raise Refused(
        {
            S.TAKEN: _("Cette place a déjà été prise par ce lien."),
            S.DECLINED: _("Cette place a été laissée à quelqu’un d’autre."),
            S.WITHDRAWN: _("La personne qui vous gardait cette place l’a reprise."),
        }.get(
            invitation.state,
            _(
                "Cette place vous était gardée jusqu’à %(until)s : elle est allée à quelqu’un "
                "d’autre.",
                until=hour(invitation.held_until),
            ),
        ),
        code="offer_over",
    )


def _locked(db: Session, found: SeatInvitation, session: LearningSession) -> SeatInvitation:
    lock_pool(db, session, found.mode)
    return db.get_one(SeatInvitation, found.id, with_for_update=True, populate_existing=True)


def _free(
    db: Session,
    invitation: SeatInvitation,
    session: LearningSession,
    state: InvitationState,
    now: datetime,
) -> None:
    pool = lock_pool(db, session, invitation.mode)
    _end(db, invitation, state, now)
    pool.taken -= 1
    db.flush()
    if session.cancelled_at is None and session.starts_at > now:
        fill_seats(db, pool, now)


def _end(db: Session, invitation: SeatInvitation, state: InvitationState, now: datetime) -> None:
    """Close it; nothing is kept of the address, in the outbox neither."""
    invitation.state, invitation.email, invitation.ended_at = state, "", now
    notices.forget_invited(db, invitation)
