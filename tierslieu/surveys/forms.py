"""The form of one page of a questionnaire, made from its items. Shape only: the rule judges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import BooleanField, Field, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from tierslieu.surveys.instruments import PREFERS_NOT, REFUSAL_SUFFIX, BadAnswers, Item, ItemKind
from tierslieu.web.forms import Form

NOT_ITEMS = {"csrf_token", "go"}  # what a page sends beside its answers


def _field(item: Item) -> Field:
    # The page writes the whole question; the summary of what is wrong, its short label.
    if item.kind is ItemKind.TEXT:
        return TextAreaField(item.text, render_kw={"maxlength": item.max_length, "rows": 4})
    if item.kind is ItemKind.NUMBER:
        return StringField(item.label, render_kw={"inputmode": "numeric", "autocomplete": "off"})
    choices = [SelectChoice(str(option.value), option.label) for option in item.options]
    choices.append(SelectChoice(str(PREFERS_NOT), _("Je préfère ne pas répondre")))
    return RadioField(item.label, choices=choices, validate_choice=False)


def page_form(items: tuple[Item, ...], answers: Mapping[str, str]) -> Any:
    """The form that asks ``items``, filled in with what was already answered."""
    fields: dict[str, Field] = {}
    data: dict[str, Any] = {}
    for item in items:
        fields[item.name] = _field(item)
        value = answers.get(item.name, "")
        if item.kind is ItemKind.NUMBER:
            fields[item.name + REFUSAL_SUFFIX] = BooleanField(_("Je préfère ne pas répondre"))
            data[item.name + REFUSAL_SUFFIX] = value == str(PREFERS_NOT)
            value = "" if value == str(PREFERS_NOT) else value
        data[item.name] = value or None
    return type("PageForm", (Form,), fields)(data=data)


def show_faults(form: Any, bad: BadAnswers) -> None:
    """Put each sentence beside its item, or at the top when the page has no such item."""
    for name, sentence in bad.faults.items():
        field = form._fields.get(name)
        if field is None:
            form.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]
