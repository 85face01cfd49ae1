"""An aim, a checklist, one of its items."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional

from tierslieu.agenda.forms import CountField, DayField, text_field
from tierslieu.support.plans.checklists.rules import Said, Thing
from tierslieu.web.forms import Form
from tierslieu.web.links import MAX_URL

_MONTHS = (
    _("janvier"),
    _("février"),
    _("mars"),
    _("avril"),
    _("mai"),
    _("juin"),
    _("juillet"),
    _("août"),
    _("septembre"),
    _("octobre"),
    _("novembre"),
    _("décembre"),
)


class AimForm(Form):
    """An aim that the place proposes."""

    label = text_field(_("Une visée de plus"), 200, required=_("Écrivez la visée."))


class ChecklistForm(Form):
    """What a checklist says of itself."""

    title = text_field(_("Titre"), 200, required=_("Donnez un titre à cette liste."))
    summary = text_field(_("En une phrase"), 500, area=True)
    url = text_field(
        _("Page officielle"), MAX_URL, description=_("L’adresse qui fait foi : https://…")
    )
    year = CountField(
        _("Année pour laquelle elle vaut"),
        description=_("Celle de la session ou de la rentrée."),
        validators=[Optional(), NumberRange(2020, 2100, _("Une année en quatre chiffres."))],
    )

    def said(self) -> Said:
        """What was written."""
        return Said(
            self.title.data or "", self.summary.data or "", self.url.data or "", self.year.data
        )


class ItemForm(Form):
    """One item: a date, a day of about every year, or neither."""

    text = text_field(_("Ce qu’il y a à faire"), 300, required=_("Dites ce qu’il y a à faire."))
    url = text_field(_("Lien"), MAX_URL)
    due = DayField(
        _("Date limite"),
        description=_("Une date que vous avez lue sur la page officielle."),
        validators=[Optional()],
    )
    day = CountField(
        _("Ou chaque année vers le"),
        description=_("Le jour, de 1 à 31. Il sera montré « à vérifier »."),
        validators=[Optional(), NumberRange(1, 31, _("Un jour entre 1 et 31."))],
    )
    month = SelectField(
        _("Mois"),
        choices=[
            SelectChoice("", "–"),
            *(SelectChoice(str(n), name) for n, name in enumerate(_MONTHS, start=1)),
        ],
        validators=[Optional()],
    )

    def thing(self) -> Thing:
        """What was written."""
        return Thing(
            self.text.data or "",
            self.url.data or "",
            self.due.data,
            int(self.month.data) if self.month.data else None,
            self.day.data,
        )
