"""What becomes of a line, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from tierslieu.community.imports.rules import Fate


def fate_words() -> dict[Fate, str]:
    """As the page says it."""
    return {
        Fate.ADDED: _("à ajouter"),
        Fate.CHANGED: _("à modifier"),
        Fate.SAME: _("sans changement"),
        Fate.REFUSED: _("refusée"),
    }


FATE_TONES = {Fate.ADDED: "ok", Fate.CHANGED: "mer", Fate.SAME: "plain", Fate.REFUSED: "terra"}
