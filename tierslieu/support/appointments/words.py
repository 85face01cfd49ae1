"""Appointments in words: how one meets, why, where, and how it went."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from tierslieu.support.appointments.models import (
    Appointment,
    AppointmentMode,
    AppointmentSlot,
    AppointmentState,
    Reason,
)
from tierslieu.web.written import Theirs


def mode_words() -> dict[AppointmentMode, str]:
    """How two people meet."""
    return {
        AppointmentMode.ONSITE: _("sur place"),
        AppointmentMode.ONLINE: _("en ligne"),
        AppointmentMode.PHONE: _("par téléphone"),
    }


def reason_words() -> dict[Reason, str]:
    """What one comes for."""
    return {
        Reason.PATH: _("Choisir un parcours, ou avancer dans le mien"),
        Reason.STUCK: _("Une difficulté sur un cours ou un exercice"),
        Reason.PROJECT: _("Parler d’un projet professionnel"),
        Reason.DIPLOMA: _("Préparer un diplôme, un concours ou une VAE"),
        Reason.OTHER: _("Autre chose"),
    }


def state_words() -> dict[AppointmentState, str]:
    """Where an appointment stands."""
    return {
        AppointmentState.BOOKED: _("prévu"),
        AppointmentState.CANCELLED: _("annulé"),
        AppointmentState.HELD: _("a eu lieu"),
        AppointmentState.EXCUSED: _("absence excusée"),
        AppointmentState.ABSENT: _("absence"),
    }


def say_state(appointment: Appointment, now: datetime) -> str:
    """Where it stands by now: what is over and was not answered is no longer to come."""
    if appointment.state is AppointmentState.BOOKED and appointment.slot.ends_at <= now:
        return str(_("à noter"))
    return state_words()[appointment.state]


STATE_TONES = {
    AppointmentState.BOOKED: "mer",
    AppointmentState.CANCELLED: "plain",
    AppointmentState.HELD: "ok",
    AppointmentState.EXCUSED: "sun",
    AppointmentState.ABSENT: "terra",
}


def describe_place(
    slot: AppointmentSlot, mode: AppointmentMode, *, with_address: bool = True
) -> str:
    """``salle Ada, 3 rue …, près de l’entrée``, ``en ligne`` or ``par téléphone``."""
    if mode is not AppointmentMode.ONSITE:
        return mode_words()[mode]
    room = slot.room
    parts = [room.name, room.address if with_address else ""] if room is not None else []
    return Theirs(", ".join(part for part in (*parts, slot.place) if part))


def describe_modes(slot: AppointmentSlot) -> str:
    """``sur place, en ligne ou par téléphone``."""
    words = [mode_words()[mode] for mode in slot.modes]
    if len(words) < 2:
        return "".join(words)
    return str(_("%(some)s ou %(last)s", some=", ".join(words[:-1]), last=words[-1]))


def describe_with(slot: AppointmentSlot) -> str:
    """Whom one meets."""
    return slot.facilitator.name if slot.facilitator is not None else str(_("l’équipe"))
