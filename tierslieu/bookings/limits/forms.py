"""The form of the rule: shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField
from wtforms.validators import InputRequired, NumberRange

from tierslieu.agenda.forms import CountField
from tierslieu.web.forms import Form


def _count(label: Any, least: int, most: int) -> CountField:
    between = _("Entre %(least)s et %(most)s.", least=least, most=most)
    return CountField(
        label,
        validators=[InputRequired(between), NumberRange(min=least, max=most, message=between)],
    )


class MissedRuleForm(Form):
    """What follows from sessions missed without a word."""

    is_on = BooleanField(
        _("Limiter pour un temps les réservations de qui a manqué des séances sans prévenir"),
    )
    times = _count(_("Séances manquées sans prévenir"), 2, 10)
    months = _count(_("En combien de mois"), 1, 12)
    most = _count(_("Réservations à venir permises"), 1, 5)
    weeks = _count(_("Pendant combien de semaines"), 1, 26)
