"""An address of a course's team."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField
from wtforms.validators import Email, InputRequired, Length

from tierslieu.web.forms import Form, tidy


class ContactForm(Form):
    """Where the digest goes, and that it is welcome there."""

    email = EmailField(
        _("Adresse de l’équipe du cours"),
        filters=[tidy],
        validators=[
            InputRequired(_("Donnez une adresse.")),
            Length(max=254, message=_("Cette adresse est trop longue.")),
            Email(_("Cette adresse n’est pas écrite comme une adresse mail.")),
        ],
        render_kw={"autocomplete": "off"},
        description=_("De préférence une adresse de service, que plusieurs personnes lisent."),
    )
    agreed = BooleanField(
        _("Cette équipe sait qu’elle recevra ce mail, et le veut bien"),
        validators=[
            InputRequired(_("Demandez-lui d’abord : on n’écrit pas chaque semaine sans accord."))
        ],
    )
