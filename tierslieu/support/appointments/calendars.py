"""An appointment in a calendar (RFC 5545): the same identifier when it moves, so that it moves
there too; each mail outranks the one before."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from icalendar import Event
from icalendar.enums import STATUS

from tierslieu.agenda.calendars import invite, sequence_at, write_events
from tierslieu.clock import PARIS
from tierslieu.mail.rules import PLACE_URL
from tierslieu.support.appointments.models import Appointment, AppointmentMode, AppointmentState
from tierslieu.support.appointments.words import describe_place, describe_with


def make_invitation(
    appointment: Appointment, attendee: tuple[str, str], stamp: datetime, *, is_gone: bool = False
) -> tuple[str, bytes]:
    """The calendar part of a mail to ``attendee`` (name, address): its method and its bytes.

    ``is_gone``: for this reader, for instance who kept the slot it left.
    """
    gone = is_gone or appointment.state is AppointmentState.CANCELLED
    of_team = attendee[1] != appointment.user.email
    event = _event(appointment, stamp, PLACE_URL, of_team=of_team, is_gone=gone)
    return invite(event, attendee, is_gone=gone)


def make_file(appointment: Appointment, base_url: str, stamp: datetime) -> bytes:
    """The calendar file of one's own appointment, to keep."""
    gone = appointment.state is AppointmentState.CANCELLED
    return write_events([_event(appointment, stamp, base_url, of_team=False, is_gone=gone)])


def _event(
    appointment: Appointment, stamp: datetime, base_url: str, *, of_team: bool, is_gone: bool
) -> Event:
    slot = appointment.slot
    event = Event()
    event.add("uid", str(appointment.id))
    event.add("dtstamp", stamp)
    event.add("dtstart", slot.starts_local.replace(tzinfo=PARIS))
    event.add("dtend", slot.ends_local.replace(tzinfo=PARIS))
    event.add("sequence", sequence_at(appointment.booked_at, stamp))
    name = appointment.user.name if of_team else describe_with(slot)
    event.add("summary", _("Rendez-vous avec %(name)s", name=name))
    event.add("location", describe_place(slot, appointment.mode))
    path = f"/mes-creneaux/rendez-vous/{appointment.id}" if of_team else "/mes-rendez-vous"
    event.add("url", base_url + path)
    if appointment.mode is AppointmentMode.ONLINE and not is_gone:
        event.add("description", _("Rejoindre en ligne : %(link)s", link=slot.online_link))
    event.add("created", appointment.booked_at)
    event.add("status", STATUS.CANCELLED if is_gone else STATUS.CONFIRMED)
    if is_gone:
        event.add("transp", "TRANSPARENT")
    return event
