"""Closing sign-up, inviting addresses, making a code: shape only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from tierslieu import clock
from tierslieu.web.forms import Form, no_control_characters, tidy

EVERYBODY, INVITED = "everybody", "invited"
STAYS_CLOSED, OPENS = "closed", "open"
FURTHEST = timedelta(days=3 * 366)


def end_of(day: date) -> datetime:
    """The instant at which a day is over, here."""
    return clock.to_utc(datetime.combine(day + timedelta(days=1), time()))


def day_of(ends_at: datetime) -> date:
    """The last day before that instant."""
    return clock.to_local(ends_at - timedelta(seconds=1)).date()


def _not_too_far(form: Any, field: DateField) -> None:
    if field.data is not None and field.data > clock.now().date() + FURTHEST:
        raise ValidationError(_l("Au plus tard dans trois ans."))


def _last_day(label: Any, *validators: Any, hint: Any = "") -> DateField:
    return DateField(label, [*validators, _not_too_far], description=hint)


class EntryForm(Form):
    """Who may make an account, until when, and then."""

    who = RadioField(
        _l("Qui peut ouvrir un compte"),
        choices=[
            SelectChoice(EVERYBODY, _l("Tout le monde")),
            SelectChoice(INVITED, _l("Les personnes invitées : pilote fermé")),
        ],
        validators=[InputRequired(_l("Choisissez qui peut ouvrir un compte."))],
    )
    last = _last_day(
        _l("Dernier jour du pilote"),
        Optional(),
        hint=_l("Vide : le pilote dure jusqu’à ce que vous l’ouvriez ici."),
    )
    after = RadioField(
        _l("Passé ce jour"),
        choices=[
            SelectChoice(STAYS_CLOSED, _l("Plus personne n’ouvre de compte, même invité")),
            SelectChoice(OPENS, _l("Tout le monde peut ouvrir un compte")),
        ],
        default=STAYS_CLOSED,
    )
    seen = HiddenField()


class AddressesForm(Form):
    """A list of addresses, and the last day of their invitations."""

    text = TextAreaField(
        _l("Adresses mail"),
        [
            DataRequired(_l("Collez au moins une adresse.")),
            Length(max=100_000),
            no_control_characters,
        ],
        filters=[tidy],
        description=_l("Une par ligne, ou séparées par des virgules. 500 au plus."),
        render_kw={"rows": 8, "autocomplete": "off", "spellcheck": "false"},
    )
    last = _last_day(
        _l("Dernier jour pour répondre"), DataRequired(_l("Choisissez le dernier jour."))
    )


class CodeForm(Form):
    """For whom a code is, for how many, until when."""

    label = StringField(
        _l("Pour qui"),
        [DataRequired(_l("Écrivez pour qui est ce code.")), Length(max=80), no_control_characters],
        filters=[tidy],
        description=_l("Pour le retrouver dans la liste : une classe, un atelier. Aucun nom."),
        render_kw={"autocomplete": "off"},
    )
    most_uses = IntegerField(
        _l("Combien de personnes, au plus"),
        [InputRequired(_l("Écrivez un nombre."))],
        default=20,
        render_kw={"inputmode": "numeric"},
    )
    last = _last_day(
        _l("Dernier jour pour s’en servir"), DataRequired(_l("Choisissez le dernier jour."))
    )
