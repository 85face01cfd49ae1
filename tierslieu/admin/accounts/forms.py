"""Inviting somebody, suspending an account, naming another one: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from tierslieu.admin.words import ROLE_LABELS
from tierslieu.people.models import LEARNER
from tierslieu.people.rules import NAME_LIMIT
from tierslieu.people.suspending import REASON_LIMIT
from tierslieu.web.forms import Form, no_control_characters, tidy


class InvitationForm(Form):
    """Whom, at which address, to do what."""

    name = StringField(
        _l("Nom"),
        [
            DataRequired(_l("Écrivez comment la personne veut qu’on l’appelle.")),
            Length(max=NAME_LIMIT),
            no_control_characters,
        ],
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        _l("Adresse mail"),
        [DataRequired(_l("Écrivez son adresse mail.")), Length(max=320), no_control_characters],
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )
    roles = SelectMultipleField(
        _l("Rôles"),
        choices=[SelectChoice(name, label[0]) for name, label in ROLE_LABELS.items()],
        default=[LEARNER],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class SuspensionForm(Form):
    """Why nobody may enter this account for a while."""

    reason = TextAreaField(
        _l("Pourquoi"),
        [
            DataRequired(_l("Dites pourquoi : la personne lira cette raison.")),
            Length(max=REASON_LIMIT),
            no_control_characters,
        ],
        description=_l("La personne lira cette raison dans un mail."),
        filters=[tidy],
        render_kw={"rows": 3},
    )


class OtherAccountForm(Form):
    """The address of the account that is this person's too."""

    email = EmailField(
        _l("Adresse mail de l’autre compte"),
        [DataRequired(_l("Écrivez son adresse mail.")), Length(max=320), no_control_characters],
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )
