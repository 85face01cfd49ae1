"""Answers on scales as diverging bars, by what was asked together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from tierslieu.evaluation.disclosure import Hiding, ShownTable
from tierslieu.evaluation.rules import Distribution
from tierslieu.evaluation.statistics.diverging import DivergingBar, lay_out
from tierslieu.surveys.instruments.items import Item, ItemKind, Questionnaire, Sheet


@dataclass(frozen=True)
class Line:
    """One item. ``table``: its options and «no answer». ``bar`` is None when a count is hidden, or
    when nobody answered."""

    label: str
    table: ShownTable
    bar: DivergingBar | None


@dataclass(frozen=True)
class Block:
    """Items that share their options, drawn on one axis: a grid, or questions in a row."""

    title: str
    options: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def reasons(self) -> tuple[Hiding, ...]:
        """Why counts are hidden, each reason once."""
        return tuple(why for why in Hiding if any(why in one.table.reasons for one in self.lines))


def lay_blocks(questionnaire: Questionnaire, found: list[Distribution]) -> list[Block]:
    """Every scale and grid of a questionnaire, in the order it asks them."""
    by_name = {one.item.name: one for one in found}
    return [block for page in questionnaire.pages for block in _blocks(page, by_name)]


def _blocks(page: Sheet, by_name: Mapping[str, Distribution]) -> Iterator[Block]:
    for (kind, options), together in groupby(page.items, lambda one: (one.kind, one.options)):
        words = tuple(one.label for one in options)
        if kind is ItemKind.LIKERT:
            asked = list(together)
            # A question alone gives its words to the figure, and its short name to its line.
            alone = len(asked) == 1
            lines = [_line(one.label if alone else one.text, by_name[one.name]) for one in asked]
            yield Block(asked[0].text if alone else page.title, words, tuple(lines))
        elif kind is ItemKind.GRID:
            for item in together:
                yield Block(item.text, words, tuple(_rows(item, by_name)))


def _rows(item: Item, by_name: Mapping[str, Distribution]) -> Iterator[Line]:
    for row in item.rows:
        yield _line(row.text, by_name[f"{item.name}_{row.name}"])


def _line(label: str, found: Distribution) -> Line:
    shown = [one for one in found.table.cells if one is not None]
    whole = found.table.is_whole
    return Line(label, found.table, lay_out(shown[:-1]) if whole else None)
