"""How studies speak of their waves."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from tierslieu.house import Occasion
from tierslieu.surveys.models import Wave
from tierslieu.surveys.studies.due import ENTRY

ENTRY_LABEL = _l("À l’entrée dans l’étude")


def when_words(wave: Wave, occasions: Mapping[str, Occasion]) -> str:
    """When a wave asks: «Avant une séance, 3 jours avant»."""
    occasion = occasions.get(wave.occasion)
    label = str(occasion.label) if occasion else wave.occasion
    if wave.occasion == ENTRY:
        label = str(ENTRY_LABEL)
    if not wave.delay_days:
        return label
    if occasion is not None and occasion.is_ahead:
        days = ngettext("%(num)s jour avant", "%(num)s jours avant", wave.delay_days)
    else:
        days = ngettext("%(num)s jour après", "%(num)s jours après", wave.delay_days)
    return f"{label}, {days}"


def reminder_words(wave: Wave) -> str:
    """How often a wave reminds: «2 rappels au plus, tous les 7 jours»; empty for none."""
    if not wave.reminders:
        return ""
    return str(
        ngettext(
            "%(num)s rappel au plus, après %(days)s jours",
            "%(num)s rappels au plus, tous les %(days)s jours",
            wave.reminders,
            days=wave.remind_every_days,
        )
    )
