"""The dashboard in words."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.house_reach import AWARDED, CAME, COMPLETED, ENROLLED, STARTED
from tierslieu.people.models import Audience

NOBODY_SAID = "sans"  # the key of those without a path, or without a public


def stage_names() -> dict[str, str]:
    """The stages of a path, in their order."""
    return {
        ENROLLED: _("Inscription"),
        STARTED: _("Début"),
        CAME: _("Venue au lieu"),
        COMPLETED: _("Parcours terminé"),
        AWARDED: _("Badge"),
    }


def stop_names() -> tuple[str, ...]:
    """Where somebody stands, row by row (``funnel.place_people``)."""
    return (
        _("Pas commencé"),
        _("Commencé, sans venir ni terminer"),
        _("Parcours terminé sans venir"),
        _("Présence au lieu, parcours pas terminé"),
        _("Présence et parcours terminé, sans badge"),
        _("Présence, parcours terminé et badge"),
    )


def public_names() -> dict[str, str]:
    """The publics by their key, in their order."""
    return {
        Audience.TEACHER.value: _("Enseignement"),
        Audience.CAREER_CHANGER.value: _("Changement de métier"),
        Audience.GRADUATE_OR_VAE.value: _("Diplôme ou VAE"),
        Audience.ANYBODY.value: _("Curiosité, tout métier"),
        NOBODY_SAID: _("Public non indiqué"),
    }
