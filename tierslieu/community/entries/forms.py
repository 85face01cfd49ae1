"""What the forms of both bases share: parse and shape only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from tierslieu.community.entries.queries import AnyEntry
from tierslieu.uploads.kinds import KINDS
from tierslieu.web.forms import Form, no_control_characters, tidy


def line(label: Any, **more: Any) -> StringField:
    """One line of text. How long it may be is the rule's to judge."""
    return StringField(label, filters=[tidy], validators=[no_control_characters], **more)


def lines(label: Any, **more: Any) -> TextAreaField:
    """Several lines of text."""
    return TextAreaField(label, filters=[tidy], validators=[no_control_characters], **more)


def link_field() -> StringField:
    """An address of the Web."""
    return line(
        _("Lien"),
        render_kw={"inputmode": "url", "placeholder": "https://", "autocapitalize": "none"},
    )


class EntryForm(Form):
    """Where an entry stands, and which version of it was before one's eyes."""

    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])
    space = SelectField(
        _("Où la mettre"),
        validate_choice=False,  # the rule says it in a sentence
        description=_("Ce qui est dans un pilote n’est vu que de ses membres et de l’équipe."),
    )
    is_public = BooleanField(
        _("Visible de tout le monde"),
        description=_(
            "Les visiteurs la lisent aussi, sans compte. Seulement dans la base ouverte."
        ),
    )

    def look_again(self, entry: AnyEntry | None) -> None:
        """Whoever was told that the entry changed meanwhile may save over it, knowing so."""
        self.seen.data, self.seen.raw_data = entry.revision if entry else None, None


class HideForm(Form):
    """Why an entry is taken out of the lists."""

    reason = lines(_("Pourquoi la masquer"), render_kw={"rows": 3})


class FilesForm(Form):
    """One more file."""

    file = FileField(
        _("Joindre un fichier"),
        [FileRequired(_("Choisissez un fichier."))],
        description=_(
            "PDF, image, texte, CSV, ODT, DOCX, carnet Jupyter ou Python ; 10 Mo au plus."
        ),
        render_kw={"accept": ",".join(KINDS)},
    )


class ButtonForm(Form):
    """A button that does one thing; only its origin is checked."""

    again = HiddenField()
