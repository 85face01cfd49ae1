"""The part of XPath in which XLSForm says when something is asked, and our conditions.

``${a} = '1'``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``selected(${a}, '1')``, of a ranking
``selected-at(${a}, 0) = '1'``, ``not(…)``, ``and``, ``or``, parentheses. Whatever goes further is
refused, in both directions, for a condition read wrongly would ask the wrong people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from tierslieu.surveys.instruments.conditions import Condition
from tierslieu.surveys.instruments.items import TEXTS, Item, ItemKind, Questionnaire

_TOKEN = re.compile(
    r"\s*(?:(?P<name>\$\{\s*[\w.-]+\s*\})|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>!=|<=|>=|=|<|>|\(|\)|,)|(?P<word>[a-z-]+))"
)
_DEEPEST = 20
_HIGHEST = 10**12  # beyond, a number is not kept to the unit


class NotUnderstood(ValueError):
    """An expression beyond what is read here."""


class Unsaid(ValueError):
    """A condition of ours that XLSForm has no words for, in a few words."""


@dataclass(frozen=True)
class Names:
    """What the file's names became: items, and the code of each choice of each."""

    items: Mapping[str, str]
    codes: Mapping[str, Mapping[str, int]]
    several: frozenset[str]  # the items of which one chooses several, by their name in the file
    ranks: frozenset[str] = frozenset()  # those that one puts in order
    tables: Mapping[str, str] = field(default_factory=dict)  # the matrix that an item is a row of

    def variable(self, name: str, choice: str | None = None) -> str:
        """The variable of an item, or of one of its boxes."""
        if name not in self.items:
            raise NotUnderstood(name)
        if choice is None:
            return self.items[name]
        return f"{self.items[name]}_{self.code(name, choice)}"

    def code(self, name: str, choice: str) -> int | float:
        """The code of a choice; a number is its own."""
        codes = self.codes.get(name)
        if codes is not None:
            if choice not in codes:
                raise NotUnderstood(choice)
            return codes[choice]
        return _number_of(choice)

    def number(self, name: str, text: str) -> int | float:
        """A number that an item is held against: of choices, only where each kept its own code."""
        codes = self.codes.get(name, {})
        if any(raw != str(code) for raw, code in codes.items()):
            raise NotUnderstood(text)
        return _number_of(text)

    def answered(self, name: str) -> str:
        """A variable that has a value when the item was answered."""
        if name in self.several | self.ranks and name in self.items:
            return self.variable(name, next(iter(self.codes[name])))
        return self.variable(name)


def _number_of(text: str) -> int | float:
    try:
        number = float(text)
    except ValueError:
        raise NotUnderstood(text) from None
    if not abs(number) < _HIGHEST:
        raise NotUnderstood(text)
    return int(number) if number.is_integer() else number


class _Reader:
    def __init__(self, text: str, names: Names) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.names, self.place, self.depth = names, 0, 0
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise NotUnderstood(text[at:])
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def take(self, *wanted: str) -> str:
        kind, text = self.peek()
        if wanted and text not in wanted and kind not in wanted:
            raise NotUnderstood(text)
        self.place += 1
        return text

    def joined(self, word: str, part: Any, ours: str) -> dict[str, Any]:
        parts = [part()]
        while self.peek() == ("word", word):
            self.take()
            parts.append(part())
        parts = _gathered(parts) if ours == "any" else self.unticked(parts)
        return parts[0] if len(parts) == 1 else {ours: parts}

    def either(self) -> dict[str, Any]:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotUnderstood("too deep")
        found = self.joined("or", self.both, "any")
        self.depth -= 1
        return found

    def both(self) -> dict[str, Any]:
        return self.joined("and", self.one, "all")

    def one(self) -> dict[str, Any]:
        kind, text = self.peek()
        if text == "(":
            self.take()
            found = self.either()
            self.take(")")
            return found
        if (kind, text) == ("word", "not"):
            self.take()
            self.take("(")
            found = self.either()
            self.take(")")
            return {"not": found}
        if (kind, text) == ("word", "selected"):
            return self.selected()
        if (kind, text) == ("word", "selected-at"):
            return self.ranked()
        return self.compared()

    def name(self) -> str:
        return self.take("name").strip("${} \t")

    def value(self) -> str:
        return self.take("text", "number").strip("'\"")

    def selected(self) -> dict[str, Any]:
        self.take("selected")
        self.take("(")
        name = self.name()
        self.take(",")
        value = self.value()
        self.take(")")
        if name in self.names.ranks:  # everything ranked is selected
            raise NotUnderstood(name)
        if name in self.names.several:
            return {"item": self.names.variable(name, value), "is": 1}
        return {"item": self.names.variable(name), "is": self.names.code(name, value)}

    def ranked(self) -> dict[str, Any]:
        """``selected-at(${a}, 0) = 'b'``: b comes first."""
        self.take("selected-at")
        self.take("(")
        name = self.name()
        self.take(",")
        place = self.take("number")
        self.take(")")
        sign = self.take("=", "!=")
        value = self.value()
        if name not in self.names.ranks or not place.isdigit():
            raise NotUnderstood(name)
        same = {"item": self.names.variable(name, value), "is": int(place) + 1}
        return same if sign == "=" else {"not": same}

    def compared(self) -> dict[str, Any]:
        name = self.name()
        sign = self.take("=", "!=", "<", "<=", ">", ">=")
        value = self.value()
        if value == "" and sign in ("=", "!="):
            answered = {"item": self.names.answered(name), "answered": True}
            return answered if sign == "!=" else {"not": answered}
        if name in self.names.several | self.names.ranks:
            raise NotUnderstood(name)
        item = self.names.variable(name)
        if sign in ("=", "!="):
            same = {"item": item, "is": self.names.code(name, value)}
            return same if sign == "=" else {"not": same}
        number = self.names.number(name, value)
        if sign in ("<=", ">="):
            return {"item": item, "at_most" if sign == "<=" else "at_least": number}
        other = {"item": item, "at_least" if sign == "<" else "at_most": number}
        # «Less than» holds for numbers alone, as ours do: not at least, and answered.
        return {"all": [{"item": item, "at_least": 0}, {"not": other}]}

    def unticked(self, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """«Answered, and this box is not ticked» is one condition of ours: the box is 0."""
        found: list[dict[str, Any]] = []
        for part in parts:
            box = part.get("not", {})
            if found and box.get("is") == 1 and box["item"] in self.boxes(found[-1]):
                found[-1] = {"item": box["item"], "is": 0}
            else:
                found.append(part)
        return found

    def boxes(self, part: dict[str, Any]) -> set[str]:
        """Every box that has a value where ``part`` holds, if it says «answered»: those of a
        question of several answers, of all rows of a matrix when it names each."""
        names = self.names
        first = {names.answered(one): one for one in names.several if one in names.items}
        said = [one.get("item") for one in part.get("any", [part]) if "answered" in one]
        asked = {first.get(one, "") for one in said}
        is_one = len({names.tables.get(one) or one for one in asked}) == 1
        if "" in asked or not said or len(said) < len(part.get("any", [part])) or not is_one:
            return set()
        return {names.variable(one, choice) for one in asked for choice in names.codes[one]}


def _gathered(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """«a is 1 or a is 2» is one condition of ours."""
    found: list[dict[str, Any]] = []
    for part in parts:
        last = found[-1] if found else {}
        if "is" in part and "is" in last and part["item"] == last["item"]:
            found[-1] = {"item": part["item"], "is": [*_list(last["is"]), *_list(part["is"])]}
        else:
            found.append(part)
    return found


def _list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def read_relevance(text: str, names: Names) -> dict[str, Any]:
    """The condition that an expression says. Raises :class:`NotUnderstood`."""
    reader = _Reader(text, names)
    found = reader.either()
    reader.take("end")
    return found


def write_relevance(condition: Condition, questionnaire: Questionnaire) -> str:
    """A condition as an expression of XLSForm. Raises :class:`Unsaid`."""
    if condition.word in ("all", "any"):
        joint = " and " if condition.word == "all" else " or "
        return joint.join(f"({write_relevance(one, questionnaire)})" for one in condition.parts)
    if condition.word == "not":
        return f"not({write_relevance(condition.parts[0], questionnaire)})"
    place = _place(condition.item, questionnaire)
    if condition.word == "answered":
        return place.answered
    if condition.word == "is" and any(value < 0 for value in condition.values):
        # A refusal is a code of ours: over there, nobody can refuse.
        raise Unsaid(_("le code %(code)s", code=exact(min(condition.values))))
    if place.kind is ItemKind.DATE:
        raise Unsaid(_("un jour comparé à un nombre"))
    if place.choice is not None:
        return _part_relevance(condition, place)
    if condition.word == "is":
        # Numbers are held against numbers: «7.0» is 7.
        quote = "" if place.kind in (ItemKind.NUMBER, ItemKind.SLIDER, *TEXTS) else "'"
        name = f"${{{place.name}}}"
        return " or ".join(f"{name} = {quote}{exact(one)}{quote}" for one in condition.values)
    sign = ">=" if condition.word == "at_least" else "<="
    return f"${{{place.name}}} {sign} {exact(condition.values[0])}"


def _part_relevance(condition: Condition, place: _Place) -> str:
    """What is said of a box (0 or 1), or of the rank of a choice (from 1)."""
    name, choice = f"${{{place.name}}}", place.choice
    possible = range(1, place.most + 1) if place.kind is ItemKind.RANKING else range(2)
    if condition.word == "is":
        kept = [one for one in possible if one in condition.values]
    elif condition.word == "at_least":
        kept = [one for one in possible if one >= condition.values[0]]
    else:
        kept = [one for one in possible if one <= condition.values[0]]
    if not kept:
        raise Unsaid(_("une valeur que la réponse n’a jamais"))
    if place.kind is ItemKind.RANKING:
        return " or ".join(f"selected-at({name}, {one - 1}) = '{choice}'" for one in kept)
    ticked = f"selected({name}, '{choice}')"
    # Where nothing was answered, a box is not unticked.
    said = {1: ticked, 0: f"(({place.answered}) and not({ticked}))"}
    return " or ".join(said[one] for one in kept)


def exact(value: float) -> str:
    """A number with all its digits and no exponent, as it is written there. Raises
    :class:`Unsaid`."""
    if not abs(value) < _HIGHEST:
        raise Unsaid(_("le nombre %(number)s", number=value))
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class _Place:
    """The question of a file that a variable stands in; ``choice``: which of its boxes, or which of
    the ``most`` things to rank it is; ``beside``: the rows that are answered together."""

    name: str
    kind: ItemKind | None = None
    choice: str | None = None
    most: int = 0
    beside: tuple[str, ...] = ()

    @property
    def answered(self) -> str:
        """That it has an answer. A row of a matrix without any tick has one, if another has."""
        return " or ".join(f"${{{name}}} != ''" for name in self.beside or (self.name,))


def _place(variable: str, questionnaire: Questionnaire) -> _Place:
    for item in questionnaire.items():
        if any(one.name == variable for one in item.variables):
            return _place_in(variable, item)
    return _Place(variable)


def _place_in(variable: str, item: Item) -> _Place:
    questions = [item.name]
    if item.kind is ItemKind.MATRIX:
        questions = [f"{item.name}_{row.name}" for row in item.rows]
    if item.kind in (ItemKind.SEVERAL, ItemKind.MATRIX, ItemKind.RANKING):
        for name in questions:
            for option in item.options:
                if variable == f"{name}_{option.value}":
                    most = len(item.options)
                    return _Place(name, item.kind, str(option.value), most, tuple(questions))
    return _Place(variable, item.kind)
