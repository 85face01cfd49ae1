"""The part of XPath in which XLSForm says when something is asked, and our conditions.

``${a} = '1'``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``selected(${a}, '1')``, ``not(…)``, ``and``,
``or``, parentheses. Whatever goes further is refused, for a condition read wrongly would ask the
wrong people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tierslieu.surveys.instruments.conditions import Condition
from tierslieu.surveys.instruments.items import ItemKind, Questionnaire

_TOKEN = re.compile(
    r"\s*(?:(?P<name>\$\{\s*[\w.-]+\s*\})|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>!=|<=|>=|=|<|>|\(|\)|,)|(?P<word>[a-z-]+))"
)
_DEEPEST = 20


class NotUnderstood(ValueError):
    """An expression beyond what is read here."""


@dataclass(frozen=True)
class Names:
    """What the file's names became: items, and the code of each choice of each."""

    items: Mapping[str, str]
    codes: Mapping[str, Mapping[str, int]]
    several: frozenset[str]  # the items of which one chooses several, by their name in the file

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
        try:
            number = float(choice)
        except ValueError:
            raise NotUnderstood(choice) from None
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
        if ours == "any":
            parts = _gathered(parts)
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
        if name in self.names.several:
            return {"item": self.names.variable(name, value), "is": 1}
        return {"item": self.names.variable(name), "is": self.names.code(name, value)}

    def compared(self) -> dict[str, Any]:
        name = self.name()
        sign = self.take("=", "!=", "<", "<=", ">", ">=")
        value = self.value()
        if value == "" and sign in ("=", "!="):
            answered = {"item": self.names.variable(name), "answered": True}
            return answered if sign == "!=" else {"not": answered}
        if name in self.names.several:
            raise NotUnderstood(name)
        item, code = self.names.variable(name), self.names.code(name, value)
        if sign in ("=", "!="):
            same = {"item": item, "is": code}
            return same if sign == "=" else {"not": same}
        if sign in ("<=", ">="):
            return {"item": item, "at_most" if sign == "<=" else "at_least": code}
        other = {"item": item, "at_least" if sign == "<" else "at_most": code}
        # «Less than» holds for numbers alone, as ours do: not at least, and answered.
        return {"all": [{"item": item, "at_least": 0}, {"not": other}]}


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
    """A condition as an expression of XLSForm."""
    if condition.word in ("all", "any"):
        joint = " and " if condition.word == "all" else " or "
        return joint.join(f"({write_relevance(one, questionnaire)})" for one in condition.parts)
    if condition.word == "not":
        return f"not({write_relevance(condition.parts[0], questionnaire)})"
    item, box = _place(condition.item, questionnaire)
    if box is not None and condition.word == "is":
        said = [
            f"selected(${{{item}}}, '{box}')" if value else f"not(selected(${{{item}}}, '{box}'))"
            for value in condition.values
        ]
        return " or ".join(said)
    if condition.word == "answered":
        return f"${{{item}}} != ''"
    if condition.word == "is":
        return " or ".join(f"${{{item}}} = '{value:g}'" for value in condition.values)
    sign = ">=" if condition.word == "at_least" else "<="
    return f"${{{item}}} {sign} {condition.values[0]:g}"


def _place(variable: str, questionnaire: Questionnaire) -> tuple[str, str | None]:
    """The question of a file that a variable stands in, and which of its boxes it is."""
    for item in questionnaire.items():
        if item.kind is ItemKind.SEVERAL:
            for option in item.options:
                if variable == f"{item.name}_{option.value}":
                    return item.name, str(option.value)
        if item.kind is ItemKind.MATRIX:
            for row in item.rows:
                for option in item.options:
                    if variable == f"{item.name}_{row.name}_{option.value}":
                        return f"{item.name}_{row.name}", str(option.value)
    return variable, None
