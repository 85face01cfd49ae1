"""Writing a path: what it is, its steps, its pools; a file; publishing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FloatField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget, TextInput

from courses.paths.editing.rules import MAX_CHANGES
from courses.paths.facts import MAX_HOURS, MAX_STEPS, PathFacts, PoolFacts, StepFacts
from courses.paths.models import StepKind
from courses.paths.words import audience_words, kind_words
from tierslieu.people.models import Audience
from tierslieu.web.forms import Form, no_control_characters, tidy
from tierslieu.web.written import Theirs

_LINE = {"filters": [tidy]}


def _words(most: int, *, asked: bool = False) -> list[Any]:
    first = [InputRequired(_("Ce champ est nécessaire."))] if asked else [Optional()]
    too_long = _("Ce texte est trop long : %(max)d caractères sont possibles.")
    return [*first, Length(max=most, message=too_long), no_control_characters]


def _hours() -> list[Any]:
    bounds = _("Donnez un nombre d’heures entre 0 et 2 000.")
    return [Optional(), NumberRange(min=0, max=MAX_HOURS, message=bounds)]


class Boxes(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class HoursField(FloatField):
    """Hours as one writes them: «6», «6,5» or «6.5»."""

    widget = TextInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, render_kw={"inputmode": "decimal"}, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; a comma is a decimal sign."""
        super().process_formdata([value.strip().replace(",", ".") for value in valuelist])

    def _value(self) -> str:
        if self.raw_data and self.errors:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:g}".replace(".", ",")


class DraftForm(Form):
    """Any change of a draft: which state of it was read."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class NewPathForm(Form):
    """A path of which there is only the name."""

    title = StringField(_("Nom du parcours"), validators=_words(200, asked=True), **_LINE)
    short_title = StringField(
        _("Nom court"),
        validators=_words(40, asked=True),
        description=_("Là où la place manque : « SNT ». Il donne aussi l’adresse de la page."),
        **_LINE,
    )


class FactsForm(DraftForm):
    """What a path is, whatever its steps."""

    title = StringField(_("Nom du parcours"), validators=_words(200, asked=True), **_LINE)
    short_title = StringField(_("Nom court"), validators=_words(40, asked=True), **_LINE)
    summary = TextAreaField(
        _("En une phrase"),
        validators=_words(300),
        description=_("Pour qui, et pour savoir faire quoi."),
        **_LINE,
    )
    audiences = Boxes(_("Pour qui"), coerce=Audience)
    provider = StringField(_("Proposé par"), validators=_words(200), **_LINE)
    url = StringField(
        _("Adresse du cours"),
        validators=_words(2000),
        render_kw={"inputmode": "url", "placeholder": "https://"},
        **_LINE,
    )
    language = SelectField(
        _("Langue"),
        choices=[SelectChoice("fr", _("français")), SelectChoice("en", _("anglais"))],
        validate_choice=False,
    )
    licence = StringField(_("Licence"), validators=_words(200), **_LINE)
    hours_from = HoursField(_("Heures, au moins"), validators=_hours())
    hours = HoursField(_("Heures, au plus"), validators=_hours())
    parent = SelectField(_("Partie d’un parcours plus long"), validate_choice=False)
    note = TextAreaField(_("Ce que les sources laissent ouvert"), validators=_words(2000), **_LINE)
    source = TextAreaField(
        _("D’où viennent ces faits"),
        validators=_words(2000),
        description=_("Des adresses séparées par « ; »."),
        **_LINE,
    )

    def __init__(self, paths: Sequence[tuple[str, str]], language: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if language not in ("fr", "en"):  # as a file said: kept, though there is no word for it
            self.language.choices = [*self.language.choices, SelectChoice(language, language)]
        self.audiences.choices = [(one.value, label) for one, label in audience_words().items()]
        self.parent.choices = [("", _("non")), *_theirs(paths)]

    def values(self) -> dict[str, Any]:
        """What changes in the facts."""
        return {
            "title": self.title.data,
            "short_title": self.short_title.data,
            "summary": self.summary.data or "",
            "audiences": [one.value for one in self.audiences.data or ()],
            "provider": self.provider.data or "",
            "url": self.url.data or "",
            "language": self.language.data or "fr",
            "licence": self.licence.data or "",
            "hours_from": self.hours_from.data,
            "hours": self.hours.data,
            "parent": self.parent.data or None,
            "note": self.note.data or "",
            "source": self.source.data or "",
        }


class StepForm(DraftForm):
    """One step."""

    title = StringField(_("Nom de l’étape"), validators=_words(200, asked=True), **_LINE)
    code = StringField(
        _("Repère"), validators=_words(40), description=_("Par exemple « Bloc 1 »."), **_LINE
    )
    kind = RadioField(
        _("Ce qu’elle demande"),
        validators=[InputRequired(_("Choisissez ce que l’étape demande."))],
    )
    badge = SelectField(
        _("Quel badge"),
        validate_choice=False,
        description=_("Seulement pour un badge à avoir."),
    )
    subpath = SelectField(
        _("Quel parcours"),
        validate_choice=False,
        description=_("Seulement pour un parcours à part."),
    )
    place = SelectField(_("Est-elle demandée ?"), validate_choice=False)
    needs = Boxes(
        _("S’ouvre après"),
        validate_choice=False,
        description=_("Rien de coché : elle est ouverte dès le début."),
    )
    hours = HoursField(_("Heures"), validators=_hours())
    units = TextAreaField(
        _("Ce qu’elle contient"),
        validators=_words(10_000),
        description=_("Une ligne par unité."),
        **_LINE,
    )
    url = StringField(
        _("Adresse de l’étape"),
        validators=_words(2000),
        description=_("Si elle a sa propre page dans le cours."),
        render_kw={"inputmode": "url", "placeholder": "https://"},
        **_LINE,
    )

    def __init__(
        self,
        facts: PathFacts,
        own_key: str | None,
        *,
        badges: Sequence[tuple[str, str]],
        paths: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kind.choices = [(kind.value, label) for kind, label in kind_words().items()]
        self.badge.choices = [("", "—"), *_theirs(badges)]
        self.subpath.choices = [("", "—"), *_theirs(paths)]
        self.place.choices = [
            ("required", _("oui, à tout le monde")),
            ("optional", _("non, elle est facultative")),
            *((f"pool:{pool.key}", _("au choix dans « %(pool)s »", pool=pool.title))
              for pool in facts.pools),
        ]  # fmt: skip
        self.needs.choices = [
            (step.key, Theirs(f"{step.code} · {step.title}" if step.code else step.title))
            for step in facts.steps
            if step.key != own_key
        ]

    def step(self, key: str) -> StepFacts:
        """The step that was written. ``place`` unknown means asked."""
        kind = StepKind(self.kind.data)
        place, known = self.place.data or "", {value for value, _label in self.place.choices or ()}
        pool = place.removeprefix("pool:") if place.startswith("pool:") and place in known else None
        possible = {value for value, _label in self.needs.choices or ()}
        return StepFacts(
            key=key,
            code=self.code.data or "",
            title=self.title.data,
            kind=kind,
            units=tuple(line for line in _lines(self.units.data) if line),
            hours=self.hours.data,
            is_required=place != "optional",
            url=self.url.data or "",
            pool=pool,
            needs=tuple(key for key in self.needs.data or () if key in possible),
            badge=(self.badge.data or None) if kind is StepKind.BADGE else None,
            subpath=(self.subpath.data or None) if kind is StepKind.SUBPATH else None,
        )


def _lines(text: str | None) -> list[str]:
    return [re.sub(r"^[-•*]\s+", "", line.strip()) for line in (text or "").splitlines()]


def step_values(step: StepFacts) -> Mapping[str, Any]:
    """A step, as its form shows it."""
    place = "required" if step.is_required else "optional"
    return {
        "title": step.title,
        "code": step.code,
        "kind": step.kind.value,
        "badge": step.badge or "",
        "subpath": step.subpath or "",
        "place": f"pool:{step.pool}" if step.pool else place,
        "needs": list(step.needs),
        "hours": step.hours,
        "units": "\n".join(step.units),
        "url": step.url,
    }


class PoolForm(DraftForm):
    """A pool of steps."""

    title = StringField(_("Nom du choix"), validators=_words(200, asked=True), **_LINE)
    needed = IntegerField(
        _("Combien d’étapes il faut y faire"),
        validators=[
            InputRequired(_("Donnez un nombre.")),
            NumberRange(min=1, max=MAX_STEPS, message=_("Donnez un nombre, au moins 1.")),
        ],
    )

    def pool(self, key: str) -> PoolFacts:
        """The pool that was written."""
        return PoolFacts(key=key, title=self.title.data, needed=self.needed.data)


class PublishForm(DraftForm):
    """The last word before everybody sees it."""

    changes = TextAreaField(
        _("Ce qui change, en un mot"),
        validators=_words(MAX_CHANGES),
        description=_("Les personnes qui suivent déjà ce parcours le liront."),
        **_LINE,
    )
    sure = BooleanField(
        _("J’ai relu ce brouillon"), validators=[InputRequired(_("Relisez-le d’abord."))]
    )


class FileForm(Form):
    """A path as a file."""

    file = FileField(_("Fichier du parcours"), render_kw={"accept": ".json,application/json"})


def _theirs(choices: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(value, Theirs(label)) for value, label in choices]
