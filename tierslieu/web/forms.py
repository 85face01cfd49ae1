"""What every form of the house shares: parse and shape, nothing else."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, TextAreaField, ValidationError

from tierslieu.errors import Refused
from tierslieu.web.characters import has_unseen
from tierslieu.web.form_words import FieldWords, field_words


def tidy(value: str | None) -> str | None:
    """Text as it is kept: NFC, without spaces around."""
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value


def no_control_characters(form: Any, field: Field) -> None:
    """Refuse what no keyboard types and no page shows; line breaks only where lines are asked."""
    text = field.data or ""
    # A title with a line break would cut the subject of the mail that quotes it.
    welcome = "\n\r\t" if isinstance(field, TextAreaField) else ""
    if isinstance(text, str) and has_unseen(text, welcome):
        raise ValidationError(
            _("Ce texte contient un caractère invisible : effacez-le et réessayez.")
        )


class Form(FlaskForm):
    """The base of the house's forms."""

    class Meta:
        """What WTForms is told of all of them."""

        def get_translations(self, form: Any) -> FieldWords:
            """The sentences that fields say by themselves."""
            return field_words

    def refuse(self, refusal: Refused) -> None:
        """Put the sentence of a rule beside the field it is about, or at the top of the form."""
        field = self._fields.get(refusal.field) if refusal.field else None
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]
