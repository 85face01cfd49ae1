"""A grade as platforms and spreadsheets write it."""

from __future__ import annotations

import re

NOTHING = frozenset({"", "not attempted", "not available", "n/a", "na", "none", "-", "–"})
_SCORE = re.compile(
    r"\d{1,4}(?:[.,]\d{0,20})?|[.,]\d{1,20}|\d(?:\.\d{0,20})?[eE]-\d{1,3}", re.ASCII
)


class BadScore(ValueError):
    """This text is no score."""


def read_score(text: str) -> float | None:
    """``0.5``, ``0,5``, ``50 %`` or ``1`` as 0 to 1; None for nothing. Raises :class:`BadScore`."""
    text = text.strip()
    if text.casefold() in NOTHING:
        return None
    is_percent = text.endswith("%")
    plain = text[:-1].rstrip() if is_percent else text
    if not _SCORE.fullmatch(plain):
        raise BadScore(text[:20])
    value = float(plain.replace(",", "."))
    if is_percent:
        value /= 100
    if value > 1:
        raise BadScore(text[:20])
    return value


def read_points(text: str) -> float | None:
    """Points earned or possible, at least 0; None for nothing. Raises :class:`BadScore`."""
    text = text.strip()
    if text.casefold() in NOTHING:
        return None
    if not _SCORE.fullmatch(text):
        raise BadScore(text[:20])
    return float(text.replace(",", "."))
