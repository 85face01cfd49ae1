"""Forms of awarding in number: parse and shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length

from badges.awards.batches.rules import MAX_GROUND
from tierslieu.web.forms import Form, no_control_characters, tidy


class FileForm(Form):
    """The list of recipients, and the session if a criterion looks at one."""

    file = FileField(
        _("Fichier CSV"),
        [FileRequired(_("Choisissez un fichier CSV."))],
        description=_(
            "La première ligne nomme les colonnes : « e-mail », et si vous voulez « nom » et "
            "« note ». 10 000 lignes et 2 Mo au plus."
        ),
        render_kw={"accept": ".csv,.txt,.tsv,text/csv"},
    )
    seance = SelectField(
        _("Séance dont vient la liste"),
        default="",
        description=_("Seulement si un critère du badge est d’y avoir été présent."),
    )


class ConfirmForm(Form):
    """What the whole rests on."""

    ground = TextAreaField(
        _("Sur quoi repose cette attribution"),
        [
            Length(
                max=MAX_GROUND, message=_("300 caractères au plus : une ou deux phrases suffisent.")
            ),
            no_control_characters,
        ],
        filters=[tidy],
        description=_(
            "Écrit dans chaque badge, et lu par qui le vérifie. Par exemple : « Atelier du "
            "12 mars au collège Valéri, activité montrée à l’équipe »."
        ),
        render_kw={"rows": 3},
    )
