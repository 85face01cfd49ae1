"""The items of a questionnaire, and the variables in which their answers are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import TypeVar

from flask_babel import gettext as _

from tierslieu.surveys.instruments.conditions import Condition

NAME_LIMIT = 32  # characters
NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{NAME_LIMIT - 1}}}")
COUNT_NAME = "n"  # in the data, ``n_<wave>`` counts the sheets of a wave
LABEL_LIMIT = 80  # characters: what statistical files keep
#: Why there is no value. The last one is kept nowhere: it is the absence of an answer.
NOT_CONCERNED, NOT_ASKED, PREFERS_NOT, NO_ANSWER = -96, -97, -98, -99
#: Boxes beside an item whose answer is no radio: «je préfère ne pas répondre», «sans objet».
REFUSAL_SUFFIX, ASIDE_SUFFIX = "__refus", "__sans_objet"

MOST_DECIMALS = 3  # of a number
Number = TypeVar("Number", int, float)


class ItemKind(Enum):
    """How an item is answered."""

    LIKERT = "likert"  # one point of a labelled scale
    CHOICE = "choice"  # one of a few
    SEVERAL = "several"  # several of a few
    GRID = "grid"  # rows that share a labelled scale
    MATRIX = "matrix"  # rows that share boxes to tick, several a row
    RANKING = "ranking"  # a few, from the first to the last
    NUMBER = "number"  # a number between two bounds
    SLIDER = "slider"  # a whole number between two labelled ends
    DATE = "date"  # a day
    SHORT = "short"  # a line of free words
    TEXT = "text"  # free words
    CONSENT = "consent"  # yes or no to a statement


SCALES = (ItemKind.LIKERT, ItemKind.CHOICE, ItemKind.CONSENT)  # one group of radios
TEXTS = (ItemKind.SHORT, ItemKind.TEXT)


@dataclass(frozen=True)
class Option:
    """A point of a scale or a choice: its code and its label. ``alone``: it excludes the others."""

    value: int
    label: str
    alone: bool = False


@dataclass(frozen=True)
class Row:
    """A line of a grid or of a matrix."""

    name: str
    text: str
    label: str


@dataclass(frozen=True)
class ItemVariable:
    """A value that an item gives: what it is called, what it may be.

    ``options``: every code with its label; empty for numbers, days and words.
    """

    name: str
    label: str
    wording: str
    kind: ItemKind
    options: tuple[Option, ...] = ()
    minimum: float = 0
    maximum: float = 0
    decimals: int = 0

    @property
    def is_coded(self) -> bool:
        """Whether its answer is a number in the data (everything but free words)."""
        return self.kind not in TEXTS

    @property
    def is_ordered(self) -> bool:
        """Whether its codes are the points of a scale."""
        return self.kind in (ItemKind.LIKERT, ItemKind.GRID)


@dataclass(frozen=True)
class Item:
    """One question, in one language."""

    name: str
    kind: ItemKind
    text: str
    label: str
    required: bool
    options: tuple[Option, ...] = ()
    rows: tuple[Row, ...] = ()
    minimum: float = 0
    maximum: float = 0
    decimals: int = 0
    step: int = 1
    ends: tuple[str, str] = ("", "")
    earliest: date | None = None
    latest: date | None = None
    unit: str = ""
    max_length: int = 0
    when: Condition | None = None
    may_be_aside: bool = False  # «sans objet» is offered too
    variables: tuple[ItemVariable, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", tuple(_variables(self)))

    @property
    def is_coded(self) -> bool:
        """Whether its answer is a number in the data (everything but free words)."""
        return self.kind not in TEXTS


def yes_or_no(kind: ItemKind) -> tuple[Option, Option]:
    """The codes of a box, or of a consent."""
    if kind is ItemKind.CONSENT:
        return Option(1, str(_("Oui, j’accepte"))), Option(0, str(_("Non")))
    return Option(1, str(_("coché"))), Option(0, str(_("non coché")))


def short_label(label: str) -> str:
    """``label`` as data files keep it: 80 characters."""
    return label if len(label) <= LABEL_LIMIT else f"{label[: LABEL_LIMIT - 1].rstrip()}…"


def beside_codes(value: Number) -> Number:
    """``value``, or the nearest whole number that does not say why there is no answer: 97 days
    before day 0, and a score of -97, are written as -95, or data files would read «not asked»."""
    first, last = NO_ANSWER, NOT_CONCERNED  # the lowest code, the highest
    if not first <= value <= last:
        return value
    return last + 1 if last - value < value - first else first - 1


def _variables(item: Item) -> Iterator[ItemVariable]:
    """One for most kinds; one a box, a row or a thing to rank for the others."""
    if item.kind is ItemKind.SEVERAL:
        for option in item.options:
            yield _part(item, str(option.value), option.label, yes_or_no(item.kind))
    elif item.kind is ItemKind.GRID:
        for row in item.rows:
            yield _part(item, row.name, row.label, item.options, row.text)
    elif item.kind is ItemKind.MATRIX:
        for row in item.rows:
            for option in item.options:
                label = f"{row.label}\u00a0: {option.label}"
                yield _part(item, f"{row.name}_{option.value}", label, yes_or_no(item.kind))
    elif item.kind is ItemKind.RANKING:
        for option in item.options:
            part = _part(item, str(option.value), option.label, ())
            yield ItemVariable(
                part.name, part.label, part.wording, item.kind, (), 1, len(item.options)
            )
    else:
        options = yes_or_no(item.kind) if item.kind is ItemKind.CONSENT else item.options
        yield ItemVariable(
            item.name,
            item.label,
            item.text,
            item.kind,
            options,
            item.minimum,
            item.maximum,
            item.decimals,
        )


def _part(
    item: Item, name: str, label: str, options: tuple[Option, ...], text: str = ""
) -> ItemVariable:
    wording = f"{item.text} {text or label}"
    return ItemVariable(
        f"{item.name}_{name}", short_label(label), wording, item.kind, tuple(options)
    )


@dataclass(frozen=True)
class Sheet:
    """One page of a questionnaire: a few items."""

    title: str
    intro: str
    items: tuple[Item, ...]
    when: Condition | None = None


@dataclass(frozen=True)
class Scale:
    """A score made of items: see :mod:`tierslieu.surveys.instruments.scoring`.

    ``least``: how many must be answered; ``between``: the score's bounds once stretched, or None
    to keep it as it comes.
    """

    name: str
    label: str
    items: tuple[str, ...]
    reversed_items: frozenset[str] = frozenset()
    is_sum: bool = False
    least: int = 1
    between: tuple[float, float] | None = None


@dataclass(frozen=True)
class Questionnaire:
    """An instrument, read in one language."""

    slug: str
    version: int
    title: str
    minutes: int
    pages: tuple[Sheet, ...]
    scales: tuple[Scale, ...] = ()
    language: str = "fr"
    languages: tuple[str, ...] = ("fr",)

    def items(self) -> Iterator[Item]:
        """Every item, in the order of the pages."""
        for page in self.pages:
            yield from page.items

    def variables(self) -> Iterator[ItemVariable]:
        """Every variable, in the order of the pages."""
        for item in self.items():
            yield from item.variables
