"""The forms of joining, of one's choices, of leaving, of the charter and the forum."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from tierslieu.community.aid.groups.words import notice_words
from tierslieu.community.aid.models import Notices
from tierslieu.community.entries.forms import line, lines
from tierslieu.web.forms import Form


class MemberForm(Form):
    """The name one is read under, and which mails one wants."""

    shown_name = line(
        _("Le nom que les groupes voient"),
        description=_(
            "Prénom et initiale, un prénom seul, ce que vous voulez ; jamais votre mail."
        ),
        render_kw={"maxlength": 40, "autocomplete": "nickname"},
    )
    notices = RadioField(_("Les mails que vous voulez"), validate_choice=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.notices.choices = [(one.value, words) for one, words in notice_words().items()]

    def wanted(self) -> Notices:
        """The choice made; anything strange is no mail."""
        known = {one.value: one for one in Notices}
        return known.get(self.notices.data or "", Notices.NONE)


class JoinForm(MemberForm):
    """Agreeing to the charter that is shown."""

    charter = IntegerField(widget=HiddenInput(), validators=[Optional()])
    accepts = BooleanField(_("J’ai lu la charte et je l’accepte"))


class LeaveForm(Form):
    """What becomes of one's words."""

    words = RadioField(
        _("Ce que vous avez écrit"),
        choices=[
            SelectChoice("keep", _("reste, sans votre nom, pour les personnes qui s’y reportent")),
            SelectChoice("remove", _("est retiré ; ce que d’autres vous ont répondu reste")),
        ],
        default="keep",
        validate_choice=False,
    )


class CharterForm(Form):
    """The text of the charter."""

    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])
    text = lines(
        _("Texte de la charte"),
        description=_("Une règle par ligne. On la demandera de nouveau avant d’écrire."),
        render_kw={"rows": 16},
    )


class ForumForm(Form):
    """Where the forum of a path is."""

    url = line(
        _("Adresse du forum des cours"),
        description=_("Laissez vide s’il n’y en a pas."),
        render_kw={"inputmode": "url", "placeholder": "https://", "autocapitalize": "none"},
    )
