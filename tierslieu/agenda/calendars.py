"""Sessions as calendars that programs read (RFC 5545): feeds, files, invitations.

The zone travels with every calendar, so that 14 h stays 14 h across the change of hour. A
session's identifier never changes, its SEQUENCE rises with each change, and a cancelled one stays
in the feed with STATUS:CANCELLED: programs drop what they are told, not what has vanished.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from flask_babel import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText
from icalendar.enums import CUTYPE, PARTSTAT, ROLE, STATUS

from tierslieu.agenda.models import LearningSession, SeatMode
from tierslieu.clock import PARIS
from tierslieu.mail.rules import PLACE_ADDRESS, PLACE_URL
from tierslieu.place.closed import ToldClosure
from tierslieu.web.formats import bound
from tierslieu.web.written import Theirs

PRODID = "-//tiers-lieu//agenda//FR"
# Central European Time as it has been since 1996 (directive 2000/84/EC): no end, so that a
# calendar read in twenty years is still right.
_PARIS_ZONE = b"""BEGIN:VTIMEZONE\r
TZID:Europe/Paris\r
BEGIN:DAYLIGHT\r
DTSTART:19960331T020000\r
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r
TZNAME:CEST\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0200\r
END:DAYLIGHT\r
BEGIN:STANDARD\r
DTSTART:19961027T030000\r
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r
TZNAME:CET\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
END:STANDARD\r
END:VTIMEZONE\r
"""


@dataclass(frozen=True)
class Entry:
    """A session as it stands in one calendar. ``mode``: how its reader takes part, if booked;
    ``line_rank``: their place in line, 0 if they hold a seat or the calendar is public."""

    session: LearningSession
    mode: SeatMode | None = None
    line_rank: int = 0
    withdrawn: bool = False  # the reader is no longer of the party
    is_offered: bool = False  # a seat is kept for the reader, who has not answered yet

    @property
    def is_tentative(self) -> bool:
        """Whether the reader may come to be of the party, and is not yet."""
        return bool(self.line_rank) or self.is_offered


def describe_place(
    session: LearningSession, mode: SeatMode | None = None, *, with_address: bool = True
) -> str:
    """``salle Ada, 3 rue …``, ``en ligne``, or both; only the reader's own way when it is known.
    A room alone says that people named it (:class:`Theirs`)."""
    places, is_room = [], True
    if session.room is not None and mode is not SeatMode.ONLINE:
        room = session.room
        places.append(
            f"{room.name}, {room.address}" if room.address and with_address else room.name
        )
    if session.room is None or mode is SeatMode.ONLINE:
        places.append(_("en ligne"))
        is_room = False
    elif mode is None and any(p.mode is SeatMode.ONLINE and p.capacity for p in session.pools):
        places.append(_("ou en ligne"))
        is_room = False
    said = " ".join(places)
    return Theirs(said) if is_room else said


def make_calendar(
    name: str,
    entries: Sequence[Entry],
    base_url: str,
    stamp: datetime,
    *,
    closures: Sequence[ToldClosure] = (),
    is_mailed: bool = False,
) -> bytes:
    """A calendar to subscribe to or to keep: RFC 5545, RFC 7986 for its name and its rhythm.

    ``closures``: days on which the place is closed, before the sessions. ``is_mailed``: one mail of
    several to a person, which outranks what the ones before said.
    """
    calendar = _head()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    events = [_event(entry, base_url, stamp) for entry in entries]
    if is_mailed:
        events = [_outranking(e, one, stamp) for e, one in zip(events, entries, strict=True)]
    closed = [_closed(one, base_url, stamp) for one in closures]
    return _write(calendar, [*closed, *events])


def make_invitation(entry: Entry, attendee: tuple[str, str], stamp: datetime) -> tuple[str, bytes]:
    """The calendar part of a mail to ``attendee`` (name, address): its method and its bytes.

    REQUEST says that one is of the party, CANCEL that one no longer is (RFC 5546 §3.2).
    """
    gone = entry.withdrawn or entry.session.cancelled_at is not None
    event = _outranking(_event(entry, PLACE_URL, stamp), entry, stamp)
    return invite(event, attendee, is_gone=gone)


def invite(event: Event, attendee: tuple[str, str], *, is_gone: bool) -> tuple[str, bytes]:
    """That event as a mail to ``attendee`` carries it: the method and the bytes. Its SEQUENCE must
    outrank what was sent before (:func:`sequence_at`)."""
    method = "CANCEL" if is_gone else "REQUEST"
    calendar = _head()
    calendar.add("method", method)
    name, address = attendee
    event["organizer"] = vCalAddress(f"mailto:{PLACE_ADDRESS}")
    guest = vCalAddress(f"mailto:{address}")
    guest.params["cn"] = vText(name)
    guest.params["cutype"] = CUTYPE.INDIVIDUAL
    guest.params["role"] = ROLE.REQ_PARTICIPANT
    guest.params["partstat"] = PARTSTAT.ACCEPTED
    guest.params["rsvp"] = "FALSE"
    event.add("attendee", guest)
    return method, _write(calendar, [event])


def write_events(events: Iterable[Event]) -> bytes:
    """Those events as a calendar to keep."""
    return _write(_head(), events)


def sequence_at(since: datetime, stamp: datetime) -> int:
    """A SEQUENCE that rises with every second since something was made: each mail about it outranks
    the one before."""
    return max(int((stamp - since).total_seconds()), 0)


def _outranking(event: Event, entry: Entry, stamp: datetime) -> Event:
    """Each mail to a person outranks the one before, also when they leave and come back."""
    event["sequence"] = entry.session.sequence + sequence_at(entry.session.created_at, stamp)
    return event


def _head() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    return calendar


def _write(head: Calendar, events: Iterable[Event]) -> bytes:
    # The zone is the same text in every calendar: it is put in as it is, not parsed and written
    # anew for each booking, which would take half of the time a seat is held locked.
    opening, end = bytes(head.to_ical()).rsplit(b"END:VCALENDAR", 1)
    body = b"".join(bytes(event.to_ical()) for event in events)
    return opening + _PARIS_ZONE + body + b"END:VCALENDAR" + end


def _event(entry: Entry, base_url: str, stamp: datetime) -> Event:
    session = entry.session
    event = Event()
    event.add("uid", str(session.id))
    event.add("dtstamp", stamp)
    event.add("dtstart", session.starts_local.replace(tzinfo=PARIS))
    event.add("dtend", session.ends_local.replace(tzinfo=PARIS))
    event.add("sequence", session.sequence)
    title = session.title
    if entry.line_rank:
        title = _("%(title)s (liste d’attente)", title=title)
    elif entry.is_offered:
        title = _("%(title)s (place à confirmer)", title=title)
    event.add("summary", title)
    event.add("location", describe_place(session, entry.mode))
    event.add("url", f"{base_url}/agenda/{session.id}")
    event.add("description", _words(entry))
    event.add("created", session.created_at)
    if session.cancelled_at is not None or entry.withdrawn:
        event.add("status", STATUS.CANCELLED)
        event.add("transp", "TRANSPARENT")
    elif entry.is_tentative:
        event.add("status", STATUS.TENTATIVE)
        event.add("transp", "TRANSPARENT")
    else:
        event.add("status", STATUS.CONFIRMED)
    return event


def _closed(closure: ToldClosure, base_url: str, stamp: datetime) -> Event:
    """Days on which the place is closed: whole days, the end after the last (RFC 5545 §3.6.1),
    which take none of the reader's time."""
    event = Event()
    # Known by its days, at this place: two places may be closed on the same ones.
    event.add("uid", str(uuid5(NAMESPACE_URL, f"{base_url}/#{closure.first}/{closure.last}")))
    event.add("dtstamp", stamp)
    event.add("dtstart", closure.first)
    event.add("dtend", closure.last + timedelta(days=1))
    event.add("sequence", closure.sequence)
    why = bound(closure.why)
    event.add("summary", _("Lieu fermé : %(why)s", why=why) if why else _("Lieu fermé"))
    event.add("url", f"{base_url}/agenda/jour/{closure.first}")
    event.add("created", closure.told_at)
    event.add("last-modified", closure.changed_at)
    event.add("status", STATUS.CANCELLED if closure.is_taken_back else STATUS.CONFIRMED)
    event.add("transp", "TRANSPARENT")
    return event


def _words(entry: Entry) -> str:
    session = entry.session
    words = [session.description]
    if session.bring:
        words.append(_("À apporter : %(what)s", what=session.bring))
    # The link opens the meeting: only for those who hold a seat online.
    if entry.mode is SeatMode.ONLINE and not entry.is_tentative and not entry.withdrawn:
        words.append(_("Rejoindre en ligne : %(link)s", link=session.online_link))
    if session.cancelled_at is not None and session.cancel_reason:
        words.append(_("Annulée : %(reason)s", reason=session.cancel_reason))
    return "\n\n".join(word for word in words if word)
