"""A questionnaire tried before it is asked: all its pages at once, and what the data would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask_babel import gettext as _

from tierslieu.surveys.instruments.conditions import Condition
from tierslieu.surveys.instruments.flow import asked_items
from tierslieu.surveys.instruments.items import (
    NO_ANSWER,
    NOT_ASKED,
    Item,
    Questionnaire,
    Sheet,
)
from tierslieu.surveys.instruments.scoring import score


def on_one_page(read: Questionnaire) -> list[Sheet]:
    """The pages, each of whose items carries the page's condition beside its own."""
    return [
        replace(page, items=tuple(_carrying(item, page.when) for item in page.items))
        for page in read.pages
    ]


def _carrying(item: Item, when: Condition | None) -> Item:
    if when is None:
        return item
    both = Condition("all", parts=(when, item.when)) if item.when else when
    return replace(item, when=both)


def say_values(read: Questionnaire, answers: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Name, label and value of each variable and each scale, as the data would say them."""
    asked = {one.name for _page, item in asked_items(read, answers) for one in item.variables}
    found = []
    for one in read.variables():
        value = answers.get(one.name, str(NO_ANSWER if one.name in asked else NOT_ASKED))
        if not one.is_coded and one.name in answers:
            value = str(_("des mots, qui restent dans le lieu"))
        found.append((one.name, one.label, value))
    for scale in read.scales:
        points = score(read, scale, answers).value
        found.append((scale.name, scale.label, str(NO_ANSWER if points is None else points)))
    return found
