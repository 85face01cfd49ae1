"""Entering what a year cost."""

from __future__ import annotations

import re
from decimal import Decimal

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from tierslieu.web.forms import Form, no_control_characters, tidy

_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?")


class CostForm(Form):
    """A year, an amount in euros as people write it, a note."""

    year = IntegerField(_("Année civile"), validators=[InputRequired()])
    amount = StringField(
        _("Montant en euros"),
        description=_("Par exemple 48 000 ou 48 000,50. Vide : l’année est retirée."),
        filters=[tidy],
        validators=[Length(max=20), no_control_characters],
        render_kw={"inputmode": "decimal"},
    )
    note = StringField(
        _("Note"),
        description=_("Ce que le montant comprend, et d’où il vient."),
        filters=[tidy],
        validators=[Length(max=300), no_control_characters],
    )

    @property
    def cents(self) -> int | None:
        """The amount in cents; None where it is empty. ValueError where it is no amount."""
        text = re.sub(r"[\s€]", "", self.amount.data or "").replace(",", ".")
        if text and not _AMOUNT.fullmatch(text):
            raise ValueError(text)
        return int(Decimal(text) * 100) if text else None

    def validate_amount(self, field: StringField) -> None:
        """Refuse what is no amount."""
        try:
            self.cents  # noqa: B018 - reading it is the test
        except ValueError:
            raise ValidationError(
                _("Ce montant ne se lit pas : écrivez-le en chiffres, par exemple 48 000,50.")
            ) from None
