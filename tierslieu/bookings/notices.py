"""The mails of bookings: one at each turn, in the same transaction as the turn itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.agenda.calendars import Entry, describe_place, make_calendar, make_invitation
from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.bookings.holding import next_waking, tells_at
from tierslieu.bookings.models import Booking, BookingStatus, SeatInvitation
from tierslieu.bookings.queries import rank_of
from tierslieu.clock import to_local
from tierslieu.mail.queries import list_of_key
from tierslieu.mail.rules import PLACE_URL, Attachment, forget_mails, take_back_mails, write_mail
from tierslieu.mail.words import in_each
from tierslieu.web.formats import day, hour, span
from tierslieu.web.languages import speaking

Changed = tuple[Booking, dict[str, Any]]
"""A booking, and how :func:`describe_session` described its session before it moved."""


def tell_claimed(db: Session, booking: Booking, now: datetime) -> None:
    """«Your seat is confirmed», with the invitation; or «you are n-th in line»."""
    if booking.status is BookingStatus.CONFIRMED:
        _write(db, booking, "bookings_confirmed", now, invite=True)
    else:
        _write(db, booking, "bookings_waiting", now, rank=rank_of(db, booking))


def tell_promoted(db: Session, booking: Booking, now: datetime) -> None:
    """«A seat came free and it is yours», with the invitation; or «it is kept for you until…».

    Not at night: the mail leaves in the morning, and is written anew if the session changes.
    """
    leaves_at = tells_at(booking.session.starts_at, now)
    if booking.status is BookingStatus.CONFIRMED:
        _write(db, booking, "bookings_promoted", now, invite=True, leaves_at=leaves_at)
    elif booking.offered_until is not None:
        until = booking.offered_until
        _write(
            db,
            booking,
            "bookings_offered",
            now,
            leaves_at=leaves_at,
            until=describe_instant(until),
        )


def tell_series_claimed(db: Session, made: Sequence[Booking], now: datetime) -> None:
    """One mail for several dates: which are confirmed, at which one waits, a calendar of them."""
    first = made[0]
    lines = [
        {
            **describe_session(booking.session, booking.mode),
            "rank": rank_of(db, booking),
            "path": f"/agenda/{booking.session_id}",
        }
        for booking in made
    ]
    seated = [b for b in made if b.status is BookingStatus.CONFIRMED]
    write_mail(
        db,
        first.user.email,
        "bookings_series",
        {
            "name": first.user.name,
            "title": first.session.title,
            "lines": lines,
            "seated": len(seated),
            "path": "/mes-reservations",
        },
        now=now,
        attachments=_dates_attached(seated, now),
    )


def tell_switched(db: Session, booking: Booking, now: datetime) -> None:
    """«You now take part online», with the invitation anew; or «you are n-th in the other line»."""
    if booking.status is BookingStatus.CONFIRMED:
        _write(db, booking, "bookings_switched", now, invite=True, mode=booking.mode.value)
    else:
        _write(db, booking, "bookings_waiting", now, rank=rank_of(db, booking))


def tell_passed_on(db: Session, booking: Booking, now: datetime) -> None:
    """«You did not answer in time, the seat went to the next»."""
    _write(db, booking, "bookings_passed_on", now, leaves_at=next_waking(now))


def tell_released(
    db: Session, booking: Booking, now: datetime, *, was: BookingStatus, actor_id: UUID | None
) -> None:
    """«Your seat is released», with the CANCEL; or «you left the line», «you declined»."""
    held_seat = was is BookingStatus.CONFIRMED
    _write(
        db,
        booking,
        "bookings_released",
        now,
        invite=held_seat,
        withdrawn=True,
        held_seat=held_seat,
        declined=was is BookingStatus.OFFERED,
        by_self=actor_id == booking.user_id,
    )


def tell_left_out(db: Session, booking: Booking, now: datetime) -> None:
    """«You miss this date, the others stay yours», with the CANCEL of this one."""
    why = booking.left_out
    _write(db, booking, "bookings_left_out", now, invite=True, withdrawn=True, why=why)


def tell_session_changed(db: Session, booking: Booking, was: dict[str, Any], now: datetime) -> None:
    """What moved: hour or place, before and after; a seat's invitation is sent anew."""
    if take_back(db, booking, now):  # they do not know of their seat yet
        tell_promoted(db, booking, now)
        return
    if booking.status is BookingStatus.OFFERED and booking.offered_until is not None:
        until = booking.offered_until
        _write(
            db,
            booking,
            "bookings_offered",
            now,
            due_key=f"{_key(booking, 'bookings_offered')}:{booking.session.sequence}",
            until=describe_instant(until),
        )
        return
    held_seat = booking.status is BookingStatus.CONFIRMED
    _write(db, booking, "bookings_changed", now, invite=held_seat, held_seat=held_seat, was=was)


def tell_sessions_changed(db: Session, changed: Sequence[Changed], now: datetime) -> None:
    """The same of several dates at once, in one mail with one calendar; what one does not know of
    yet, or is to answer, is said by itself."""
    known = []
    for booking, was in changed:
        if booking.status is BookingStatus.OFFERED or len(changed) == 1:
            tell_session_changed(db, booking, was, now)
        elif take_back(db, booking, now):
            tell_promoted(db, booking, now)
        else:
            known.append((booking, was))
    if len(known) == 1:
        tell_session_changed(db, *known[0], now)
    if len(known) < 2:
        return
    first = known[0][0]
    seated = [b for b, _was in known if b.status is BookingStatus.CONFIRMED]
    write_mail(
        db,
        first.user.email,
        "bookings_series_changed",
        {
            "name": first.user.name,
            "title": first.session.title,
            "lines": [{"was": was, "now": describe_session(b.session, b.mode)} for b, was in known],
            "path": "/mes-reservations",
        },
        now=now,
        attachments=_dates_attached(seated, now),
    )


def tell_session_cancelled(db: Session, booking: Booking, now: datetime) -> None:
    """«The session is cancelled», why, and the CANCEL for those who held a seat."""
    held_seat = booking.status is BookingStatus.CONFIRMED
    reason = booking.session.cancel_reason
    _write(
        db, booking, "bookings_cancelled", now, invite=held_seat, held_seat=held_seat, reason=reason
    )


def tell_sessions_cancelled(db: Session, bookings: Sequence[Booking], now: datetime) -> None:
    """The same of several dates of a series at once, in one mail with one calendar."""
    if len(bookings) == 1:
        tell_session_cancelled(db, bookings[0], now)
        return
    first = bookings[0]
    for booking in bookings:
        take_back(db, booking, now)
    seated = [b for b in bookings if b.status is BookingStatus.CONFIRMED]
    write_mail(
        db,
        first.user.email,
        "bookings_series_cancelled",
        {
            "name": first.user.name,
            "title": first.session.title,
            "lines": [describe_session(b.session, b.mode) for b in bookings],
            "reason": first.session.cancel_reason,
            "path": "/agenda",
        },
        now=now,
        attachments=_dates_attached(seated, now),
    )


def tell_reminder(db: Session, booking: Booking, now: datetime, *, kind: str, key: str) -> None:
    """«Tomorrow at two», with the invitation and the link that gives the seat back. ``kind``:
    ``days`` or ``morning``; ``key`` makes it unique."""
    left = (booking.session.starts_local.date() - to_local(now).date()).days
    _write(
        db,
        booking,
        "bookings_reminder",
        now,
        invite=True,
        due_key=key,
        kind=kind,
        days_left=left,
        is_bundle=booking.session.is_of_bundle,
    )


def tell_invited(db: Session, invitation: SeatInvitation, secret: str, now: datetime) -> None:
    """To a colleague: «so-and-so keeps a seat for you until…», with the link that answers."""
    until = invitation.held_until
    _write_about(
        db,
        invitation,
        invitation.email,
        "bookings_invited",
        now,
        due_key=f"invited:{invitation.id}",
        by=invitation.invited_by.name,
        until=describe_instant(until),
        path=f"/reservations/invitation/{secret}",
    )


def tell_invited_changed(
    db: Session, invitation: SeatInvitation, was: dict[str, Any], now: datetime
) -> None:
    """To a colleague for whom a seat is kept: what moved, and until when it is kept now."""
    until = invitation.held_until
    _write_about(
        db,
        invitation,
        invitation.email,
        "bookings_invited_changed",
        now,
        due_key=f"invited:{invitation.id}:{invitation.session.sequence}",
        was={**was, "link": ""},
        until=describe_instant(until),
        path=f"/agenda/{invitation.session_id}",
    )


def forget_invited(db: Session, invitation: SeatInvitation) -> None:
    """Forget the mails that went to a colleague, their address and link with them."""
    forget_mails(db, list_of_key(db, f"invited:{invitation.id}"))


def tell_invitation_over(db: Session, invitation: SeatInvitation, now: datetime) -> None:
    """To who kept the seat: «your colleague did not answer, the seat is free again»."""
    _write_about(
        db,
        invitation,
        invitation.invited_by.email,
        "bookings_invitation_over",
        now,
        name=invitation.invited_by.name,
        path=f"/agenda/{invitation.session_id}",
    )


def tell_invited_cancelled(db: Session, invitation: SeatInvitation, now: datetime) -> None:
    """To a colleague for whom a seat was kept: the session is called off, and why."""
    _write_about(
        db,
        invitation,
        invitation.email,
        "bookings_invited_cancelled",
        now,
        reason=invitation.session.cancel_reason,
        path="/agenda",
    )


def _write_about(
    db: Session,
    invitation: SeatInvitation,
    recipient: str,
    template: str,
    now: datetime,
    *,
    due_key: str | None = None,
    **more: Any,
) -> None:
    session = invitation.session
    where = describe_session(session, invitation.mode)
    context = {"title": session.title, "when_where": {**where, "link": ""}, **more}
    write_mail(db, recipient, template, context, now=now, due_key=due_key)


def describe_instant(at: datetime) -> dict[str, Any]:
    """A day and an hour in words, as mails print them."""
    return {"day": in_each(lambda: day(at)), "hour": in_each(lambda: hour(at))}


def describe_session(session: LearningSession, mode: SeatMode) -> dict[str, Any]:
    """When and where in words, as mails print them; the link for who takes part online."""
    return {
        "day": in_each(lambda: day(session.starts_local, year=True)),
        "hours": in_each(lambda: span(session.starts_local, session.ends_local)),
        "place": in_each(lambda: describe_place(session, mode)),
        "link": session.online_link if mode is SeatMode.ONLINE else "",
    }


def _write(
    db: Session,
    booking: Booking,
    template: str,
    now: datetime,
    *,
    invite: bool = False,
    withdrawn: bool = False,
    leaves_at: datetime | None = None,
    due_key: str | None = None,
    **more: Any,
) -> None:
    if due_key is None:  # what waits for the morning is overtaken by what is said now
        take_back(db, booking, now)
    session = booking.session
    online = booking.mode is SeatMode.ONLINE
    context = {
        "name": booking.user.name,
        "title": session.title,
        "when_where": describe_session(session, booking.mode),
        "access": session.room.access if session.room is not None and not online else "",
        "bring": session.bring,
        "path": f"/agenda/{session.id}",
        "tap": f"/reservations/geste/{booking.tap}" if booking.tap else "",
        **more,
    }
    attachments = []
    if invite:
        entry = Entry(session, booking.mode, withdrawn=withdrawn)
        with speaking(booking.user.language):
            method, calendar = make_invitation(entry, (booking.user.name, booking.user.email), now)
        attachments.append(Attachment("seance.ics", "text/calendar", calendar, {"method": method}))
    write_mail(
        db,
        booking.user.email,
        template,
        context,
        now=now,
        due_key=due_key or (_key(booking, template) if template in _MAY_WAIT else None),
        leaves_at=leaves_at,
        attachments=attachments,
    )


def _dates_attached(seated: Sequence[Booking], now: datetime) -> list[Attachment]:
    """One calendar of several dates; none for who has a seat at none."""
    if not seated:
        return []
    entries = [Entry(booking.session, booking.mode) for booking in seated]
    title = seated[0].session.title
    calendar = make_calendar(title, entries, PLACE_URL, now, is_mailed=True)
    return [Attachment("seances.ics", "text/calendar", calendar)]


_MAY_WAIT = ("bookings_promoted", "bookings_offered", "bookings_passed_on")


def _key(booking: Booking, template: str) -> str:
    return f"booking:{booking.id}:{template}"


def take_back(db: Session, booking: Booking, now: datetime) -> bool:
    """Forget the mail that waits for the morning, if there is one and it has not left."""
    if booking.waiting_since is None:  # never in line: nothing was ever handed over
        return False
    return take_back_mails(db, [_key(booking, template) for template in _MAY_WAIT], now=now)
