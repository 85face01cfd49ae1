"""Noting a contact, putting off, setting a rule: shape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired, NumberRange, Optional

from tierslieu.agenda.forms import CountField, DayField, text_field
from tierslieu.attention import AttentionRule
from tierslieu.support.attention.models import ContactOutcome, ContactWay
from tierslieu.support.attention.rules import MAX_REASON, MAX_WORDS, Contact
from tierslieu.support.attention.words import outcome_words, way_words
from tierslieu.web.forms import Form


class ContactForm(Form):
    """Who was asked after, how, and what came out."""

    way = RadioField(_("Comment ?"), validators=[InputRequired(_("Dites comment."))])
    happened_on = DayField(_("Quel jour ?"), validators=[InputRequired(_("Choisissez un jour."))])
    outcome = RadioField(
        _("Qu’en est-il sorti ?"), validators=[InputRequired(_("Dites ce qu’il en est sorti."))]
    )
    words = text_field(
        _("En quelques mots"),
        MAX_WORDS,
        area=True,
        description=_(
            "La personne lit ce que vous écrivez ici. Rien sur sa santé, sa vie privée ou "
            "d’autres personnes."
        ),
    )
    again_on = DayField(
        _("Ne plus me le rappeler avant le"),
        description=_("Vide : la liste la montre tant qu’une règle parle d’elle."),
        validators=[Optional()],
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.way.choices = [(one.value, said) for one, said in way_words().items()]
        self.outcome.choices = [(one.value, said) for one, said in outcome_words().items()]

    def contact(self) -> Contact:
        """What was filled in."""
        assert self.happened_on.data is not None
        return Contact(
            ContactWay(self.way.data),
            ContactOutcome(self.outcome.data),
            self.happened_on.data,
            self.words.data or "",
            self.again_on.data,
        )


class PauseForm(Form):
    """Until when the rules keep quiet, and why."""

    until = DayField(
        _("Jusqu’au"),
        description=_("Vide : jusqu’à ce qu’il arrive quelque chose de nouveau."),
        validators=[Optional()],
    )
    reason = text_field(
        _("Pourquoi ?"),
        MAX_REASON,
        required=_("Dites pourquoi, en quelques mots : la personne les lit aussi."),
        description=_("La personne le lit aussi."),
    )


class OwnPauseForm(Form):
    """The day before which a person wishes not to be called."""

    until = DayField(
        _("Ne pas me relancer avant le"), validators=[InputRequired(_("Choisissez un jour."))]
    )


class PlaceForm(Form):
    """Whether this place asks after people by rules."""

    is_on = BooleanField(_("Signaler à l’équipe les personnes dont une règle parle"))


def rule_form(
    rule: AttentionRule, is_on: bool, figures: Mapping[str, int], *, is_sent: bool = False
) -> Any:
    """The form of one rule: on or off, and a number for each of its figures. ``is_sent``: read it
    from the request; else it shows what is set."""
    fields: dict[str, Any] = {"is_on": BooleanField(_("Cette règle parle"))}
    for figure in rule.figures:
        between = _("Entre %(least)s et %(most)s.", least=figure.least, most=figure.most)
        fields[figure.name] = CountField(
            figure.label,
            validators=[
                InputRequired(between),
                NumberRange(min=figure.least, max=figure.most, message=between),
            ],
        )
    made = type("RuleForm", (Form,), fields)
    more = {} if is_sent else {"formdata": None}
    return made(prefix=f"{rule.code}-", data={"is_on": is_on, **figures}, **more)
