"""What XLSForm holds an answer to, as the bounds of ours.

A constraint is read whole or not at all: ``. >= 3 and . < 10``, days, ``string-length(.) <= 60``,
``count-selected(.) <= 3``. What no bound of ours says stands among ``dropped``, in its own words:
a bound read wrongly would forbid an answer that the file asks for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tierslieu.surveys.instruments.items import TEXTS, ItemKind
from tierslieu.surveys.instruments.reading import MOST_WORDS

LONGEST = 1000  # characters of a constraint that is read
HIGHEST = 999_999_999  # of the numbers that may be answered
_COMPARED = re.compile(
    r"\.\s*(?P<sign>>=|<=|>|<)\s*"
    r"(?:date\(\s*(?P<quote>['\"])(?P<day>\d{4}-\d\d-\d\d)(?P=quote)\s*\)"
    r"|(?P<number>-?\d+(?:\.\d+)?))"
)
_COUNTED = re.compile(r"(string-length|count-selected)\(\s*\.\s*\)\s*(<=|<)\s*(\d{1,9})")
_PIECE = re.compile(r"'[^']*'|\"[^\"]*\"|[()]|\s(?:and|or)(?=[\s(])|.", re.DOTALL)


@dataclass
class Bounds:
    """``facts``: those of the item; ``dropped``: the clauses that they do not say, or not quite."""

    facts: dict[str, Any] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def read_bounds(text: str, kind: ItemKind, *, is_decimal: bool = False) -> Bounds:
    """The bounds that a constraint gives to a question of this kind. Never raises."""
    found = Bounds()
    for clause in _clauses(text) if len(text) <= LONGEST else [text]:
        if not _take(found, clause, kind, is_decimal=is_decimal):
            found.dropped.append(clause)
    if kind is ItemKind.NUMBER:
        found.facts = {"minimum": 0, "maximum": HIGHEST, **found.facts}
    elif kind in TEXTS:
        found.facts = {"max_length": 200 if kind is ItemKind.SHORT else 2000, **found.facts}
    return found


def _take(found: Bounds, clause: str, kind: ItemKind, *, is_decimal: bool) -> bool:
    """Whether a clause became a bound, exactly."""
    compared, counted = _COMPARED.fullmatch(clause), _COUNTED.fullmatch(clause)
    if compared and compared["number"] and kind is ItemKind.NUMBER:
        return _take_number(found.facts, compared["sign"], Decimal(compared["number"]), is_decimal)
    if compared and compared["day"] and kind is ItemKind.DATE:
        return _take_day(found.facts, compared["sign"], compared["day"])
    if not counted:
        return False
    most = int(counted[3]) - (counted[2] == "<")
    if counted[1] == "string-length" and kind in TEXTS and most > 0:
        _narrow(found.facts, "max_length", min(most, MOST_WORDS))
        return most <= MOST_WORDS
    if counted[1] == "count-selected" and kind is ItemKind.SEVERAL and most > 0:
        _narrow(found.facts, "maximum", most)
        return True
    return False


def _take_number(facts: dict[str, Any], sign: str, number: Decimal, is_decimal: bool) -> bool:
    """A bound of ours is whole and included: a wider one where no exact one is."""
    is_low, is_strict = sign.startswith(">"), "=" not in sign
    whole = math.floor(number) if is_low else math.ceil(number)
    is_exact = whole == number and not is_strict
    if not is_decimal:  # between whole numbers, what is excluded has a neighbour
        shift = int(is_strict and whole == number)
        whole = math.ceil(number) + shift if is_low else math.floor(number) - shift
        is_exact = True
    if is_low:
        # Below zero stand the reasons why there is no answer.
        facts["minimum"] = max(facts.get("minimum", 0), whole, 0)
        return is_exact and whole >= 0
    _narrow(facts, "maximum", whole)
    return is_exact


def _take_day(facts: dict[str, Any], sign: str, text: str) -> bool:
    shift = {">": 1, "<": -1}.get(sign, 0)
    try:
        day = (date.fromisoformat(text) + timedelta(days=shift)).isoformat()
    except (ValueError, OverflowError):
        return False
    if sign.startswith(">"):
        facts["earliest"] = max(facts.get("earliest", day), day)
    else:
        _narrow(facts, "latest", day)
    return True


def _narrow(facts: dict[str, Any], key: str, most: Any) -> None:
    facts[key] = min(facts.get(key, most), most)


def _clauses(text: str) -> Iterator[str]:
    """The parts that must all hold; the whole of it where one may hold in place of another."""
    text = _bare(text.strip())
    parts, depth = [""], 0
    for piece in _PIECE.findall(text):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        word = piece.strip()
        if word == "or" and depth == 0:
            yield text
            return
        if word == "and" and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    if len(parts) == 1:
        yield from [text] if text else []
        return
    for part in parts:
        yield from _clauses(part)


def _bare(text: str) -> str:
    """Without the parentheses around the whole of it."""
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for piece in _PIECE.finditer(text):
            depth += {"(": 1, ")": -1}.get(piece[0], 0)
            if depth == 0 and piece.end() < len(text):
                return text
        text = text[1:-1].strip()
    return text
