"""The mails of a bundle: one for all its dates, in the same transaction as the turn itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tierslieu.agenda.calendars import Entry, make_calendar
from tierslieu.bookings.holding import next_waking, tells_at
from tierslieu.bookings.models import Booking, BookingStatus
from tierslieu.bookings.notices import describe_instant, describe_session
from tierslieu.bookings.queries import rank_of
from tierslieu.mail.queries import list_of_key
from tierslieu.mail.rules import PLACE_URL, Attachment, take_back_mails, write_mail

# What may wait for the morning, and is written anew if things change before.
MAY_WAIT = ("promoted", "offered", "passed_on")


def tell_bundle(
    db: Session, bookings: Sequence[Booking], turn: str, now: datetime, *, by_self: bool = True
) -> None:
    """One mail to the person whose bookings these are. ``turn``: ``confirmed``, ``waiting``,
    ``offered``, ``promoted``, ``passed_on``, ``released`` (a seat), ``declined``, ``left`` (the
    line), ``begun`` or ``gone`` (the line is over); with one calendar of all dates where a seat is
    had or was."""
    take_back_bundle(db, bookings, now)
    ordered = sorted(bookings, key=lambda one: one.session.starts_at)
    first = ordered[0]
    until = first.offered_until
    context = {
        "name": first.user.name,
        "title": first.session.title,
        "turn": turn,
        "lines": [describe_session(one.session, one.mode) for one in ordered],
        "rank": rank_of(db, first),
        "until": describe_instant(until) if until and turn == "offered" else None,
        "path": f"/agenda/{first.session_id}",
        "tap": f"/reservations/geste/{first.tap}" if first.tap else "",
        "by_self": by_self,
    }
    leaves_at = None
    if turn in MAY_WAIT:
        starts_at = first.session.starts_at
        leaves_at = next_waking(now) if turn == "passed_on" else tells_at(starts_at, now)
    write_mail(
        db,
        first.user.email,
        "bookings_bundle",
        context,
        now=now,
        due_key=f"{_key(first, turn)}:{now.isoformat()}" if turn in MAY_WAIT else None,
        leaves_at=leaves_at,
        attachments=_calendar(ordered, turn, now),
    )


def _calendar(ordered: Sequence[Booking], turn: str, now: datetime) -> list[Attachment]:
    if turn not in ("confirmed", "promoted", "released"):
        return []
    entries = [Entry(one.session, one.mode, withdrawn=turn == "released") for one in ordered]
    calendar = make_calendar(ordered[0].session.title, entries, PLACE_URL, now)
    return [Attachment("seances.ics", "text/calendar", calendar)]


def tell_bundle_anew(db: Session, bookings: Sequence[Booking], now: datetime) -> bool:
    """Write anew what waits for the morning, since a date has changed; whether there was any. An
    offer is told anew though it has left: nothing else says its new date."""
    is_offered = bookings[0].status is BookingStatus.OFFERED
    if not take_back_bundle(db, bookings, now) and not is_offered:
        return False
    tell_bundle(db, bookings, "offered" if is_offered else "promoted", now)
    return True


def take_back_bundle(db: Session, bookings: Sequence[Booking], now: datetime) -> bool:
    """Forget the mail about these bookings that waits for the morning, if there is one."""
    if bookings[0].waiting_since is None:  # never in line: nothing was ever handed over
        return False
    keys = [_key(bookings[0], turn) for turn in MAY_WAIT]
    waiting = [mail.due_key for key in keys for mail in list_of_key(db, key) if mail.due_key]
    return take_back_mails(db, waiting, now=now)


def _key(booking: Booking, turn: str) -> str:
    return f"bundle:{booking.session.series_id}:{booking.user_id}:{turn}"
