"""Which fields the form of a question has, by its kind."""

from __future__ import annotations

from collections.abc import Mapping

from tierslieu.surveys.instruments.items import ItemKind

WITH_OPTIONS = {
    ItemKind.LIKERT,
    ItemKind.CHOICE,
    ItemKind.SEVERAL,
    ItemKind.GRID,
    ItemKind.MATRIX,
    ItemKind.RANKING,
}
WITH_ROWS = {ItemKind.GRID, ItemKind.MATRIX}
WITH_BOUNDS = {ItemKind.NUMBER, ItemKind.SLIDER}
#: Which fields a kind has, beside the question, its label, whether it is required, and when asked.
OF_KIND: Mapping[str, set[ItemKind]] = {
    "options": WITH_OPTIONS,
    "rows": WITH_ROWS,
    "minimum": WITH_BOUNDS,
    "maximum": WITH_BOUNDS,
    "decimals": {ItemKind.NUMBER},
    "unit_fr": {ItemKind.NUMBER},
    "unit_en": {ItemKind.NUMBER},
    "step": {ItemKind.SLIDER},
    "low_fr": {ItemKind.SLIDER},
    "low_en": {ItemKind.SLIDER},
    "high_fr": {ItemKind.SLIDER},
    "high_en": {ItemKind.SLIDER},
    "most": {ItemKind.SEVERAL},
    "earliest": {ItemKind.DATE},
    "latest": {ItemKind.DATE},
    "max_length": {ItemKind.SHORT, ItemKind.TEXT},
    "may_be_aside": set(ItemKind) - {ItemKind.CONSENT},
}
