"""Writing a questionnaire: what it is, a page, a question of each kind, a scale."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    DecimalField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from tierslieu.surveys.editing import limits
from tierslieu.surveys.editing.kinds import OF_KIND
from tierslieu.surveys.editing.lines import read_options, read_rows, write_options, write_rows
from tierslieu.surveys.editing.rules import make_name, name_after
from tierslieu.surveys.instruments.conditions import is_code
from tierslieu.surveys.instruments.items import LABEL_LIMIT, ItemKind, ItemVariable
from tierslieu.surveys.instruments.reading import HIGHEST, MOST_WORDS
from tierslieu.surveys.instruments.wording import LANGUAGES
from tierslieu.web.forms import AnyDayField, Form, no_control_characters, tidy

NAMES = {"fr": _("français"), "en": _("anglais")}


class Boxes(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _words(most: int, *, asked: bool = False) -> list[Any]:
    first = [InputRequired(_("Ce champ est nécessaire."))] if asked else [Optional()]
    return [*first, Length(max=most), no_control_characters]


def _between(low: int, high: int, *, asked: bool = False) -> list[Any]:
    first = InputRequired(_("Donnez un nombre.")) if asked else Optional()
    message = _("Donnez un nombre entre %(min)s et %(max)s.")
    return [first, NumberRange(min=low, max=high, message=message)]


_TITLE = _words(limits.MOST_TITLE, asked=True)
_INTRO, _TEXT = _words(limits.MOST_INTRO), _words(limits.MOST_TEXT, asked=True)
_LINES = _words(limits.MOST_IN_LINES, asked=True)
_UNIT, _END = _words(limits.MOST_UNIT), _words(limits.MOST_END)
_LABEL = _words(LABEL_LIMIT, asked=True)
_LOW = _between(0, HIGHEST, asked=True)
_HIGH = _between(1, HIGHEST, asked=True)


class BeginForm(Form):
    """A new questionnaire."""

    title = StringField(_("Titre"), validators=_TITLE, filters=[tidy])


class DraftForm(Form):
    """What changes a draft says which revision it was made from."""

    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def speak(self, languages: Sequence[str]) -> None:
        """Ask for the words of these languages, and of no other."""
        for name in list(self._fields):
            for language in LANGUAGES:
                if name.endswith(f"_{language}") and language not in languages:
                    del self[name]

    def wording(self, name: str, languages: Sequence[str]) -> dict[str, str]:
        """What was written in each language; browsers send lines as mails do."""
        return {one: (self[f"{name}_{one}"].data or "").replace("\r\n", "\n") for one in languages}


def spoken(raw: Any, name: str) -> dict[str, str]:
    """A wording as the fields of a form: ``title_fr``, ``title_en``."""
    if isinstance(raw, str):
        return {f"{name}_{one}": raw for one in LANGUAGES}
    return {f"{name}_{one}": (raw or {}).get(one, "") for one in LANGUAGES}


def _named(name: str | None, label: str) -> str:
    """The name that was given, or one made of a label."""
    return make_name(name, "_", 20) if name else name_after(label)


class SheetForm(DraftForm):
    """Title, languages, duration, licence, source, scoring."""

    title_fr = StringField(
        _("Titre, en français"), validators=_words(limits.MOST_TITLE), filters=[tidy]
    )
    title_en = StringField(
        _("Titre, en anglais"), validators=_words(limits.MOST_TITLE), filters=[tidy]
    )
    languages = Boxes(_("Langues"), choices=[SelectChoice(k, v) for k, v in NAMES.items()])
    minutes = IntegerField(
        _("Combien de minutes"), validators=_between(1, limits.MOST_MINUTES, asked=True)
    )
    licence = StringField(_("Licence"), validators=_TITLE, filters=[tidy])
    source = TextAreaField(
        _("Source"),
        validators=_INTRO,
        description=_("D’où viennent les questions : une référence, ou qui les a écrites."),
        filters=[tidy],
    )
    scoring = TextAreaField(_("Comment les scores se calculent"), validators=_INTRO)

    def validate_languages(self, field: Boxes) -> None:
        """One at least."""
        if not field.data:
            raise ValidationError(str(_("Choisissez au moins une langue.")))
        first = next((one for one in LANGUAGES if one in field.data), None)
        if first and not self[f"title_{first}"].data:  # the lists would show a link without words
            raise ValidationError(str(_("Donnez un titre en %(language)s.", language=NAMES[first])))

    def facts(self) -> dict[str, Any]:
        """What changes in the document."""
        languages = [one for one in LANGUAGES if one in (self.languages.data or ())]
        return {
            "title": {one: self[f"title_{one}"].data or "" for one in languages},
            "language": languages[0],
            "languages": languages,
            "minutes": self.minutes.data,
            "licence": self.licence.data or "",
            "source": self.source.data or "",
            "scoring": self.scoring.data or "",
        }


class WhenForm(DraftForm):
    """When something is asked: one condition, of what comes before."""

    when_item = SelectField(_("Ne demander que si la réponse à"), validate_choice=False)
    when_word = SelectField(
        _("est"),
        default="is",
        choices=[
            SelectChoice("is", _("l’un de ces codes")),
            SelectChoice("at_least", _("au moins")),
            SelectChoice("at_most", _("au plus")),
            SelectChoice("answered", _("donnée, quelle qu’elle soit")),
        ],
    )
    when_values = StringField(
        _("Codes"),
        validators=_words(limits.MOST_CODES),
        description=_("Par exemple : 1, 2"),
        filters=[tidy],
    )
    keeps_when = BooleanField(_("Garder la condition telle qu’elle est"))

    def offer_before(self, before: Sequence[ItemVariable], when: Mapping[str, Any] | None) -> None:
        """The variables that a condition may look at, and the one there is."""
        choices = [SelectChoice("", str(_("toujours")))]
        choices += [SelectChoice(one.name, f"{one.label} ({one.name})") for one in before]
        self.when_item.choices = choices
        self.is_plain = not when or "item" in when
        if self.is_plain:
            del self.keeps_when
        if not self.is_submitted() and when and self.is_plain:
            [word] = set(when) - {"item"}
            self.when_item.data, self.when_word.data = when["item"], word
            values = when[word] if isinstance(when[word], list) else [when[word]]
            self.when_values.data = "" if word == "answered" else ", ".join(map(str, values))
        elif not self.is_submitted() and when:
            self.keeps_when.data = True

    def when(self, old: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The condition. Raises ValueError with a sentence."""
        if "keeps_when" in self and self.keeps_when.data:
            return dict(old or {})
        if not self.when_item.data:
            return None
        if self.when_word.data == "answered":
            return {"item": self.when_item.data, "answered": True}
        try:
            texts = (self.when_values.data or "").replace(";", ",").split(",")
            values = [json.loads(one) for one in texts if one.strip()]
        except ValueError:
            values = []
        if not values or not all(is_code(value) for value in values):
            raise ValueError(str(_("Donnez un ou plusieurs codes, séparés par des virgules.")))
        said = values if self.when_word.data == "is" else values[0]
        return {"item": self.when_item.data, self.when_word.data: said}


class PageForm(WhenForm):
    """A page: its title, a few words, when it is asked."""

    title_fr = StringField(_("Titre, en français"), validators=_TITLE, filters=[tidy])
    title_en = StringField(_("Titre, en anglais"), validators=_TITLE, filters=[tidy])
    intro_fr = TextAreaField(_("Quelques mots, en français"), validators=_INTRO)
    intro_en = TextAreaField(_("Quelques mots, en anglais"), validators=_INTRO)


class ItemForm(WhenForm):
    """A question; the fields of other kinds are taken away."""

    text_fr = TextAreaField(_("La question, en français"), validators=_TEXT)
    text_en = TextAreaField(_("La question, en anglais"), validators=_TEXT)
    label_fr = StringField(
        _("Libellé court, en français"),
        validators=_LABEL,
        description=_("Ce que gardent les fichiers de données : 80 caractères au plus."),
        filters=[tidy],
    )
    label_en = StringField(_("Libellé court, en anglais"), validators=_LABEL, filters=[tidy])
    name = StringField(
        _("Nom de la variable"),
        validators=_words(20),
        description=_(
            "Facultatif : il vient du libellé. En lettres minuscules ; il ne change plus ensuite."
        ),
        filters=[tidy],
    )
    required = BooleanField(_("Une réponse est demandée (« je préfère ne pas » en est une)"))
    may_be_aside = BooleanField(_("Proposer aussi « ne me concerne pas »"))
    options = TextAreaField(
        _("Les réponses"),
        validators=_LINES,
        description=_(
            "Une par ligne : code | français | anglais. Le code peut manquer. « | seule » à la "
            "fin exclut les autres réponses ; « \\| » écrit une barre dans les mots."
        ),
    )
    rows = TextAreaField(
        _("Les lignes"),
        validators=_LINES,
        description=_("Une par ligne : nom | français | anglais. Le nom peut manquer."),
    )
    minimum = IntegerField(_("Le plus petit nombre possible"), validators=_LOW)
    maximum = IntegerField(_("Le plus grand nombre possible"), validators=_HIGH)
    decimals = IntegerField(_("Chiffres après la virgule"), validators=_between(0, 3))
    unit_fr = StringField(_("Unité, en français"), validators=_UNIT, filters=[tidy])
    unit_en = StringField(_("Unité, en anglais"), validators=_UNIT, filters=[tidy])
    step = IntegerField(
        _("De combien en combien"), validators=_between(1, limits.MOST_STEP, asked=True)
    )
    low_fr = StringField(_("Mots au début, en français"), validators=_END, filters=[tidy])
    low_en = StringField(_("Mots au début, en anglais"), validators=_END, filters=[tidy])
    high_fr = StringField(_("Mots à la fin, en français"), validators=_END, filters=[tidy])
    high_en = StringField(_("Mots à la fin, en anglais"), validators=_END, filters=[tidy])
    most = IntegerField(_("Combien de réponses au plus"), validators=_between(1, limits.MOST_LINES))
    earliest = AnyDayField(_("Le premier jour possible"), validators=[Optional()])
    latest = AnyDayField(_("Le dernier jour possible"), validators=[Optional()])
    max_length = IntegerField(
        _("Combien de caractères au plus"), validators=_between(1, MOST_WORDS, asked=True)
    )

    def become(self, kind: ItemKind, languages: Sequence[str]) -> None:
        """Keep the fields of this kind and of these languages."""
        for name, kinds in OF_KIND.items():
            if kind not in kinds and name in self:
                del self[name]
        self.speak(languages)

    def item(
        self, kind: ItemKind, languages: Sequence[str], old: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """The item in a document. Raises ValueError with a sentence, beside its field if one."""
        label = self.wording("label", languages)
        text = self.wording("text", languages)
        name = old["name"] if old else _named(self.name.data, label[languages[0]])
        item: dict[str, Any] = {
            "name": name,
            "kind": kind.value,
            "text": text,
            "label": label,
            "required": bool(self.required.data),
        }
        when = self.when(old.get("when") if old else None)
        if when:
            item["when"] = when
        if old and "was" in old:
            item["was"] = old["was"]
        if old and old.get("may_be_aside") and "may_be_aside" not in self:
            item["may_be_aside"] = True
        item |= self._of_kind(languages, old or {})
        return item

    def _of_kind(self, languages: Sequence[str], old: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if "options" in self:
            found["options"] = read_options(self.options.data or "", languages)
        if "rows" in self:
            found["rows"] = read_rows(self.rows.data or "", languages, old.get("rows", ()))
        for name in ("minimum", "maximum", "decimals", "step", "max_length"):
            if name in self and self[name].data is not None:
                found[name] = self[name].data
        if "most" in self and self.most.data:
            found["maximum"] = self.most.data
        unit = self.wording("unit", languages) if f"unit_{languages[0]}" in self else {}
        if any(unit.values()):
            found["unit"] = unit
        if f"low_{languages[0]}" in self:
            found["ends"] = [self.wording("low", languages), self.wording("high", languages)]
        for name in ("earliest", "latest"):
            if name in self and self[name].data:
                found[name] = self[name].data.isoformat()
        if "may_be_aside" in self and self.may_be_aside.data:
            found["may_be_aside"] = True
        return found


def item_values(item: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """An item of a document as :class:`ItemForm` shows it."""
    low, high = item.get("ends", ("", ""))
    values = {
        "minimum": 0,
        "step": 1,
        **item,
        **spoken(item["text"], "text"),
        **spoken(item["label"], "label"),
        **spoken(item.get("unit", ""), "unit"),
        **spoken(low, "low"),
        **spoken(high, "high"),
        "options": write_options(item.get("options", ()), languages),
        "rows": write_rows(item.get("rows", ()), languages),
        "most": item.get("maximum") or None,
    }
    for name in ("earliest", "latest"):
        if values.get(name):
            values[name] = date.fromisoformat(values[name])
    return values


def _score(_form: Any, field: DecimalField) -> None:
    if field.data is None or not (field.data.is_finite() and 0 <= field.data <= HIGHEST):
        raise ValidationError(str(_("Donnez un nombre entre 0 et 999 999 999.")))


class ScaleForm(DraftForm):
    """A scale: its items, which are reversed, how many must be answered, its bounds."""

    label_fr = StringField(_("Libellé, en français"), validators=_LABEL, filters=[tidy])
    label_en = StringField(_("Libellé, en anglais"), validators=_LABEL, filters=[tidy])
    name = StringField(_("Nom de l’échelle"), validators=_words(20), filters=[tidy])
    items = Boxes(_("Ses questions"))
    reversed_items = Boxes(_("Celles qui sont inversées"))
    is_sum = BooleanField(_("Additionner, plutôt que faire la moyenne"))
    least = IntegerField(_("Combien de réponses au moins"), validators=_between(1, 200))
    low = DecimalField(_("Étendre le score, de"), validators=[Optional(), _score])
    high = DecimalField(_("à"), validators=[Optional(), _score])

    def offer(self, variables: Sequence[ItemVariable]) -> None:
        """The variables that may be part of it."""
        choices = [SelectChoice(one.name, f"{one.label} ({one.name})") for one in variables]
        self.items.choices = self.reversed_items.choices = choices

    def scale(self, languages: Sequence[str], old: Mapping[str, Any] | None) -> dict[str, Any]:
        """The scale in a document."""
        label = self.wording("label", languages)
        items, first = list(self.items.data or ()), label[languages[0]]
        scale: dict[str, Any] = {
            "name": old["name"] if old else _named(self.name.data, first),
            "label": label,
            "items": items,
            "reversed": list(self.reversed_items.data or ()),
            "is_sum": bool(self.is_sum.data),
            "least": self.least.data or len(items),
        }
        if self.low.data is not None and self.high.data is not None:
            scale["between"] = [float(self.low.data), float(self.high.data)]
        return scale


def scale_values(scale: Mapping[str, Any]) -> dict[str, Any]:
    """A scale of a document as :class:`ScaleForm` shows it."""
    low, high = scale.get("between") or (None, None)
    return {
        **scale,
        **spoken(scale["label"], "label"),
        "reversed_items": scale.get("reversed", []),
        "low": low,
        "high": high,
    }
