"""What is typed to sign: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import InputRequired, Length, Regexp

from tierslieu.web.forms import Form, no_control_characters, tidy


class RoomCodeForm(Form):
    """The digits on the room's screen."""

    digits = StringField(
        _("Le code affiché dans la salle"),
        description=_("Six chiffres, qui changent toutes les demi-minutes."),
        validators=[
            # Empty after the QR code: then the browser's session says it.
            Regexp(r"^\s*(([0-9]\s*){6})?$", message=_("Le code a six chiffres.")),
        ],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": "12"},
    )


class TypedForm(Form):
    """A person's name, typed by themselves."""

    written = StringField(
        _("Votre nom, écrit par vous"),
        validators=[Length(max=120, message=_("120 caractères au plus.")), no_control_characters],
        filters=[tidy],
    )


class OwnCodeForm(Form):
    """Somebody's own code, as their phone shows it."""

    code = StringField(
        _("Le code que montre la personne"),
        description=_("Huit signes, comme K7QF-2MXP."),
        validators=[InputRequired(_("Écrivez le code que montre la personne.")), Length(max=20)],
        render_kw={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"},
    )


class WalkInForm(Form):
    """Who came without a seat."""

    name = StringField(
        _("Nom"),
        validators=[
            InputRequired(_("Écrivez le nom de la personne.")),
            Length(max=120, message=_("120 caractères au plus.")),
            no_control_characters,
        ],
        filters=[tidy],
    )
    guest_email = StringField(
        _("Adresse mail"),
        description=_("Elle permettra à la personne de retrouver sa présence dans un compte."),
        validators=[
            InputRequired(_("Écrivez l’adresse de la personne.")),
            Length(max=254, message=_("Cette adresse est trop longue.")),
            no_control_characters,
        ],
        filters=[tidy],
    )


class CounterForm(Form):
    """Who leads closes the half-day with their name."""

    leader = StringField(
        _("Votre nom, pour contresigner"),
        validators=[
            InputRequired(_("Écrivez votre nom : c’est votre signature.")),
            Length(max=120, message=_("120 caractères au plus.")),
            no_control_characters,
        ],
        filters=[tidy],
    )
