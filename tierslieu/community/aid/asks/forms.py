"""The forms of asks: parse and shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from tierslieu.community.entries.forms import line, lines
from tierslieu.web.forms import Form


class AskForm(Form):
    """A question to a group."""

    title = line(
        _("Votre question en une ligne"),
        description=_("Par exemple : « Qui peut m’aider sur la récursivité ? »"),
        render_kw={"maxlength": 120},
    )
    step = SelectField(_("Étape"), validate_choice=False)
    words = lines(
        _("Expliquez"),
        description=_(
            "Ce que vous cherchez à faire, ce que vous avez essayé. Le code garde ses retraits. Ni "
            "adresse mail, ni numéro de téléphone."
        ),
        render_kw={"rows": 7},
    )


class AnswerForm(Form):
    """An answer in a thread."""

    words = lines(
        _("Votre message"),
        description=_("Ni adresse mail, ni numéro de téléphone : tout le groupe la lira."),
        render_kw={"rows": 5},
    )


class SolveForm(Form):
    """Which answers helped."""

    thanked = SelectMultipleField(
        _("Qui vous a aidé ?"),
        validate_choice=False,
        description=_("Un merci s’affichera sous la réponse. Ce n’est pas obligatoire."),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
