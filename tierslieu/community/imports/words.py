"""What becomes of a line, in words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from tierslieu.community.imports.rules import Fate


def fate_words() -> dict[Fate, str]:
    """As the page says it."""
    return {
        Fate.ADDED: _("à ajouter"),
        Fate.CHANGED: _("à modifier"),
        Fate.SAME: _("sans changement"),
        Fate.REFUSED: _("refusée"),
    }


def say_count(fate: Fate, count: int) -> str:
    """How many lines become that."""
    if fate is Fate.ADDED:
        said = ngettext("%(num)s à ajouter", "%(num)s à ajouter", count)
    elif fate is Fate.CHANGED:
        said = ngettext("%(num)s à modifier", "%(num)s à modifier", count)
    elif fate is Fate.SAME:
        said = ngettext("%(num)s sans changement", "%(num)s sans changement", count)
    else:
        said = ngettext("%(num)s refusée", "%(num)s refusées", count)
    return str(said)


FATE_TONES = {Fate.ADDED: "ok", Fate.CHANGED: "mer", Fate.SAME: "plain", Fate.REFUSED: "terra"}
