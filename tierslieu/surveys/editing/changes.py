"""What may be changed of an instrument's document: each function gives a changed copy.

Pure. A page is known by its place, an item and a scale by their name, which never changes: what
was said of it elsewhere (conditions, scales, the version before) goes on holding.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from tierslieu.errors import NotYours, Refused

Content = dict[str, Any]
Change = Callable[[Content], Content]


def find_item(content: Mapping[str, Any], name: str) -> tuple[int, int]:
    """The places of an item: its page, and its rank on it. Raises :class:`NotYours`."""
    for number, page in enumerate(content["pages"]):
        for rank, item in enumerate(page["items"]):
            if item["name"] == name:
                return number, rank
    raise NotYours


def find_page(content: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A page by its place, from 0. Raises :class:`NotYours`."""
    if not 0 <= number < len(content["pages"]):
        raise NotYours
    found: dict[str, Any] = content["pages"][number]
    return found


def with_sheet(facts: Mapping[str, Any]) -> Change:
    """Title, languages, duration, licence, source, scoring."""
    return lambda content: {**content, **facts}


def with_page(number: int | None, facts: Mapping[str, Any]) -> Change:
    """A page otherwise; ``number`` None: one more, at the end."""

    def change(content: Content) -> Content:
        changed = copy.deepcopy(content)
        if number is None:
            changed["pages"].append({**facts, "items": []})
        else:
            page = find_page(changed, number)
            page.update(facts)
            if page.get("when") is None:
                page.pop("when", None)
        return changed

    return change


def without_page(number: int) -> Change:
    """Without this page and what it asks."""

    def change(content: Content) -> Content:
        changed = copy.deepcopy(content)
        find_page(changed, number)
        del changed["pages"][number]
        return changed

    return change


def moved_page(number: int, by: int) -> Change:
    """This page earlier (-1) or later (+1)."""

    def change(content: Content) -> Content:
        changed = copy.deepcopy(content)
        find_page(changed, number)
        if 0 <= number + by < len(changed["pages"]):
            changed["pages"].insert(number + by, changed["pages"].pop(number))
        return changed

    return change


def _taken(sentence: str) -> Refused:
    return Refused(sentence, code="bad_instrument", field="name", status=422)


def with_new_item(number: int, item: Mapping[str, Any]) -> Change:
    """An item more at the end of this page. Raises :class:`Refused` where its name is taken."""

    def change(content: Content) -> Content:
        if any(item["name"] == one["name"] for page in content["pages"] for one in page["items"]):
            raise _taken(_("Une autre question a déjà ce nom : donnez-en un autre."))
        return with_item(number, item)(content)

    return change


def with_item(number: int, item: Mapping[str, Any]) -> Change:
    """An item more at the end of this page; or, where one has its name, that one otherwise."""

    def change(content: Content) -> Content:
        changed = copy.deepcopy(content)
        try:
            page, rank = find_item(changed, item["name"])
        except NotYours:
            find_page(changed, number)["items"].append(dict(item))
        else:
            changed["pages"][page]["items"][rank] = dict(item)
        return changed

    return change


def without_item(name: str) -> Change:
    """Without this item."""

    def change(content: Content) -> Content:
        changed = copy.deepcopy(content)
        page, rank = find_item(changed, name)
        del changed["pages"][page]["items"][rank]
        return changed

    return change


def moved_item(name: str, by: int) -> Change:
    """This item earlier (-1) or later (+1): over the edge of a page, onto the next one."""

    def change(content: Content) -> Content:
        changed = copy.deepcopy(content)
        number, rank = find_item(changed, name)
        items = changed["pages"][number]["items"]
        if 0 <= rank + by < len(items):
            items.insert(rank + by, items.pop(rank))
        elif 0 <= number + by < len(changed["pages"]):
            other = changed["pages"][number + by]["items"]
            other.insert(len(other) if by < 0 else 0, items.pop(rank))
        return changed

    return change


def with_new_scale(scale: Mapping[str, Any]) -> Change:
    """A scale more. Raises :class:`Refused` where its name is taken."""

    def change(content: Content) -> Content:
        if any(scale["name"] == one["name"] for one in content.get("scales", ())):
            raise _taken(_("Une autre échelle a déjà ce nom : donnez-en un autre."))
        return with_scale(scale)(content)

    return change


def with_scale(scale: Mapping[str, Any]) -> Change:
    """A scale more, or the one of its name otherwise."""

    def change(content: Content) -> Content:
        others = [one for one in content.get("scales", ()) if one["name"] != scale["name"]]
        return {**content, "scales": [*others, dict(scale)]}

    return change


def without_scale(name: str) -> Change:
    """Without this scale."""

    def change(content: Content) -> Content:
        kept = [one for one in content.get("scales", ()) if one["name"] != name]
        if len(kept) == len(content.get("scales", ())):
            raise NotYours
        return {**content, "scales": kept}

    return change


def without_old_names(content: Content) -> Content:
    """Without what items were called in the version before this one: in the next, each goes on the
    one of its name."""
    changed = copy.deepcopy(content)
    for page in changed["pages"]:
        for item in page["items"]:
            item.pop("was", None)
    return changed
