"""Dates and typed text stay together where a line may end."""

from __future__ import annotations

from datetime import date

import pytest

from badges.awards.certificate_words import say_day
from tierslieu.web import formats
from tierslieu.web.markdown import render_markdown

THURSDAY, FIRST = date(2026, 11, 26), date(2026, 11, 1)


def test_a_day_breaks_after_its_weekday_and_nowhere_else() -> None:
    assert formats.day(THURSDAY) == "jeudi 26\u00a0novembre"
    assert formats.day(THURSDAY, year=True) == "jeudi 26\u00a0novembre\u00a02026"
    assert formats.day(FIRST, year=True) == "dimanche 1er\u00a0novembre\u00a02026"


def test_a_date_is_never_on_two_lines() -> None:
    assert formats.long_day(THURSDAY) == "26\u00a0novembre\u00a02026"
    assert formats.long_day(FIRST) == "1er\u00a0novembre\u00a02026"
    assert say_day(THURSDAY, "en") == "26\u00a0November\u00a02026"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Vu : oui ; bien ! Non ?", "Vu\u00a0: oui\u202f; bien\u202f! Non\u202f?"),
        ("Un « bon  mot »", "Un «\u202fbon  mot\u202f»"),
        ("Trop   : d’espaces", "Trop\u00a0: d’espaces"),
        ("Deux\n: lignes", "Deux\n: lignes"),
        ("Déjà\u00a0: lié", "Déjà\u00a0: lié"),
        ("https://lieu.example/a?b=c;d:e!f", "https://lieu.example/a?b=c;d:e!f"),
        ("In English: nothing; yes?", "In English: nothing; yes?"),
    ],
)
def test_typed_punctuation_stays_with_its_word(typed: str, shown: str) -> None:
    assert formats.bound(typed) == shown


def test_a_long_run_of_spaces_is_read_once() -> None:
    assert formats.bound("a" + " " * 200_000 + "b") == "a" + " " * 200_000 + "b"


def test_criteria_are_bound_but_not_their_code_and_addresses() -> None:
    html = render_markdown(
        "Avoir « *lu* » `x ? y : z` : [oui ?](https://lieu.example/?a=b%20:)\n\n    a : b\n"
    )
    assert "Avoir «\u202f<em>lu</em>\u202f»" in html
    assert "<code>x ? y : z</code>&nbsp;: <a" in html
    assert 'href="https://lieu.example/?a=b%20:"' in html
    assert ">oui\u202f?</a>" in html
    assert "a : b" in html
