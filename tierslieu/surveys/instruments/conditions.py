"""When something is asked: a condition on what was answered before.

In an instrument's document: ``{"item": "level", "is": [1, 2]}``, ``{"item": "age", "at_least":
3}``, ``{"item": "why", "answered": true}``, and of conditions ``{"all": […]}``, ``{"any": […]}``,
``{"not": …}``. ``item`` is the name of a variable: the item's own, or ``<item>_<row>``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
DEEPEST = 5  # conditions of conditions


@dataclass(frozen=True)
class Condition:
    """``word`` is ``is``, ``at_least``, ``at_most``, ``answered``, ``all``, ``any`` or ``not``."""

    word: str
    item: str = ""
    values: tuple[float, ...] = ()
    parts: tuple[Condition, ...] = ()

    def names(self) -> Iterator[str]:
        """The variables it looks at."""
        if self.item:
            yield self.item
        for part in self.parts:
            yield from part.names()

    def document(self) -> dict[str, Any]:
        """As a document says it."""
        if self.word == "not":
            return {"not": self.parts[0].document()}
        if self.parts:
            return {self.word: [part.document() for part in self.parts]}
        said: Any = True if self.word == "answered" else self.values[0]
        return {"item": self.item, self.word: list(self.values) if self.word == "is" else said}

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether it holds for these answers. What was not answered, or refused, is no number."""
        if self.word == "all":
            return all(part.holds(answers) for part in self.parts)
        if self.word == "any":
            return any(part.holds(answers) for part in self.parts)
        if self.word == "not":
            return not self.parts[0].holds(answers)
        answer = answers.get(self.item, "")
        if self.word == "answered":
            return bool(answer)
        number = _number(answer)
        if number is None:
            return False
        if self.word == "is":
            return number in self.values
        if number < 0:  # a reason why there is no answer
            return False
        return number >= self.values[0] if self.word == "at_least" else number <= self.values[0]


def _number(text: str) -> float | None:
    # As the script of the page reads it: words such as «1_000» or «infinity» are no number.
    return float(text) if _NUMBER.fullmatch(text) else None


def read_condition(raw: Mapping[str, Any], depth: int = 1) -> Condition:
    """The condition in a document. Raises ValueError if ill-made."""
    if not isinstance(raw, Mapping) or depth > DEEPEST:
        raise ValueError(_("Une condition ne s’écrit pas ainsi, ou va trop profond."))
    for word in ("all", "any"):
        if raw.keys() == {word}:
            parts = tuple(read_condition(one, depth + 1) for one in raw[word])
            if not parts:
                raise ValueError(_("Une condition vide n’en est pas une."))
            return Condition(word, parts=parts)
    if raw.keys() == {"not"}:
        return Condition("not", parts=(read_condition(raw["not"], depth + 1),))
    for word in ("is", "at_least", "at_most", "answered"):
        if raw.keys() == {"item", word} and isinstance(raw["item"], str):
            return Condition(word, raw["item"], _values(word, raw[word]))
    words = ", ".join(sorted(map(str, raw)))
    raise ValueError(_("Une condition ne s’écrit pas ainsi : %(words)s.", words=words))


def is_code(value: Any) -> bool:
    """Whether a condition may compare to this: a number, and a finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max  # false of «not a number» too


def _values(word: str, said: Any) -> tuple[float, ...]:
    if word == "answered":
        if said is not True:
            raise ValueError(_("« answered » vaut toujours « true » ; sinon, employez « not »."))
        return ()
    values = said if word == "is" and isinstance(said, list) else [said]
    if not values or not all(is_code(value) for value in values):
        raise ValueError(_("Une condition compare à des nombres : les codes des réponses."))
    return tuple(values)
