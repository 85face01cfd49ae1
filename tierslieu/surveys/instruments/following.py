"""What a version of a questionnaire goes on of the version before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tierslieu.surveys.instruments.items import Item, ItemKind, Option
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.instruments.wording import languages_of

Meaning = tuple[Any, ...]


def map_variables(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, str]:
    """Each variable of ``new``, and the one of ``old`` that it goes on; empty for what is new.

    An item goes on the one of its name, or of the name it says (``"was"``); a variable goes on
    another only where both are of one kind, of the same bounds, decimals and unit, and their codes
    stand for the same words in every language of both: answers to other points are not to be read
    together.
    """
    items = [item for page in new["pages"] for item in page["items"]]
    was = {item["name"]: item.get("was", item["name"]) for item in items}
    spoken = languages_of(old)
    # With no language in common, each is read in its own: the words differ, and all is new.
    shared = [one for one in languages_of(new) if one in spoken] or [""]
    before, now = _meanings(old, shared), _meanings(new, shared)
    found = {}
    for item in read_questionnaire(new).items():
        for one in item.variables:
            name = was[item.name] + one.name.removeprefix(item.name)
            found[one.name] = name if before.get(name) == now[one.name] else ""
    return found


def _meanings(content: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Meaning]:
    """What the values of each variable stand for, in each of these languages."""
    found: dict[str, Meaning] = {}
    for language in languages:
        for item in read_questionnaire(content, language).items():
            for name, meaning in _meanings_of(item):
                found[name] = (*found.get(name, ()), meaning)
    return found


def _meanings_of(item: Item) -> Iterator[tuple[str, Meaning]]:
    bounds = item.decimals, " ".join(item.unit.split()), _said(item.options)
    for one in item.variables:
        if item.kind in (ItemKind.SEVERAL, ItemKind.MATRIX):
            # A box stands for its own words; other boxes may come and go beside it.
            own = [o for o in item.options if one.name.endswith(f"_{o.value}")]
            yield one.name, (item.kind, _said(own))
        else:
            yield one.name, (item.kind, one.minimum, one.maximum, *bounds)


def _said(options: Sequence[Option]) -> Meaning:
    """Codes with their words; spaces and capitals are no other words."""
    return tuple(sorted((o.value, " ".join(o.label.split()).casefold()) for o in options))
