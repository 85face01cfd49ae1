"""Answers and scores as exact numbers, so that what is equal is equal to the last bit."""

from __future__ import annotations

from fractions import Fraction

DECIMALS = 12  # of an answer or a score: what floats have beyond is noise


def as_written(value: float) -> Fraction:
    """The decimal that a value stands for, to 12 decimals: 0.1 is a tenth, and so is 0.3 - 0.2.

    With floats 0.3 - 0.1 and 0.4 - 0.2 are not the same change, and what should have no variance
    would have one. ValueError for what is not a finite number.
    """
    return round(Fraction(str(value)), DECIMALS)
