"""The form of one page of a questionnaire, made from its items. Shape only: the rule judges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, Field, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from tierslieu.surveys.instruments.checking import BadAnswers
from tierslieu.surveys.instruments.items import (
    ASIDE_SUFFIX,
    NOT_CONCERNED,
    PREFERS_NOT,
    REFUSAL_SUFFIX,
    SCALES,
    TEXTS,
    Item,
    ItemKind,
    ItemVariable,
)
from tierslieu.web.forms import Form

# An item may be called ``errors``, ``go`` or ``dataset``: its field is called otherwise than all
# that a form has of its own, in WTForms, among what the page sends, and in the browser.
_BEFORE = "q-"
_PARTED = (ItemKind.SEVERAL, ItemKind.GRID, ItemKind.MATRIX, ItemKind.RANKING)
_RADIOS = (*SCALES, ItemKind.GRID)


class GroupField(Field):
    """Several inputs under one question: what is wrong with them is said once, there."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """It has no value of its own."""


class AskingForm(Form):
    """The form of a page: its fields are found by the names of items and of their variables.

    ``variables``: each item with its variables, in their order, for the script of the page.
    """

    variables: Sequence[tuple[str, Sequence[str]]] = ()

    def has(self, name: str) -> bool:
        """Whether it asks this item, variable, or box beside an item."""
        return _BEFORE + name in self._fields

    def of(self, name: str) -> Field:
        """The field of this item, variable, or box beside an item."""
        return self._fields[_BEFORE + name]


def sent_answers(sent: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What was sent of the items of a page, by the name of the variable or of the box; what else
    the page sent is left out."""
    return {name.removeprefix(_BEFORE): text for name, text in sent if name.startswith(_BEFORE)}


def _radio(item: Item, variable: ItemVariable) -> Field:
    choices = [SelectChoice(str(option.value), option.label) for option in variable.options]
    if item.may_be_aside:
        choices.append(SelectChoice(str(NOT_CONCERNED), _("Ne me concerne pas")))
    choices.append(SelectChoice(str(PREFERS_NOT), _("Je préfère ne pas répondre")))
    return RadioField(variable.label, choices=choices, validate_choice=False)


def _field(item: Item, variable: ItemVariable) -> Field:
    # The page writes the whole question; the summary of what is wrong, its short label.
    if item.kind is ItemKind.TEXT:
        return TextAreaField(item.text, render_kw={"maxlength": item.max_length, "rows": 4})
    if item.kind is ItemKind.SHORT:
        return StringField(item.text, render_kw={"maxlength": item.max_length})
    if item.kind in _RADIOS:
        return _radio(item, variable)
    keys = {"inputmode": "decimal" if item.decimals else "numeric", "autocomplete": "off"}
    return StringField(variable.label, render_kw=keys)


def _boxes(item: Item) -> Iterator[tuple[str, int, str]]:
    """The boxes beside an item whose answer is no radio: name, code, label."""
    if item.kind in _RADIOS or (item.kind in TEXTS and not item.required):
        return
    if item.may_be_aside:
        yield item.name + ASIDE_SUFFIX, NOT_CONCERNED, _("Ne me concerne pas")
    yield item.name + REFUSAL_SUFFIX, PREFERS_NOT, _("Je préfère ne pas répondre")


def page_form(items: tuple[Item, ...], answers: Mapping[str, str]) -> AskingForm:
    """The form that asks ``items``, filled in with what was already answered."""
    fields: dict[str, Field] = {}
    data: dict[str, Any] = {}
    for item in items:
        if item.kind in _PARTED:
            fields[_BEFORE + item.name] = GroupField(item.label)
        values = {one.name: answers.get(one.name, "") for one in item.variables}
        for name, code, label in _boxes(item):
            fields[_BEFORE + name] = BooleanField(label)
            data[_BEFORE + name] = str(code) in values.values()
            values = {one: "" if text == str(code) else text for one, text in values.items()}
        for variable in item.variables:
            fields[_BEFORE + variable.name] = _field(item, variable)
            data[_BEFORE + variable.name] = values[variable.name] or None
    form: AskingForm = type("PageForm", (AskingForm,), fields)(data=data)
    form.variables = [(item.name, [one.name for one in item.variables]) for item in items]
    return form


def show_faults(form: AskingForm, bad: BadAnswers) -> None:
    """Put each sentence beside its item, or at the top when the page has no such item."""
    for name, sentence in bad.faults.items():
        if form.has(name):
            form.of(name).errors = [*form.of(name).errors, sentence]
        else:
            form.form_errors.append(sentence)
