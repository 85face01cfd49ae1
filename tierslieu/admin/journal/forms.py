"""What of the logbook one wants to read: shape only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from tierslieu import clock
from tierslieu.logbook.acts import ACT_WORDS
from tierslieu.web.forms import Form


def _midnight(day: date) -> datetime:
    return clock.to_utc(datetime.combine(day, time.min))


class JournalForm(Form):
    """An act, a first and a last day; each may be left out."""

    class Meta(Form.Meta):
        """It changes nothing, and its address may be kept: no token."""

        csrf = False

    act = SelectField(_l("Ce qui s’est passé"), name="quoi", validators=[Optional()])
    first = DateField(_l("Du"), name="du", validators=[Optional()])
    last = DateField(_l("Au"), name="au", validators=[Optional()])

    def offer(self) -> None:
        """Let every act be chosen."""
        named = sorted(((act.value, str(word)) for act, word in ACT_WORDS.items()), key=_by_word)
        choices = [("", _l("Tout")), *named]
        self.act.choices = [SelectChoice(value, label) for value, label in choices]
        for one in self:
            one.flags.optional = False  # a filter is: nobody needs to be told so three times

    def validate_last(self, field: DateField) -> None:
        """Refuse a period that ends before it begins."""
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(
                _l("La période finit avant de commencer : changez l’un des jours.")
            )

    @property
    def since(self) -> datetime | None:
        """The instant of the first day's beginning."""
        return _midnight(self.first.data) if self.first.data else None

    @property
    def until(self) -> datetime | None:
        """The instant after the last day."""
        return _midnight(self.last.data + timedelta(days=1)) if self.last.data else None


def _by_word(choice: tuple[str, str]) -> str:
    return choice[1].casefold()
