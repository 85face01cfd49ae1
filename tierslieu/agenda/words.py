"""What a session is, in words: its level, for whom it is, who may book."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.agenda.models import Admission, Level
from tierslieu.agenda.series.rules import Every, Scope
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


def every_labels() -> dict[Every, str]:
    """How often a session repeats."""
    return {
        Every.WEEK: _("Chaque semaine"),
        Every.TWO_WEEKS: _("Une semaine sur deux"),
        Every.MONTH: _("Chaque mois, le même jour de la semaine"),
    }


def scope_labels() -> dict[Scope, str]:
    """Which sessions of a series are changed or called off."""
    return {
        Scope.ONE: _("Cette séance seule"),
        Scope.FOLLOWING: _("Cette séance et les suivantes"),
        Scope.ALL: _("Toutes celles à venir"),
    }
