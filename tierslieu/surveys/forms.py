"""The form of one page of a questionnaire, made from its items. Shape only: the rule judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

NOT_ITEMS = {"csrf_token", "go"}  # what a page sends beside its answers
_PARTED = (ItemKind.SEVERAL, ItemKind.GRID, ItemKind.MATRIX, ItemKind.RANKING)
_RADIOS = (*SCALES, ItemKind.GRID)


class GroupField(Field):
    """Several inputs under one question: what is wrong with them is said once, there."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """It has no value of its own."""


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


def page_form(items: tuple[Item, ...], answers: Mapping[str, str]) -> Any:
    """The form that asks ``items``, filled in with what was already answered."""
    fields: dict[str, Field] = {}
    data: dict[str, Any] = {}
    for item in items:
        if item.kind in _PARTED:
            fields[item.name] = GroupField(item.label)
        values = {one.name: answers.get(one.name, "") for one in item.variables}
        for name, code, label in _boxes(item):
            fields[name] = BooleanField(label)
            data[name] = str(code) in values.values()
            values = {one: "" if text == str(code) else text for one, text in values.items()}
        for variable in item.variables:
            fields[variable.name] = _field(item, variable)
            data[variable.name] = values[variable.name] or None
    return type("PageForm", (Form,), fields)(data=data)


def show_faults(form: Any, bad: BadAnswers) -> None:
    """Put each sentence beside its item, or at the top when the page has no such item."""
    for name, sentence in bad.faults.items():
        field = form._fields.get(name)
        if field is None:
            form.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]
