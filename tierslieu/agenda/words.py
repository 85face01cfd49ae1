"""What a session is, in words: its level, for whom it is, who may book."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.agenda.models import Admission, Level
from tierslieu.people.models import Audience


def level_labels() -> dict[Level, str]:
    """How much one should know already."""
    return {
        Level.INITIATION: _("Initiation"),
        Level.PRACTICE: _("Approfondissement"),
        Level.EXPERTISE: _("Expertise"),
    }


def audience_labels() -> dict[Audience, str]:
    """For whom a session is, or seats are kept: read after «pour»."""
    return {
        Audience.TEACHER: _("Les personnes qui enseignent"),
        Audience.CAREER_CHANGER: _("Les personnes qui changent de métier"),
        Audience.GRADUATE_OR_VAE: _("Les personnes qui préparent un diplôme"),
        Audience.ANYBODY: _("Les personnes qui viennent par curiosité"),
    }


def admission_labels() -> dict[Admission, str]:
    """Who may book."""
    return {
        Admission.OPEN: _("Toute personne qui a un compte"),
        Admission.ENROLLED: _("Les personnes qui suivent le parcours de l’étape"),
        Admission.CODE: _("Les personnes qui ont le code d’invitation"),
    }
