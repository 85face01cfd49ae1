"""Withdrawing a signing key: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from tierslieu.agenda.forms import MomentField
from tierslieu.web.forms import Form, no_control_characters, tidy


class WithdrawalForm(Form):
    """Since when it is no longer to be believed, and why."""

    since = MomentField(
        _l("Depuis quand"),
        description=_l("Quand elle a fui. Vide : maintenant."),
    )
    reason = StringField(
        _l("Pourquoi"),
        [Length(max=200), no_control_characters],
        filters=[tidy],
        description=_l("Publié à côté de la clé : pas de nom."),
        render_kw={"autocomplete": "off"},
    )
