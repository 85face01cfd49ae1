"""Enrolments in words: states, changes, reasons for stopping."""

from __future__ import annotations

from flask_babel import gettext as _

from courses.enrolments.models import EnrolmentEvent, EnrolmentStatus, StopReason


def cause_words() -> dict[StopReason, str]:
    """Why one stops, as one would say it."""
    return {
        StopReason.TIME: _("Je manque de temps"),
        StopReason.TOO_HARD: _("C’est trop difficile pour le moment"),
        StopReason.NOT_WHAT_I_SOUGHT: _("Ce n’est pas ce que je cherchais"),
        StopReason.GOT_WHAT_I_NEEDED: _("J’y ai trouvé ce dont j’avais besoin"),
        StopReason.PERSONAL: _("Une raison personnelle"),
        StopReason.NOT_SAID: _("Je préfère ne pas le dire"),
    }


def status_words() -> dict[EnrolmentStatus, str]:
    """Where an enrolment stands."""
    return {
        EnrolmentStatus.ACTIVE: _("en cours"),
        EnrolmentStatus.PAUSED: _("en pause"),
        EnrolmentStatus.STOPPED: _("arrêté"),
    }


def event_title(event: EnrolmentEvent) -> str:
    """What happened, in two words."""
    if event.from_status is None:
        return str(_("Parcours commencé"))
    if event.to_version is not None:
        return str(_("Passé à la version %(number)s", number=event.to_version.number))
    if event.to_status is EnrolmentStatus.PAUSED:
        return str(_("Mis en pause"))
    if event.to_status is EnrolmentStatus.STOPPED:
        return str(_("Arrêté"))
    return str(_("Repris"))


def event_detail(event: EnrolmentEvent) -> str:
    """Why, if it was said."""
    parts = [cause_words()[event.cause]] if event.cause else []
    if event.reason:
        parts.append(event.reason)
    return ". ".join(parts)
