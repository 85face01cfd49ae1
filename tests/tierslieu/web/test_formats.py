"""Dates and typed text stay together where a line may end."""

from __future__ import annotations

from datetime import date

from badges.awards.certificate_words import say_day
from tierslieu.web import formats

THURSDAY, FIRST = date(2026, 11, 26), date(2026, 11, 1)


def test_a_day_breaks_after_its_weekday_and_nowhere_else() -> None:
    assert formats.day(THURSDAY) == "jeudi 26\u00a0novembre"
    assert formats.day(THURSDAY, year=True) == "jeudi 26\u00a0novembre\u00a02026"
    assert formats.day(FIRST, year=True) == "dimanche 1er\u00a0novembre\u00a02026"


def test_a_date_is_never_on_two_lines() -> None:
    assert formats.long_day(THURSDAY) == "26\u00a0novembre\u00a02026"
    assert formats.long_day(FIRST) == "1er\u00a0novembre\u00a02026"
    assert say_day(THURSDAY, "en") == "26\u00a0November\u00a02026"
