"""What each scope lets a script do, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SCOPE_LABELS = {
    "sessions:read": _("Lire l’agenda : séances, places libres"),
    "bookings:write": _("Réserver et rendre mes places"),
    "enrolments:write": _("Commencer, suspendre et reprendre mes parcours"),
    "attendances:write": _("Faire l’appel d’une séance"),
    "awards:write": _("Attribuer et retirer des badges"),
    "credentials:issue": _("Signer des attestations au nom du lieu, et en vérifier"),
    "studies:export": _("Produire les paquets de recherche"),
    "xapi:write": _("Déposer des traces d’apprentissage (xAPI)"),
}
