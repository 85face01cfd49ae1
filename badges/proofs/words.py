"""What is said of a badge that proves a step."""

from __future__ import annotations

from flask_babel import gettext as _


def doubt_words() -> dict[str, str]:
    """Why a badge does not count by itself, by code of ``reading.find_doubts``."""
    return {
        "unnamed": _("Le badge ne nomme aucune adresse : rien ne dit qu’il est à cette personne."),
        "unchecked_proof": _("La signature n’a pas pu être vérifiée."),
        "unchecked_issuer": _("Il n’a pas pu être vérifié que la clé est celle de l’émetteur."),
        "unchecked_dates": _("Les dates n’ont pas pu être vérifiées."),
        "unchecked_status": _("Il n’a pas pu être vérifié que le badge n’est pas retiré."),
        "own": _("Cette personne est de l’équipe : quelqu’un d’autre le regarde."),
        "expired": _("Le badge n’est plus en cours de validité."),
        "issuer": _("L’émetteur n’est pas de ceux à qui le lieu fait confiance."),
        "class": _("Personne n’a encore dit que ce badge vaut cette étape."),
    }
