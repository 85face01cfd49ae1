"""Where one's phases begin: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms.validators import Optional

from tierslieu.agenda.forms import DayField
from tierslieu.web.forms import Form


class BordersForm(Form):
    """Two days, each of which may be left empty or lie ahead."""

    studies_from = DayField(
        _("« Je réussis ma formation » commence le"),
        description=_("Vide : le jour de votre premier parcours ici."),
        validators=[Optional()],
    )
    job_from = DayField(
        _("« Je m’épanouis dans mon métier » commence le"),
        description=_("Vide : cette phase n’a pas encore commencé."),
        validators=[Optional()],
    )
