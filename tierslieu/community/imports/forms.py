"""A CSV file and where it goes: parse and shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, SelectField

from tierslieu.web.forms import Form


class ImportForm(Form):
    """The file and the space it fills."""

    file = FileField(
        _("Fichier CSV"),
        [FileRequired(_("Choisissez un fichier CSV."))],
        description=_("2 000 lignes et 1 Mo au plus."),
        render_kw={"accept": ".csv,.txt,.tsv,text/csv"},
    )
    space = SelectField(_("Où mettre ses lignes"), validate_choice=False)


class ConfirmForm(Form):
    """Yes to what was shown: so many additions, so many changes."""

    seen = HiddenField()
