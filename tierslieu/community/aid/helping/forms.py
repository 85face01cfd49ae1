"""The form of an offer of help: parse and shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from tierslieu.community.aid.helping.rules import Help
from tierslieu.community.aid.models import AidOffer
from tierslieu.community.entries.forms import lines
from tierslieu.web.forms import Form

WAYS = ("on_site", "online", "forum")


class HelpForm(Form):
    """On which steps, how, until when."""

    steps = SelectMultipleField(
        _("Je peux aider sur ces étapes"),
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    ways = SelectMultipleField(
        _("Comment"),
        choices=[
            SelectChoice("on_site", _("Au tiers-lieu")),
            SelectChoice("online", _("En ligne, ici dans le groupe")),
            SelectChoice("forum", _("Sur le forum des cours")),
        ],
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    words = lines(
        _("Quand, et comment vous trouver"),
        description=_(
            "Par exemple : « le mercredi après-midi au tiers-lieu ». Ni adresse, ni téléphone."
        ),
        render_kw={"rows": 3, "maxlength": 300},
    )
    months = SelectField(
        _("Pendant"),
        choices=[
            SelectChoice("1", _("un mois")),
            SelectChoice("3", _("trois mois")),
            SelectChoice("6", _("six mois")),
        ],
        validate_choice=False,
        description=_(
            "Ensuite, votre proposition s’arrête d’elle-même, sauf si vous la renouvelez."
        ),
    )

    def offered(self) -> Help:
        """What was filled in."""
        ways, months = self.ways.data or [], self.months.data or ""
        return Help(
            step_keys=frozenset(self.steps.data or []),
            on_site="on_site" in ways,
            online="online" in ways,
            forum="forum" in ways,
            words=self.words.data or "",
            months=int(months) if months in ("1", "3", "6") else 0,
        )


def values_of(offer: AidOffer | None) -> dict[str, object]:
    """An offer as its form shows it."""
    if offer is None:
        return {"months": "3"}
    return {
        "steps": sorted(offer.step_keys),
        "ways": [way for way in WAYS if getattr(offer, way)],
        "words": offer.words,
        "months": "3",
    }
