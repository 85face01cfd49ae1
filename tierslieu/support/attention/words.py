"""Attention in words: how one reached somebody, what came out, what keeps the rules quiet."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.support.attention.models import (
    AttentionPause,
    ContactOutcome,
    ContactWay,
    PauseKind,
)
from tierslieu.web.formats import long_day


def way_words() -> dict[ContactWay, str]:
    """How somebody was reached."""
    return {
        ContactWay.PHONE: _("par téléphone"),
        ContactWay.MAIL: _("par mail"),
        ContactWay.IN_PERSON: _("de vive voix"),
    }


def outcome_words() -> dict[ContactOutcome, str]:
    """What came out of it."""
    return {
        ContactOutcome.WELL: _("Tout va bien"),
        ContactOutcome.GOES_ON: _("Reprend bientôt"),
        ContactOutcome.NEEDS_HELP: _("A besoin d’un coup de main"),
        ContactOutcome.PAUSES: _("Fait une pause"),
        ContactOutcome.STOPS: _("Arrête"),
        ContactOutcome.NO_ANSWER: _("Pas de réponse"),
        ContactOutcome.OTHER: _("Autre chose"),
    }


def pause_words(pause: AttentionPause) -> str:
    """What keeps the rules quiet, and until when."""
    if pause.kind is PauseKind.ASIDE or pause.until is None:
        return str(_("Pas nécessaire, tant qu’il n’arrive rien de nouveau"))
    if pause.kind is PauseKind.OWN:
        return str(
            _("« Tout va bien, ne pas me relancer avant le %(day)s »", day=long_day(pause.until))
        )
    return str(_("Remis au %(day)s", day=long_day(pause.until)))
