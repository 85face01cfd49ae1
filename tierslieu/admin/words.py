"""What roles are called where the place is run."""

from __future__ import annotations

from flask_babel import lazy_gettext

from tierslieu.people.models import (
    ADMINISTRATOR,
    COORDINATOR,
    FACILITATOR,
    LEARNER,
    RESEARCHER,
)

# What each role is called, and what it lets a person do.
ROLE_LABELS = {
    LEARNER: (
        lazy_gettext("Apprendre"),
        lazy_gettext("Suivre des parcours, réserver des places, recevoir des badges."),
    ),
    FACILITATOR: (
        lazy_gettext("Animer"),
        lazy_gettext("Créer des séances, faire l’appel, valider des étapes, remettre des badges."),
    ),
    RESEARCHER: (
        lazy_gettext("Faire de la recherche"),
        lazy_gettext("Voir les études et télécharger des données sans nom."),
    ),
    COORDINATOR: (
        lazy_gettext("Coordonner"),
        lazy_gettext("Voir les chiffres du lieu."),
    ),
    ADMINISTRATOR: (
        lazy_gettext("Administrer"),
        lazy_gettext("Voir tous les comptes, donner et retirer des rôles."),
    ),
}
